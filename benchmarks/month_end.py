"""Month end, as an accountant opens it: the totals and the first page of each list."""

from datetime import timedelta

from odoo import fields

from .screens import COUNT_LIMIT, LIST_LIMIT

STOCK_INVOICE = [
    "name",
    "partner_id",
    "invoice_date",
    "invoice_date_due",
    "amount_total_in_currency_signed",
    "amount_residual_signed",
    "status_in_payment",
]
STOCK_PAYMENT = ["name", "partner_id", "date", "amount", "state"]
OPEN = [
    "company_id",
    "currency_id",
    "date",
    "move_name",
    "client_id",
    "partner_id",
    "age",
    "open_amount",
]
CASH = [
    "company_id",
    "currency_id",
    "date",
    "move_name",
    "journal_id",
    "way",
    "client_id",
    "money_in",
    "money_out",
]


class MonthEnd:
    """To be mixed into `Bench`."""

    def measure_month_end(self):
        first = (self.practice.start + timedelta(days=40)).date().replace(day=1)
        end = (first + timedelta(days=32)).replace(day=1)
        invoices = self._sum(
            "account.invoice.report",
            ["invoice_date:month", "invoice_user_id"],
            ["price_subtotal:sum"],
            [("move_type", "=", "out_invoice")],
        )
        payments = self._sum("account.payment", ["date:day"], ["amount:sum"], [])
        # As the browser asks: a page, and how many there are up to so many.
        page = {"limit": LIST_LIMIT, "count_limit": COUNT_LIMIT}
        invoice_list = self._read(
            "account.move", [("move_type", "=", "out_invoice")], STOCK_INVOICE, **page
        )
        payment_list = self._read("account.payment", [], STOCK_PAYMENT, **page)
        fees = [("kind", "in", ("fee", "note", "write_off"))]
        for title, day in (
            ("in the middle", end - timedelta(days=1)),
            ("today", fields.Date.today()),
        ):
            report = self.as_biller["noshow.open.report"].with_context(
                noshow_as_of=str(day)
            )
            self._compare(
                f"open on a day {title}, by client and age; stock: invoices by month",
                dict,
                stock=invoices,
                addon=lambda _nothing, report=report: report.formatted_read_group(
                    fees, ["client_id", "age"], ["open_amount:sum"]
                ),
            )
            self._compare(
                f"the sums of the dialog, a day {title}; stock: invoices by month",
                dict,
                stock=invoices,
                addon=lambda _nothing, report=report: report.formatted_read_group(
                    [], ["kind"], ["open_amount:sum"]
                ),
            )
            self._compare(
                f"open on a day {title}, 80 rows of the list; stock: 80 invoices",
                dict,
                stock=invoice_list,
                addon=lambda _nothing, report=report: report.web_search_read(
                    fees, {name: {} for name in OPEN}, **page
                ),
            )
        month = [("date", ">=", first), ("date", "<", end)]
        for title, domain in (("a month", month), ("all years", [])):
            domain = [("is_fee", "=", True), *domain]
            self._compare(
                f"cash of {title} by journal and way; stock: payments by day",
                dict,
                stock=payments,
                addon=self._sum(
                    "noshow.cash.report",
                    ["journal_id", "way"],
                    ["money_in:sum", "money_out:sum"],
                    domain,
                ),
            )
            self._compare(
                f"cash of {title}, 80 rows of the list; stock: 80 payments",
                dict,
                stock=payment_list,
                addon=self._read("noshow.cash.report", domain, CASH, **page),
            )
