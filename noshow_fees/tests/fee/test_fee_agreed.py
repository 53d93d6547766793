"""What was agreed: a change of amount changes the amount and nothing else, and the
page's total is the invoice's total, always."""

from odoo import Command
from odoo.tests import tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from ...tools.context import by_method
from .fee_common import FeeCase


@tagged("post_install", "-at_install")
class TestFeeAgreed(FeeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax_19 = cls.company_data["default_tax_sale"].copy(
            {"name": "19 %", "amount": 19.0}
        )
        cls.tax_7 = cls.tax_19.copy({"name": "7 %", "amount": 7.0})
        cls.tax_19_in = cls.tax_19.copy(
            {"name": "19 % in it", "price_include_override": "tax_included"}
        )

    def _bill(self, **vals):
        """Bill another appointment; it is the fee of this test."""
        self.appointment = self._new_appointment(**vals)
        self._let_begin(self.appointment)
        page = (
            self.env["calendar.event.cancel"]
            .with_user(self.biller)
            .create(
                {
                    "event_ids": [Command.set(self.appointment.ids)],
                    "visit_state": "no_show",
                    "amount": self.code_noshow.list_price,
                }
            )
        )
        self.page_total = page.amount_total
        page.action_cancel()
        self.fee = self.appointment.fee_line_ids
        self.invoice = self.fee.move_id
        self.assertAlmostEqual(self.page_total, self.invoice.amount_total)

    def test_quantity_and_discount_of_a_draft(self):
        """From before the seal."""
        by_method(self.invoice).button_draft()
        by_method(self.fee).write({"quantity": 2.0, "discount": 10.0})
        by_method(self.invoice).action_post()
        self.assertEqual(self._open_edit().amount, 135.0)
        self._edit(amount=80.0)
        self.assertFee("open", 80.0, 0.0, 80.0)

    def test_tax_stays_open_books(self):
        self._tax_stays()

    def test_tax_stays_closed_books(self):
        self._tax_stays(lock=True)

    def _tax_stays(self, lock=False):
        self.code_noshow.taxes_id = self.tax_19
        self.code_noshow.list_price = 100.0
        self._bill()
        self.code_noshow.taxes_id = self.tax_7
        if lock:
            self._lock()
        dialog = self._edit(amount=80.0)
        self.assertFalse(dialog.surplus_amount)
        self.assertFee("open", 95.2, 0.0, 95.2)
        self.assertEqual(self.fee.tax_ids, self.tax_19)

    def test_another_code_brings_its_own_tax(self):
        self.code_noshow.taxes_id = self.tax_19
        self.code_late.taxes_id = self.tax_7
        self._bill()
        self._edit(product_id=self.code_late.id, amount=100.0)
        self.assertFee("open", 107.0, 0.0, 107.0)

    def test_account_stays(self):
        account = self.fee.account_id
        self.code_noshow.property_account_income_id = account.copy()
        self._edit(amount=80.0)
        self.assertEqual(self.fee.account_id, account)

    def test_receivable_account_stays_in_closed_books(self):
        self._pay(75.0)
        receivable = self.invoice._get_fee_receivable().account_id
        self.client_1.property_account_receivable_id = receivable.copy()
        self._lock()
        self._edit(amount=50.0)
        self.assertEqual(self.fee.move_id._get_fee_receivable().account_id, receivable)
        self.assertFee("paid", 50.0, 50.0, 0.0)

    def test_position_stays_in_closed_books(self):
        self.code_noshow.taxes_id = self.tax_19
        self._bill()
        self.client_1.property_account_position_id = self._position(self.tax_19)
        self._lock()
        self._edit(amount=100.0)
        self.assertFee("open", 119.0, 0.0, 119.0)

    def _position(self, tax, company=None):
        """A fiscal position without this tax."""
        zero = tax.copy({"name": f"{tax.name} 0", "amount": 0.0})
        position = (
            self.env["account.fiscal.position"]
            .with_company(company or self.company)
            .create({"name": "Abroad", "company_id": (company or self.company).id})
        )
        zero.write(
            {
                "fiscal_position_ids": [Command.set(position.ids)],
                "original_tax_ids": [Command.set(tax.ids)],
            }
        )
        return position

    def test_tax_in_the_price_and_a_position_without(self):
        self.code_noshow.taxes_id = self.tax_19_in
        self.code_noshow.list_price = 119.0
        self._bill()
        self.assertEqual(self.invoice.amount_total, 119.0)
        self.client_1.property_account_position_id = self._position(self.tax_19_in)
        self._bill()
        self.assertAlmostEqual(self.invoice.amount_total, 100.0)
        # What is edited is this invoice.
        self.assertAlmostEqual(self._open_edit().amount, 100.0)
        self._edit(amount=80.0)
        self.assertFee("open", 80.0, 0.0, 80.0)

    def test_odd_cents(self):
        self.code_noshow.taxes_id = self.tax_7 | self.tax_19
        for method in ("round_per_line", "round_globally"):
            self.company.tax_calculation_rounding_method = method
            for price in (0.05, 33.33, 74.99):
                self.code_noshow.list_price = price
                self._bill()
        self.code_noshow.taxes_id = self.tax_19_in
        self.code_noshow.list_price = 33.33
        self._bill()

    def test_position_of_another_company(self):
        """The page is open while another company is the active one."""
        other = self.setup_other_company(name="Second practice")
        company = other["company"]
        tax = other["default_tax_sale"].copy({"name": "10 %", "amount": 10.0})
        self.code_noshow.with_company(company).sudo().taxes_id |= tax
        company.noshow_no_show_product_id = self.code_noshow
        self.client_1.with_company(
            company
        ).property_account_position_id = self._position(tax, company)
        self.biller.company_ids |= company
        provider = self._new_user("noshow_other", "noshow_fees.group_therapist")
        provider.write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        appointment = self._new_appointment(provider=provider)
        self._let_begin(appointment)
        page = (
            self.env["calendar.event.cancel"]
            .with_user(self.biller)
            .with_context(allowed_company_ids=(self.company | company).ids)
            .create(
                {
                    "event_ids": [Command.set(appointment.ids)],
                    "visit_state": "no_show",
                }
            )
        )
        total = page.amount_total
        page.action_cancel()
        invoice = appointment.fee_line_ids.move_id
        self.assertEqual(invoice.company_id, company)
        self.assertEqual((total, invoice.amount_total), (75.0, 75.0))

    def test_cash_rounding(self):
        """Set by a default of the practice's: what is open is what is booked."""
        rounding = self.env["account.cash.rounding"].create(
            {
                "name": "0.05",
                "rounding": 0.05,
                "strategy": "add_invoice_line",
                "profit_account_id": self.company_data["default_account_revenue"].id,
                "loss_account_id": self.company_data["default_account_expense"].id,
                "rounding_method": "HALF-UP",
            }
        )
        self.env["ir.default"].set(
            "account.move", "invoice_cash_rounding_id", rounding.id
        )
        # Billed before it was the default, and anew since.
        self._lock()
        self._edit(amount=33.33)
        self.assertFee("open", 33.33, 0.0, 33.33)
        self.assertNotEqual(self.fee.move_id, self.invoice)
        self.appointment = self._new_appointment()
        page = self._cancel(
            self.appointment, self.biller, visit_state="no_show", amount=33.33
        )
        self.fee = self.appointment.fee_line_ids
        booked = sum(self.fee.move_id._get_fee_receivable().mapped("balance"))
        self.assertEqual((booked, page.amount_total), (33.35, 33.35))
        self.assertEqual(self.fee.fee_open, booked)
        self._pay(booked, self.fee.move_id)
        self.assertFee("paid", booked, booked, 0.0)
        # A change says what will be owed, and a refund leaves nothing open.
        _sentences, surplus = self.fee._preview_fee_change(self.code_noshow, 20.01)
        self.assertEqual(self.fee.currency_id.round(surplus), 13.35)
        self.fee._change_fee(self.code_noshow, 20.01, "Agreed")
        self.assertFee("paid", 20.0, 20.0, 0.0)
        self.assertEqual(self.fee._get_fee_after_refund(10.01), 9.95)


@tagged("post_install", "-at_install")
class TestFeeBranch(AccountTestInvoicingCommon):
    """A branch bills clients and codes of its parent."""

    def test_branch(self):
        company = self.company_data["company"]
        self.env.user.group_ids |= self.env.ref("noshow_fees.group_owner")
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": company.id, "country_id": False}
        )
        # Odoo gives it the accounts of its parent before the commit.
        self.env.cr.precommit.run()
        self.env.user.company_ids |= branch
        code = self.env["product.product"].create(
            {
                "name": "Missed visit",
                "cpt_code": "PARENT",
                "cpt_source": "custom",
                "list_price": 40.0,
                "company_id": company.id,
            }
        )
        client = self.env["res.partner"].create(
            {"name": "Ann", "is_client": True, "company_id": company.id}
        )
        self.env.user.company_id = branch
        appointment = (
            self.env["calendar.event"]
            .with_company(branch)
            .create(
                {
                    "name": "Session",
                    "client_id": client.id,
                    "user_id": self.env.user.id,
                    "start": "2026-01-05 10:00:00",
                    "stop": "2026-01-05 11:00:00",
                }
            )
        )
        self.assertEqual(appointment.company_id, branch)
        self.env["calendar.event.cancel"].with_context(
            allowed_company_ids=(branch | company).ids
        ).create(
            {
                "event_ids": [Command.set(appointment.ids)],
                "visit_state": "no_show",
                "product_id": code.id,
            }
        ).action_cancel()
        self.assertEqual(appointment.fee_line_ids.move_id.company_id, branch)
        self.assertEqual(appointment.fee_amount, 40.0)
