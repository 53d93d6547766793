"""The notice: a cancellation is late at its boundary, not a second before."""

from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import Form, tagged

from ...tools.context import by_method
from .policy_common import SECOND, PolicyCommon


@tagged("post_install", "-at_install")
class TestPolicyNotice(PolicyCommon):
    def test_outcome_by_notice(self):
        start = self.appointment.start
        for before, outcome in (
            (timedelta(hours=24, seconds=1), "cancelled"),
            (timedelta(hours=24), "late_cancelled"),
            (timedelta(hours=2), "late_cancelled"),
            (timedelta(0), "no_show"),
            (timedelta(hours=-3), "no_show"),
        ):
            with self.subTest(before=before), freeze_time(start - before):
                self.assertEqual(self.appointment._get_outcome_by_notice(), outcome)

    def test_notice_is_elapsed_hours_across_a_clock_change(self):
        # New York goes back an hour on 2026-11-01: Sunday 09:00 is 14:00 UTC, and
        # Saturday 10:00 local, 14:00 UTC, is 24 hours before it.
        event = self._new_appointment(start=datetime(2026, 11, 1, 14, 0))
        self.assertEqual(
            event._get_outcome_by_notice(datetime(2026, 10, 31, 13, 59)), "cancelled"
        )
        self.assertEqual(
            event._get_outcome_by_notice(datetime(2026, 10, 31, 14, 0)),
            "late_cancelled",
        )

    def test_an_all_day_appointment_starts_with_the_practice_day(self):
        event = self._new_appointment(
            allday=True, start_date="2026-11-10", stop_date="2026-11-10"
        )
        self.assertEqual(event._get_start_utc(), datetime(2026, 11, 10, 5, 0))

    def test_exactly_at_a_tier(self):
        self._publish(
            {"outcome": "late_cancelled", "within_hours": 4.0, "amount": 75.0},
            {"outcome": "late_cancelled", "amount": 50.0},
        )
        event = self._new_appointment(self.client_2)
        for left, amount in (
            (timedelta(hours=4) + SECOND, 50.0),
            (timedelta(hours=4), 75.0),
            (timedelta(hours=4) - SECOND, 75.0),
        ):
            now = event.start - left
            self.assertEqual(self._amount(event, "late_cancelled", now), amount)

    def test_booked_just_before_and_absent(self):
        """Grace is for cancellations before the start."""
        policy = self._publish(
            {"outcome": "no_show", "amount": 75.0},
            {"outcome": "late_cancelled", "amount": 50.0},
            grace_minutes=10,
        )
        # In force when these were booked.
        by_method(policy).published_on -= timedelta(days=1)
        start = fields.Datetime.now() + timedelta(minutes=4)
        event = self._new_appointment(
            start=start, booked_on=start - timedelta(minutes=5)
        )
        for left, outcome in (
            (timedelta(minutes=1), "cancelled"),
            (timedelta(0), "no_show"),
            (timedelta(minutes=-1), "no_show"),
        ):
            self.assertEqual(event._get_outcome_by_notice(start - left), outcome)
        start = fields.Datetime.now() + timedelta(hours=1, minutes=59)
        longer = self._new_appointment(
            self.client_2, start=start, booked_on=start - timedelta(hours=2)
        )
        until = longer.booked_on + timedelta(minutes=10)
        self.assertEqual(longer._get_outcome_by_notice(until), "cancelled")
        self.assertEqual(
            longer._get_outcome_by_notice(until + SECOND), "late_cancelled"
        )

    def test_moving_is_not_a_way_out(self):
        """What was left when the client moved it late counts for a tier, too."""
        self._publish(
            {"outcome": "late_cancelled", "within_hours": 4.0, "amount": 75.0},
            {"outcome": "late_cancelled", "amount": 50.0},
        )
        event = self._new_appointment(
            self.client_2, start=self.tomorrow + timedelta(days=14)
        )
        now = event.start - timedelta(days=10)
        self.assertEqual(event._get_outcome_by_notice(now), "cancelled")
        by_method(event).late_move_notice = 3.0
        self.assertEqual(event._get_outcome_by_notice(now), "late_cancelled")
        self.assertEqual(self._amount(event, "late_cancelled", now), 75.0)
        by_method(event).late_move_notice = 0.0
        self.assertEqual(event._get_outcome_by_notice(now), "cancelled")

    def _publish_tiers(self):
        self._publish(
            {"outcome": "late_cancelled", "within_hours": 4.0, "amount": 75.0},
            {"outcome": "late_cancelled", "amount": 50.0},
        )
        event = self._new_appointment(self.client_2, start=datetime(2026, 12, 1, 15))
        return event, event.start - timedelta(hours=4)

    def test_a_boundary_passes_while_the_page_is_open(self):
        """What the front desk saw is what it may charge; never an access error."""
        event, boundary = self._publish_tiers()
        with freeze_time(boundary - timedelta(minutes=1)):
            form = self._open(event)
            self.assertEqual((form.visit_state, form.amount), ("late_cancelled", 50.0))
        with freeze_time(boundary + timedelta(minutes=20)):
            form.reason = "Called"
            form.save().action_cancel()
        self.assertEqual(event.fee_amount, 50.0)
        self.assertEqual(event.visit_state, "late_cancelled")

    def test_a_page_open_for_more_than_half_an_hour_asks(self):
        event, boundary = self._publish_tiers()
        with freeze_time(boundary - timedelta(minutes=1)):
            form = self._open(event)
            form.reason = "Called"
        with freeze_time(boundary + timedelta(minutes=30)):
            page = form.save()
            action = page.action_cancel()
            self.assertEqual(event.visit_state, "scheduled")
            form = Form(page.browse().with_context(**action["context"]))
            self.assertEqual((form.amount, form.reason), (75.0, "Called"))
            self.assertTrue(form.is_proposed_anew)
            form.save().action_cancel()
        self.assertEqual(event.fee_amount, 75.0)

    def test_when_the_page_was_opened_is_the_servers(self):
        long_ago = fields.Datetime.now() - timedelta(minutes=20)
        pages = self.env["calendar.event.cancel"].with_user(self.frontdesk)
        with freeze_time(long_ago):
            signed = pages.default_get(["opening"])["opening"]
        moment, mark = signed.rsplit(" ", 1)
        forged = f"{moment[:-1]}{(int(moment[-1]) + 1) % 10} {mark}"
        for vals in (
            {"opened_on": long_ago},
            {"opening": forged},
            {"opening": moment},
            {"opening": "x"},
        ):
            page = self._page(self.appointment, **vals)
            self.assertGreater(page.opened_on, long_ago + timedelta(minutes=10))
            page.write({"opened_on": long_ago, "opening": signed})
            self.assertGreater(page.opened_on, long_ago + timedelta(minutes=10))
        # Somebody else's is none of the user's.
        page = self._page(self.appointment, self.biller, opening=signed)
        self.assertGreater(page.opened_on, long_ago + timedelta(minutes=10))
        page = self._page(self.appointment, opening=signed)
        self.assertLess(page.opened_on, long_ago + timedelta(seconds=2))
