"""The fee: a line of a posted customer invoice that charges a missed appointment."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.sql import column_exists, create_column

from ..tools import changed_fields, is_by_method
from .calendar_event import FEE_STATES, PRACTICE

#: Accountants see what was charged, not what the appointment was about.
BOOKS = f"{PRACTICE},account.group_account_readonly,account.group_account_invoice"
LINK_FIELDS = {
    "appointment_id",
    "client_id",
    "date_of_service",
    "is_noshow_fee",
    "provider_id",
}
FEE_COLUMNS = {
    "fee_state": "varchar",
    "fee_amount": "numeric",
    "fee_received": "numeric",
    "fee_open": "numeric",
    "fee_money": "numeric",
}
# Stock lets these be written on a posted line without moving the booked balance.
MONEY_FIELDS = {
    "account_id",
    "amount_currency",
    "balance",
    "credit",
    "currency_id",
    "debit",
    "discount",
    "name",
    "price_unit",
    "product_id",
    "quantity",
    "tax_ids",
}


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    appointment_id = fields.Many2one(
        "calendar.event",
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
        groups=PRACTICE,
    )
    date_of_service = fields.Date(
        string="Date of Service",
        copy=False,
        groups=BOOKS,
        help="The day of the appointment at the practice.",
    )
    is_noshow_fee = fields.Boolean(
        string="Missed-appointment Fee", copy=False, groups=BOOKS
    )
    client_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
        groups=BOOKS,
    )
    provider_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
        groups=BOOKS,
        help="The provider of the appointment when the fee was posted.",
    )
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
    fee_change_ids = fields.Many2many(
        "noshow.fee.change",
        string="History",
        compute="_compute_fee_change_ids",
        groups=PRACTICE,
    )

    _one_live_fee_per_appointment = models.UniqueIndex(
        "(appointment_id) WHERE is_noshow_fee",
        "This appointment has a fee already.",
    )
    # The list of fees in its order, and how many there are: 2 ms instead of 165 among
    # 200 thousand.
    _fees_in_order = models.Index(
        "(company_id, date, move_name, id) WHERE is_noshow_fee IS TRUE"
    )
    # A month of fees in the reports: 0.6 ms instead of 9 among 50 thousand.
    _fees_by_date = models.Index("(date) WHERE appointment_id IS NOT NULL")

    def _auto_init(self):
        """At installation no line is a fee: there is nothing to compute for all the
        lines of the books, as Odoo would."""
        if not column_exists(self.env.cr, self._table, "is_noshow_fee"):
            for name, type_ in FEE_COLUMNS.items():
                create_column(self.env.cr, self._table, name, type_)
        return super()._auto_init()

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

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
        left = min(move.amount_residual, owed)
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
            values["state"] = self._get_fee_state(credited, received, given_back)
        return values

    @api.depends("appointment_id")
    def _compute_fee_change_ids(self):
        changes = self.env["noshow.fee.change"].search(
            [("appointment_id", "in", self.appointment_id.ids)]
        )
        for line in self:
            line.fee_change_ids = changes.filtered(
                lambda change, line=line: change.appointment_id == line.appointment_id
            )

    def _get_fee_state(self, credited, received, given_back):
        """The state of one posted fee.

        :param float credited: by credit notes for this fee, taxes included
        :param float received: money and credit matched with the invoice
        :param float given_back: money matched with the credit notes
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
        if currency.is_zero(move.amount_residual):
            return "written_off" if currency.is_zero(received) else "paid"
        return "open" if currency.is_zero(received) else "partial"

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        # No link to an appointment by way of a `default_*` context key.
        return super().default_get([f for f in fields if f not in LINK_FIELDS])

    @api.model_create_multi
    def create(self, vals_list):
        if not is_by_method(self.env) and any(
            vals.get(name) for vals in vals_list for name in LINK_FIELDS & vals.keys()
        ):
            raise UserError(
                self.env._(
                    "A missed-appointment fee is made by cancelling the appointment, "
                    "not by hand on an invoice."
                )
            )
        return super().create(vals_list)

    def write(self, vals):
        if not is_by_method(self.env) and vals.keys() & (LINK_FIELDS | MONEY_FIELDS):
            for line_sudo in self.sudo():
                if changed_fields(line_sudo, vals, LINK_FIELDS):
                    # First: that there is a message would tell what a field holds.
                    self.check_access("write")
                    raise UserError(
                        self.env._(
                            "The link between a fee and its appointment cannot be "
                            "changed."
                        )
                    )
                if (
                    line_sudo.is_noshow_fee
                    and line_sudo.parent_state == "posted"
                    and changed_fields(line_sudo, vals, MONEY_FIELDS)
                ):
                    self.check_access("write")
                    raise UserError(
                        self.env._(
                            "Open the fee from the client's or the appointment's "
                            "Billing tab to change its code or amount: the books "
                            "follow there."
                        )
                    )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted_fee(self):
        # In sudo: `posted_before` decides, whoever deletes.
        if any(
            line.is_noshow_fee and line.move_id.posted_before for line in self.sudo()
        ):
            raise UserError(
                self.env._(
                    "The line of a missed-appointment fee is never deleted. Waive the "
                    "fee from the client's Billing tab."
                )
            )
