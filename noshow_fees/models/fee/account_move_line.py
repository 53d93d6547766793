"""The fee: a line of a posted customer invoice that charges a missed appointment."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...const import BOOKS, PRACTICE
from ...tools.context import changed_fields, is_by_method

LINK_FIELDS = {
    "appointment_id",
    "client_id",
    "counts_as_missed",
    "date_of_service",
    "fee_amount",
    "fee_money",
    "fee_open",
    "fee_processing",
    "fee_received",
    "fee_state",
    "is_noshow_fee",
    "provider_id",
    "visit_state",
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
    "parent_state",
    "price_subtotal",
    "price_total",
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
    # Stored: the reports would have to look for 200,000 appointments.
    visit_state = fields.Selection(
        related="appointment_id.visit_state", store=True, groups=BOOKS
    )
    counts_as_missed = fields.Boolean(
        related="appointment_id.counts_as_missed", store=True, groups=BOOKS
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

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("appointment_id")
    def _compute_fee_change_ids(self):
        changes = self.env["noshow.fee.change"].search(
            [("appointment_id", "in", self.appointment_id.ids)]
        )
        for line in self:
            line.fee_change_ids = changes.filtered(
                lambda change, line=line: change.appointment_id == line.appointment_id
            )

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
                            "The link between a fee and its appointment, and what "
                            "became of the fee, cannot be changed by hand."
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
