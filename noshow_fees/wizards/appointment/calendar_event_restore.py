"""The dialog that restores appointments whose cancellation was charged."""

from odoo import api, fields, models


class CalendarEventRestore(models.TransientModel):
    _name = "calendar.event.restore"
    _inherit = "noshow.fee.dialog"
    _description = "Restore Appointments"

    event_ids = fields.Many2many(
        "calendar.event",
        string="Appointments",
        required=True,
        context={"active_test": False},
    )
    line_ids = fields.Many2many(
        "account.move.line", string="Fees", compute="_compute_line_ids"
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_line_ids")
    received = fields.Monetary(compute="_compute_line_ids")
    refundable = fields.Monetary(compute="_compute_line_ids")
    reason_id = fields.Many2one(
        "noshow.waiver.reason",
        string="Why",
        default=lambda self: self.env.ref(
            "noshow_fees.waiver_reason_our_mistake", raise_if_not_found=False
        ),
        help="The fee is waived, too: this stands in its history.",
    )
    needs_text = fields.Boolean(related="reason_id.needs_text", compute_sudo=False)
    reason = fields.Char(
        string="In Words",
        help="A billing reason: it stands on the appointment's and the invoice's log. "
        "Nothing clinical.",
    )
    surplus = fields.Selection(
        [("credit", "Keep as the client's credit"), ("refund", "Back to the card")],
        string="Money Received",
        default="credit",
        required=True,
        help="Cash and checks never go back to a card.",
    )

    @api.depends("event_ids")
    def _compute_line_ids(self):
        for dialog in self:
            dialog.line_ids = dialog.event_ids.fee_line_ids.filtered("is_noshow_fee")
            dialog.currency_id = dialog.line_ids.currency_id[:1]
            dialog.received = sum(dialog.line_ids.mapped("fee_received"))
            dialog.refundable = sum(
                line._get_refundable_to_card() for line in dialog.line_ids
            )

    def action_restore(self):
        """Reverse the fees and schedule the appointments again, all at once.

        :raise AccessError: the user may not restore a charged cancellation
        :raise UserError: a charge is running, nothing to restore, or somebody has
            changed or paid a fee since the dialog was opened
        """
        self.ensure_one()
        self.line_ids._waive(
            self.reason,
            surplus=self.surplus,
            release=True,
            seen=self.seen,
            reason=self.reason_id,
        )
        self.event_ids._restore_appointments()
        return {"type": "ir.actions.act_window_close"}
