"""Providers accept what the practice books for them, wherever it is moved to."""

from odoo import Command, fields
from odoo.modules.migration import load_script
from odoo.tests import tagged

from ..series.series_common import HOUR, WEEK, SeriesCommon
from .test_made_by_superuser import MIGRATION


@tagged("post_install", "-at_install")
class TestProviderAttends(SeriesCommon):
    def _answers(self, events, user=None):
        attendees = events.attendee_ids.filtered(
            lambda one: one.partner_id == (user or self.therapist).partner_id
        )
        self.assertEqual(len(attendees), len(events))
        return set(attendees.mapped("state"))

    def _answer(self, event, state, user=None):
        event.attendee_ids.filtered(
            lambda one: one.partner_id == (user or self.therapist).partner_id
        ).state = state

    def _move(self, event, user=None):
        event = event.with_user(user or self.frontdesk)
        return event.action_move(
            {"start": event.start + HOUR, "stop": event.stop + HOUR}
        )

    def test_moved_by_the_front_desk(self):
        event = self.appointment
        self.assertEqual(self._answers(event), {"accepted"})
        notice = self._move(event)
        self.assertEqual(self._answers(event), {"accepted"})
        undo = self.env["calendar.event.undo"].browse(notice["undo_id"])
        undo.with_user(self.frontdesk).action_undo()
        self.assertEqual(event.start, self.tomorrow)
        self.assertEqual(self._answers(event), {"accepted"})

    def test_a_series_moved_by_the_front_desk(self):
        for scope in ("all_events", "future_events"):
            events = self._new_series(count=4, client_id=self.client_2.id)
            self.assertEqual(self._answers(events), {"accepted"})
            event = events[1].with_user(self.frontdesk)
            vals = {"start": event.start + HOUR, "stop": event.stop + HOUR}
            event.action_move({"recurrence_update": scope, **vals})
            left = self.env["calendar.event"].search(
                [("client_id", "=", self.client_2.id), ("start", ">=", events[0].start)]
            )
            self.assertIn(vals["start"], left.mapped("start"))
            self.assertEqual(self._answers(left), {"accepted"}, scope)
            left.unlink()

    def test_given_to_who_was_invited(self):
        """The colleague is the provider now."""
        event = self.appointment
        event.partner_ids += self.financial.partner_id
        self.assertEqual(self._answers(event, self.financial), {"needsAction"})
        event.with_user(self.frontdesk).user_id = self.financial
        self.assertEqual(self._answers(event, self.financial), {"accepted"})

    def test_a_meeting_that_becomes_an_appointment(self):
        event = self.env["calendar.event"].create(self._meeting())
        self.assertEqual(self._answers(event), {"needsAction"})
        event.with_user(self.frontdesk).client_id = self.client_2
        self.assertEqual(self._answers(event), {"accepted"})

    def _meeting(self):
        return {
            "name": "Meeting",
            "user_id": self.therapist.id,
            "partner_ids": [Command.set(self.therapist.partner_id.ids)],
            "start": self.tomorrow + WEEK,
            "stop": self.tomorrow + WEEK + HOUR,
        }

    def test_moved_before_the_update(self):
        plain = self.env["calendar.event"].create(self._meeting())
        events = self.appointment + plain
        self.env.flush_all()
        self.cr.execute(
            "UPDATE calendar_attendee SET state = 'needsAction' WHERE event_id IN %s",
            [tuple(events.ids)],
        )
        load_script(str(MIGRATION), MIGRATION.stem).migrate(self.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertEqual(self._answers(self.appointment), {"accepted"})
        self.assertEqual(self._answers(plain), {"needsAction"})

    def test_what_the_provider_has_declined(self):
        """They are asked anew about another time, as stock does."""
        for state in ("declined", "tentative"):
            event = self._new_appointment()
            self._answer(event, state)
            event.with_user(self.frontdesk).location = "Room 1"
            self.assertEqual(self._answers(event), {state})
            self._move(event)
            self.assertEqual(self._answers(event), {"needsAction"})

    def test_the_clients_own_answer(self):
        """As stock: who moves one asks nobody but who holds it; a series, all."""
        event = self._new_appointment(
            partner_ids=[
                Command.set((self.therapist.partner_id | self.client_1).ids),
            ]
        )
        client = event.attendee_ids.filtered(lambda a: a.partner_id == self.client_1)
        self.assertEqual(client.state, "needsAction")
        client.state = "accepted"
        self._move(event)
        self.assertEqual(client.state, "accepted")
        client.state = "needsAction"
        self.assertEqual(client.state, "needsAction")
        self.assertEqual(self._answers(event), {"accepted"})

    def test_a_plain_meeting(self):
        """Twin: whoever holds it is asked about another time."""
        event = self.env["calendar.event"].with_user(self.therapist)
        event = event.create(self._meeting()).with_env(self.env)
        self.assertEqual(self._answers(event), {"accepted"})
        start = fields.Datetime.now() + WEEK
        event.write({"start": start, "stop": start + HOUR})
        self.assertEqual(self._answers(event), {"needsAction"})
