"""What goes from here to Outlook."""

from odoo import models

from ...tools.context import optional


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def _ensure_attendees_have_email(self):
        """Stock ends the whole synchronisation at the first attendee without an e-mail
        address, and logs titles. A client need not have one."""
        plain = self - self._filter_appointments()
        optional(super(CalendarEvent, plain), "_ensure_attendees_have_email")()

    def _microsoft_values(self, *args, **kwargs):
        values = optional(super(), "_microsoft_values")(*args, **kwargs)
        if values and values.get("attendees") and self._filter_appointments():
            values["attendees"] = [
                attendee
                for attendee in values["attendees"]
                if attendee["emailAddress"]["address"]
            ]
        return values

    def _filter_handed_over(self, vals):
        """Those of these appointments that stand in the Outlook of somebody from whom
        `vals` takes them.

        :raise UserError: all of a series that was made in Outlook
        """
        if "microsoft_id" not in self._fields or self.env.context.get("dont_notify"):
            return self.browse()
        # In sudo: whoever writes them, the guards have their say below.
        handed_sudo = self.sudo().filtered(
            lambda event: (
                event.client_id
                and event.microsoft_id
                and event.user_id.id != vals["user_id"]
                and not event._has_outcome()
            )
        )
        series = handed_sudo.filtered("recurrence_id")
        if series and (
            vals.get("recurrence_update") in ("all_events", "future_events")
            or self._check_microsoft_sync_status()
        ):
            series._forbid_recurrence_update()
        return self.browse(handed_sudo.ids)

    def _leave_outlook(self):
        """Take these out of their provider's Outlook. Stock would make another event
        for the next one, in their name, and archive this one with all its records
        (microsoft_calendar/models/calendar.py, `_recreate_event_different_organizer`).

        :return: the values that let the next one's synchronisation bring them there
        """
        # In sudo: who may give them to another provider was checked by writing that.
        for event_sudo in self.sudo():
            provider = event_sudo.user_id or self.env.user
            event_sudo.with_user(provider).sudo()._microsoft_delete(
                provider, event_sudo.microsoft_id
            )
        return {
            "microsoft_id": False,
            "ms_universal_event_id": False,
            "need_sync_m": True,
        }
