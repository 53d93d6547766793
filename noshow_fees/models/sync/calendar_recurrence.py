"""Series of appointments in an outside calendar (see calendar_event.py)."""

from odoo import models

from ...tools.context import by_sync, optional
from ...tools.outside import take_over_google


class CalendarRecurrence(models.Model):
    _inherit = "calendar.recurrence"

    def _sync_google2odoo(self, google_events, *args, **kwargs):
        parent = super(CalendarRecurrence, by_sync(self))
        return take_over_google(
            self,
            google_events,
            lambda told: optional(parent, "_sync_google2odoo")(told, *args, **kwargs),
        )

    def _get_appointments(self):
        return self.exists().calendar_event_ids._filter_appointments()

    def _write_from_google(self, gevent, vals):
        """Google's series begins with its first occurrence, whatever its outcome: stock
        moves the first one left to that day, where its slot is taken."""
        optional(super(), "_write_from_google")(gevent, vals)
        base = self.base_event_id
        if base.sudo().client_id and self._get_slot(base) in map(
            self._get_slot, self._get_left_events()
        ):
            base.write({**base._get_archive_values(), "recurrence_id": False})
            self._select_base()

    def _is_event_over(self):
        # No message to a client: see the same method of the events.
        return bool(self.calendar_event_ids._filter_appointments()) or (
            super()._is_event_over()
        )

    def _google_delete(self, google_service, google_id, **kwargs):
        if not self.calendar_event_ids._filter_appointments():
            return optional(super(), "_google_delete")(
                google_service, google_id, **kwargs
            )
        values = {"id": google_id, "status": "cancelled"}
        return optional(self, "_google_patch")(
            google_service, google_id, values, **kwargs
        )

    def _google_error_handling(self, http_error):
        appointments = self.exists().calendar_event_ids._filter_appointments()
        if not appointments:
            return optional(super(), "_google_error_handling")(http_error)
        # As stock: or each of them would be sent, and refused, by itself.
        appointments.need_sync = False
        return appointments.sorted("start")[0]._google_error_handling(http_error)

    def _google_values(self):
        """Tell Google which occurrences were cancelled: a rule that an edit made anew
        would show them as busy again."""
        values = optional(super(), "_google_values")()
        event = self.base_event_id
        if values and event.sudo().client_id:
            zone = self._get_timezone().zone
            kind = "VALUE=DATE" if event.allday else f"TZID={zone}"
            wall = self._get_wall_time(event.start, event.allday).time()
            suffix = "" if event.allday else f"T{wall:%H%M%S}"
            cancelled = self._get_left_events().filtered(lambda left: not left.active)
            slots = set(map(self._get_slot, cancelled)) & set(self._get_slots())
            days = ",".join(f"{slot:%Y%m%d}{suffix}" for slot in sorted(slots))
            values["recurrence"] += [f"EXDATE;{kind}:{days}"] if slots else []
        return values
