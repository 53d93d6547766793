"""What an outside calendar tells of its events, and what of it cannot be here."""

import itertools

from odoo import models

from ...tools.context import by_sync, optional
from ...tools.outside import take_over, take_over_google


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def _sync_google2odoo(self, google_events, write_dates=None, **kwargs):
        parent = super(CalendarEvent, by_sync(self))
        write_dates = dict(write_dates or {})
        write_dates |= by_sync(self)._follow_rescheduled(google_events)
        return take_over_google(
            self,
            google_events,
            lambda told: optional(parent, "_sync_google2odoo")(
                told, write_dates, **kwargs
            ),
        )

    def _follow_rescheduled(self, google_events):
        """An occurrence has another id once it was moved, if its series was split in
        Google before. Stock deletes it here, and makes another one (google_calendar/
        models/google_sync.py): an appointment would be there twice.

        :return: `{event id: when it was written}` before it got its new id
        """
        ids = {
            former: event
            for event in google_events
            if not event.is_recurrence_follower()
            and (former := event.full_recurring_event_id())
        }
        if not ids:
            return {}
        found = self.with_context(active_test=False).search(
            [("google_id", "in", list(ids))]
        )
        written = {}
        for event in found._filter_appointments():
            written[event.id] = event.write_date
            told = ids[event.google_id]
            event.with_context(dont_notify=True).write(
                {"google_id": told.id, "need_sync": False}
            )
            [values] = told._events.values()
            values["_odoo_id"] = event.id
        return written

    def _sync_microsoft2odoo(self, microsoft_events):
        make = type(microsoft_events)

        def join(pieces):
            return make(itertools.chain.from_iterable(pieces))

        parent = super(CalendarEvent, by_sync(self))
        # A series and its occurrences are one piece.
        pieces = {}
        for event in microsoft_events:
            pieces.setdefault(event.seriesMasterId or event.id, []).append(event)
            if event.is_removed() and not event.iCalUId:
                # Outlook tells nothing but the id of what was removed, and stock takes
                # every series that was never in Outlook for this one
                # (microsoft_calendar/models/microsoft_sync.py, `cancelled.uids`).
                [values] = event._events.values()
                values["iCalUId"] = event.id
        taken, refused = take_over(
            self.env,
            list(pieces.values()),
            lambda told: optional(parent, "_sync_microsoft2odoo")(join(told)),
        )
        for piece in map(make, refused):
            known = piece.match_with_odoo_events(self.env)
            known = known.filter(lambda event: not event.is_recurrence())
            self.browse(known.odoo_ids)._get_appointments()[:1]._note_refused()
        events, recurrences = self.browse(), self.env["calendar.recurrence"]
        for some_events, some_recurrences in taken:
            events |= some_events
            recurrences |= some_recurrences
        return events, recurrences

    def _get_appointments(self):
        return self.exists()._filter_appointments()

    def _note_refused(self):
        """Say on each of these that it is not as in an outside calendar."""
        for event in self:
            event.message_post(
                body=self.env._(
                    "An outside calendar tells something of this appointment that "
                    "cannot be here. It stays as it is: correct it there."
                ),
                message_type="comment",
                subtype_xmlid="mail.mt_note",
            )
