"""The dialog that restores appointments whose cancellation was charged."""

from odoo import api, fields, models


class CalendarEventRestore(models.TransientModel):
    _name = "calendar.event.restore"
    _inherit = "noshow.waive.dialog"
    _description = "Restore Appointments"

    event_ids = fields.Many2many(
        "calendar.event",
        string="Appointments",
        required=True,
        context={"active_test": False},
    )
    line_ids = fields.Many2many(compute="_compute_line_ids", required=False)
    reason_id = fields.Many2one(
        default=lambda self: self.env.ref(
            "noshow_fees.waiver_reason_our_mistake", raise_if_not_found=False
        ),
        help="The fee is waived, too: this stands in its history.",
    )

    @api.depends("event_ids")
    def _compute_line_ids(self):
        for dialog in self:
            dialog.line_ids = dialog.event_ids._get_live_fees()

    def action_restore(self):
        """Reverse the fees and schedule the appointments again, all at once.

        :raise AccessError: the user may not restore a charged cancellation
        :raise UserError: a charge is running, nothing to restore, or somebody has
            changed or paid a fee since the dialog was opened
        """
        self._waive(release=True)
        self.event_ids._restore_appointments()
        return {"type": "ir.actions.act_window_close"}
