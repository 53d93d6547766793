"""Money back to the card it came from, through edit, waive and restore."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..charge.common_charge import ChargeCommon


@tagged("post_install", "-at_install")
class TestFeeRefund(ChargeCommon):
    def setUp(self):
        super().setUp()
        self.charge = self._cancel_and_charge()
        self._commit()
        self.env.invalidate_all()
        self.fee = self.appointment.fee_line_ids
        self.assertEqual(self.fee.fee_state, "paid")

    def assertCredit(self, amount):
        lines = self.env["account.move"]._get_payer_credit_lines(
            self.company, self.client_1
        )
        self.assertEqual(-sum(lines.mapped("amount_residual")), amount)

    def assertRefunded(self, amount):
        self._commit()
        self.env.invalidate_all()
        refunds = self._charges_of(self.appointment.fee_line_ids).filtered(
            lambda tx: tx.operation == "refund"
        )
        self.assertEqual(refunds.mapped("state"), ["done"])
        self.assertEqual(sum(refunds.mapped("amount")), -amount)
        self.assertCredit(0.0)

    def test_edited_down(self):
        dialog = (
            self.env["account.move.line.edit.fee"]
            .with_user(self.biller)
            .create({"line_id": self.fee.id, "amount": 50.0, "surplus": "refund"})
        )
        self.assertEqual(dialog.surplus_amount, 25.0)
        self.assertEqual(dialog.refundable, 75.0)
        self.assertNotIn("credit", dialog.preview)
        dialog.action_save()
        self.assertRefunded(25.0)
        self.assertEqual(self.fee.fee_state, "paid")
        self.assertEqual(self.fee.fee_received, 50.0)

    def test_waived(self):
        dialog = (
            self.env["account.move.line.waive.fee"]
            .with_user(self.biller)
            .create(
                {
                    "line_ids": self.fee.ids,
                    "reason_id": self.reason.id,
                    "surplus": "refund",
                }
            )
        )
        self.assertEqual((dialog.received, dialog.refundable), (75.0, 75.0))
        dialog.action_waive()
        self.assertRefunded(75.0)
        self.assertEqual(self.appointment.fee_state, "refunded")

    def test_restored(self):
        dialog = (
            self.env["calendar.event.restore"]
            .with_user(self.biller)
            .create({"event_ids": self.appointment.ids, "surplus": "refund"})
        )
        self.assertEqual((dialog.received, dialog.refundable), (75.0, 75.0))
        dialog.action_restore()
        self.assertRefunded(75.0)
        self.assertEqual(self.appointment.visit_state, "scheduled")
        self.assertEqual(self.appointment.fee_state, "none")

    def test_refused_while_charging(self):
        other = self._new_appointment()
        self._cancel_and_charge(other)
        fee = other.fee_line_ids
        self.assertEqual(fee.fee_state, "charging")
        biller_fee = fee.with_user(self.biller)
        for action in (
            lambda: biller_fee._change_fee(self.code_late, 50.0, "x"),
            lambda: biller_fee._waive("x"),
            lambda: biller_fee._take_payment(
                self.company_data["default_journal_cash"], 5.0
            ),
        ):
            with self.assertRaisesRegex(UserError, "being charged"):
                action()
