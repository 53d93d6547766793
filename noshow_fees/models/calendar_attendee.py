"""The provider as an attendee of the appointment."""

from odoo import api, models


class CalendarAttendee(models.Model):
    _inherit = "calendar.attendee"

    @api.model_create_multi
    def create(self, vals_list):
        """Providers need not accept what the practice books for them: the schedule
        would show it as a mere invitation (stock accepts for whoever books)."""
        # In sudo: an employee without a role creates attendees of plain meetings, too.
        events_sudo = self.env["calendar.event"].sudo()
        for vals in vals_list:
            event_sudo = events_sudo.browse(vals.get("event_id"))
            provider_sudo = event_sudo.client_id and event_sudo.user_id.partner_id
            if provider_sudo and provider_sudo.id == vals.get("partner_id"):
                vals.setdefault("state", "accepted")
        return super().create(vals_list)
