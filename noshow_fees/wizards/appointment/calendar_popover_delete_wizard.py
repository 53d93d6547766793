"""Odoo's dialog that deletes an event."""

from odoo import models
from odoo.exceptions import UserError


class CalendarPopoverDeleteWizard(models.TransientModel):
    _inherit = "calendar.popover.delete.wizard"

    def action_send_mail_and_delete(self):
        """:raise UserError: for appointments: the mail prints the title"""
        # First: that it is an appointment is not for everybody to know.
        self.calendar_event_id.check_access("unlink")
        if self.calendar_event_id._filter_appointments():
            raise UserError(
                self.env._(
                    "Odoo's mail would tell the title of the appointment. Cancel the "
                    "appointment, or delete it without a mail."
                )
            )
        return super().action_send_mail_and_delete()
