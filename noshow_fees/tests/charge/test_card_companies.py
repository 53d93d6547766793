"""Somebody works for two practices at a time: a card is asked for by whose appointment
it is about, whichever company is the first of those ticked."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common_charge import ChargeCommon


@tagged("post_install", "-at_install")
class TestCardCompanies(ChargeCommon):
    """`client_1` has agreed with `cls.company`, and saved a card there; the appointment
    is of `cls.other`."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        data = cls.setup_other_company(name="Other practice")
        cls.other = data["company"]
        cls.provider = cls._new_user("noshow_there", "noshow_fees.group_therapist")
        cls.provider.write(
            {"company_ids": [Command.set(cls.other.ids)], "company_id": cls.other.id}
        )
        for user in (cls.frontdesk, cls.biller):
            user.company_ids += cls.other
        cls.event = cls._new_appointment(provider=cls.provider)
        cls.other_demo = cls.demo.copy({"company_id": cls.other.id})
        cls.other_demo.write(
            {"state": "test", "allow_tokenization": True, "is_published": True}
        )
        cls.other_demo.journal_id = data["default_journal_bank"]
        cls.both = (cls.company + cls.other).ids

    def _as(self, record, user):
        return record.with_user(user).with_context(allowed_company_ids=self.both)

    def _open(self, action, user):
        """A dialog, as the browser opens it: with the companies that are ticked."""
        context = {**action["context"], "allowed_company_ids": self.both}
        models = self.env[action["res_model"]].with_user(user)
        return Form(models.with_context(**context))

    def _find(self, link):
        token = link.split("/noshow/card#")[1]
        found = self.env["res.partner"].sudo()._find_card_link(token)
        return found[2]

    def _page(self, **vals):
        return self._as(self.env["calendar.event.cancel"], self.frontdesk).create(
            {"event_ids": [Command.set(self.event.ids)], **vals}
        )

    def _let_miss(self):
        self._let_begin(self.event)
        page = self._page(visit_state="no_show", product_id=self.code_noshow.id)
        page.action_cancel()
        self.env.flush_all()
        self.env.invalidate_all()
        return page

    def test_the_page(self):
        page = self._page()
        self.assertEqual(page.company_id, self.other)
        self.assertFalse(page.available_token_ids)
        self.assertIn("has not agreed", page.card_hint)
        self.assertEqual(self._find(page.card_link), self.other)
        self.client_1.with_company(self.other)._agree_to_card_charges()
        self.assertIn("No card is saved", self._page().card_hint)

    def test_the_dialog_after_it(self):
        self.assertEqual(self.event.company_id, self.other)
        self.client_1.email = "c1@example.com"
        # Where the other one has no card company, this one still has.
        self.demo.state = "disabled"
        page = self._let_miss()
        self.assertTrue(page.offers_card_link)
        form = self._open(page.action_ask_for_card(), self.frontdesk)
        self.assertEqual(self._find(form.link), self.other)
        self.assertIn(self.other.name, form.subject)
        dialog = form.save()
        dialog.action_send()
        mail = self.env["mail.mail"].sudo().search([], order="id desc", limit=1)
        self.assertIn(self.other.name, mail.subject)
        self.assertEqual(mail.told_event_id, self.event)

    def test_charged_later(self):
        self._let_miss()
        fee = self._as(self.event.fee_line_ids, self.biller)
        form = self._open(fee.action_open_charge(), self.biller)
        self.assertIn("has not agreed", form.card_hint)
        action = form.save().action_ask_for_card()
        self.assertEqual(self._find(self._open(action, self.biller).link), self.other)

    def test_no_card_company_there(self):
        self.other_demo.state = "disabled"
        page = self._page()
        self.assertFalse(page.card_link)
        self.assertIn("no card company", page.card_hint)
        page = self._let_miss()
        self.assertFalse(page.offers_card_link)
        with self.assertRaisesRegex(UserError, "no card company"):
            page.action_ask_for_card()
        # The client's own page is the first company's.
        action = self._as(self.client_1, self.frontdesk).action_ask_for_card()
        self.assertEqual(
            self._find(self._open(action, self.frontdesk).link), self.company
        )

    def test_the_appointments_form(self):
        """Each says what its own practice could charge."""
        here = self._as(self.appointment, self.frontdesk)
        there = self._as(self.event, self.frontdesk)
        for events in (here + there, there + here):
            self.env.invalidate_all()
            cards = dict(zip(events, events.mapped("client_card"), strict=True))
            self.assertIn("4242", cards[here])
            self.assertIn("has not agreed", cards[there])
        # Whose practice is not the user's, of that they are told nothing.
        form = Form(
            self.env["calendar.event"].with_user(self.manager),
            "noshow_fees.calendar_event_view_form_appointment",
        )
        form.client_id = self.client_1
        self.assertIn("4242", form.client_card)
        form.user_id = self.provider
        self.assertFalse(form.client_card)
