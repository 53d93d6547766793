"""An attack: refunds and disputes in shapes that Stripe makes and nobody here did."""

from odoo.tests import tagged

from .common_event import EventCommon


@tagged("post_install", "-at_install")
class TestChargeAttack(EventCommon):
    def setUp(self):
        super().setUp()
        self.charge = self._charge()
        self.assertEqual(self.fee.fee_state, "paid")

    def _tell_refunded(self):
        return self._send(
            "charge.refunded",
            {
                "id": "ch_1",
                "object": "charge",
                "payment_intent": self.charge.provider_reference,
                "description": self.charge.reference,
            },
        )

    def _refund_in_stripe(self, amount, status):
        _status, refund = self.fake.account.create_refund(
            {"payment_intent": self.charge.provider_reference, "amount": amount}
        )
        self.fake.account.refunds[refund["id"]]["status"] = status
        return refund

    def test_two_pending_in_stripes_own_pages(self):
        """Stripe's balance is too low: both parts wait."""
        first = self._refund_in_stripe(3000, "pending")
        second = self._refund_in_stripe(1000, "pending")
        self.assertEqual(self._tell_refunded(), 200)
        for refund in (first, second):
            self.fake.account.refunds[refund["id"]]["status"] = "succeeded"
        self.assertEqual(self._tell_refunded(), 200)
        self.assertEqual(self.fee.fee_received, 35.0)

    def test_two_parts_one_after_the_other(self):
        """The second leaves the first matched with what it gave back."""
        for amount, received in ((30.0, 45.0), (10.0, 35.0)):
            self.charge.with_user(self.biller).sudo(False).action_refund(amount)
            self._commit()
            self.assertEqual(self.fee.fee_received, received)
        lines = self.charge.child_transaction_ids.payment_id.move_id.line_ids
        self.assertFalse(
            lines.filtered(
                lambda line: (
                    line.account_id.account_type == "asset_receivable"
                    and not line.reconciled
                )
            )
        )

    def test_a_refund_that_no_event_told(self):
        """Odoo's own endpoint at Stripe hears of some; one is enough to miss."""
        self._refund_in_stripe(3000, "succeeded")
        for _day in range(2):
            with self.enter_registry_test_mode():
                self.env.ref(
                    "noshow_fees.ir_cron_fetch_payouts"
                ).method_direct_trigger()
            self.env.invalidate_all()
            self.assertEqual(self.fee.fee_received, 45.0)
        self.assertEqual(len(self.charge.child_transaction_ids), 1)

    def test_one_done_while_another_is_pending(self):
        self._refund_in_stripe(3000, "pending")
        self._refund_in_stripe(1000, "succeeded")
        self.assertEqual(self._tell_refunded(), 200)
        self.assertEqual(self.fee.fee_received, 65.0)

    def test_refund_taken_for_lost_and_done_after_all(self):
        """As a charge that was taken for lost: a later event settles it."""
        self._fault("refuse", path="/v1/refunds")
        self.fee.with_user(self.biller)._waive("Agreed", surplus="refund")
        self._commit()
        lost = self.charge.child_transaction_ids
        self.assertEqual(lost.state, "error")
        self.fake.account.create_refund(
            {
                "payment_intent": self.charge.provider_reference,
                "amount": 7500,
                "metadata": {"reference": lost.reference, "key": lost.charge_key},
            }
        )
        self.assertEqual(self._tell_refunded(), 200)
        self.assertEqual(self.charge._get_refundable_amount(), 0.0)
        self.assertEqual(self.fee.fee_state, "refunded")

    def test_dispute_won_in_part(self):
        dispute = self.fake.account.create_dispute(self.charge.provider_reference)
        self.assertEqual(self._send("charge.dispute.created", dispute), 200)
        account = self.fake.account
        booking = account.book_other("adjustment", 4500, dispute)
        account.disputes[dispute["id"]]["balance_transactions"].append(booking)
        account.disputes[dispute["id"]]["status"] = "lost"
        self.assertEqual(self._send("charge.dispute.closed", dispute), 200)
        self.assertEqual(self.charge.disputed_amount, 30.0)
