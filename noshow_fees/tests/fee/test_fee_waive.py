"""Waiving: credited to zero, one fee or many."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .fee_common import FeeCase


@tagged("post_install", "-at_install")
class TestFeeWaive(FeeCase):
    def _waive(self, lines, **vals):
        self.env["account.move.line.waive.fee"].with_user(self.biller).create(
            {"line_ids": [Command.set(lines.ids)], "reason": "Goodwill", **vals}
        ).action_waive()
        self.env.invalidate_all()

    def test_waived(self):
        self.fee.with_user(self.biller)._waive("Goodwill")
        with self.assertRaisesRegex(UserError, "is waived"):
            self._edit(amount=50.0)
        with self.assertRaisesRegex(UserError, f"{self.number} is waived already"):
            self.fee.with_user(self.biller)._waive("Again")

    def test_waive_does_not_count(self):
        self.fee.with_user(self.biller)._waive("Ill", still_counts=False)
        self.assertEqual(self.client_1.missed_visit_count, 0)

    def test_many(self):
        """A credit note each, linked to its fee; what was charged is kept."""
        other = self._new_appointment(self.client_2)
        self._cancel(other, visit_state="no_show")
        fees = self.fee + other.fee_line_ids
        self._pay(25.0)
        self._waive(fees)
        for fee in fees:
            note = fee.move_id.reversal_move_ids
            self.assertEqual(note.invoice_line_ids.appointment_id, fee.appointment_id)
            self.assertEqual((note.amount_total, fee.price_unit), (75.0, 75.0))
            self.assertEqual((fee.fee_state, fee.fee_open), ("waived", 0.0))
            self.assertEqual(fee.fee_change_ids.mapped("kind"), ["waived"])
            for record in (fee.move_id, fee.appointment_id):
                self.assertIn("Goodwill", record.message_ids[0].body)
                self.assertTrue(record.message_ids[0].is_internal)
        self.assertCredit(25.0)
        self.assertNothingClinical(fees.move_id)

    def test_cash_never_goes_back_to_a_card(self):
        self._pay(75.0)
        with self.assertRaisesRegex(UserError, "cash"), self.cr.savepoint():
            self._waive(self.fee, surplus="refund")
        self.assertFee("paid", 75.0, 75.0, 0.0)

    def test_the_clients_open_balance(self):
        other = self._new_appointment()
        self._cancel(other, visit_state="no_show")
        client = self.client_1
        self.assertEqual(client.noshow_fee_open, 150.0)
        self._pay(25.0)
        self.assertEqual(client.noshow_fee_open, 125.0)
        self._edit(amount=100.0)
        self.assertEqual(client.noshow_fee_open, 150.0)
        self._waive(self.fee)
        self.assertEqual(client.noshow_fee_open, 75.0)
