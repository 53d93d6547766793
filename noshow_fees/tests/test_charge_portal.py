"""A client pays a fee in the portal with a card saved at Stripe."""

from datetime import timedelta

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common_charge import StripeCommon

CHARGE_LOG = "odoo.addons.noshow_fees.models.payment_transaction_charge"


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

    def _pay(self, flow="token"):
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
                }
            },
        ).json()
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
        self.assertEqual(charge.state, "done")
        charge._book_payment()
        self.assertEqual(self.fee.fee_state, "paid")

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

    def test_new_card_tells_no_name(self):
        self._pay(flow="direct")
        asked = self.fake.account.requests
        self.assertEqual(
            [r["path"] for r in asked], ["/v1/customers", "/v1/payment_intents"]
        )
        self.assertNotIn("Dora", str(asked))
        self.assertNotIn("Secret", str(asked))
        self.assertNotIn(self.move.name, str(asked))
