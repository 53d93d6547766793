"""Money back to the card, once."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_charge import StripeCommon

CHARGE_LOG = "odoo.addons.noshow_fees.models.charge.payment_transaction_protocol"


@tagged("post_install", "-at_install")
class TestRefundStripe(StripeCommon):
    def setUp(self):
        super().setUp()
        self.charge = self._cancel_and_charge()
        self._commit()
        self.fee = self.appointment.fee_line_ids

    def _waive(self):
        self.fee.with_user(self.biller)._waive("Courtesy", surplus="refund")
        return self.charge.child_transaction_ids

    @property
    def given_back(self):
        return [r["amount"] for r in self.fake.account.refunds.values()]

    def test_waived_and_refunded(self):
        refund = self._waive()
        self.assertFalse(self.given_back)
        self._commit()
        self.assertEqual(self.given_back, [7500])
        self.assertEqual(refund.state, "done")
        self.assertEqual(self.fee.fee_state, "refunded")
        self.assertEqual(self.fee._get_refundable_to_card(), 0.0)
        [asked] = [r for r in self.fake.account.requests if r["path"] == "/v1/refunds"]
        self.assertEqual(asked["key"], refund.charge_key)

    def test_more_than_was_charged(self):
        with self.assertRaisesRegex(UserError, "Only"):
            self.fee._refund_to_card(80.0, "Agreed")

    def test_not_twice_while_one_is_on_its_way(self):
        self._waive()
        with self.assertRaisesRegex(UserError, "Only"):
            self.fee._refund_surplus("Agreed")

    def test_in_parts(self):
        fee = self.fee.with_user(self.biller)
        fee._change_fee(self.code_noshow, 50.0, "Agreed", surplus="refund")
        self._commit()
        self.assertEqual((self.given_back, fee.fee_state), ([2500], "paid"))
        fee._waive("Courtesy", surplus="refund")
        self._commit()
        self.assertEqual((self.given_back, fee.fee_state), ([2500, 5000], "refunded"))

    def test_who_may_not_refund_changes_the_fee_and_gives_nothing_back(self):
        """A therapist with the financial role, on an own fee."""
        own = self.financial
        event = self._new_appointment(provider=own)
        self._cancel_and_charge(event)
        self._commit()
        fee = event.fee_line_ids
        dialogs = self.env["account.move.line.edit.fee"]
        for amount in (50.0, 0.0):
            vals = {"line_id": fee.id, "amount": amount, "surplus": "refund"}
            dialog = dialogs.with_user(own).create(vals)
            self.assertFalse(dialog.refundable, "No choice is shown.")
            with self.assertRaisesRegex(AccessError, "refunding"):
                dialog.action_save()
        self.assertTrue(dialogs.with_user(self.biller).create(vals).refundable)
        dialog.surplus = "credit"
        dialog.amount = 50.0
        dialog.action_save()
        self._commit()
        self.assertEqual((fee.fee_amount, self.given_back), (50.0, []))

    def test_fee_that_moved_to_another_invoice(self):
        self.company.fiscalyear_lock_date = self.fee.date
        fee = self.fee.with_user(self.biller)
        self.addCleanup(setattr, self.company, "fiscalyear_lock_date", False)
        with freeze_time(fields.Date.add(self.fee.date, days=2)):
            fee._change_fee(self.code_noshow, 50.0, "Agreed", surplus="refund")
            self._commit()
        new = self.appointment.fee_line_ids.filtered("is_noshow_fee")
        self.assertNotEqual(new, self.fee)
        self.assertEqual((self.given_back, new.fee_state), ([2500], "paid"))

    @mute_logger(CHARGE_LOG)
    def test_line_cut_and_tried_again(self):
        self._fault("drop_after", path="/v1/refunds", times=10)
        refund = self._waive()
        self._commit()
        self.assertEqual(refund.state, "pending")
        # Nothing is received while it is on its way back.
        self.assertFalse(self.fee._filter_to_tell("receipt"))
        with self.assertRaisesRegex(UserError, "Nothing was received"):
            self.fee.action_open_receipt_mail()
        self.fake.account.faults.clear()
        # The accountant tries again in Odoo's own dialog.
        with self.assertRaisesRegex(UserError, "on its way back"):
            self.charge.with_user(self.biller).sudo(False).action_refund(75.0)
        refund.sent_at -= timedelta(minutes=2)
        self._run_job()
        self.assertEqual(refund.state, "done")
        self.assertEqual(self.given_back, [7500])
        self.assertEqual(self.fee.fee_state, "refunded")

    @mute_logger(CHARGE_LOG)
    def test_a_receipt_while_a_part_is_on_its_way(self):
        self._fault("drop_after", path="/v1/refunds", times=10)
        self.fee.with_user(self.biller)._refund_fee(25.0, "Goodwill")
        self._commit()
        [refund] = self.charge.child_transaction_ids
        self.assertEqual(refund.state, "pending")
        receipt = self.env["noshow.link"].with_user(self.biller)
        receipt = receipt.create({"kind": "receipt", "line_id": self.fee.id})
        self.assertIn("50.00", receipt.amount_text)

    @mute_logger(CHARGE_LOG)
    def test_never_arrived(self):
        self._fault("drop_before", path="/v1/refunds", times=10)
        refund = self._waive()
        self._commit()
        self.fake.account.faults.clear()
        refund.sent_at -= timedelta(minutes=2)
        self._run_job()
        self.assertEqual(refund.state, "pending")
        self.fake.account.clock_offset = 11 * 60
        self._run_job()
        self.assertEqual(refund.state, "error")
        self.fee._refund_surplus("Agreed")
        self._commit()
        self.assertEqual(self.given_back, [7500])

    def test_stocks_own_refund_dialog(self):
        wizard = (
            self.env["payment.refund.wizard"]
            .with_user(self.biller)
            .with_context(active_id=self.charge.payment_id.id)
            .create({"amount_to_refund": 30.0})
        )
        wizard.action_refund()
        self._commit()
        self.assertEqual(self.given_back, [3000])
