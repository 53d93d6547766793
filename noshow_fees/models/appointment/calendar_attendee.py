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

    def write(self, vals):
        """Nor need they accept it again where somebody else moves it: stock asks who
        holds it anew, and of an edited series everybody (calendar/models/
        calendar_event.py, `write` and `_reset_attendees_status`). Here, and not after
        those: Google is told what they leave."""
        if vals.get("state") != "needsAction":
            return super().write(vals)
        kept = self._filter_providers().filtered(lambda one: one.state == "accepted")
        rest = {name: value for name, value in vals.items() if name != "state"}
        super(CalendarAttendee, kept).write(rest)
        return super(CalendarAttendee, self - kept).write(vals)

    def _filter_providers(self):
        """Those who give the appointment that they attend."""
        # In sudo, without prefetching: see `_filter_named_client`.
        attendees_sudo = self.sudo().with_context(prefetch_fields=False)
        found = attendees_sudo.filtered(
            lambda one: (
                one.event_id.client_id
                and one.event_id.user_id.partner_id == one.partner_id
            )
        )
        return self.browse(found.ids)
