"""Outcomes within a repeating appointment: all future ones, restored ones, deletion."""

from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .series_common import DAY, EVENING, HOUR, MORNING, WEEK, SeriesCase, local

ALL, FUTURE = "all_events", "future_events"


@tagged("post_install", "-at_install")
class TestFuture(SeriesCase):
    def _cancel_future(self, event):
        return event.with_user(self.frontdesk)._cancel_appointments(
            "late_cancelled", cancel_future=True
        )

    def test_the_future_is_later_not_past_and_scheduled(self):
        self._set_outcome(self.events[3], "attended")
        self._set_outcome(self.events[6], "cancelled")
        with freeze_time(self.events[4].start + HOUR):
            future = self._cancel_future(self.events[2])
        self.assertEqual(future.sorted("start"), self.events[5] + self.events[7:])
        self.assertEqual(set(future.mapped("visit_state")), {"cancelled"})
        self.assertEqual(self.events[2].visit_state, "late_cancelled")
        self.assertFalse(future.fee_line_ids)
        # The first two, and the one that is past and was not cancelled.
        self.assertEqual(self._days(self.left), self._weeks(0, 1, 4))

    def test_moved_ones_and_those_after_a_split_are_in_it(self):
        self._move(self.events[3], -4 * WEEK)
        self._move(self.events[1], 20 * WEEK)
        self._move(self.events[6], HOUR, FUTURE)
        self.assertEqual(
            len(self.env["calendar.event"].search(self.mine).recurrence_id), 2
        )
        self._cancel_future(self.events[2])
        self.assertEqual(self._days(self.left), sorted(self._weeks(-1, 0)))

    def test_another_clients_occurrence_is_not_in_it(self):
        self.events[8].client_id = self.client_3
        self._cancel_future(self.events[5])
        self.assertEqual(self.events[8].visit_state, "scheduled")

    def test_the_rule_ends_with_the_last_slot_left(self):
        rule = self.events.recurrence_id
        self._cancel_future(self.events[4])
        self.assertEqual(rule.end_type, "end_date")
        self.assertEqual(rule.until, self._weeks(3)[0].date())
        self.assertIn("until 2027-01-25", rule.name)
        self.assertEqual(rule.calendar_event_ids.sorted("start"), self.events[:4])

    def test_from_the_first_on(self):
        self._cancel_future(self.events[0])
        self.assertFalse(self._days(self.left))

    def test_two_hundred_and_sixty_in_one_go(self):
        events = self._new_series(count=261, client_id=self.client_3.id)
        first = events[0].with_user(self.frontdesk)
        self._set_outcome(self.events[0], "cancelled")  # warm caches
        future = first._get_future_occurrences()
        self.env.flush_all()
        with self.assertQueryCount(25):
            future._set_outcome("cancelled", {})
            future._end_series()
            self.env.flush_all()
        self.assertEqual(len(future), 260)
        self.assertEqual(set(events[1:].mapped("visit_state")), {"cancelled"})

    def test_the_reminder_is_for_the_next_one_left(self):
        alarm = self.env.ref("calendar.alarm_mail_1")
        events = self._new_series(client_id=self.client_3.id, alarm_ids=alarm.ids)
        rule, before = events.recurrence_id, timedelta(minutes=alarm.duration_minutes)
        self.assertEqual(rule.trigger_id.call_at, events[0].start - before)
        self._set_outcome(events[0], "cancelled")
        self.assertEqual(rule.trigger_id.call_at, events[1].start - before)
        events[0].with_user(self.frontdesk).action_restore()
        self.assertEqual(rule.trigger_id.call_at, events[0].start - before)


@tagged("post_install", "-at_install")
class TestEdits(SeriesCase):
    """What the table of cases (test_series_edits.py) leaves out."""

    def test_one_edit_after_another(self):
        self._set_outcome(self.events[0], "attended")
        self._set_outcome(self.events[3], "cancelled")
        self._move(self.events[5], HOUR, ALL)
        self._set_outcome(self.events[1], "no_show")
        base = self.env["calendar.event"].search(self.left).recurrence_id.base_event_id
        self._edit(base, name="Renamed")
        self._move(
            self.env["calendar.event"].search(self.left, order="start")[2], DAY, FUTURE
        )
        later = [start + HOUR for start in self._weeks(2, 4)]
        tuesdays = [start + HOUR + DAY for start in self._weeks(5, 6, 7, 8, 9)]
        self.assertEqual(self._days(self.left), later + tuesdays)

    def test_title_without_an_outside_calendar(self):
        """Then stock writes the values on all instead of making a new recurrence."""
        self._set_outcome(self.events[0], "cancelled")
        self._set_outcome(self.events[4], "attended")
        event_class = type(self.env["calendar.event"])
        with patch.object(
            event_class, "_check_values_to_sync", lambda self, values: False
        ):
            self._edit(self.events[6], name="Renamed")
        names = self.events.mapped("name")
        self.assertEqual([name for name in names if name == "Session"], ["Session"] * 2)
        self.assertEqual(self._days(self.left), self._weeks(1, 2, 3, 5, 6, 7, 8, 9))

    def test_a_moved_occurrence_keeps_the_slot_of_its_rule(self):
        self._move(self.events[2], 3 * DAY)
        self._set_outcome(self.events[2], "cancelled")
        self._move(self.events[5], HOUR, ALL)
        expected = [start + HOUR for start in self._weeks(0, 1, 3, 4, 5, 6, 7, 8, 9)]
        self.assertEqual(self._days(self.left), expected)

    def test_a_moved_first_one_does_not_get_lost(self):
        """Stock finds no base then, or makes nothing before it."""
        self._move(self.events[1], DAY)
        self._set_outcome(self.events[0], "cancelled")
        self.assertEqual(self.events.recurrence_id.base_event_id, self.events[2])
        self._move(self.events[5], HOUR, ALL)
        moved = self._weeks(1, wall=MORNING + DAY)
        others = self._weeks(*range(2, 10), wall=MORNING + HOUR)
        self.assertEqual(self._days(self.left), moved + others)

    def test_an_edit_of_all_on_a_moved_first_one(self):
        """Then the others become as that one."""
        self._move(self.events[1], DAY)
        self._set_outcome(self.events[0], "cancelled")
        self._move(self.events[1], HOUR, ALL)
        expected = self._weeks(*range(1, 10), wall=MORNING + DAY + HOUR)
        self.assertEqual(self._days(self.left), expected)

    def test_those_moved_across_a_split_do_not_get_lost(self):
        self._move(self.events[1], 4 * WEEK + DAY)
        self._move(self.events[8], -8 * WEEK + DAY)
        self._move(self.events[4], HOUR, FUTURE)
        expected = [
            *self._weeks(0, 2, 3),
            *self._weeks(4, 5, 6, 7, 9, wall=MORNING + HOUR),
            *self._weeks(0, 5, wall=MORNING + DAY),
        ]
        self.assertEqual(self._days(self.left), sorted(expected))

    def test_one_weekday_of_two(self):
        events = self._new_series(client_id=self.client_3.id, thu=True)
        thursday = MORNING + 3 * DAY
        self._set_outcome(events[5], "cancelled")  # the third Thursday
        self._move(events[3], DAY + HOUR, ALL)
        fridays = self._weeks(0, 1, 3, 4, wall=thursday + DAY + HOUR)
        mondays = self._weeks(0, 1, 2, 3, 4, wall=MORNING + HOUR)
        left = [("client_id", "=", self.client_3.id), ("visit_state", "=", "scheduled")]
        self.assertEqual(self._days(left), sorted(fridays + mondays))

    def test_day_of_the_month(self):
        for vals in (
            {"month_by": "date", "day": 4},
            {"month_by": "day", "weekday": "MON", "byday": "1"},
        ):
            client = self.client_1.copy({"name": "Monthly"})
            events = self._new_series(client_id=client.id, rrule_type="monthly", **vals)
            self._set_outcome(events[2], "cancelled")
            taken = local(events[2].start)
            self._move(events[4], DAY, ALL)
            days = self._days(
                [("client_id", "=", client.id), ("visit_state", "=", "scheduled")]
            )
            self.assertEqual(len(days), 9)
            self.assertNotIn(
                (taken.year, taken.month), [(day.year, day.month) for day in days]
            )

    def test_all_day(self):
        events = self._new_series(client_id=self.client_3.id, allday=True)
        self._set_outcome(events[2], "cancelled")
        self._set_outcome(events[0], "attended")
        self._edit(events[4], count=12)
        left = [("client_id", "=", self.client_3.id), ("visit_state", "=", "scheduled")]
        dates = self.env["calendar.event"].search(left).mapped("start_date")
        expected = [start.date() for start in self._weeks(1, *range(3, 12))]
        self.assertEqual(sorted(dates), expected)

    def test_every_two_weeks_on_an_evening_from_the_start(self):
        self._new_series(EVENING, client_id=self.client_3.id, interval=2)
        days = self._days([("client_id", "=", self.client_3.id)])
        self.assertEqual(days, self._weeks(*range(0, 20, 2), wall=EVENING))


@tagged("post_install", "-at_install")
class TestRestore(SeriesCase):
    def _restore(self, event):
        event.with_user(self.frontdesk).action_restore()
        self.assertEqual(event.visit_state, "scheduled")
        self.assertTrue(event.active)

    def test_back_into_the_series(self):
        rule = self.events.recurrence_id
        for position in (0, 4, 9):
            for outcome in ("cancelled", "attended"):
                event = self.events[position]
                self._set_outcome(event, outcome)
                self.assertFalse(event.recurrence_id)
                self._restore(event)
                self.assertEqual(event.recurrence_id, rule)
        self.assertEqual(rule.base_event_id, self.events[0])
        self._move(self.events[3], HOUR, ALL)
        self.assertEqual(
            self._days(self.left), [day + HOUR for day in self._weeks(*range(10))]
        )

    def test_back_into_the_new_rule_of_the_same_slot(self):
        self._set_outcome(self.events[7], "cancelled")
        self._edit(self.events[3], FUTURE, name="Renamed")
        self._restore(self.events[7])
        self.assertEqual(self.events[7].recurrence_id, self.events[3].recurrence_id)

    def test_all_of_them_were_gone(self):
        rule = self.events.recurrence_id
        for event in self.events:
            self._set_outcome(event, "cancelled")
        self.assertFalse(rule.base_event_id)
        self._restore(self.events[5])
        self._restore(self.events[2])
        self.assertEqual(rule.calendar_event_ids, self.events[2] + self.events[5])
        self.assertEqual(rule.base_event_id, self.events[2])

    def test_one_by_itself_keeps_its_slot_taken(self):
        self._set_outcome(self.events[6], "cancelled")
        self._move(self.events[2], HOUR, ALL)
        self._restore(self.events[6])
        self.assertFalse(self.events[6].recurrence_id)
        # Also when it is moved afterwards.
        self._move(self.events[6], 2 * DAY)
        event = self.env["calendar.event"].search(self.left, order="start", limit=1)
        self._move(event, HOUR, ALL)
        expected = [day + 2 * HOUR for day in self._weeks(0, 1, 2, 3, 4, 5, 7, 8, 9)]
        expected.insert(6, self._weeks(6)[0] + 2 * DAY)
        self.assertEqual(self._days(self.left), expected)

    def test_a_reversed_fee_keeps_it_out_of_the_series(self):
        self._cancel(
            self.events[4],
            visit_state="late_cancelled",
            product_id=self.code_late.id,
        )
        dialog = self.env["calendar.event.restore"].with_user(self.biller)
        dialog.create({"event_ids": self.events[4].ids}).action_restore()
        self.assertEqual(self.events[4].visit_state, "scheduled")
        self.assertFalse(self.events[4].recurrence_id)


@tagged("post_install", "-at_install")
class TestDeletion(SeriesCase):
    def setUp(self):
        super().setUp()
        self._set_outcome(self.events[0], "attended")
        self._set_outcome(self.events[6], "cancelled")
        self.known = self.events[0] + self.events[6]

    def _check_known(self):
        self.assertEqual(self.known.exists(), self.known)
        self.assertEqual(self.known.mapped("visit_state"), ["attended", "cancelled"])
        self.assertEqual(self.known.mapped("active"), [True, False])

    def test_stocks_ways_to_delete_stop_and_archive(self):
        delete = self.env["calendar.popover.delete.wizard"]
        ways = {
            "mass deletion": lambda event, scope: event.action_mass_deletion(scope),
            "mass archive": lambda event, scope: event.action_mass_archive(scope),
            "stop": lambda event, scope: self._edit(event, scope, recurrency=False),
            "dialog": lambda event, scope: (
                delete.with_context(
                    default_recurrence={ALL: "all", FUTURE: "next"}[scope]
                )
                .create({"calendar_event_id": event.id})
                .action_delete()
            ),
        }
        for (way, do), scope in [(w, s) for w in ways.items() for s in (ALL, FUTURE)]:
            with (
                self.subTest(way=way, scope=scope),
                self.env.cr.savepoint() as savepoint,
            ):
                do(self.events[4], scope)
                before = self._weeks(1, 2, 3) if scope == FUTURE else []
                itself = self._weeks(4) if way == "stop" else []
                self.assertEqual(self._days(self.left), before + itself)
                self._check_known()
                savepoint.rollback()
                self.env.invalidate_all()

    def test_people_are_told(self):
        for event in self.known:
            with self.assertRaisesRegex(UserError, "on record"):
                event.with_user(self.owner).unlink()
            wizard = self.env["calendar.popover.delete.wizard"].with_user(self.owner)
            with self.assertRaisesRegex(UserError, "on record"):
                wizard.create({"calendar_event_id": event.id}).action_delete()
        with self.assertRaisesRegex(UserError, "on record"):
            self.known[0].with_user(self.owner).write(
                {"recurrency": True, "rrule_type": "daily"}
            )
        self._check_known()

    def test_a_chart_entry_keeps_an_appointment_out_of_edits(self):
        event = self.events[3]
        self.env["noshow.chart.entry"].with_user(
            self.therapist
        )._create_for_appointments(event.with_user(self.therapist), "<p>Called</p>")
        self._move(self.events[5], HOUR, ALL)
        self.assertEqual(local(event.start), self._weeks(3)[0])
        expected = [day + HOUR for day in self._weeks(1, 2, 3, 4, 5, 7, 8, 9)]
        expected[2] -= HOUR
        self.assertEqual(self._days(self.left), expected)
        with self.assertRaises(UserError):
            event.unlink()

    def test_what_is_kept_is_found_in_one_go(self):
        plain = self._new_series(location="plain")
        events = self._new_series(client_id=self.client_3.id)
        (plain + events).sudo().mapped("client_id")
        with self.assertQueryCount(0):
            self.assertFalse(plain._filter_kept_for_good())
        with self.assertQueryCount(4):
            kept = (plain + events + self.known)._filter_kept_for_good()
        self.assertEqual(kept, self.known)
