"""What became of a fee: its state and amounts, from what was matched with what."""

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column

from ...const import BOOKS, FEE_STATES, FIGURES

STORED_COLUMNS = {
    "counts_as_missed": "boolean",
    "fee_state": "varchar",
    "fee_amount": "numeric",
    "fee_received": "numeric",
    "fee_open": "numeric",
    "fee_money": "numeric",
    "fee_processing": "numeric",
    "visit_state": "varchar",
}


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    # Stored: lists and reports of 200,000 fees read them as they read stock's own.
    fee_state = fields.Selection(
        FEE_STATES, compute="_compute_fee", store=True, groups=BOOKS
    )
    fee_amount = fields.Monetary(
        string="Owed",
        compute="_compute_fee",
        store=True,
        currency_field="currency_id",
        groups=BOOKS,
        help="What is owed in all for the fee, tax included.",
    )
    fee_received = fields.Monetary(
        string="Received",
        compute="_compute_fee",
        store=True,
        currency_field="currency_id",
        groups=BOOKS,
        help="Money, and credit of the payer that was used for the fee.",
    )
    fee_open = fields.Monetary(
        string="Open",
        compute="_compute_fee",
        store=True,
        currency_field="currency_id",
        groups=BOOKS,
    )
    fee_money = fields.Monetary(
        string="Money Matched",
        compute="_compute_fee",
        store=True,
        currency_field="currency_id",
        groups=BOOKS,
        help="Money alone: received for an invoice, given back for a credit note.",
    )

    fee_processing = fields.Monetary(
        string="Processing Fees",
        compute="_compute_fee_processing",
        store=True,
        currency_field="currency_id",
        groups=BOOKS,
        help="What the card's processor kept.",
    )
    fee_transaction_ids = fields.One2many(
        "payment.transaction", "fee_line_id", groups="base.group_system"
    )

    def _auto_init(self):
        """At installation no line is a fee: there is nothing to compute for all the
        lines of the books, as Odoo would."""
        if not column_exists(self.env.cr, self._table, "is_noshow_fee"):
            for name, type_ in STORED_COLUMNS.items():
                create_column(self.env.cr, self._table, name, type_)
        return super()._auto_init()

    @api.depends(
        "appointment_id",
        "is_noshow_fee",
        "price_total",
        "parent_state",
        "move_id.amount_residual",
        "move_id.payment_state",
        "move_id.reversal_move_ids.amount_residual",
        "move_id.reversal_move_ids.invoice_line_ids.price_total",
        "move_id.reversal_move_ids.state",
        "move_id.transaction_ids.is_post_processed",
        "move_id.transaction_ids.state",
    )
    def _compute_fee(self):
        """Derive the fee's state from what was matched with what.

        Stock's `payment_state` says “paid” for a credited or written-off invoice too.
        Lines that were a fee, and those of credit notes, keep their amounts: the
        reports show them. Lines of other invoices stay empty.
        """
        lines = self.filtered("appointment_id")
        for line in self - lines:
            line.fee_state = False
            line.fee_amount = line.fee_received = line.fee_open = line.fee_money = 0.0
        posted = lines.filtered(lambda line: line.parent_state == "posted")
        invoices = posted.move_id
        notes = invoices.reversal_move_ids.filtered(lambda move: move.state == "posted")
        matched = (invoices | notes)._origin._get_matched_amounts()
        for line in lines:
            values = {"state": "none", "amount": 0.0, "received": 0.0, "open": 0.0}
            values["money"] = 0.0
            if line in posted:
                values |= line._get_fee_values(matched)
            for name, value in values.items():
                line[f"fee_{name}"] = value

    def _get_fee_values(self, matched):
        """What there is to say of this posted line of an appointment.

        :param dict matched: of the invoice and its credit notes
            (`account.move._get_matched_amounts`)
        :return: dict of what is stored, less the prefix `fee_`
        """
        self.ensure_one()
        move = self.move_id
        amounts = matched[move._origin.id]
        # Others may have added lines to the invoice: no more than the fee's share.
        values = {"money": min(amounts["money"], self.price_total)}
        if move.move_type != "out_invoice":
            return values
        credits_ = move.reversal_move_ids.invoice_line_ids.filtered(
            lambda credit: (
                credit.parent_state == "posted"
                and credit.appointment_id == self.appointment_id
            )
        )
        credited = sum(credits_.mapped("price_total"))
        owed = max(self.price_total - credited, 0.0)
        received = min(amounts["money"] + amounts["credit"], self.price_total)
        left = min(move.amount_residual, max(owed - received, 0.0))
        if move.payment_state == "in_payment":
            # Paid, though nothing may be matched until the bank says so
            # (account/models/account_payment.py).
            received, left = max(received, owed), 0.0
        values |= {"amount": owed, "received": received, "open": left}
        if self.is_noshow_fee:
            given_back = sum(
                matched[note.id]["money"] + matched[note.id]["credit"]
                for note in credits_.move_id._origin
            )
            values["state"] = self._get_fee_state(credited, received, given_back, left)
        return values

    def _get_fee_state(self, credited, received, given_back, left):
        """The state of one posted fee.

        :param float credited: by credit notes for this fee, taxes included
        :param float received: money and credit matched with the invoice
        :param float given_back: money matched with the credit notes
        :param float left: what is still to be paid of it
        """
        self.ensure_one()
        move, currency = self.move_id, self.currency_id
        if any(tx._is_live() for tx in move.transaction_ids):
            return "charging"
        if currency.is_zero(self.price_total):
            return "open"
        if currency.compare_amounts(credited, self.price_total) >= 0:
            returned = currency.compare_amounts(given_back, received) >= 0
            return (
                "refunded" if returned and not currency.is_zero(received) else "waived"
            )
        if move.payment_state == "in_payment":
            return "paid"
        if currency.is_zero(left):
            return "written_off" if currency.is_zero(received) else "paid"
        return "open" if currency.is_zero(received) else "partial"

    @api.depends(
        "fee_transaction_ids.net_amount",
        "fee_transaction_ids.processing_fee",
        "fee_transaction_ids.state",
    )
    def _compute_fee_processing(self):
        """In the currency of the fee: the processor's share of what it booked, in
        whatever currency that was."""
        for line in self:
            line.fee_processing = sum(
                charge._get_processing_fee()
                for charge in line.fee_transaction_ids
                if charge.state == "done"
            )

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

    def _get_fee_figures(self, domain, since):
        """What was charged from a day on, and what became of it. The four add up:
        `collected` is what was received for what is owed (more is the payer's credit),
        `waived` what was credited or written off.

        :param domain: which fees; the caller has checked that the user may know their
            sums, the record rules apply on top
        :param date since: the first day, of those on which fees were billed
        :return: `{day: figures}`; `figures` is a dict of amounts in the fees' currency,
            taxes included
        """
        fees = self._search(
            [
                *domain,
                ("is_noshow_fee", "=", True),
                ("parent_state", "=", "posted"),
                ("invoice_date", ">=", since),
            ]
        )
        self.flush_model(["fee_amount", "fee_open", "fee_received", "price_total"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT fee.invoice_date,
                       SUM(fee.price_total),
                       SUM(LEAST(fee.fee_received, fee.fee_amount)),
                       SUM(fee.fee_open)
                  FROM account_move_line fee
                 WHERE fee.id IN %s
              GROUP BY fee.invoice_date
                """,
                fees.subselect(),
            )
        )
        return {
            day: dict(
                zip(
                    FIGURES,
                    (charged, collected, open_, charged - collected - open_),
                    strict=True,
                )
            )
            for day, charged, collected, open_ in rows
        }
