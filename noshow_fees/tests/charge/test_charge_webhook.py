"""Stripe's messages: a reason to ask, whoever sent them."""

import hashlib
import hmac
import json
import time

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common_charge import StripeCommon

STRIPE_LOG = "odoo.addons.payment_stripe.controllers.main"
CHARGE_LOG = "odoo.addons.noshow_fees.models.charge.payment_transaction_protocol"


@tagged("post_install", "-at_install")
class TestWebhook(StripeCommon, HttpCase):
    def _charge_without_answer(self, kind="drop_after"):
        self._fault(kind, times=10)
        charge = self._cancel_and_charge()
        with mute_logger(CHARGE_LOG):
            self.env.cr.postcommit.run()
        self.fake.account.faults.clear()
        self.env.invalidate_all()
        self.assertEqual(charge.state, "pending")
        return charge

    def _send_event(
        self, charge, type_="payment_intent.succeeded", secret=None, **vals
    ):
        """Send what Stripe would, signed with `secret` when there is one.

        :return: the HTTP status
        """
        intents = self.fake.account.intents.values()
        intent = next((i for i in intents if i["description"] == charge.reference), {})
        body = {
            "id": "evt_1",
            "type": type_,
            "data": {
                "object": {
                    "id": "pi_forged",
                    "amount": 7500,
                    "currency": "usd",
                    "status": "succeeded",
                    **intent,
                    "description": charge.reference,
                    **vals,
                }
            },
        }
        text = json.dumps(body)
        headers = {"Content-Type": "application/json"}
        if secret:
            now = int(time.time())
            digest = hmac.new(secret.encode(), f"{now}.{text}".encode(), hashlib.sha256)
            headers["Stripe-Signature"] = f"t={now},v1={digest.hexdigest()}"
        status = self.url_open(
            "/payment/stripe/webhook", data=text, headers=headers
        ).status_code
        self.env.invalidate_all()
        return status

    def test_no_event_is_printed(self):
        """Stock prints them whole, also those that are not about fees."""
        known = {
            "type": "payment_intent.succeeded",
            "data": {
                "object": {
                    "id": "pi_of_a_shop",
                    "description": "S00042",
                    "shipping": {"name": "Dora O'Keefe"},
                    "receipt_email": "dora@example.com",
                }
            },
        }
        for event in (known, {**known, "type": "customer.updated"}):
            with self.assertLogs(STRIPE_LOG) as logs:
                answer = self.url_open(
                    "/payment/stripe/webhook",
                    data=json.dumps(event),
                    headers={"Content-Type": "application/json"},
                )
            self.assertEqual(answer.status_code, 200)
            self.assertIn("Notification received from Stripe", str(logs.output))
            self.assertNotIn("Keefe", str(logs.output))
            self.assertNotIn("dora", str(logs.output))

    def test_settles_before_any_answer(self):
        charge = self._charge_without_answer()
        self.assertEqual(self._send_event(charge, secret="whsec_fake"), 200)
        self.assertEqual((charge.state, self.appointment.fee_state), ("done", "paid"))
        self.assertEqual(len(self.succeeded), 1)

    def test_replayed_and_late_events_change_nothing(self):
        charge = self._charge_without_answer()
        self._send_event(charge, secret="whsec_fake")
        payment = charge.payment_id
        self._send_event(charge, secret="whsec_fake")
        for type_, status in (
            ("payment_intent.payment_failed", "requires_payment_method"),
            ("payment_intent.canceled", "canceled"),
            ("payment_intent.processing", "processing"),
        ):
            self._send_event(charge, type_, secret="whsec_fake", status=status)
        self.assertEqual((charge.state, self.appointment.fee_state), ("done", "paid"))
        self.assertEqual(charge.payment_id, payment)
        self.assertEqual(
            self.env["account.payment"].search_count(
                [("payment_transaction_id", "=", charge.id)]
            ),
            1,
        )

    @mute_logger(STRIPE_LOG, "odoo.http")
    def test_wrong_signature(self):
        charge = self._charge_without_answer()
        self.assertEqual(self._send_event(charge, secret="whsec_wrong"), 403)
        self.assertNotEqual(self._send_event(charge), 200)
        self.assertEqual(charge.state, "pending")

    def test_forged_event_without_a_secret(self):
        """Stock believes it (`_verify_signature` returns when there is no secret)."""
        self.stripe.stripe_webhook_secret = False
        charge = self._charge_without_answer("drop_before")
        self.assertFalse(self.succeeded)
        self._send_event(charge)
        self.assertEqual(
            (charge.state, self.appointment.fee_state), ("pending", "charging")
        )
        self.assertFalse(charge.payment_id)

    def test_genuine_event_without_a_secret(self):
        self.stripe.stripe_webhook_secret = False
        charge = self._charge_without_answer()
        self._send_event(charge)
        self.assertEqual(charge.state, "done")

    def test_event_says_failed_but_it_succeeded(self):
        charge = self._charge_without_answer()
        self._send_event(
            charge,
            "payment_intent.payment_failed",
            secret="whsec_fake",
            status="requires_payment_method",
        )
        self.assertEqual(charge.state, "done")

    def test_late_success(self):
        """Taken for lost, and yet it had arrived."""
        charge = self._charge_without_answer()
        charge._set_not_charged()
        self.assertEqual(self.appointment.fee_state, "open")
        self._send_event(charge, secret="whsec_fake")
        self.assertEqual((charge.state, self.appointment.fee_state), ("done", "paid"))

    @mute_logger(
        "odoo.http", "odoo.addons.noshow_fees.models.stripe.payment_transaction_webhook"
    )
    def test_somebody_elses_payment_does_not_pay_a_fee(self):
        """Stock takes the intent's id from the address of the return page."""
        charge = self._charge_without_answer("drop_before")
        other = self._cancel_and_charge(
            self._new_appointment(self.client_1), self._new_stripe_card("pm_ok")
        )
        self.env.cr.postcommit.run()
        self.env.invalidate_all()
        self.url_open(
            f"/payment/stripe/return?reference={charge.reference}"
            f"&payment_intent={other.provider_reference}"
        )
        self.env.invalidate_all()
        self.assertEqual(charge.state, "pending")

    def test_refund_in_stripes_own_pages(self):
        charge = self._charge_without_answer()
        self._send_event(charge, secret="whsec_fake")
        self.fake.account.create_refund(
            {"payment_intent": charge.provider_reference, "amount": 2500}
        )
        for _time in range(2):
            self._send_event(
                charge, "charge.refunded", secret="whsec_fake", object="charge"
            )
        refund = charge.child_transaction_ids
        self.assertEqual(refund.mapped("amount"), [-25.0])
        self.assertEqual(refund.state, "done")

    def test_forged_refund_without_a_secret(self):
        self.stripe.stripe_webhook_secret = False
        charge = self._charge_without_answer()
        self._send_event(charge)
        self._send_event(
            charge,
            "charge.refunded",
            refunds={
                "data": [
                    {
                        "id": "re_forged",
                        "amount": 7500,
                        "currency": "usd",
                        "status": "succeeded",
                    }
                ],
                "has_more": False,
            },
        )
        self.assertFalse(charge.child_transaction_ids)
