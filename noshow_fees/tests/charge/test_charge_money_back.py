"""Refunds that fail later, that are made in Stripe's own pages, or by Odoo's own
button. Findings E4, E9, A7."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_event import EventCommon


@tagged("post_install", "-at_install")
class TestMoneyBack(EventCommon):
    def setUp(self):
        super().setUp()
        self.charge = self._charge()
        self.assertEqual(self.fee.fee_state, "paid")

    def tearDown(self):
        # Whatever went back, nothing was charged again.
        self.assertEqual(len(self.succeeded), 1)
        super().tearDown()

    def _refund_in_stripe(self, amount):
        _status, refund = self.fake.account.create_refund(
            {"payment_intent": self.charge.provider_reference, "amount": amount}
        )
        charge_object = {
            "id": refund["charge"],
            "object": "charge",
            "payment_intent": self.charge.provider_reference,
            "description": self.charge.reference,
        }
        for _time in range(2):
            self.assertEqual(self._send("charge.refunded", charge_object), 200)
        return refund

    def _fail(self, refund):
        refund = self.fake.account.fail_refund(refund["id"])
        for _time in range(2):
            self.assertEqual(self._send("charge.refund.updated", refund), 200)

    @property
    def receivable(self):
        """What the books say the payer owes for this fee."""
        self.env.flush_all()
        lines = self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.fee.partner_id.id),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
            ]
        )
        return sum(lines.mapped("balance"))

    # -- in Stripe's own pages (E9) ----------------------------------------

    def test_part_in_stripes_own_pages(self):
        self._refund_in_stripe(3000)
        self.assertEqual(self.fee.fee_state, "partial")
        self.assertEqual((self.fee.fee_received, self.fee.fee_open), (45.0, 30.0))
        self.assertEqual((self.receivable, self.history), (30.0, ["refunded"]))
        self.assertEqual(self._tasks("refund").user_id, self.biller)
        # As collected and given back, not as never received.
        self.assertEqual((self.fee.fee_collected, self.fee.fee_refunded), (75.0, 30.0))
        # The rest can go back.
        self.fee.with_user(self.biller)._waive("Agreed", surplus="refund")
        self._commit()
        self.assertEqual(self.fee.fee_state, "refunded")
        self.assertEqual(self.receivable, 0.0)
        given_back = [r["amount"] for r in self.fake.account.refunds.values()]
        self.assertEqual(given_back, [3000, 4500])

    def test_all_in_stripes_own_pages(self):
        self._refund_in_stripe(7500)
        self.assertEqual((self.fee.fee_state, self.receivable), ("open", 75.0))

    def test_in_stripes_own_pages_after_waiving(self):
        """Waived first: the credit is what went back, and nothing is open again."""
        self.fee.with_user(self.biller)._waive("Agreed")
        self.assertEqual(self.fee.fee_state, "waived")
        self._refund_in_stripe(7500)
        self.assertEqual((self.fee.fee_state, self.receivable), ("refunded", 0.0))
        self.assertFalse(self._tasks("refund"))

    # -- failed later (E4) -------------------------------------------------

    def test_refund_failed_days_later(self):
        self.fee.with_user(self.biller)._waive("Agreed", surplus="refund")
        self._commit()
        self.assertEqual((self.fee.fee_state, self.receivable), ("refunded", 0.0))
        [refund] = self.fake.account.refunds.values()
        self._fail(refund)
        # The money is the payer's credit again.
        self.assertEqual((self.fee.fee_state, self.receivable), ("waived", -75.0))
        self.assertEqual(self._tasks("refund").user_id, self.biller)
        self.assertEqual(self.history, ["waived", "refunded", "refund_failed"])
        # And can go back in another try.
        self.assertEqual(self.fee._get_refundable_to_card(), 75.0)
        self.fee.sudo()._refund_surplus("Agreed")
        self._commit()
        self.assertEqual((self.fee.fee_state, self.receivable), ("refunded", 0.0))

    def test_refund_of_stripes_own_pages_failed_later(self):
        refund = self._refund_in_stripe(3000)
        self._fail(refund)
        self.assertEqual((self.fee.fee_state, self.receivable), ("paid", 0.0))
        self.assertEqual(self.fee.fee_received, 75.0)
        self.assertEqual(self.history, ["refunded", "refund_failed"])

    def test_failed_refund_keeps_its_entry(self):
        self.fee.with_user(self.biller)._waive("Agreed", surplus="refund")
        self._commit()
        [refund] = self.fake.account.refunds.values()
        payment = self.charge.child_transaction_ids.payment_id
        before = payment.move_id.line_ids.mapped("balance")
        self._fail(refund)
        # The entry of then stays, another one takes it back.
        self.assertEqual(payment.move_id.state, "posted")
        self.assertEqual(payment.move_id.line_ids.mapped("balance"), before)
        self.assertTrue(payment.move_id.reversal_move_ids)

    def test_refund_refused_at_once(self):
        self._fault("refuse", path="/v1/refunds")
        self.fee.with_user(self.biller)._waive("Agreed", surplus="refund")
        self._commit()
        self.assertEqual((self.fee.fee_state, self.receivable), ("waived", -75.0))
        self.assertEqual(self.history, ["waived", "refunded", "refund_failed"])
        self.assertEqual(self._tasks("refund").user_id, self.biller)

    # -- Odoo's own button (A7) --------------------------------------------

    def test_odoos_own_button(self):
        charge = self.charge.with_user(self.biller).sudo(False)
        charge.action_refund(30.0)
        self._commit()
        self.assertEqual((self.fee.fee_state, self.fee.fee_received), ("partial", 45.0))
        self.assertEqual((self.receivable, self.history), (30.0, ["refunded"]))
        for amount in (46.0, -1.0):
            with self.assertRaises(UserError):
                charge.action_refund(amount)
        [refund] = self.fake.account.refunds.values()
        self.assertEqual(refund["amount"], 3000)
