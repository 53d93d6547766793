"""What a synchronisation with Google's or Microsoft's calendar does to appointments."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.google_calendar.models.google_sync import GoogleCalendarSync
from odoo.addons.google_calendar.utils.google_event import GoogleEvent
from odoo.addons.microsoft_calendar.models.microsoft_sync import MicrosoftCalendarSync
from odoo.addons.microsoft_calendar.utils.microsoft_event import MicrosoftEvent

from ..series.series_common import (
    COUNT,
    DAY,
    HOUR,
    MORNING,
    NEW_YORK,
    SeriesCase,
    local,
)

LATER = "2099-01-01T00:00:00Z"  # when somebody changed it outside: after Odoo


class SyncCase(SeriesCase):
    def setUp(self):
        super().setUp()
        self.therapist.email = self.therapist.partner_id.email = "therapist@example.com"
        self.plain = self._new_appointment(name="Plain meeting")
        self.plain.write({"client_id": False, "location": "plain"})
        self.done = self._new_appointment()
        self._cancel(self.done, visit_state="no_show")

    def _read(self, records, field):
        records.invalidate_recordset()
        return records.exists().mapped(field)


@tagged("post_install", "-at_install")
class TestGoogle(SyncCase):
    def setUp(self):
        super().setUp()
        self.rule = self.events.recurrence_id
        self.rule.google_id = "series"
        for event in self.appointment + self.plain + self.done:
            event.write({"google_id": f"single{event.id}", "need_sync": False})

    def _sync(self, model, *values):
        """As the therapist's synchronisation does: in sudo."""
        events = GoogleEvent(
            [{"updated": LATER, "recurrence": None, **vals} for vals in values]
        )
        env = self.env["calendar.event"].with_user(self.therapist).sudo().env
        env[model]._sync_google2odoo(events)

    def _remove(self, *events):
        self._sync(
            "calendar.event",
            *({"id": event.google_id, "status": "cancelled"} for event in events),
        )

    def _google_time(self, moment):
        return {
            "dateTime": moment.replace(tzinfo=NEW_YORK).isoformat(),
            "timeZone": NEW_YORK.key,
        }

    def _google_series(self, start, rrule, **values):
        self._sync(
            "calendar.recurrence",
            {
                "id": "series",
                "summary": "Session",
                "organizer": {"email": self.therapist.email, "self": True},
                "attendees": [
                    {"email": self.therapist.email, "responseStatus": "accepted"}
                ],
                "reminders": {"useDefault": True},
                "recurrence": [rrule],
                "start": self._google_time(start),
                "end": self._google_time(start + HOUR),
                **values,
            },
        )

    @contextmanager
    def _sent(self):
        """The changes that are sent to Google: {id there: last values}."""
        sent = {}

        def patch_event(record, service, google_id, values, **kwargs):
            sent[google_id] = values

        with patch.object(GoogleCalendarSync, "_google_patch", patch_event):
            yield sent

    def test_a_scheduled_one_needs_an_outcome(self):
        self._remove(self.appointment, self.plain, self.done)
        self.assertFalse(self.plain.exists())
        self.assertEqual(self.done.visit_state, "no_show")
        self.assertFalse(self.done.needs_outcome)
        self.assertTrue(self.appointment.needs_outcome)
        self.assertTrue(self.appointment.active)
        # It is not sent back to the calendar from which it was removed.
        to_send = self.env["calendar.event"].with_user(self.therapist)
        self.assertNotIn(self.appointment, to_send._get_records_to_sync())
        # The worklist asks with this domain.
        worklist = [("visit_state", "=", "scheduled"), ("needs_outcome", "=", True)]
        found = self.env["calendar.event"].with_user(self.frontdesk).search(worklist)
        self.assertEqual(found, self.appointment)
        self._set_outcome(self.appointment, "cancelled")
        self.assertFalse(self.appointment.needs_outcome)

    def test_removed_by_another_attendee(self):
        self.appointment.user_id = self.financial
        self._remove(self.appointment)
        self.assertFalse(self.appointment.needs_outcome)
        self.assertEqual(self.appointment.attendee_ids.mapped("state"), ["declined"])

    def test_one_of_a_series(self):
        self._remove(self.events[3])
        self.assertTrue(self.events[3].needs_outcome)
        self.assertFalse(self.events[3].recurrence_id)
        self._move(self.events[6], HOUR, "all_events")
        self.assertTrue(self.events[3].exists().needs_outcome)
        expected = [day + HOUR for day in self._weeks(*range(10))]
        expected[3] -= HOUR
        self.assertEqual(self._days(self.left), expected)

    def test_the_whole_series(self):
        self._set_outcome(self.events[0], "attended")
        self._set_outcome(self.events[5], "cancelled")
        self._sync(
            "calendar.recurrence",
            {"id": "series", "status": "cancelled", "recurrence": True},
        )
        self.assertFalse(self.rule.exists())
        known = self.events[0] + self.events[5]
        self.assertEqual(known.mapped("visit_state"), ["attended", "cancelled"])
        self.assertFalse(any(known.mapped("needs_outcome")))
        others = self.events - known
        self.assertEqual(set(others.mapped("needs_outcome")), {True})
        self.assertEqual(set(others.mapped("active")), {True})

    def test_this_one_and_the_following(self):
        self._set_outcome(self.events[8], "cancelled")
        self._google_series(
            MORNING, "RRULE:FREQ=WEEKLY;UNTIL=20270131T235959Z;BYDAY=MO"
        )
        flagged = self.events.filtered("needs_outcome").sorted("start")
        self.assertEqual(flagged, self.events[4:8] + self.events[9:])
        self.assertEqual(self.rule.calendar_event_ids.sorted("start"), self.events[:4])
        self.assertFalse(any(flagged.mapped("recurrency")))

    def test_the_series_is_moved_in_google(self):
        self._set_outcome(self.events[0], "attended")
        self._set_outcome(self.events[3], "cancelled")
        self._google_series(MORNING + HOUR, f"RRULE:FREQ=WEEKLY;COUNT={COUNT};BYDAY=MO")
        known = self.events[0] + self.events[3]
        self.assertEqual(
            known.exists().mapped("visit_state"), ["attended", "cancelled"]
        )
        left = self.env["calendar.event"].search(self.left)
        self.assertEqual(
            self._days(self.left),
            [day + HOUR for day in self._weeks(1, 2, 4, 5, 6, 7, 8, 9)],
        )
        self.assertFalse(any(left.mapped("needs_outcome")))
        self.assertEqual(
            left.recurrence_id.base_event_id.start, min(left.mapped("start"))
        )

    def test_what_is_on_record_stays_and_the_others_go_on(self):
        attended = self._new_appointment()
        attended.google_id = "attended"
        self._set_outcome(attended, "attended")
        start = attended.start
        moved = {
            "organizer": {"email": "somebody@example.com"},
            "reminders": {"useDefault": True},
            "start": self._google_time(local(start) + DAY),
            "end": self._google_time(local(start) + DAY + HOUR),
        }
        self._sync(
            "calendar.event",
            {"id": "attended", "summary": "One", **moved},
            {"id": self.plain.google_id, "summary": "Two", **moved},
        )
        self.assertEqual((attended.start, attended.user_id), (start, self.therapist))
        self.assertEqual(self.plain.start, start + DAY)

    def test_a_cancellation_is_sent_to_google(self):
        google_id = self.events[2].google_id
        with self._sent() as sent:
            self._cancel(self.events[2], visit_state="cancelled")
        self.assertEqual(list(sent), [google_id])
        self.assertEqual(sent[google_id]["status"], "cancelled")

    def test_all_future_ones_are_sent_as_the_end_of_their_rule(self):
        google_id = self.events[4].google_id
        with self._sent() as sent:
            self._cancel(self.events[4], visit_state="cancelled", cancel_future=True)
        self.assertEqual(set(sent), {google_id, "series"})
        self.assertIn("UNTIL=20270125", sent["series"]["recurrence"][0])

    def test_an_edit_does_not_make_the_slot_busy_in_google(self):
        self._set_outcome(self.events[3], "cancelled")
        self._set_outcome(self.events[5], "attended")
        self._move(self.events[1], HOUR, "all_events")
        rule = self.env["calendar.event"].search(self.left).recurrence_id
        recurrence = rule._google_values()["recurrence"]
        self.assertEqual(
            recurrence[1:], ["EXDATE;TZID=America/New_York:20270125T100000"]
        )


@tagged("post_install", "-at_install")
class TestMicrosoft(SyncCase):
    def setUp(self):
        super().setUp()
        self.rule = self.events.recurrence_id
        for number, record in enumerate(
            (self.rule, *self.events, self.appointment, self.plain, self.done)
        ):
            record.with_context(dont_notify=True).write(
                {
                    "microsoft_id": f"id{number}",
                    "ms_universal_event_id": f"uid{number}",
                    "need_sync_m": False,
                }
            )

    def _sync(self, *values):
        events = MicrosoftEvent(values)
        env = self.env["calendar.event"].with_user(self.therapist).sudo().env
        env["calendar.event"]._sync_microsoft2odoo(events)

    def _remove(self, *records):
        self._sync(
            *(
                {"id": record.microsoft_id, "@removed": {"reason": "deleted"}}
                for record in records
            )
        )

    def _outlook(self, number, start, **values):
        """What Outlook tells of an event: 0 is the series."""
        day = {"timeZone": "UTC"}
        return {
            "id": f"id{number}",
            "iCalUId": f"uid{number}",
            "subject": "Session",
            "isOrganizer": True,
            "organizer": {"emailAddress": {"address": self.therapist.email}},
            "attendees": [],
            "responseStatus": {"response": "organizer"},
            "lastModifiedDateTime": LATER,
            "start": {"dateTime": start.isoformat(), **day},
            "end": {"dateTime": (start + HOUR).isoformat(), **day},
            "isAllDay": False,
            "isCancelled": False,
            "showAs": "busy",
            "type": "occurrence",
            "seriesMasterId": "id0",
            **values,
        }

    def _outlook_series(self, numbers, shift):
        """Outlook tells of the series and of all occurrences that it still has."""
        master = self._outlook(
            0,
            self.events[0].start + shift,
            type="seriesMaster",
            seriesMasterId=None,
            recurrence={
                "pattern": {
                    "type": "weekly",
                    "interval": 1,
                    "daysOfWeek": ["monday"],
                    "dayOfMonth": 0,
                    "index": "first",
                },
                "range": {"type": "numbered", "numberOfOccurrences": COUNT},
            },
        )
        others = [
            self._outlook(number + 1, self.events[number].start + shift)
            for number in numbers
        ]
        self._sync(master, *others)

    def test_a_scheduled_one_needs_an_outcome(self):
        self._remove(self.appointment, self.plain, self.done)
        self.assertFalse(self.plain.exists())
        self.assertEqual(self.done.visit_state, "no_show")
        self.assertFalse(self.done.needs_outcome)
        self.assertTrue(self.appointment.needs_outcome)
        self.assertTrue(self.appointment.active)

    def test_the_whole_series(self):
        self._set_outcome(self.events[0], "attended")
        self._remove(self.rule)
        self.assertFalse(self.rule.exists())
        self.assertEqual(self.events[0].visit_state, "attended")
        self.assertFalse(self.events[0].needs_outcome)
        self.assertEqual(set(self.events[1:].mapped("needs_outcome")), {True})

    def test_some_of_the_series_are_gone_in_outlook(self):
        self._set_outcome(self.events[1], "attended")
        self._set_outcome(self.events[2], "cancelled")
        self._outlook_series([0, 1, 3, 4, 5, 6, 8, 9], shift=0 * HOUR)
        self.assertEqual(self.events.filtered("needs_outcome"), self.events[7])
        self.assertEqual(self._days(self.left), self._weeks(0, 3, 4, 5, 6, 7, 8, 9))
        self.assertEqual(len(self.env["calendar.event"].search(self.mine)), 9)

    def test_a_cancellation_is_sent_to_outlook(self):
        """One by one: Odoo sends no rules to Outlook."""
        with patch.object(MicrosoftCalendarSync, "_microsoft_delete") as delete:
            self._cancel(self.events[4], visit_state="cancelled", cancel_future=True)
        deleted = {call.args[1] for call in delete.call_args_list}
        self.assertEqual(deleted, {f"id{number}" for number in range(5, COUNT + 1)})
