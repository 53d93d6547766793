"""What is reached by a link, or by calls that bypass the views."""

import json

from odoo import Command
from odoo.tests import HttpCase, tagged

from .doors_common import DoorsCase


@tagged("post_install", "-at_install")
class TestLinks(DoorsCase, HttpCase):
    def _view(self, event, attendee):
        return self.url_open(
            f"/calendar/meeting/view?token={attendee.access_token}&id={event.id}"
        )

    def test_public_page(self):
        attendee = self.appointment.attendee_ids[0]
        page = self._view(self.appointment, attendee)
        self.assertEqual(page.status_code, 200)
        self.assertIn("Appointment", page.text)
        self.assertSaysNothing(page.text)
        self.assertNotIn("555 0100", page.text)
        self.meeting.description = "<p>Bring cake</p>"
        page = self._view(self.meeting, self.meeting.attendee_ids[0])
        self.assertIn("Team lunch", page.text)
        self.assertIn("Bring cake", page.text)

    def test_declining_by_link_is_no_cancellation(self):
        attendee = self.appointment.attendee_ids.filtered(
            lambda attendee: attendee.partner_id == self.client_login
        )
        response = self.url_open(
            f"/calendar/meeting/decline?token={attendee.access_token}&id={self.appointment.id}"
        )
        self.assertSaysNothing(response.text)
        self.assertEqual(attendee.state, "declined")
        self.assertEqual(self.appointment.visit_state, "scheduled")
        self.assertTrue(self.appointment.active)

    def test_nobody_joins_by_link(self):
        self.appointment._set_discuss_videocall_location()
        token = self.appointment.access_token
        attendees = self.appointment.partner_ids
        for user in (self.employee, self.portal):
            self.authenticate(user.login, user.login)
            self.assertEqual(
                self.url_open(f"/calendar/meeting/join?token={token}").status_code, 403
            )
        self.assertEqual(self.appointment.partner_ids, attendees)
        self.meeting._set_discuss_videocall_location()
        self.authenticate(self.accountant.login, self.accountant.login)
        self.url_open(
            f"/calendar/meeting/join?token={self.meeting.access_token}",
            allow_redirects=False,
        )
        self.assertIn(self.accountant.partner_id, self.meeting.partner_ids)

    def test_video_call_does_not_carry_the_title(self):
        self.appointment._set_discuss_videocall_location()
        page = self.url_open(
            f"/calendar/join_videocall/{self.appointment.access_token}"
        )
        self.assertSaysNothing(page.text)
        channel = self.appointment.videocall_channel_id
        self.assertTrue(channel)
        self.assertSaysNothing(channel.read(["name", "description"]))
        self.meeting._create_videocall_channel()
        self.assertEqual(self.meeting.videocall_channel_id.name, "Team lunch")


@tagged("post_install", "-at_install")
class TestCalls(DoorsCase, HttpCase):
    """The calls of a browser, over a session, as somebody without a role."""

    def _call(self, model, method, *args, **kwargs):
        response = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps(
                {
                    "jsonrpc": "2.0",
                    "method": "call",
                    "params": {
                        "model": model,
                        "method": method,
                        "args": args,
                        "kwargs": kwargs,
                    },
                }
            ),
            headers={"Content-Type": "application/json"},
        )
        return response.json()

    def _assert_refused(self, answer):
        self.assertIn("error", answer, answer)
        self.assertEqual(answer["error"]["data"]["name"], "odoo.exceptions.AccessError")
        self.assertSaysNothing(answer)

    def test_calls_without_a_role(self):
        event = self.appointment
        for user in (self.employee, self.contact_manager, self.portal_client):
            self.authenticate(user.login, user.login)
            with self.subTest(user=user.login):
                found = self._call(
                    "calendar.event", "search_read", [("id", "=", event.id)], ["name"]
                )
                self.assertEqual(found["result"], [])
                for method, args in (
                    ("read", [[event.id], ["name", "display_name"]]),
                    ("web_read", [[event.id], {"name": {}}]),
                    ("write", [[event.id], {"name": "x"}]),
                    ("unlink", [[event.id]]),
                    ("copy", [[event.id]]),
                    ("action_open_cancel", [[event.id]]),
                    ("action_mark_attended", [[event.id]]),
                    ("action_restore", [[event.id]]),
                    ("action_join_meeting", [[event.id], user.partner_id.id]),
                ):
                    self._assert_refused(self._call("calendar.event", method, *args))
                self._assert_refused(
                    self._call(
                        "calendar.event.cancel",
                        "create",
                        {
                            "event_ids": [Command.set([event.id])],
                            "visit_state": "no_show",
                        },
                    )
                )
                self._assert_refused(
                    self._call("noshow.chart.entry", "search_read", [], ["body"])
                )
        self.assertEqual(event.visit_state, "scheduled")

    def test_errors_in_debug_mode(self):
        """There, Odoo names the records that somebody may not read."""
        self.authenticate(
            self.employee.login, self.employee.login, session_extra={"debug": "1"}
        )
        answer = self._call("calendar.event", "read", [self.appointment.id], ["name"])
        self._assert_refused(answer)
        self.assertIn(f"calendar.event: {self.appointment.id}", str(answer))

    def test_private_methods_and_context_objects_stay_out(self):
        """What opens our guards is an object: no call can bring it along."""
        self.authenticate(self.owner.login, self.owner.login)
        event = self.appointment
        answer = self._call("calendar.event", "_set_outcome", [event.id], "no_show", {})
        self.assertIn("error", answer)
        for value in (True, 1, "BY_METHOD", {}, [1]):
            answer = self._call(
                "calendar.event",
                "write",
                [event.id],
                {"visit_state": "no_show"},
                context={"noshow_by_method": value, "tracking_disable": True},
            )
            self.assertEqual(
                answer["error"]["data"]["name"], "odoo.exceptions.UserError", answer
            )
        self.assertEqual(event.visit_state, "scheduled")
