"""What an outside calendar tells that is unusual, or cannot be here at all."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .sync_common import HOUR, LATER, WEEK, GoogleCommon, MicrosoftCommon

DAY = timedelta(days=1)
TOO_LONG = 40 * DAY


class ToldTests:
    """The same for both."""

    def _other(self):
        """What else has changed in the same calendar."""
        return self._single(
            key="other", name="Other", attendees=[self.therapist, self.client_2]
        )

    def _add_note(self, event):
        self.env["noshow.chart.entry"].with_user(self.owner).create(
            {
                "client_id": event.client_id.id,
                "appointment_id": event.id,
                "body": "Note",
            }
        )

    def _tell_refused(self, *events):
        with self.assertLogs("odoo.addons.noshow_fees.tools.outside", "WARNING") as log:
            self._tell(*events)
        self.assertNotIn("Outside", str(log.output))
        self.assertNotIn("Client", str(log.output))

    def test_one_that_is_refused_keeps_no_other_out(self):
        many = [
            self._single(
                key=f"many{number}",
                name="Many",
                start=self.tomorrow + number * DAY,
                attendees=[self.therapist, self.client_2],
            )
            for number in range(5)
        ]
        long = self._single(stop=self.tomorrow + TOO_LONG)
        self._tell_refused(*many[:2], long, *many[2:])
        self.assertFalse(self._find())
        self.assertWhole(self._find("Many"), self.client_2)
        self.assertEqual(len(self._find("Many")), 5)
        # Once it is possible, it comes.
        self._tell(self._single())
        self.assertWhole(self._find())

    def test_a_change_that_is_refused(self):
        event = self._make()
        self._tell_refused(
            self._single(stop=self.tomorrow + TOO_LONG, name="Changed"), self._other()
        )
        self.assertWhole(self._find("Other"), self.client_2)
        self.assertEqual((event.name, event.stop), ("Outside", self.tomorrow + HOUR))
        self.assertWhole(event, start=self.tomorrow)
        self.assertIn("outside calendar", event.message_ids[0].body)

    def test_another_client_beside_the_one_who_was_named(self):
        event = self._make()
        self._add_note(event)
        event.partner_ids = self.therapist.partner_id
        self._tell(
            self._single(attendees=[self.therapist, self.client_2]), self._other()
        )
        self.assertWhole(self._find("Other"), self.client_2)
        self.assertWhole(event)
        self.assertIn(self.client_2, event.partner_ids)

    def test_somebody_without_a_login_organizes(self):
        doctor = self.env["res.partner"].create(
            {"name": "Doctor", "email": "doctor@example.org"}
        )
        people = [doctor, self.therapist, self.client_1]
        event = self._make(organizer=doctor, attendees=people)
        self.assertWhole(event)
        self._tell(self._removed())
        self.assertTrue(event.exists().needs_outcome)
        self.assertWhole(event)

    def test_the_client_calls_it_off(self):
        people = [self.therapist, self.client_1]
        event = self._make(organizer=self.client_1, attendees=people)
        self._tell(self._called_off(organizer=self.client_1, attendees=people))
        self.assertTrue(event.exists().needs_outcome)
        self.assertWhole(event)

    def test_a_client_is_invited_later(self):
        event = self._make(attendees=[self.therapist])
        self.assertFalse(event.client_id)
        self._tell(self._single())
        self.assertWhole(event)
        self.assertTrue(event.booked_on)

    def test_all_day(self):
        day = self.tomorrow.date()
        self._tell(self._all_day(day))
        event = self._find()
        self.assertWhole(event)
        self.assertTrue(event.allday)
        self._cancel(event, visit_state="late_cancelled", product_id=self.code_late.id)
        self.assertEqual(event.fee_line_ids.date_of_service, day)

    def test_moved_into_the_notice(self):
        # `tomorrow` may be more than a day from now.
        soon = fields.Datetime.now().replace(microsecond=0) + 5 * HOUR
        event = self._make(start=self.tomorrow + WEEK)
        booked_on = event.booked_on
        self._tell(self._single(start=soon))
        self.assertWhole(event, start=soon)
        self.assertEqual(event.original_start, self.tomorrow + WEEK)
        self.assertEqual(event.booked_on, booked_on)
        self.assertEqual(event._get_outcome_by_notice(), "late_cancelled")

    def test_a_cancelled_occurrence_is_told_again(self):
        self._tell(*self._series(self.tomorrow, 4))
        events = self._find()
        self._cancel(
            events[1], visit_state="late_cancelled", product_id=self.code_late.id
        )
        for told in self._tell_again(number=1):
            self._tell(*told)
            self.assertEqual(self._find(), events)
            self.assertEqual(events[1].visit_state, "late_cancelled")
            self.assertEqual(events[1].start, self.tomorrow + WEEK)
            self.assertEqual(events[1].fee_state, "open")
            self.assertFalse(any(events.mapped("needs_outcome")))

    def test_at_a_practice_of_two_companies(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.therapist.company_ids += other
        self.assertWhole(self._make())


@tagged("post_install", "-at_install")
class TestGoogleTold(ToldTests, GoogleCommon):
    def test_another_client_where_there_are_notes(self):
        # In Outlook nobody is taken out, see test_calendar_crons.
        event = self._make()
        self._add_note(event)
        self._tell_refused(
            self._single(attendees=[self.therapist, self.client_2]), self._other()
        )
        self.assertWhole(self._find("Other"), self.client_2)
        self.assertWhole(event)
        self.assertIn("outside calendar", event.message_ids[0].body)

    def _all_day(self, day):
        return self._single() | {
            "start": {"date": day.isoformat()},
            "end": {"date": (day + DAY).isoformat()},
        }

    def _called_off(self, **values):
        return self._removed()

    def _tell_again(self, number):
        slot = self.tomorrow + number * WEEK
        for start in (slot, slot + HOUR):
            yield [self._occurrence("series", slot, start)]
        yield self._series(self.tomorrow, 4)

    def _occurrence(self, series, slot, start, key=None):
        return self._single(
            key=f"{key or series}_{slot:%Y%m%dT%H%M%SZ}",
            start=start,
            recurringEventId=series,
            originalStartTime={"dateTime": f"{slot.isoformat()}Z", "timeZone": "UTC"},
        )

    def test_a_series_without_an_end(self):
        """Stock makes 720 occurrences: every three months, that is 180 years."""
        rule = "RRULE:FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=5"
        self._tell(self._single(key="series", recurrence=[rule]))
        events = self._find()
        self.assertGreater(len(events), 250)
        self.assertEqual(max(events.mapped("start")).year, 2099)
        self.assertEqual(set(events.mapped("visit_state")), {"scheduled"})

    def test_moved_after_its_series_was_split(self):
        """Stock deletes such an occurrence, and makes another one."""
        series = f"abc_R{self.tomorrow:%Y%m%dT%H%M%S}"
        rule = "RRULE:FREQ=WEEKLY;COUNT=4"
        self._tell(self._single(key=series, recurrence=[rule]))
        events = self._find()
        self.assertEqual(len(events), 4)
        self._cancel(events[2], visit_state="late_cancelled")
        for number in (1, 2):
            slot = self.tomorrow + number * WEEK
            self._tell(self._occurrence(series, slot, slot + HOUR, key="abc"))
        self.assertEqual(self._find(), events)
        self.assertEqual(events[1].start, self.tomorrow + WEEK + HOUR)
        self.assertEqual(events[2].start, self.tomorrow + 2 * WEEK)
        self.assertFalse(any(events.mapped("needs_outcome")))
        self.assertWhole(events - events[2])

    def test_a_number_in_an_invitation(self):
        """Whoever invites a therapist may write the number of any record into it."""
        foreign = self._new_appointment(
            client=self.client_2, provider=self.financial, name="Not theirs"
        )
        own = self._new_appointment(client=self.client_2, name="Theirs")
        series = self._new_appointment(
            client=self.client_2,
            provider=self.financial,
            name="Not theirs",
            recurrency=True,
            rrule_type="daily",
            end_type="count",
            count=2,
        )
        name = f"{self.env.cr.dbname}_odoo_id"
        rule = "RRULE:FREQ=DAILY;COUNT=2"
        for number, recurrence in (
            (foreign.id, None),
            (series.recurrence_id.id, [rule]),
        ):
            told = self._single(
                key=f"event{number}",
                recurrence=recurrence,
                extendedProperties={"shared": {name: str(number)}},
            )
            self._tell(told)
            theirs = foreign + series.recurrence_id.calendar_event_ids
            self.assertEqual(set(theirs.mapped("name")), {"Not theirs"})
            self.assertEqual(theirs.user_id, self.financial)
            self.assertEqual(theirs.client_id, self.client_2)
        self.assertWhole(self._find())
        # Their own is found by it, as Odoo has sent it.
        self._tell(
            self._single(
                key="own",
                updated=LATER,
                name="Own",
                extendedProperties={"shared": {name: str(own.id)}},
            )
        )
        self.assertEqual(own.google_id, "own")
        self.assertEqual(self._find("Own"), own)


@tagged("post_install", "-at_install")
class TestMicrosoftTold(ToldTests, MicrosoftCommon):
    def _all_day(self, day):
        start = self.tomorrow.replace(hour=0)
        return self._single(isAllDay=True, start=start, stop=start + DAY)

    def _called_off(self, **values):
        return self._single(isCancelled=True, **values)

    def _tell_again(self, number):
        yield self._series(self.tomorrow, 4)
        series = self._series(self.tomorrow, 4)
        series[number + 1] = self._single(
            key=f"series{number}",
            start=self.tomorrow + number * WEEK + HOUR,
            type="exception",
            seriesMasterId="series",
        )
        yield series
