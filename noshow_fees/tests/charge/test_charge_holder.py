"""A saved card on Odoo's own pages is shown to its holder, who has logged in, and
charged for nobody else; whoever has a link pays with a card that they type."""

from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common_charge import StripeCommon


@tagged("post_install", "-at_install")
class TestCardOfHolder(StripeCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].sudo().set_param(
            "account_payment.enable_portal_payment", "True"
        )
        cls.stripe.is_published = True
        cls.employer = cls.env["res.partner"].create(
            {"name": "Acme", "is_company": True, "email": "acme@example.com"}
        )

    def _path(self, link):
        return link[link.index("/", len("https://")) :]

    def _pay(self, flow, route, card=None, **params):
        """What the Pay button of Odoo's pages asks for.

        :return: Odoo's answer, and how many payments went through
        """
        before = len(self.succeeded)
        with mute_logger("odoo.http"):
            answer = self.url_open(
                route,
                json={
                    "params": {
                        "provider_id": self.stripe.id,
                        "payment_method_id": self.card_method.id,
                        "token_id": (card or self.card).id if flow == "token" else None,
                        "flow": flow,
                        "tokenization_requested": False,
                        "landing_route": "/my",
                        **params,
                    }
                },
            ).json()
        # In tests nothing is committed: the job sends it.
        self._run_job()
        self.env.invalidate_all()
        return answer, len(self.succeeded) - before

    def _assert_charged_for_holder_only(self, page, route, card=None, **params):
        """Logged out, the page shows no saved card, charges none, and opens Odoo's form
        for a new one; the holder of the card, who logs in, is charged."""
        self.authenticate(None, None)
        text = self.url_open(page).text
        self.assertIn("o_payment_form", text)
        self.assertNotIn("4242", text)
        answer, charged = self._pay("token", route, card, **params)
        self.assertEqual(charged, 0)
        self.assertIn("Log in", answer["error"]["data"]["message"])
        answer, _charged = self._pay("direct", route, **params)
        self.assertIn("result", answer)

    def test_a_link_to_a_fee(self):
        self._cancel(self.appointment, visit_state="no_show")
        fee = self.appointment.fee_line_ids
        move, route = fee.move_id, f"/invoice/transaction/{fee.move_id.id}"
        params = {"access_token": move._portal_ensure_token(), "amount": 75.0}
        link = fee.with_user(self.therapist)._get_payment_link()
        for page in (self._path(link), move.get_portal_url()):
            self._assert_charged_for_holder_only(page, route, **params)
        # Somebody else who logs in.
        self.authenticate(self.portal.login, self.portal.login)
        self.assertEqual(self._pay("token", route, **params)[1], 0)
        self._log_in_as(self.client_1)
        self.assertIn("4242", self.url_open(move.get_portal_url()).text)
        self.assertEqual(self._pay("token", route, **params)[1], 1)
        self.assertEqual(fee.fee_state, "paid")

    def test_a_link_to_pay_without_an_invoice(self):
        accountant = self._new_user("invoicing", "account.group_account_invoice")
        parent = self.env["res.partner"].create({"name": "Parent"})
        self.client_2.payer_id = parent
        currency = self.company.currency_id
        for holder in (self.client_1, parent):
            card = self._new_stripe_card("pm_ok", holder)
            vals = {
                "res_model": "res.partner",
                "res_id": holder.id,
                "partner_id": holder.id,
                "amount": 499.0,
                "currency_id": currency.id,
            }
            wizard = self.env["payment.link.wizard"].with_user(accountant).create(vals)
            page = self._path(wizard.link)
            page = f"{page}&company_id={self.company.id}"
            self.authenticate(None, None)
            token = self.url_open(page).text.split('data-access-token="')[1]
            self._assert_charged_for_holder_only(
                page,
                "/payment/transaction",
                card,
                access_token=token.split('"')[0],
                partner_id=holder.id,
                currency_id=currency.id,
                amount=499.0,
                reference_prefix="tx",
            )

    def test_somebody_else_of_who_pays(self):
        """An employer pays, say: its card is its own login's, not every contact's."""
        card = self._new_stripe_card("pm_ok", self.employer)
        self.client_1.payer_id = self.employer
        self._cancel(self.appointment, visit_state="no_show")
        fee = self.appointment.fee_line_ids
        colleague = new_test_user(
            self.env,
            "noshow_colleague",
            "base.group_portal",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        colleague.partner_id.parent_id = self.employer
        route = f"/invoice/transaction/{fee.move_id.id}"
        params = {"access_token": fee.move_id._portal_ensure_token(), "amount": 75.0}
        self.authenticate(colleague.login, colleague.login)
        self.assertNotIn("4242", self.url_open("/my/payment_method").text)
        self.assertEqual(self._pay("token", route, card, **params)[1], 0)
        self._remove(card)
        self.assertTrue(card.active)
        own = self._new_stripe_card("pm_ok", colleague.partner_id)
        self._remove(own)
        self.assertFalse(own.active)
        self._log_in_as(self.employer)
        self.assertIn("4242", self.url_open("/my/payment_method").text)
        self.assertEqual(self._pay("token", route, card, **params)[1], 1)
        self._remove(card)
        self.assertFalse(card.active)

    def _remove(self, card):
        """What the bin beside a card on Odoo's pages asks for."""
        params = {"token_id": card.id}
        answer = self.url_open("/payment/archive_token", json={"params": params}).json()
        self.assertNotIn("error", answer)
        card.invalidate_recordset()

    def test_the_card_of_who_is_no_client_is_as_stock(self):
        """Whoever has a link to an invoice pays with the card that is saved."""
        card = self._new_stripe_card("pm_ok", self.employer)
        move = self.init_invoice(
            "out_invoice", self.employer, amounts=[10.0], post=True
        )
        self.authenticate(None, None)
        self.assertIn("4242", self.url_open(move.get_portal_url()).text)
        answer, _charged = self._pay(
            "token",
            f"/invoice/transaction/{move.id}",
            card,
            access_token=move._portal_ensure_token(),
            amount=move.amount_residual,
        )
        self.assertIn("result", answer)
