"""Mails to clients: whom an answer reaches, and who is told of a failure."""

import json
import smtplib
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.base.tests.common import MockSmtplibCase

from .common_charge import ChargeCommon

MAIL_LOG = "odoo.addons.mail.models.mail_mail"


@tagged("post_install", "-at_install")
class TestLinkMail(ChargeCommon, MockSmtplibCase):
    def setUp(self):
        super().setUp()
        self._cancel(self.appointment, visit_state="no_show")
        self.fee = self.appointment.fee_line_ids

    def _ask(self, **vals):
        action = self.fee.with_user(self.frontdesk).action_open_payment_link()
        model = self.env["noshow.link"].with_user(self.frontdesk)
        dialog = Form(model.with_context(**action["context"])).save()
        dialog.write(vals)
        return dialog

    def _mails(self):
        return self.env["mail.mail"].sudo().search([("subject", "ilike", "pay online")])

    def _send_refused(self, mail, error):
        """What Odoo's job does when the mail server says no."""

        def refuse(message, smtp_from, smtp_to_list):
            raise error

        with self.mock_smtplib_connection(), mute_logger(MAIL_LOG):
            self.testing_smtp_session.send_message = refuse
            mail.send()

    def test_an_answer_reaches_the_practice(self):
        """Odoo has answers sent to an address that takes none, as this is about no
        document."""
        self.company.alias_domain_id = self.env["mail.alias.domain"].create(
            {"name": "practice.example"}
        )
        desk = self.frontdesk.email
        for company, user, sender, reply_to in (
            ("desk@practice.example", desk, desk, "desk@practice.example"),
            (False, desk, desk, desk),
            ("desk@practice.example", False, *["desk@practice.example"] * 2),
            (False, False, None, None),
        ):
            self.company.email, self.frontdesk.email = company, user
            dialog = self._ask()
            before = self._mails()
            if not sender:
                with self.assertRaises(UserError):
                    dialog.action_send()
                self.assertEqual((dialog.state, self._mails()), ("draft", before))
                continue
            dialog.action_send()
            mail = self._mails() - before
            self.assertIn(sender, mail.email_from)
            self.assertIn(reply_to, mail.reply_to)
            self.assertNotIn("catchall", mail.reply_to)

    def test_what_is_no_address_is_refused(self):
        """Odoo would drop it, and nobody would know."""
        before = self._mails()
        for address in ("client", "client@", "a@example.com, b@example.com", "@x.com"):
            dialog = self._ask(email=address)
            with self.assertRaises(UserError):
                dialog.action_send()
            self.assertEqual(dialog.state, "draft")
        self.assertEqual(self._mails(), before)
        self._ask(email="Kim <kim@example.com>").action_send()
        self.assertEqual((self._mails() - before).email_to, "kim@example.com")

    def test_who_has_sent_it_is_told_of_a_failure(self):
        refused = smtplib.SMTPRecipientsRefused({"c1@example.com": (550, b"No such")})
        for error in (refused, smtplib.SMTPSenderRefused(550, b"No", "x")):
            self._ask().action_send()
            self._send_refused(self._mails(), error)
            self.assertIn(
                "could not be sent", str(self.appointment.message_ids[0].body)
            )
            [told] = self._toasts()
            self.assertIn("c1@example.com", told)
            for word in ("Session", self.client_1.name, "missed"):
                self.assertNotIn(word, told)
            self._mails().unlink()

    def test_who_asks_somebody_new_for_a_card_is_told(self):
        """There is no appointment yet to note it on."""
        client = self.client_1.copy({"name": "New", "email": "new@example.com"})
        action = client.with_user(self.frontdesk).action_ask_for_card()
        model = self.env["noshow.link"].with_user(self.frontdesk)
        page = Form(model.with_context(**action["context"]))
        self.assertFalse(page.is_noted)
        self.assertTrue(self._ask().is_noted)
        page.save().action_send()
        mail = self.env["mail.mail"].sudo().search([("email_to", "=", client.email)])
        self.assertFalse(mail.told_event_id)
        self._send_refused(mail, smtplib.SMTPSenderRefused(550, b"No", "x"))
        [told] = self._toasts()
        self.assertIn("new@example.com", told)

    def test_a_batch_is_told_of_at_once(self):
        """The mail server is away: nobody closes a box for each."""
        for number in range(7):
            self._ask(email=f"c{number}@example.com").action_send()
        mails = self._mails()
        with (
            self.mock_smtplib_connection(),
            patch.object(smtplib, "SMTP", side_effect=OSError("No")),
            mute_logger(MAIL_LOG),
        ):
            mails.send()
        self.assertEqual(set(mails.mapped("state")), {"exception"})
        [told] = self._toasts()
        self.assertIn("7 e-mails could not be sent", told)
        self.assertEqual(told.count("@"), 5)
        notes = self.appointment.message_ids.filtered(
            lambda note: "could not be sent" in str(note.body)
        )
        self.assertEqual(len(notes), 7)

    def test_a_text_that_was_emptied_is_not_sent(self):
        """An administrator has edited the template: the link can still be copied."""
        template = self.env.ref("noshow_fees.mail_template_pay")
        for empty in (
            lambda: template.write({"subject": False}),
            lambda: template.write({"body_html": False}),
            template.unlink,
        ):
            with self.env.cr.savepoint() as savepoint:
                empty()
                dialog = self._ask()
                self.assertIn("/my/invoices/", dialog.link)
                with self.assertRaisesRegex(UserError, "no text"):
                    dialog.action_send()
                savepoint.close(rollback=True)
            self.env.invalidate_all()
        self._ask().action_send()

    def test_nothing_comes_along(self):
        """By a default in the caller's context, or one's own: what is created in sudo
        would send any file there is."""
        secret = self.env["ir.attachment"].create({"name": "secret", "raw": b"x"})
        values = {"attachment_ids": [(4, secret.id)], "email_cc": "cc@example.com"}
        for name, value in values.items():
            self.env["ir.default"].with_user(self.frontdesk).set(
                "mail.mail", name, value, user_id=True
            )
        context = {f"default_{name}": value for name, value in values.items()}
        self._ask().with_context(**context).action_send()
        mail = self._mails()
        self.assertFalse(mail.attachment_ids)
        self.assertFalse(mail.email_cc)

    def _toasts(self):
        """What the front desk's browser has shown since."""
        self.env.cr.precommit.run()
        found = self.env["bus.bus"].sudo().search([])
        channel = json.dumps(
            [self.env.cr.dbname, "res.partner", self.frontdesk.partner_id.id],
            separators=(",", ":"),
        )
        rows = found.filtered(lambda row: row.channel == channel)
        told = [json.loads(row.message) for row in rows]
        found.unlink()
        return [
            message["payload"]["message"]
            for message in told
            if message["type"] == "simple_notification"
        ]

    def test_is_sent_at_once(self):
        """Odoo's queue would wait for its hour."""
        job = self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()
        triggers = self.env["ir.cron.trigger"].sudo()
        before = triggers.search_count([("cron_id", "=", job.id)])
        self._ask().action_send()
        after = triggers.search_count([("cron_id", "=", job.id)])
        self.assertEqual(after, before + 1)

    def test_nobody_is_told_of_what_arrives(self):
        self._ask().action_send()
        with self.mock_smtplib_connection():
            self._mails().send()
            self.assertEqual(len(self.emails), 1)
        self.assertFalse(self._toasts())
        self.assertIn("sent by e-mail", str(self.appointment.message_ids[0].body))
        self.assertFalse(self._mails())

    def test_a_failure_stops_no_other_mail(self):
        """Who has sent it has left the practice meanwhile."""
        self._ask().action_send()
        self.frontdesk.active = False
        self._send_refused(self._mails(), smtplib.SMTPSenderRefused(550, b"No", "x"))
        self.assertEqual(self._mails().state, "exception")
        self.assertIn("could not be sent", str(self.appointment.message_ids[0].body))
