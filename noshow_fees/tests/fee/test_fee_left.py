"""What is left: every operation of ours starts from what stock's own documents have
left of the fee."""

from .fee_common import FeeCase


class TestFeeLeft(FeeCase):
    def _credit(self, amount, invoice=None):
        """A part credited by an accountant, with Odoo's own dialog."""
        invoice = invoice or self.invoice
        wizard = (
            self.env["account.move.reversal"]
            .with_user(self.accountant)
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id})
        )
        wizard.reverse_moves()
        note = wizard.new_move_ids
        note.invoice_line_ids.price_unit = amount
        note.action_post()
        (
            (invoice | note)
            .sudo()
            ._get_fee_receivable()
            .filtered(lambda line: not line.reconciled)
            .reconcile()
        )
        self.env.invalidate_all()
        return note

    def _balances(self):
        """What the books say of the client: receivable and income."""
        lines = self.env["account.move.line"].search(
            [("company_id", "=", self.company.id), ("parent_state", "=", "posted")]
        )
        receivable = lines.filtered(
            lambda line: (
                line.account_id.account_type == "asset_receivable"
                and line.partner_id == self.client_1
            )
        )
        income = lines.filtered(lambda line: line.display_type == "product")
        return sum(receivable.mapped("balance")), -sum(income.mapped("balance"))

    def test_waive(self):
        self._credit(25.0)
        self.fee.with_user(self.biller)._waive("Agreed")
        self.assertEqual(self._balances(), (0.0, 0.0))
        self.assertFee("waived", 0.0, 0.0, 0.0)
        self.assertEqual(
            sorted(self.invoice.reversal_move_ids.mapped("amount_total")), [25.0, 50.0]
        )

    def test_waive_what_was_paid(self):
        self._pay(75.0)
        self._credit(25.0)
        self.fee.with_user(self.biller)._waive("Agreed")
        self.assertEqual(self._balances(), (-75.0, 0.0))
        self.assertCredit(75.0)
        self.assertFee("waived", 0.0, 75.0, 0.0)

    def test_waive_after_several(self):
        for amount in (10.0, 25.0, 0.01):
            self._credit(amount)
        self.fee.with_user(self.biller)._waive("Agreed")
        self.assertEqual(self._balances(), (0.0, 0.0))

    def test_waive_with_tax_to_the_cent(self):
        tax = self.company_data["default_tax_sale"].copy(
            {"name": "19 %", "amount": 19.0}
        )
        self.code_noshow.taxes_id = tax
        other = self._new_appointment()
        self._cancel(other, self.biller, visit_state="no_show")
        fee = other.fee_line_ids
        self.fee.with_user(self.biller)._waive("Agreed")
        for amount in (0.03, 0.03, 33.33):
            self._credit(amount, fee.move_id)
        fee.with_user(self.biller)._waive("Agreed")
        self.assertEqual(self._balances()[0], 0.0)
        notes = fee.move_id.reversal_move_ids
        self.assertAlmostEqual(sum(notes.mapped("amount_total")), 89.25)
        self.assertEqual(fee.fee_state, "waived")

    def test_restore(self):
        self._credit(25.0)
        dialog = (
            self.env["calendar.event.restore"]
            .with_user(self.biller)
            .create({"event_ids": self.appointment.ids})
        )
        dialog.action_restore()
        self.assertEqual(self._balances(), (0.0, 0.0))
        self._cancel(self.appointment, self.biller, visit_state="no_show")
        self.assertEqual(self._balances(), (75.0, 75.0))

    def test_change_down(self):
        self._credit(25.0)
        dialog = self._open_edit()
        self.assertEqual(dialog.amount, 50.0)
        dialog = self._open_edit(amount=20.0)
        self.assertIn("credited", dialog.preview)
        dialog.action_save()
        self.fee = self.appointment.fee_line_ids.filtered("is_noshow_fee")
        self.assertFee("open", 20.0, 0.0, 20.0)
        self.assertEqual(self._balances(), (20.0, 20.0))

    def test_change_up_in_closed_books(self):
        self._credit(25.0)
        self._lock()
        self._open_edit(amount=100.0).action_save()
        self.fee = self.appointment.fee_line_ids.filtered("is_noshow_fee")
        self.assertFee("open", 100.0, 0.0, 100.0)
        self.assertEqual(self._balances(), (100.0, 100.0))

    def test_change_what_was_paid(self):
        self._pay(75.0)
        self._credit(25.0)
        dialog = self._open_edit(amount=60.0)
        self.assertIn("$ 0.00 will be open", dialog.preview.replace("\xa0", " "))
        dialog.action_save()
        self.fee = self.appointment.fee_line_ids.filtered("is_noshow_fee")
        self.assertFee("paid", 60.0, 60.0, 0.0)
        self.assertCredit(15.0)
        self.assertEqual(self._balances(), (-15.0, 60.0))

    def test_loss_is_no_credit(self):
        """Written off by an accountant, then waived: nothing to give back."""
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.invoice.ids
        ).create(
            {
                "amount": 45.0,
                "journal_id": self.company_data["default_journal_bank"].id,
                "payment_difference_handling": "reconcile",
                "writeoff_account_id": self.company_data["default_account_expense"].id,
            }
        )._create_payments()
        self.fee.with_user(self.biller)._waive("Agreed")
        self.assertCredit(45.0)
