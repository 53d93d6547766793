"""What the attack of 2026-11-28 has found in series, mails, chatters and settings."""

import time
from datetime import timedelta
from zoneinfo import ZoneInfo

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..charge.common_charge import ChargeCommon
from ..chart.chart_common import ChartCase
from .doors_common import TITLE, DoorsCase


@tagged("post_install", "-at_install")
class TestSeriesOfOthers(DoorsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.series = cls._new_series()
        cls.rule = cls.series.recurrence_id
        cls.colleague = cls._new_user("noshow_colleague", "noshow_fees.group_therapist")

    def _new_meeting(self, user, **vals):
        start = self.tomorrow + timedelta(days=1)
        return (
            self.env["calendar.event"]
            .with_user(user)
            .create(
                {
                    "name": "Mine",
                    "start": start,
                    "stop": start + timedelta(hours=1),
                    **vals,
                }
            )
        )

    def _join(self, event):
        event.write(
            {
                "recurrence_id": self.rule.id,
                "recurrency": True,
                "follow_recurrence": True,
            }
        )

    def test_nobody_joins(self):
        for user in (self.employee, self.colleague, self.therapist):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._join(self._new_meeting(user))
            with self.assertRaises(AccessError):
                self._new_meeting(user, recurrence_id=self.rule.id, recurrency=True)
        own = self._new_meeting(self.colleague, client_id=self.client_2.id)
        with self.assertRaises(AccessError):
            self._join(own)
        self.assertFalse(own.recurrence_id)
        # Whose series it is does, and edits it as before.
        self._join(self._new_meeting(self.therapist, client_id=self.client_login.id))
        later = self.series.start + timedelta(hours=2)
        self.series.with_user(self.therapist).write(
            {
                "recurrence_update": "all_events",
                "start": later,
                "stop": later + timedelta(hours=1),
            }
        )
        self.assertEqual(self.series.start, later)

    def test_nobody_names_its_first(self):
        meeting = self._new_meeting(
            self.employee,
            recurrency=True,
            rrule_type="daily",
            end_type="count",
            count=2,
        )
        rule = meeting.recurrence_id.with_user(self.employee)
        with self.assertRaises(AccessError):
            rule.base_event_id = self.appointment.id
        rule.base_event_id = rule.calendar_event_ids[-1]

    def test_whether_it_is_an_appointment(self):
        dialogs = self.env["calendar.popover.delete.wizard"].with_user(self.employee)
        for event in (self.appointment, self.series):
            dialog = dialogs.create({"calendar_event_id": event.id})
            with self.assertRaises(AccessError):
                dialog.action_send_mail_and_delete()
        dialog = dialogs.with_user(self.therapist).create(
            {"calendar_event_id": self.appointment.id}
        )
        with self.assertRaisesRegex(UserError, "title"):
            dialog.action_send_mail_and_delete()


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
class TestSettingsOverRpc(ChargeCommon):
    def test_a_zone_that_is_none(self):
        pages = self.env["noshow.settings"].with_user(self.manager)
        for zone in ("Bogus/Zone", "../../etc/passwd"):
            with self.subTest(zone), self.assertRaises(ValidationError):
                pages.create({"noshow_tz": zone}).action_save()
            # What is there already stops nobody.
            self.cr.execute(
                "UPDATE res_company SET noshow_tz = %s WHERE id = %s",
                (zone, self.company.id),
            )
            self.company.invalidate_recordset()
            self.assertEqual(self.company._get_practice_tz(), ZoneInfo("UTC"))
            events = self.env["calendar.event"].with_user(self.frontdesk)
            events.search([("is_today", "=", True)])
            Form(self.env["calendar.event.book"].with_user(self.frontdesk))
        pages.create({"noshow_tz": "America/Chicago"}).action_save()
        self.assertEqual(self.company._get_practice_tz(), ZoneInfo("America/Chicago"))

    def test_a_company_of_others(self):
        other = self.setup_other_company(name="Other practice")["company"]
        pages = self.env["noshow.settings"].with_user(self.manager)
        with self.assertRaises(AccessError):
            pages.create({"company_id": other.id})
        self.manager.company_ids += other
        pages.create({"company_id": other.id})

    def test_a_rule_of_an_absurd_size(self):
        policy = (
            self.env["noshow.policy"]
            .with_user(self.manager)
            ._get_published(self.company)[self.company.id]
        )
        rule = policy[-1:].sudo().rule_ids[:1]
        for vals in (
            {"window_days": 3660000},
            {"window_days": 2**31 - 1},
            {"percent": 1e300},
            {"minimum": 1e15},
        ):
            with (
                self.subTest(vals),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.cr.savepoint(),
            ):
                self.env["noshow.policy.rule"].sudo().create(
                    {**rule.copy_data()[0], **vals}
                ).flush_recordset()


@tagged("post_install", "-at_install")
class TestNotesThatOccupy(ChartCase):
    def test_at_once(self):
        entries = self.env["noshow.chart.entry"].with_user(self.frontdesk)
        for body in ("<a " * 8000, "<p a=" * 8000, "<" * 200_000, "x" * 2_000_000):
            start = time.monotonic()
            with self.assertRaises(ValidationError):
                entries.create({"client_id": self.client_1.id, "body": body})
            self.assertLess(time.monotonic() - start, 2)
        entries.create({"client_id": self.client_1.id, "body": "<p>" + "x " * 50_000})

    def test_the_notice_is_the_systems(self):
        dialogs = self.env["noshow.care.open"].with_user(self.therapist)
        dialogs.create(
            {"client_id": self.client_2.id, "reason": "Standing in"}
        ).action_open()
        care = self.env["noshow.care"].search(
            [("client_id", "=", self.client_2.id), ("ground", "=", "reason")]
        )
        notices = (
            self.env["mail.message"]
            .sudo()
            .search([("model", "=", "noshow.care"), ("res_id", "=", care.id)])
        )
        self.assertTrue(notices)
        self.assertFalse(care.sudo().message_follower_ids)
        for notice in notices:
            with self.assertRaises(AccessError):
                self._rpc(
                    self.therapist, "mail.message", "write", notice.ids, {"body": "x"}
                )
        self.assertEqual(
            notices.notified_partner_ids & self.owner.partner_id, self.owner.partner_id
        )
