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
        ids = {vals["event_id"] for vals in vals_list if vals.get("event_id")}
        providers = {
            event.id: event.user_id.partner_id.id
            for event in events_sudo.browse(ids)
            if event.client_id
        }
        for vals in vals_list:
            provider = providers.get(vals.get("event_id"))
            if provider and provider == vals.get("partner_id"):
                vals.setdefault("state", "accepted")
        return super().create(vals_list)
