"""What templates, messages and tasks tell, and that a trace stays."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..charge.common_charge import ChargeCommon
from .doors_common import TITLE, DoorsCase


@tagged("post_install", "-at_install")
class TestMailsOfAppointments(DoorsCase):
    def test_templates(self):
        """Odoo's own templates print the title."""
        attendee = self.appointment.attendee_ids[:1]
        before = self.env["mail.mail"].sudo().search([])
        for name in (
            "calendar_template_meeting_invitation",
            "calendar_template_meeting_changedate",
            "calendar_template_meeting_reminder",
            "calendar_template_meeting_update",
            "calendar_template_delete_event",
        ):
            template = self.env.ref(f"calendar.{name}").with_user(self.therapist)
            record = (
                attendee if template.model == "calendar.attendee" else self.appointment
            )
            with self.subTest(name), self.assertRaises(UserError):
                template.send_mail(record.id)
            with self.subTest(name), self.assertRaises(UserError):
                self.env["mail.compose.message"].with_user(self.therapist).create(
                    {
                        "model": record._name,
                        "res_ids": str(record.ids),
                        "composition_mode": "mass_mail",
                        "template_id": template.id,
                    }
                )._action_send_mail()
        with self.assertRaises(UserError):
            self.appointment.with_user(self.therapist).message_mail_with_source(
                "calendar.calendar_template_delete_event"
            )
        after = self.env["mail.mail"].sudo().search([])
        self.assertNotIn(TITLE, str((after - before).mapped("body_html")))
        self.assertFalse(after - before)
        meeting = self.meeting.with_user(self.employee)
        template = self.env.ref("calendar.calendar_template_delete_event")
        self.assertTrue(template.with_user(self.employee).send_mail(meeting.id))


@tagged("post_install", "-at_install")
class TestChatterOfContacts(ChargeCommon):
    def _get_notes(self):
        return (
            self.env["mail.message"]
            .with_user(self.employee)
            .search([("model", "=", "res.partner"), ("res_id", "=", self.client_1.id)])
        )

    def test_a_card_link(self):
        self.client_1.email = "one@example.com"
        before = self._get_notes()
        links = self.env["noshow.link"].with_user(self.frontdesk)
        links.create({"kind": "card", "client_id": self.client_1.id}).action_send()
        self.assertEqual(self._get_notes(), before)
        note = self.appointment.message_ids[0]
        self.assertIn("Card link sent by e-mail", note.body)
        self.assertEqual(note.author_id, self.frontdesk.partner_id)

    def test_a_receipt_of_nothing(self):
        links = self.env["noshow.link"]
        for user in (self.therapist, self.frontdesk):
            link = links.with_user(user).create(
                {
                    "kind": "receipt",
                    "client_id": self.client_2.id,
                    "holder_id": self.client_2.id,
                    "email": "a@example.com",
                }
            )
            with self.assertRaises(UserError):
                link.action_send()
        link = links.with_user(self.frontdesk).create(
            {"kind": "card", "client_id": self.client_1.id}
        )
        link.holder_id = self.client_2
        with self.assertRaises(UserError):
            link.action_send()
        link.holder_id = self.client_1
        link.action_send()

    def test_a_merge(self):
        self.client_2.email = self.client_1.email
        before = self._get_notes()
        self.env["base.partner.merge.automatic.wizard"].with_user(self.owner)._merge(
            (self.client_1 | self.client_2).ids, self.client_1.with_user(self.owner)
        )
        said = str((self._get_notes() - before).mapped("body"))
        # Stock's own message says whom it merged.
        for word in ("card", "chart"):
            self.assertNotIn(word, said)


@tagged("post_install", "-at_install")
class TestNotesStay(ChargeCommon):
    def _assert_kept(self, user, message):
        mine = message.with_user(user)
        self.env.invalidate_all()
        for act in (
            lambda: mine.write({"body": "nothing"}),
            lambda: mine.write({"message_type": "comment"}),
            mine.unlink,
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                act()
        self.assertTrue(message.exists())

    def test_what_was_sent(self):
        link = self.env["noshow.link"].with_user(self.frontdesk)
        link = link.create(
            {"kind": "card", "client_id": self.client_1.id, "email": "evil@x.example"}
        )
        link.action_send()
        note = self.appointment.message_ids.filtered(
            lambda message: "evil@x.example" in message.body
        )
        self.assertEqual(note.author_id, self.frontdesk.partner_id)
        for user in (self.frontdesk, self.biller, self.owner):
            self._assert_kept(user, note)

    def test_what_a_fee_was(self):
        self._cancel(self.appointment, visit_state="no_show")
        fee = self.appointment.fee_line_ids
        fee.with_user(self.biller)._change_fee(self.code_late, 20.0, "Agreed")
        for record in (fee.move_id, self.appointment):
            notes = record.message_ids.filtered(
                lambda message: message.author_id == self.biller.partner_id
            )
            self.assertTrue(notes)
            for note in notes:
                self._assert_kept(self.biller, note)

    def test_what_was_typed_is_its_authors(self):
        words = "Typed by hand"
        for record in (
            self.appointment,
            self.env["calendar.event"].create(
                {"name": "Lunch", "start": self.tomorrow, "stop": self.tomorrow}
            ),
        ):
            typed = record.with_user(self.frontdesk).message_post(
                body=words, message_type="comment"
            )
            typed.with_user(self.frontdesk).write({"body": "y"})
            typed.with_user(self.frontdesk).unlink()
        logged = record.with_user(self.frontdesk)._message_log(body="of a plain one")
        logged.with_user(self.frontdesk).unlink()


@tagged("post_install", "-at_install")
class TestTasksAboutAppointments(ChargeCommon):
    def test_its_name(self):
        model = self.env["ir.model"]._get("calendar.event").id
        lunch = self.env["calendar.event"].create(
            {"name": "Lunch", "start": self.tomorrow, "stop": self.tomorrow}
        )
        for event, name in ((self.appointment, "Appointment"), (lunch, "Lunch")):
            task = (
                self.env["mail.activity"]
                .with_user(self.frontdesk)
                .create(
                    {
                        "res_model_id": model,
                        "res_id": event.id,
                        "user_id": self.employee.id,
                        "summary": "z",
                    }
                )
            )
            self.assertIn(name, task.with_user(self.employee).res_name)
            self.assertNotIn("Session", task.with_user(self.employee).res_name)
