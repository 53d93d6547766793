"""Appointments in an outside calendar.

The modules google_calendar and microsoft_calendar are optional. The methods of theirs
that are overridden here are called by them only, so super() finds them.
"""

from odoo import fields, models

from ...const import FROZEN_FIELDS, PRACTICE
from ...tools.context import by_sync, is_by_sync


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    needs_outcome = fields.Boolean(
        copy=False,
        readonly=True,
        groups=PRACTICE,
        help="Somebody removed this appointment from an outside calendar while it was "
        "still scheduled: say what became of it.",
    )

    def _sync_google2odoo(self, *args, **kwargs):
        return super(CalendarEvent, by_sync(self))._sync_google2odoo(*args, **kwargs)

    def _sync_microsoft2odoo(self, *args, **kwargs):
        return super(CalendarEvent, by_sync(self))._sync_microsoft2odoo(*args, **kwargs)

    def _cancel(self):
        """Google: somebody removed these. Other attendees than the organizer decline
        (google_calendar/models/calendar.py)."""
        own = self.filtered(lambda event: event.user_id == self.env.user)
        return super(CalendarEvent, self - own._keep_removed())._cancel()

    def _cancel_microsoft(self):
        """Microsoft: somebody removed these."""
        return super(CalendarEvent, self - self._keep_removed())._cancel_microsoft()

    def write(self, vals):
        # What is on record was right when it happened: another time or organizer that
        # somebody gives it in the outside calendar is left there. An error instead
        # would stop the synchronisation for good.
        known = self.browse()
        if is_by_sync(self.env) and vals.keys() & FROZEN_FIELDS:
            known += self.sudo().filtered(lambda event: event._has_outcome())
        if known:
            harmless = {name: vals[name] for name in vals.keys() - FROZEN_FIELDS}
            super(CalendarEvent, known).write(harmless)
        return super(CalendarEvent, self - known).write(vals)

    def unlink(self):
        kept = self.browse()
        if is_by_sync(self.env):
            # Those that still have their recurrence are about to be made anew by it
            # (google_calendar/models/calendar_recurrence_rule.py, _write_from_google).
            kept = self.filtered(lambda event: not event.recurrence_id)._keep_removed()
            kept |= self._filter_kept_for_good()
        return super(CalendarEvent, self - kept).unlink()

    def _keep_removed(self):
        """Keep appointments that somebody removed in an outside calendar. Those still
        scheduled come up as needing an outcome; meanwhile they stay active.

        :return: what has to be kept of these
        """
        # In sudo: a synchronisation runs for whoever has an account outside.
        scheduled_sudo = self.sudo().filtered(
            lambda event: event.visit_state == "scheduled" and event.active
        )
        # `recurrency`: a series that was shortened outside has detached them already.
        scheduled_sudo._leave_series({"needs_outcome": True, "recurrency": False})
        return self._filter_kept_for_good() | self.browse(scheduled_sudo.ids)
