"""Messages, activities, reminders and calendar files about appointments."""

# pylint-odoo knows that texts of tests are not translated in tests/ only, not below.
# pylint: disable=translation-required

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import MailCommon

from .doors_common import DESCRIPTION, TITLE, DoorsCase


@tagged("post_install", "-at_install")
class TestMail(DoorsCase, MailCommon):
    def _assert_no_mail(self, call):
        """`call` sends nothing, and puts nothing into anybody's inbox."""
        with self.mock_mail_gateway():
            files = [("name", "=", "invitation.ics")]
            before = (
                self.env["mail.notification"].search_count([]),
                self.env["ir.attachment"].search_count(files),
            )
            call()
            self.env.flush_all()
            self.assertFalse(self._new_mails)
            after = (
                self.env["mail.notification"].search_count([]),
                self.env["ir.attachment"].search_count(files),
            )
            self.assertEqual(before, after)

    def test_no_invitation_no_change_no_cancellation(self):
        appointments = self.env["calendar.event"].with_user(self.frontdesk)
        values = {
            "name": TITLE,
            "client_id": self.client_login.id,
            "user_id": self.therapist.id,
            "partner_ids": [
                Command.set((self.therapist.partner_id + self.client_login).ids)
            ],
            "start": self.tomorrow,
            "stop": self.tomorrow + timedelta(hours=1),
        }

        def go_through_life():
            event = appointments.create(values)
            event.write({"start": self.tomorrow + timedelta(hours=2)})
            event.write({"partner_ids": [Command.link(self.client_2.id)]})
            event.action_sendmail()
            self._cancel(event, visit_state="late_cancelled", reason="Relapse")

        self._assert_no_mail(go_through_life)

    def test_no_reminder(self):
        alarms = self.env["calendar.alarm"].create(
            [
                {
                    "name": f"{kind} an hour before",
                    "alarm_type": kind,
                    "interval": "hours",
                    "duration": 1,
                }
                for kind in ("email", "notification")
            ]
        )
        soon = fields.Datetime.now() + timedelta(minutes=30)
        events = self.meeting + self.appointment
        events.write(
            {"start": soon, "stop": soon + timedelta(hours=1), "alarm_ids": alarms.ids}
        )
        manager = self.env["calendar.alarm_manager"]
        due = manager._get_events_by_alarm_to_notify("email")[alarms[0].id]
        self.assertIn(self.meeting.id, due)
        self.assertNotIn(self.appointment.id, due)
        # The pop-up inside Odoo stays, and asks the rules.
        pop_ups = manager.with_user(self.therapist).get_next_notif()
        self.assertIn(self.appointment.id, [notif["event_id"] for notif in pop_ups])
        self.appointment.with_context(
            no_mail_to_attendees=True
        ).partner_ids += self.employee.partner_id
        pop_ups = manager.with_user(self.employee).get_next_notif()
        self.assertNotIn(self.appointment.id, [notif["event_id"] for notif in pop_ups])

    def test_mails_to_attendees_are_refused(self):
        event = self.appointment.with_user(self.frontdesk)
        with self.assertRaises(UserError):
            event.action_open_composer()
        dialog = (
            self.env["calendar.popover.delete.wizard"]
            .with_user(self.frontdesk)
            .create({"calendar_event_id": event.id})
        )
        with self.assertRaises(UserError):
            dialog.action_send_mail_and_delete()
        self.assertTrue(event.exists())

    def test_messages_reach_people_with_access_only(self):
        wanted = self.therapist + self.biller
        unwanted = self.outsiders + self.financial
        everybody = (wanted + unwanted).partner_id + self.client_1
        event = self.appointment.with_user(self.frontdesk)
        for body in ("With followers", "Mentioned"):
            with self.mock_mail_gateway(), self.subTest(body=body):
                if body == "Mentioned":
                    partners = everybody.ids
                else:
                    event.message_subscribe(everybody.ids)
                    partners = []
                message = event.message_post(
                    body=body,
                    message_type="comment",
                    subtype_xmlid="mail.mt_comment",
                    partner_ids=partners,
                    outgoing_email_to="stranger@example.com",
                )
                self.assertEqual(message.notified_partner_ids, wanted.partner_id)
                self.assertLessEqual(message.partner_ids, wanted.partner_id)
                sent = self._new_mails.recipient_ids | self._new_mails.partner_ids
                self.assertLessEqual(sent, wanted.partner_id)
                self.assertNotIn("stranger", str(self._new_mails.mapped("email_to")))
            self.assertFalse(event.message_partner_ids & unwanted.partner_id)
            self.assertNotIn(self.client_1, event.message_partner_ids)
            for user in unwanted:
                self.assertFalse(message.with_user(user).has_access("read"))
        self.assertFalse(
            event.message_notify(body="Psst", partner_ids=self.employee.partner_id.ids)
        )

    def test_followers_from_before_it_had_a_client(self):
        event = self.meeting
        event.message_subscribe(self.accountant.partner_id.ids)
        event.with_user(self.frontdesk).write(
            {"client_id": self.client_1.id, "user_id": self.therapist.id}
        )
        message = event.with_user(self.frontdesk).message_post(
            body="Now about a client", subtype_xmlid="mail.mt_comment"
        )
        self.assertNotIn(self.accountant.partner_id, message.notified_partner_ids)

    def test_mails_do_not_carry_the_title(self):
        self.therapist.notification_type = "email"
        self.therapist.email = "therapist@example.com"
        with self.mock_mail_gateway():
            self.appointment.with_user(self.frontdesk).message_post(
                body="Please call back",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=self.therapist.partner_id.ids,
            )
        self.assertEqual(len(self._new_mails), 1)
        self.assertIn("Please call back", self._new_mails.body_html)
        self.assertSaysNothing(self._new_mails.body_html)
        self.assertSaysNothing(self._new_mails.subject)

    def test_mails_do_not_carry_tracked_fields_of_the_practice(self):
        """Odoo prints what its sender may read; somebody may switch tracking on."""
        fields_ = self.env["ir.model.fields"]
        tracked = (
            self.env["mail.tracking.value"]
            .sudo()
            .create(
                [
                    {
                        "field_id": fields_._get("calendar.event", name).id,
                        "old_value_char": "a",
                        "new_value_char": "b",
                        "mail_message_id": self.appointment.message_post(body="x").id,
                    }
                    for name in ("cancel_reason", "location")
                ]
            )
        )
        shown = self.appointment._track_filter_for_display(tracked)
        self.assertEqual(shown.field_id.name, "location")

    def test_messages_of_plain_meetings_are_untouched(self):
        with self.mock_mail_gateway():
            message = self.meeting.with_user(self.employee).message_post(
                body="Who brings the cake?",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=(self.therapist.partner_id + self.client_1).ids,
            )
        self.assertEqual(
            message.notified_partner_ids, self.therapist.partner_id + self.client_1
        )
        self.assertIn("Team lunch", self._new_mails[0].subject)

    def test_outsiders_search_messages(self):
        """Odoo asks every event of a message for its privacy: one that the rules hide
        would make each search of messages fail."""
        hidden = self.appointment.message_post(body=DESCRIPTION)
        shown = self.meeting.message_post(body="Cake")
        for user in self.employees:
            with self.subTest(user=user.login):
                self.env.invalidate_all()
                messages = self.env["mail.message"].with_user(user)
                found = messages.search([("model", "=", "calendar.event")])
                self.assertNotIn(hidden, found)
                self.assertIn(shown, found)
                self.assertFalse(messages.search([("body", "ilike", DESCRIPTION)]))

    def test_activities_do_not_copy_the_title(self):
        """Odoo makes an activity of every meeting scheduled from a contact, and keeps
        summary and note like title and description of the meeting."""
        from_contact = {
            "default_res_model": "res.partner",
            "default_res_id": self.client_1.id,
            "active_model": "res.partner",
            "active_id": self.client_1.id,
        }
        activities = self.env["mail.activity"].search([])
        appointments = self.env["calendar.event"].with_user(self.frontdesk)
        event = appointments.with_context(**from_contact).create(
            {
                "name": TITLE,
                "description": DESCRIPTION,
                "client_id": self.client_1.id,
                "user_id": self.therapist.id,
            }
        )
        self.assertFalse(event.activity_ids)
        # Whose it is may come by default, and who attends be said.
        event = appointments.with_context(
            **from_contact, default_client_id=self.client_1.id
        ).create(
            {
                "name": TITLE,
                "description": DESCRIPTION,
                "user_id": self.therapist.id,
                "partner_ids": [Command.set(self.therapist.partner_id.ids)],
            }
        )
        self.assertEqual(event.client_id, self.client_1)
        self.assertFalse(event.activity_ids)
        self.assertEqual(self.env["mail.activity"].search([]), activities)
        # One that was there before the meeting keeps its own words.
        activity = self.client_1.with_user(self.frontdesk).activity_schedule(
            "mail.mail_activity_data_meeting", summary="Call"
        )
        action = activity.action_create_calendar_event()
        event = appointments.with_context(**action["context"]).create(
            {"name": TITLE, "description": DESCRIPTION, "client_id": self.client_1.id}
        )
        self.assertEqual(activity.calendar_event_id, event)
        event.write({"name": f"{TITLE} 2", "description": DESCRIPTION})
        self.assertSaysNothing(activity.read(["summary", "note", "res_name"]))

    def test_plain_meetings_still_make_activities(self):
        meeting = (
            self.env["calendar.event"]
            .with_user(self.contact_manager)
            .with_context(
                default_res_model="res.partner", default_res_id=self.client_3.id
            )
            .create({"name": "Lunch"})
        )
        self.assertEqual(meeting.activity_ids.summary, "Lunch")

    def test_a_mixed_batch_keeps_its_order(self):
        values = {"user_id": self.therapist.id}
        events = self.env["calendar.event"].create(
            [
                {**values, "name": "1", "client_id": self.client_1.id},
                {**values, "name": "2"},
                {
                    **values,
                    "name": "3",
                    "partner_ids": [Command.link(self.client_2.id)],
                },
            ]
        )
        self.assertEqual(events.mapped("name"), ["1", "2", "3"])
        self.assertEqual(events.mapped("client_id"), self.client_1 + self.client_2)

    def test_description_without_contact_details(self):
        event = self._new_clinical()
        self.assertNotIn("555", event.description)
        self.assertNotIn("mailto", event.description)

    def test_calendar_files_are_neutral(self):
        content = self.appointment._get_ics_file()[self.appointment.id].decode()
        self.assertIn("SUMMARY:Appointment", content)
        self.assertSaysNothing(content)
        self.assertIn(
            "Team lunch", self.meeting._get_ics_file()[self.meeting.id].decode()
        )
