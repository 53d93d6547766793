"""The link by which a client agrees to card charges and saves a card."""

import json
import logging
from datetime import timedelta

from freezegun import freeze_time
from lxml import etree
from markupsafe import escape

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, HttpCase, tagged

from .common_charge import ChargeCommon


@tagged("post_install", "-at_install")
class TestCardLink(ChargeCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.client_2.card_authorized_on = False
        self.client_2.name = "Kim Client"

    def _ask(self, user, client):
        action = client.with_user(user).action_ask_for_card()
        model = self.env["noshow.link"].with_user(user)
        return Form(model.with_context(**action["context"])).save()

    def _token(self, link):
        return link.split("/noshow/card#")[1]

    def _open(self, token, **data):
        """What the page's script does with the secret part of its address."""
        page = self.url_open("/noshow/card")
        csrf_token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
        data |= {"token": token, "csrf_token": csrf_token}
        return self.url_open("/noshow/card/page", data=data)

    def test_a_browser_opens_it(self):
        """From the mail."""
        link = self._ask(self.frontdesk, self.client_2).link
        self.browser_js(
            link[link.index("/noshow/card#") :],
            "console.log('test successful')",
            "document.querySelector('button[name=agree]') !== null",
        )

    def test_no_log_has_the_secret(self):
        token = self._token(self._ask(self.frontdesk, self.client_2).link)
        with self.assertLogs("werkzeug", logging.INFO) as logs:
            self.assertIn("I agree", self._open(token).text)
            self.assertIn("o_payment_form", self._open(token, agree="1").text)
        self.assertEqual(str(logs.output).count("POST /noshow/card/page"), 2)
        self.assertNotIn(token[:20], str(logs.output))
        # Where it stands in an address, it is worth nothing.
        for path in (f"/noshow/card/{token}", f"/noshow/card/page?token={token}"):
            self.assertIn("does not work", self.url_open(path).text)

    def test_agree_and_save(self):
        token = self._token(self._ask(self.frontdesk, self.client_2).link)
        page = self._open(token)
        self.assertIn("I agree", page.text)
        self.assertNotIn("o_payment_form", page.text)
        self.assertNotIn("Kim Client", page.text)
        # Looking at the page is no agreement.
        self.assertFalse(self.client_2.card_authorized_on)
        page = self._open(token, agree="1")
        self.client_2.invalidate_recordset()
        self.assertEqual(
            self.client_2.card_authorized_on, self.company._get_practice_today()
        )
        self.assertIn("o_payment_form", page.text)
        self._save_card(page.text)
        card = self.env["payment.token"].search([("partner_id", "=", self.client_2.id)])
        self.assertEqual(len(card), 1)
        allowed = self.env["payment.token"]._get_chargeable(self.company, self.client_2)
        self.assertEqual(allowed[self.client_2], card)
        # Where it leads back is kept, and read by accountants: without the secret.
        self.assertIn('data-landing-route="/noshow/card/saved"', page.text)
        path = "/noshow/card/saved?tx_id=1&access_token=x"
        self.assertIn(card.display_name, self.url_open(path).text)
        self.assertIn(card.display_name, self._open(token).text)
        # Of the browser in which the link was opened.
        self.authenticate(None, None)
        text = self.url_open(path).text
        self.assertNotIn(card.display_name, text)
        self.assertIn("does not work", text)

    def test_who_has_agreed_before_has_agreed_since_then(self):
        token = self._token(self._ask(self.frontdesk, self.client_2).link)
        long_ago = self.company._get_practice_today() - timedelta(days=90)
        self.client_2.card_authorized_on = long_ago
        self._open(token, agree="1")
        self.client_2.invalidate_recordset()
        self.assertEqual(self.client_2.card_authorized_on, long_ago)
        # From before such a day was refused.
        self.env.cr.execute(
            "UPDATE res_partner SET card_authorized_on = %s WHERE id = %s",
            (json.dumps({self.company.id: "2062-01-01"}), self.client_2.id),
        )
        self.client_2.invalidate_recordset()
        self._open(token, agree="1")
        self.client_2.invalidate_recordset()
        self.assertEqual(
            self.client_2.card_authorized_on, self.company._get_practice_today()
        )

    def test_nobody_agrees_in_the_future(self):
        today = self.company._get_practice_today()
        client = self.client_2.with_user(self.frontdesk)
        client.card_authorized_on = today
        with self.assertRaisesRegex(ValidationError, "in the future"):
            client.card_authorized_on = today + timedelta(days=2)

    def _save_card(self, text):
        """What the page's own script does."""
        access_token = text.split('data-access-token="')[1].split('"')[0]
        values = self.make_jsonrpc_request(
            "/payment/transaction",
            {
                "provider_id": self.demo.id,
                "payment_method_id": self.demo.payment_method_ids[:1].id,
                "token_id": None,
                "amount": None,
                "currency_id": None,
                "partner_id": self.client_2.id,
                "access_token": access_token,
                "flow": "direct",
                "tokenization_requested": True,
                "landing_route": "/noshow/card/saved",
                "is_validation": True,
                "reference_prefix": "V-1",
            },
        )
        self.make_jsonrpc_request(
            "/payment/demo/simulate_payment",
            {
                "reference": values["reference"],
                "payment_details": "4242",
                "simulated_state": "done",
            },
        )

    def test_link_ends(self):
        token = self._token(self._ask(self.frontdesk, self.client_2).link)
        for broken in (token[:-3], token + "AA", "x", ""):
            self.assertIn("does not work", self._open(broken).text)
        with freeze_time(fields.Datetime.now() + timedelta(days=8)):
            found = self.client_2._find_card_link(token)
            self.assertIsNone(found)

    def test_link_of_a_former_payer(self):
        parent = self.env["res.partner"].create({"name": "Parent"})
        self.client_2.payer_id = parent
        dialog = self._ask(self.frontdesk, self.client_2)
        self.assertEqual(dialog.holder_id, parent)
        token = self._token(dialog.link)
        self.assertIn("I agree", self._open(token).text)
        self.client_2.payer_id = False
        self.assertIn("does not work", self._open(token).text)

    def test_who_may_ask(self):
        for user in (self.frontdesk, self.biller, self.owner):
            self.assertTrue(self._ask(user, self.client_2).link)
        with self.assertRaises(AccessError):
            self._ask(self.therapist, self.client_2)
        self._new_appointment(self.client_2, self.therapist)
        self.assertTrue(self._ask(self.therapist, self.client_2).link)
        with self.assertRaises(AccessError):
            self._ask(self.employee, self.client_2)

    def test_not_for_strangers(self):
        dialog = self._ask(self.frontdesk, self.client_2)
        dialog.holder_id = self.client_1
        with self.assertRaises(UserError):
            dialog.read(["link"])

    def test_mail_says_nothing(self):
        dialog = self._ask(self.frontdesk, self.client_2)
        before = self.env["mail.mail"].sudo().search([])
        dialog.action_send()
        mail = self.env["mail.mail"].sudo().search([]) - before
        self.assertEqual(mail.email_to, "c2@example.com")
        self.assertIn(dialog.link, mail.body_html)
        # The link's letters are by chance.
        text = mail.body_html.replace(dialog.link, "") + mail.subject
        for word in ("missed", "Kim", "Session", "cancel"):
            self.assertNotIn(word, text)

    def test_cancellation_page_shows_it(self):
        appointment = self._new_appointment(self.client_2)
        page = self.env["calendar.event.cancel"].with_user(self.frontdesk)
        page = page.create({"event_ids": [(6, 0, appointment.ids)]})
        self.assertIn("not agreed", page.card_hint)
        self.assertIn("/noshow/card#", page.card_link)

    def test_payment_link(self):
        self._cancel(self.appointment, visit_state="no_show")
        fee = self.appointment.fee_line_ids
        action = fee.with_user(self.frontdesk).action_open_payment_link()
        model = self.env["noshow.link"].with_user(self.frontdesk)
        dialog = Form(model.with_context(**action["context"])).save()
        self.assertEqual(dialog.holder_id, self.client_1)
        self.assertNotIn("//my", dialog.link)
        parameters = self.env["ir.config_parameter"].sudo()
        for enabled in ("True", "False"):
            parameters.set_param("account_payment.enable_portal_payment", enabled)
            dialog.invalidate_recordset()
            self.assertEqual(bool(dialog.warning), enabled == "False")
        path = dialog.link[dialog.link.index("/my/invoices") :]
        self.assertIn(fee.move_name, self.url_open(path).text)
        with self.assertRaises(AccessError):
            fee.with_user(self.financial)._get_payment_link()

    def test_a_payment_link_asks_for_what_is_open(self):
        """It was made for 75.00; the fee is less since. A link for a part stays one."""
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("account_payment.enable_portal_payment", "True")
        self._cancel(self.appointment, visit_state="no_show")
        fee = self.appointment.fee_line_ids
        link = fee.with_user(self.biller)._get_payment_link()
        wizard = self.env["payment.link.wizard"].with_context(
            active_model="account.move", active_id=fee.move_id.id
        )
        part = wizard.create({"amount": 30.0}).link
        fee.with_user(self.biller)._change_fee(fee.product_id, 40.0, "Agreed")
        for url, is_asked in ((link, "75.00"), (part, "30.00")):
            page = self.url_open(url[url.index("/my/") :]).text
            self.assertIn("40.00", page)
            self.assertEqual(is_asked in page, is_asked == "30.00")

    def test_default_card(self):
        newest = self._new_demo_card("done", payment_details="5555")
        company, client = self.company, self.client_1
        model = self.env["payment.token"].sudo()
        self.assertEqual(model._get_chargeable(company, client)[client][0], newest)
        self._new_appointment(client, self.therapist)
        for user in (self.frontdesk, self.therapist, self.biller):
            self.card.with_user(user).sudo(False).action_use_by_default()
            cards = model._get_chargeable(company, client)[client]
            self.assertEqual(cards[0], self.card)
            newest.with_user(user).sudo(False).action_use_by_default()
            self.assertEqual((self.card.is_default, newest.is_default), (False, True))
        parent = self.env["res.partner"].create({"name": "Parent"})
        client.payer_id = parent
        payers = self._new_demo_card("done", partner=parent)
        cards = model._get_chargeable(company, client)[client]
        self.assertEqual(list(cards), [newest, payers, self.card])
        action = client.with_user(self.frontdesk).action_open_cards()
        found = self.env["payment.token"].with_user(self.frontdesk)
        self.assertEqual(found.search(action["domain"]), cards)
        newest.card_expiry = self.company._get_practice_today() - timedelta(days=40)
        cards = model._get_chargeable(company, client)[client]
        self.assertEqual(list(cards), [payers, self.card, newest])
        with self.assertRaisesRegex(UserError, "expired"):
            newest.with_user(self.frontdesk).sudo(False).action_use_by_default()

    def test_who_may_not_choose_the_default_card(self):
        card = self._new_demo_card("done", partner=self.client_2)
        for user in (self.therapist, self.employee):
            with self.assertRaises(AccessError):
                card.with_user(user).sudo(False).action_use_by_default()
            with self.assertRaises(AccessError):
                card.with_user(user).sudo(False).is_default = True
        with self.assertRaises(AccessError):
            self.card.with_user(self.biller).sudo(False).write({"is_default": True})


@tagged("post_install", "-at_install")
class TestTold(ChargeCommon):
    """After it happened: what may be sent, to whom, and what is kept of it."""

    def _dialog(self, action, user=None):
        model = self.env[action["res_model"]].with_user(user or self.frontdesk)
        return Form(model.with_context(**action["context"])).save()

    def _mails(self):
        return self.env["mail.mail"].sudo().search([])

    def _log(self):
        return str(self.appointment.message_ids[0].body)

    def setUp(self):
        super().setUp()
        self.parent = self.env["res.partner"].create(
            {"name": "Marco", "email": "marco@example.com"}
        )
        self.client_1.payer_id = self.parent

    def test_a_payment_link_goes_to_who_pays(self):
        before = self._mails()
        page = self._cancel(self.appointment, visit_state="no_show", reason="Was ill")
        self.assertTrue(page.needs_payment_link)
        self.assertFalse(page.offers_receipt)
        self.assertIn("not been informed", page.result)
        dialog = self._dialog(page.action_open_payment_link())
        self.assertEqual(dialog.holder_id, self.parent)
        self.assertIn(escape(dialog.link), dialog.preview)
        self.assertIn("75.00", dialog.preview)
        # Nothing leaves by looking at it, nor by going back.
        self.assertEqual(dialog.action_open_next()["res_id"], page.id)
        self.assertEqual(self._mails(), before)
        notice = dialog.action_send()
        mail = self._mails() - before
        self.assertEqual(mail.email_to, "marco@example.com")
        self.assertEqual(mail.body_html, dialog.preview)
        for word in ("missed", "Session", "cancel", "ill,", "no-show", "Client 1"):
            self.assertNotIn(word.lower(), (mail.body_html + mail.subject).lower())
        message = self.appointment.message_ids[0]
        self.assertIn("Payment link sent by e-mail to marco@example.com", message.body)
        self.assertEqual(message.author_id, self.frontdesk.partner_id)
        self.assertTrue(message.is_internal)
        # Back to the result page, which knows it.
        self.assertEqual(notice["params"]["next"]["res_id"], page.id)
        page.invalidate_recordset()
        self.assertIn("marco@example.com", page.result)
        self.assertNotIn("not been informed", page.result)
        with self.assertRaisesRegex(UserError, "already"):
            dialog.action_send()

    def test_a_receipt_once_it_is_paid(self):
        page = self._cancel(self.appointment, visit_state="no_show")
        fee = self.appointment.fee_line_ids
        with self.assertRaisesRegex(UserError, "Nothing was received"):
            fee.with_user(self.frontdesk).action_open_receipt_mail()
        journal = self.company_data["default_journal_cash"]
        fee.with_user(self.biller)._take_payment(journal, 75.0)
        page.invalidate_recordset()
        self.assertTrue(page.offers_receipt)
        self.assertFalse(page.needs_payment_link)
        dialog = self._dialog(page.action_open_receipt_mail())
        self.assertIn(fee.move_name, dialog.preview)
        self.assertIn("75.00", dialog.preview)
        dialog.action_send()
        self.assertIn("Receipt sent", self._log())

    def test_receipts_and_links_of_a_batch_one_after_another(self):
        """Each with its own text to look at; what is skipped is not sent."""
        others = self._new_appointment(self.client_2)
        others += self._new_appointment(self.client_3)
        batch = self.appointment + others
        page = self._cancel(batch, visit_state="no_show")
        self.assertTrue(page.needs_payment_link)
        self.assertFalse(page.offers_receipt)
        self.assertFalse(page.offers_card_link)
        before, sent_to = self._mails(), []
        action = page.action_open_payment_link()
        for left, send in ((2, True), (1, False), (0, True)):
            dialog = self._dialog(action)
            self.assertEqual(dialog.next_count, left)
            self.assertIn("75.00", dialog.preview)
            if send:
                sent_to.append(dialog.email)
                action = dialog.action_send()["params"]["next"]
            else:
                action = dialog.action_open_next()
        self.assertEqual(action["res_id"], page.id)
        mails = self._mails() - before
        self.assertEqual(sorted(mails.mapped("email_to")), sorted(sent_to))
        self.assertEqual(len({*sent_to}), 2)
        page.invalidate_recordset()
        for address in sent_to:
            self.assertIn(address, page.result)
        self.assertIn("Nobody else has been informed", page.result)
        journal = self.company_data["default_journal_cash"]
        for event in others:
            event.fee_line_ids.with_user(self.biller)._take_payment(journal, 75.0)
        page.invalidate_recordset()
        self.assertTrue(page.needs_payment_link)  # of the first one
        self.assertFalse(self._dialog(page.action_open_payment_link()).next_line_ids)
        dialog = self._dialog(page.action_open_receipt_mail())
        self.assertIn(dialog.line_id, others.fee_line_ids)
        self.assertEqual(dialog.next_line_ids, others.fee_line_ids - dialog.line_id)
        last = self._dialog(dialog.action_send()["params"]["next"])
        last.action_send()
        for event in others:
            self.assertIn("Receipt sent", str(event.message_ids[0].body))
        # Nobody queues somebody else's fee.
        foreign = self._new_appointment(self.client_2, provider=self.financial)
        self._cancel(foreign, visit_state="no_show")
        vals = {
            "kind": "pay",
            "line_id": self.appointment.fee_line_ids.id,
            "next_line_ids": foreign.fee_line_ids.ids,
        }
        links = self.env["noshow.link"]
        with self.assertRaises(AccessError), self.cr.savepoint():
            links.with_user(self.therapist).create(vals)
        self.assertTrue(links.with_user(self.frontdesk).create(vals).next_count)

    def test_in_the_language_of_who_gets_it(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.env.ref("noshow_fees.mail_template_pay")
        template.with_context(lang="fr_FR").subject = "Payer en ligne"
        self.parent.lang = "fr_FR"
        self._cancel(self.appointment, visit_state="no_show")
        fee = self.appointment.fee_line_ids.with_user(self.frontdesk)
        dialog = self._dialog(fee.action_open_payment_link())
        self.assertEqual(dialog.subject, "Payer en ligne")
        self.assertIn("75,00", dialog.preview)

    def test_not_about_somebody_elses_fee(self):
        self._cancel(self.appointment, visit_state="no_show")
        fee = self.appointment.fee_line_ids
        for kind in ("pay", "receipt"):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self.env["noshow.link"].with_user(self.financial).create(
                    {"kind": kind, "line_id": fee.id}
                ).read(["preview"])
            own = self.env["noshow.link"].with_user(self.therapist)
            self.assertTrue(own.create({"kind": kind, "line_id": fee.id}).preview)

    def test_without_a_card_company_nobody_is_asked_for_a_card(self):
        client = self.client_2.with_user(self.frontdesk)
        self.assertTrue(client.can_save_card)
        self.assertTrue(client.action_ask_for_card())
        providers = self.env["payment.provider"].search([])
        providers.write({"is_published": False})
        client.invalidate_recordset()
        self.assertFalse(client.can_save_card)
        self.assertIn("no card company", client.card_summary)
        with self.assertRaisesRegex(UserError, "no card company"):
            client.action_ask_for_card()
        page = self.env["calendar.event.cancel"].with_user(self.frontdesk)
        page = page.create(
            {"event_ids": [(6, 0, self._new_appointment(self.client_2).ids)]}
        )
        self.assertFalse(page.card_link)
        self.assertIn("no card company", page.card_hint)

    def test_the_buttons_are_for_whom_they_serve(self):
        """A therapist who would be refused is not offered it."""
        page = self.client_2.with_user(self.therapist)
        self.assertFalse(page.in_my_care)
        self.assertFalse(page.can_save_card)
        with self.assertRaises(AccessError):
            page.action_ask_for_card()
        self.assertTrue(self.client_2.with_user(self.frontdesk).can_save_card)
        self._new_appointment(self.client_2)  # by the practice
        page.invalidate_recordset()
        self.assertTrue(page.can_save_card)
        self.assertTrue(page.action_ask_for_card())

    def test_whose_card_it_is(self):
        self.client_1.card_authorized_on = fields.Date.today()
        card = self._new_demo_card("done", partner=self.parent)
        self.card.active = False
        page = self.env["calendar.event.cancel"].with_user(self.frontdesk)
        page = page.with_context(noshow_card_holder=True)
        page = page.create({"event_ids": [(6, 0, self.appointment.ids)]})
        self.assertEqual(page.payment_token_id, card)
        self.assertIn("Marco's card: ", page.payment_token_id.sudo().display_name)
        # One card is told, not chosen: as text, which a phone does not cut.
        self.assertFalse(page.has_card_choice)
        other = self._new_demo_card("done", partner=self.parent)
        page.invalidate_recordset()
        self.assertTrue(page.has_card_choice)
        form = Form(page, "noshow_fees.calendar_event_cancel_view_form")
        form.product_id = self.code_late
        form.payment_token_id = other
        self.assertEqual(form.save().payment_token_id, other)
        client = self.client_1.with_user(self.frontdesk)
        self.assertIn("Marco's card: ", client.card_summary)
        self.assertNotIn("Marco", card.display_name)
        # Wherever a card is chosen, the screen asks for its holder.
        views = self.env["ir.ui.view"].search([("model", "like", "calendar.event%")])
        views |= self.env.ref("noshow_fees.account_move_line_charge_view_form")
        choices = [
            node
            for view in views
            for node in etree.fromstring(view.arch).iterfind(
                ".//field[@name='payment_token_id']"
            )
        ]
        self.assertGreaterEqual(len(choices), 3)
        for node in choices:
            self.assertIn("'noshow_card_holder': True", node.get("context", ""))
