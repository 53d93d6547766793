"""Appointments in the Outlook of who is connected with it."""

from datetime import timedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .sync_common import HOUR, MicrosoftCommon


@tagged("post_install", "-at_install")
class TestOutlook(MicrosoftCommon):
    def _send(self):
        """What is sent after the commit: `[(method, title or id)]`"""
        self.network.requests.clear()
        with self.enter_registry_test_mode():
            self.env.cr.postcommit.run()
        self.env.invalidate_all()
        return [
            (method, values.get("subject") or url.split("/")[-1])
            for method, url, values in self.network.sent()
        ]

    def _synchronise(self, user):
        """As the cron for one account: it forgets in tests what is to be sent."""
        self.network.events = {}
        user.with_user(user).sudo()._sync_microsoft_calendar()
        return self._send()

    def _new_series(self, **vals):
        events = self.env["calendar.event"].with_context(dont_notify=True)
        return events.create(
            {
                "name": "Series",
                "user_id": self.therapist.id,
                "partner_ids": [Command.set(self.therapist.partner_id.ids)],
                "start": self.tomorrow,
                "stop": self.tomorrow + HOUR,
                "recurrency": True,
                "rrule_type": "daily",
                "end_type": "count",
                "count": 3,
                **vals,
            }
        ).recurrence_id

    def test_what_is_removed_there_is_no_series_here(self):
        """Outlook tells an id only, and stock looks for series without one."""
        event = self._make()
        ours = self._new_series(client_id=self.client_2.id).calendar_event_ids
        plain = self._new_series(name="Plain").calendar_event_ids
        self._tell(self._removed())
        self.assertTrue(event.needs_outcome)
        self.assertEqual((len(ours.exists()), len(plain.exists())), (3, 3))
        self.assertEqual(len(ours.recurrence_id.calendar_event_ids), 3)
        self.assertFalse(any(ours.mapped("needs_outcome")))

    def test_what_is_removed_there_is_not_sent_again(self):
        event = self._make()
        self._tell(self._removed())
        self.assertTrue(event.needs_outcome)
        self._send()
        self.assertNotIn("Outside", str(self._synchronise(self.therapist)))

    def test_the_desk_gives_it_to_another_therapist(self):
        event = self._make()
        self.env["noshow.chart.entry"].with_user(self.owner).create(
            {"client_id": self.client_1.id, "appointment_id": event.id, "body": "Note"}
        )
        booked_on = event.booked_on - timedelta(days=3)
        event.booked_on = booked_on
        self._connect(self.financial)
        self._send()
        for other, sent in (
            (self.financial, [("DELETE", "single")]),
            # Not there yet: the next run brings it.
            (self.biller, []),
        ):
            people = other.partner_id + self.client_1
            event.with_user(self.frontdesk).write(
                {"user_id": other.id, "partner_ids": [Command.set(people.ids)]}
            )
            self.assertEqual(self._send(), sent)
            self.assertEqual(self._find(), event)
            self.assertTrue(event.active)
            self.assertEqual((event.user_id, event.booked_on), (other, booked_on))
            self.assertEqual(
                (event.visit_state, event.microsoft_id), ("scheduled", False)
            )

    def test_then_it_comes_into_the_others_outlook(self):
        event = self._make()
        self._connect(self.financial)
        people = self.financial.partner_id + self.client_1
        event.with_user(self.frontdesk).write(
            {"user_id": self.financial.id, "partner_ids": [Command.set(people.ids)]}
        )
        self._send()
        self.assertNotIn(("POST", "Outside"), self._synchronise(self.therapist))
        self.assertIn(("POST", "Outside"), self._synchronise(self.financial))
        self.assertEqual(event.microsoft_id, "new")

    def test_a_whole_series_is_given_to_nobody_here(self):
        self._tell(*self._series(self.tomorrow, 3))
        events = self._find()
        with self.assertRaisesRegex(UserError, "directly in Outlook"):
            events[0].with_user(self.frontdesk).write(
                {"user_id": self.financial.id, "recurrence_update": "all_events"}
            )
        events[1].with_user(self.frontdesk).user_id = self.financial
        self.assertEqual(self._find(), events)
        self.assertEqual(events[1].user_id, self.financial)
        self.assertEqual((events - events[1]).user_id, self.therapist)

    def test_a_client_without_an_email_address(self):
        self.client_1.email = False
        event = self._new_appointment(name="Treatment")
        event.partner_ids += self.client_1
        self._send()
        self._tell(self._single(attendees=[self.therapist, self.client_2]))
        self.assertWhole(self._find(), self.client_2)
        values = event._microsoft_values(["attendee_ids"])
        self.assertEqual(values["attendees"], [])
        event.partner_ids += self.client_3
        values = event._microsoft_values(["attendee_ids"])
        self.assertEqual(
            [one["emailAddress"]["address"] for one in values["attendees"]],
            [self.client_3.email],
        )
