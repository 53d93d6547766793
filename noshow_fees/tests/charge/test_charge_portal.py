"""A client pays a fee in the portal with a card saved at Stripe."""

from ast import literal_eval
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common_charge import StripeCommon

CHARGE_LOG = "odoo.addons.noshow_fees.models.charge.payment_transaction_protocol"


@tagged("post_install", "-at_install")
class TestPortalStripe(StripeCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.env["ir.config_parameter"].sudo().set_param(
            "account_payment.enable_portal_payment", "True"
        )
        self._cancel(self.appointment, visit_state="no_show")
        self.fee = self.appointment.fee_line_ids
        self.move = self.fee.move_id
        self.client_1.write({"name": "Dora", "street": "1 Secret Street"})
        # A saved card is its holder's; a form is paid by whoever has the link, too.
        self._log_in_as(self.client_1)

    def _pay(self, flow="token", **params):
        """What the portal's Pay button asks for."""
        answer = self.url_open(
            f"/invoice/transaction/{self.move.id}",
            json={
                "params": {
                    "access_token": self.move._portal_ensure_token(),
                    "provider_id": self.stripe.id,
                    "payment_method_id": self.card_method.id,
                    "token_id": self.card.id if flow == "token" else None,
                    "amount": 75.0,
                    "flow": flow,
                    "tokenization_requested": False,
                    "landing_route": "/my",
                    **params,
                }
            },
        ).json()
        # In tests nothing is committed: the job sends it, as if the server had died.
        self._run_job()
        self.env.invalidate_all()
        return answer

    def test_saved_card(self):
        answer = self._pay()
        self.assertTrue(answer["result"]["reference"].startswith("fee-"))
        [intent] = self.succeeded
        [asked] = self.fake.account.requests
        self.assertEqual(intent["description"], answer["result"]["reference"])
        self.assertNotIn("Dora", str(asked))
        self.assertNotIn("Secret", str(asked))
        charge = self._charges_of(self.fee)
        self.assertEqual((charge.state, self.fee.fee_state), ("done", "paid"))

    def test_page_of_before(self):
        """Pressed on a page or link that was opened before the practice did this."""

        def reissue(fee):
            self.company.fiscalyear_lock_date = fee.date
            self.addCleanup(setattr, self.company, "fiscalyear_lock_date", False)
            with freeze_time(fields.Date.add(fee.date, days=2)):
                fee._change_fee(self.code_noshow, 60.0, "Agreed")

        for what, change, charged in (
            ("waived", lambda fee: fee._waive("Agreed"), 0),
            ("less", lambda fee: fee._change_fee(self.code_noshow, 50.0, "Agreed"), 0),
            ("being charged", lambda fee: fee._charge_later(self.card), 1),
            ("paid by another tab", lambda _fee: self._pay(), 1),
            ("billed anew", reissue, 0),
        ):
            with self.subTest(what), mute_logger("odoo.http"):
                self.fake.account.reset()
                appointment = self._new_appointment(self.client_1)
                self._cancel(appointment, visit_state="no_show")
                self.fee = appointment.fee_line_ids
                self.move = self.fee.move_id
                change(self.fee.with_user(self.biller))
                self.assertIn("error", self._pay())
                self.assertEqual(len(self.succeeded), charged)

    def _open_form(self, minutes_ago=0):
        """The client opens Odoo's payment form; their browser has yet to pay it.

        :return: its transaction
        """
        reference = self._pay(flow="direct")["result"]["reference"]
        form = self.move.sudo().transaction_ids.filtered_domain(
            [("reference", "=", reference)]
        )
        self.env.cr.execute(
            "UPDATE payment_transaction SET create_date = create_date - %(age)s,"
            " last_state_change = last_state_change - %(age)s WHERE id = %(id)s",
            {"age": timedelta(minutes=minutes_ago), "id": form.id},
        )
        form.invalidate_recordset()
        return form

    def _confirm(self, form):
        """The client pays a form.

        :return: the HTTP status that Stripe answers
        """
        return self.fake.account.confirm_intent(form.provider_reference)

    def _pay_form(self, form):
        """The client pays a form, comes back, and Odoo books it."""
        self.assertEqual(self._confirm(form), 200)
        self.url_open(
            f"/payment/stripe/return?reference={form.reference}"
            f"&payment_intent={form.provider_reference}"
        )
        self.env.invalidate_all()
        form._post_process()

    def _charge_card(self):
        charge = self.fee._charge({self.fee: self.card})
        self.env.flush_all()
        self.env.cr.postcommit.run()
        self.env.invalidate_all()
        return charge

    def test_second_try_takes_the_first_form_back(self):
        """The bank declined the first card, say, and the client presses Pay again."""
        first = self._open_form()
        second = self._open_form()
        self.assertEqual((first.state, second.state), ("cancel", "draft"))
        self.assertEqual(self._confirm(first), 400)
        self._pay_form(second)
        self.assertEqual((second.state, self.fee.fee_state), ("done", "paid"))
        self.assertEqual(len(self.succeeded), 1)

    def test_form_that_was_just_opened_keeps_the_card_from_being_charged(self):
        self._open_form(minutes_ago=29)
        with self.assertRaisesRegex(UserError, "paying this invoice online"):
            self._charge_card()

    def test_form_left_open_cannot_be_paid_after_the_charge(self):
        form = self._open_form(minutes_ago=31)
        self._charge_card()
        self.assertEqual(self.fee.fee_state, "paid")
        self.assertEqual((form.state, self._confirm(form)), ("cancel", 400))
        self.assertEqual(len(self.succeeded), 1)

    def test_form_left_open_was_paid_meanwhile(self):
        form = self._open_form(minutes_ago=31)
        self._confirm(form)
        charge = self._charge_card()
        self.assertEqual((charge.state, charge.decline_code), ("error", False))
        self.assertIn("paying this invoice online", charge.state_message)
        self.assertEqual(len(self.succeeded), 1)
        self.assertEqual((form.state, self.fee.fee_state), ("done", "charging"))
        form._post_process()
        self.assertEqual(self.fee.fee_state, "paid")

    @mute_logger("odoo.addons.noshow_fees.models.charge.payment_transaction_protocol")
    def test_form_left_open_cannot_be_taken_back(self):
        form = self._open_form(minutes_ago=31)
        self._fault(
            "error_before",
            path=f"/v1/payment_intents/{form.provider_reference}",
            times=10,
        )
        charge = self._charge_card()
        self.assertEqual((charge.state, self.fee.fee_state), ("error", "open"))
        self.assertIn("cannot be reached", charge.state_message)
        self.assertEqual((form.state, self.succeeded), ("draft", []))

    def test_paid_while_the_charge_waited_for_its_turn(self):
        """Odoo lets accountants match a payment without asking anybody."""
        charge = self.fee._charge({self.fee: self.card})
        payment = self._receive_cash(75.0)
        term = self.move.line_ids.filtered(
            lambda line: line.display_type == "payment_term"
        )
        credit = payment.move_id.line_ids.filtered(
            lambda line: line.account_id == term.account_id
        )
        (term | credit).reconcile()
        self.env.flush_all()
        self.env.cr.postcommit.run()
        self.env.invalidate_all()
        self.assertEqual((charge.state, self.fee.fee_state), ("error", "paid"))
        text = charge._get_charge_message()["text"]
        self.assertTrue(text.endswith("paid meanwhile. Nothing was charged."), text)
        self.assertFalse(self.succeeded)

    @mute_logger(CHARGE_LOG)
    def test_no_answer_is_no_decline(self):
        """Stock takes it for one, and the next click charges again."""
        self._fault("drop_after", times=10)
        self._pay()
        charge = self._charges_of(self.fee)
        self.assertEqual(charge.state, "pending")
        self.assertEqual(len(self.succeeded), 1)
        with mute_logger("odoo.http"):
            self.assertIn("error", self._pay())
        charge.sent_at -= timedelta(minutes=2)
        charge._settle_charge()
        self.env.invalidate_all()
        self.assertEqual((charge.state, self.fee.fee_state), ("done", "paid"))
        self.assertEqual(len(self.succeeded), 1)

    @mute_logger("odoo.http")
    def test_an_invoice_is_not_paid_by_checking_a_card(self):
        """The fee would be taken to be paid just now, for half an hour at least."""
        for flow in ("direct", "token"):
            self.assertIn("error", self._pay(flow, is_validation=True))
        self.assertFalse(self.move.sudo().transaction_ids)
        self.assertEqual(self.fee.fee_state, "open")

    def test_an_event_that_names_no_intent(self):
        """Without a secret anybody sends one: it is no address to be asked."""
        form = self._open_form()
        self.stripe.stripe_webhook_secret = False
        for id_, asked in (
            ("pi_x/../../balance", 0),
            ("pi_x?expand[]=customer", 0),
            (form.provider_reference, 1),
        ):
            before = len(self.fake.account.requests)
            concerned = {
                "object": "payment_intent",
                "id": id_,
                "description": form.reference,
            }
            event = {"type": "payment_intent.processing", "data": {"object": concerned}}
            with mute_logger("odoo.addons.payment"):
                self.url_open("/payment/stripe/webhook", json=event)
            self.assertEqual(len(self.fake.account.requests) - before, asked, id_)

    def test_new_card_tells_no_name(self):
        self._pay(flow="direct")
        asked = self.fake.account.requests
        self.assertEqual(
            [r["path"] for r in asked], ["/v1/customers", "/v1/payment_intents"]
        )
        self.assertNotIn("Dora", str(asked))
        self.assertNotIn("Secret", str(asked))
        self.assertNotIn(self.move.name, str(asked))

    def _send_refunds(self):
        self.env.flush_all()
        self.env.cr.postcommit.run()
        self.env.invalidate_all()
        return [refund["amount"] for refund in self.fake.account.refunds.values()]

    def test_typed_card_gets_its_money_back(self):
        """As a saved one."""
        form = self._open_form()
        self.assertFalse(self.fee._get_card_payments(), "Nothing was charged yet")
        self._pay_form(form)
        self.assertEqual(self.fee._get_card_payments(), form)
        self.assertIn("The card was charged", self.fee.card_payments)
        fee = self.fee.with_user(self.biller)
        fee._refund_fee(30.0, "Goodwill")
        self.assertEqual(self._send_refunds(), [3000])
        self.assertEqual((fee.fee_state, fee.fee_amount), ("paid", 45.0))
        fee._waive("Goodwill", surplus="refund")
        self.assertEqual(self._send_refunds(), [3000, 4500])
        self.assertEqual(fee.fee_state, "refunded")
        payouts = self.env.ref("noshow_fees.payment_transaction_action_payouts")
        listed = self._charges_of(self.fee).filtered_domain(
            literal_eval(payouts.domain)
        )
        self.assertEqual(sorted(listed.mapped("amount")), [-45.0, -30.0, 75.0])

    def test_typed_card_and_odoos_own_refund(self):
        form = self._open_form()
        self._pay_form(form)
        form.with_user(self.biller).sudo(False).action_refund(75.0)
        self.assertEqual(self._send_refunds(), [7500])
        self.assertEqual(sum(self.fee._get_card_payments().mapped("amount")), 0.0)

    def test_typed_card_where_nothing_can_go_back(self):
        self._pay_form(self._open_form())
        self.assertEqual(self.fee._get_refundable_to_card(), 75.0)
        self.card_method.support_refund = "none"
        self.assertEqual(self.fee._get_refundable_to_card(), 0.0)

    @mute_logger(CHARGE_LOG)
    def test_typed_card_is_booked_whatever_happened_meanwhile(self):
        """The card is charged by the practice, and a coverage forbids the fee."""
        form = self._open_form(minutes_ago=31)
        self._fault("drop_before", path="/v1/payment_intents", times=10)
        charge = self.fee._charge({self.fee: self.card})
        self.fake.account.faults.clear()
        self.env["noshow.coverage"].create(
            {
                "client_id": self.client_1.id,
                "coverage_class_id": self.env.ref(
                    "noshow_fees.coverage_class_medicaid"
                ).id,
            }
        )
        self.assertTrue(self.fee._get_refused())
        self._pay_form(form)
        self.assertEqual((charge.state, form.fee_line_id), ("pending", self.fee))
        self.assertTrue(form.payment_id)
