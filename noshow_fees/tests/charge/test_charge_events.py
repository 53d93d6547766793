"""Events about what is not in the books, without a signature, by an intent's id; and
disputes. Findings E2, E5, E7, E10."""

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_event import EventCommon

CHARGE_LOG = "odoo.addons.noshow_fees.models.charge.payment_transaction_protocol"
OUR_LOG = "odoo.addons.noshow_fees.controllers.stripe"
STRIPE_LOG = "odoo.addons.payment_stripe.controllers.main"


@tagged("post_install", "-at_install")
class TestChargeEvents(EventCommon):
    @mute_logger(OUR_LOG, STRIPE_LOG)
    def test_reference_that_is_not_in_the_books(self):
        """Rolled back by a killed server, or after a backup was restored (E2): Stripe
        sends it again until it is known."""
        intent = {
            "id": "pi_lost",
            "object": "payment_intent",
            "description": "fee-0123456789abcdef0123",
        }
        status = self._send("payment_intent.succeeded", intent)
        self.assertGreaterEqual(status, 400)
        self.assertEqual(
            self._send("payment_intent.succeeded", intent, secret="whsec_wrong"), 403
        )
        # The twin: somebody else's is acknowledged.
        intent["description"] = "S00042"
        self.assertEqual(self._send("payment_intent.succeeded", intent), 200)

    @mute_logger(STRIPE_LOG, OUR_LOG, "odoo.http")
    def test_no_signature(self):
        charge = self._charge()
        intent = self.succeeded[0]
        known = {**intent, "description": charge.reference}
        unknown = {**intent, "id": "pi_x", "description": "fee-unknown"}
        for concerned in (known, unknown):
            for headers in ({}, {"Stripe-Signature": "nonsense"}):
                status = self._send(
                    "payment_intent.succeeded", concerned, secret=None, **headers
                )
                self.assertEqual(status, 403)
        self.assertEqual(self._send("payment_intent.succeeded", known), 200)
        self.assertEqual(self.succeeded, [intent])

    @mute_logger(CHARGE_LOG)
    def test_looked_up_by_the_intent_that_it_names(self):
        """The customer was deleted at Stripe (E5): the event names the intent."""
        self._fault("drop_after", times=10)
        charge = self._charge()
        self.fake.account.faults.clear()
        self.fake.account.unknown_customers = {"cus_fake"}
        self._fault("error_before", path="/v1/payment_intents?", method="GET", times=9)
        intent = self.succeeded[0]
        self.assertEqual(self._send("payment_intent.succeeded", intent), 200)
        self.assertEqual((charge.state, self.fee.fee_state), ("done", "paid"))
        # By its id alone, whatever the rest of the event says.
        charge_object = {
            "id": "ch_x",
            "object": "charge",
            "payment_intent": intent["id"],
        }
        self.assertEqual(self._send("charge.updated", charge_object), 200)
        self.assertEqual(len(self.succeeded), 1)

    @mute_logger(CHARGE_LOG)
    def test_intent_of_another_charge(self):
        """An event that names an intent which was not made for this charge."""
        self._fault("drop_before", times=10)
        charge = self._charge()
        self.fake.account.faults.clear()
        self.appointment = self._new_appointment(self.client_1)
        self._charge()
        other = {**self.succeeded[0], "description": charge.reference}
        other["id"] = self.fake.account.create_intent(
            {
                "amount": 7500,
                "currency": "usd",
                "customer": "cus_fake",
                "payment_method": "pm_ok",
                "confirm": "true",
            }
        )[1]["id"]
        self._send("payment_intent.succeeded", other)
        self.assertEqual((charge.state, charge.provider_reference), ("pending", False))

    @mute_logger(CHARGE_LOG)
    def test_stripe_cannot_be_asked(self):
        charge = self._charge()
        self._fault("error_before", path="/v1/disputes", method="GET", times=9)
        dispute = self.fake.account.create_dispute(charge.provider_reference)
        self.assertEqual(self._send("charge.dispute.created", dispute), 503)

    # -- disputes ----------------------------------------------------------

    def test_dispute_lost_and_won(self):
        ends = (("lost", "disputed"), ("won", "paid"))
        for number, (end, state) in enumerate(ends, 1):
            with self.subTest(end):
                self.appointment = self._new_appointment(self.client_1)
                charge = self._charge()
                dispute = self.fake.account.create_dispute(charge.provider_reference)
                for _time in range(2):
                    self._send("charge.dispute.created", dispute)
                self.assertEqual(self.fee.fee_state, "disputed")
                self.assertEqual(self.appointment.fee_state, "disputed")
                task = self._tasks("dispute")
                self.assertEqual(task.user_id, self.biller)
                self.assertEqual(task.date_deadline, charge.dispute_due_by.date())
                self.fake.account.close_dispute(dispute["id"], end)
                # Late and out of order: what it says is not believed.
                self._send("charge.dispute.updated", dispute)
                self._send("charge.dispute.closed", dispute)
                self.assertEqual(self.fee.fee_state, state)
                self.assertEqual(bool(self._tasks("dispute")), end == "lost")
                changes = ["disputed"] + ["dispute_over"] * (end == "won")
                self.assertEqual(self.history, changes)
                self.assertEqual(len(self.succeeded), number)

    def test_inquiry_takes_nothing(self):
        charge = self._charge()
        dispute = self.fake.account.create_dispute(
            charge.provider_reference, "warning_needs_response"
        )
        self._send("charge.dispute.created", dispute)
        self.assertEqual(self.fee.fee_state, "paid")
        self.assertTrue(self._tasks("dispute"))
        self.fake.account.close_dispute(dispute["id"], "warning_closed")
        self._send("charge.dispute.closed", dispute)
        self.assertFalse(self._tasks("dispute"))

    def test_dispute_that_no_event_told(self):
        """Odoo's own endpoint at Stripe subscribes to none."""
        charge = self._charge()
        self.fake.account.create_dispute(charge.provider_reference)
        with self.enter_registry_test_mode():
            self.env.ref("noshow_fees.ir_cron_fetch_payouts").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.fee.fee_state, "disputed")

    def test_forged_dispute(self):
        self.stripe.stripe_webhook_secret = False
        charge = self._charge()
        forged = {
            "id": "du_forged",
            "object": "dispute",
            "payment_intent": charge.provider_reference,
            "status": "lost",
        }
        self._send("charge.dispute.created", forged, secret=None)
        self.assertEqual(self.fee.fee_state, "paid")
