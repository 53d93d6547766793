"""Appointments within a repeating series."""

from odoo import fields, models


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def _get_future_occurrences(self):
        """The later occurrences of these appointments' series that are still
        scheduled: after this one, and not before now."""
        now = fields.Datetime.now()
        future = self.browse()
        for event in self.filtered("recurrence_id"):
            future |= event.recurrence_id.calendar_event_ids.filtered(
                lambda other, event=event: other.start > event.start
                and other.start >= now
                and other.visit_state == "scheduled"
            )
        return future - self

    def _leave_series(self):
        """Take these out of their series; their slots stay taken."""

    def _return_to_series(self):
        """Put these back into their series where it still has their slot."""
