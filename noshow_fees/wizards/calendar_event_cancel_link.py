"""The result page leads on to a payment link where the bank wants the client."""

from odoo import api, fields, models


class CalendarEventCancel(models.TransientModel):
    _inherit = "calendar.event.cancel"

    needs_payment_link = fields.Boolean(compute="_compute_needs_payment_link")

    @api.depends("state")
    def _compute_needs_payment_link(self):
        for page in self:
            # First: it checks that these are the user's to read.
            single = len(page.appointment_ids) == 1
            page.needs_payment_link = (
                single and page._get_charges()._needs_payment_link()
            )

    def action_open_payment_link(self):
        """Open the dialog with the link by which the fee is paid online."""
        self.ensure_one()
        fee = self.event_ids.fee_line_ids.filtered("is_noshow_fee")
        return fee.action_open_payment_link()
