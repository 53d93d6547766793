"""A posted fee that is edited through its dialog; every edit is looked at whole."""

from datetime import timedelta

from ..common import PracticeCommon

#: Clinical words, which belong to the practice only.
CLINICAL = ("EMDR", "Relapse")
#: What stock says then; “reversed” also of an invoice that another one's credit note
#: has paid.
PAYMENT_STATES = {
    "open": ("not_paid",),
    "partial": ("partial",),
    "paid": ("paid", "in_payment", "reversed"),
}


class FeeCase(PracticeCommon):
    def setUp(self):
        super().setUp()
        self.appointment.name = "EMDR session"
        self._cancel(self.appointment, visit_state="no_show", reason="Relapse")
        self.fee = self.appointment.fee_line_ids
        self.invoice = self.fee.move_id
        self.number = self.invoice.name

    def _pay(self, amount, move=None, **vals):
        return (
            self.env["account.payment.register"]
            .with_context(
                active_model="account.move", active_ids=(move or self.invoice).ids
            )
            .create(
                {
                    "amount": amount,
                    "journal_id": self.company_data["default_journal_bank"].id,
                    **vals,
                }
            )
            ._create_payments()
        )

    def _pay_in_euro(self, amount):
        """:return: what is left open, in dollars"""
        payment = self.env["account.payment"].create(
            {
                "amount": amount,
                "currency_id": self.setup_other_currency("EUR").id,
                "partner_id": self.client_1.id,
                "journal_id": self.company_data["default_journal_bank"].id,
            }
        )
        payment.action_post()
        receivable = self.invoice._get_fee_receivable()
        credit = payment.move_id.line_ids.filtered(
            lambda line: line.account_id == receivable.account_id
        )
        (receivable + credit).reconcile()
        return self.invoice.amount_residual

    def _open_edit(self, user=None, **vals):
        return (
            self.env["account.move.line.edit.fee"]
            .with_user(user or self.biller)
            .create({"line_id": self.fee.id, "reason": "Agreed", **vals})
        )

    def _edit(self, user=None, **vals):
        """Edit through the dialog; `self.fee` is the live line afterwards."""
        old = {"fee": self.fee, "move": self.fee.move_id, "total": self.fee.price_total}
        old["number"] = old["move"].name
        dialog = self._open_edit(user, **vals)
        old["preview"] = dialog.preview
        dialog.action_save()
        self.env.invalidate_all()
        self.fee = self.appointment.fee_line_ids.filtered("is_noshow_fee")
        self.assertBooks()
        moves = (
            self.assertChanged(**old)
            if self.fee == old["fee"]
            else self.assertReissued(**old)
        )
        for record in (*moves, self.appointment):
            self.assertIn(dialog.reason, record.message_ids[0].body)
            self.assertTrue(record.message_ids[0].is_internal)
        self.assertNothingClinical(moves)
        return dialog

    def assertChanged(self, fee, move, total, number, preview):
        """The invoice itself, under its number, as the dialog has said."""
        self.assertIn(f"Invoice {number} is changed and keeps its number", preview)
        self.assertEqual((fee.move_id, move.name), (move, number))
        self.assertEqual(fee.fee_change_ids[0].kind, "changed")
        return move

    def assertReissued(self, fee, move, total, number, preview):
        """Credited, and billed anew today, as the dialog has said."""
        self.assertIn(f"{number} is credited, and a new invoice of today", preview)
        note, new = move.reversal_move_ids, self.fee.move_id
        today = self.company._get_practice_today()
        self.assertEqual((note.amount_total, note.invoice_date), (total, today))
        self.assertEqual((new.invoice_date, new.invoice_origin), (today, number))
        self.assertEqual((fee.price_total, fee.is_noshow_fee), (total, False))
        change = self.fee.fee_change_ids[0]
        self.assertEqual(
            (change.kind, change.invoice_id, change.credit_note_id),
            ("reissued", move, note),
        )
        self.assertEqual(change.new_invoice_id, new)
        # The credit note settles the old invoice, then the new one.
        self.assertTrue(move.currency_id.is_zero(move.amount_residual))
        if not new.currency_id.is_zero(new.amount_residual):
            self.assertTrue(note.currency_id.is_zero(note.amount_residual))
        return move | new

    def assertNothingClinical(self, moves):
        everything = (
            moves.message_ids.mapped("body")
            + moves.line_ids.mapped("name")
            + moves.mapped("ref")
            + moves.reconciled_payment_ids.mapped("memo")
            + self.appointment.message_ids.mapped("body")
        )
        for word in CLINICAL:
            self.assertNotIn(word, str(everything))

    def _preview(self, amount):
        return self._open_edit(amount=amount).preview

    def _lock(self, lock="fiscalyear_lock_date"):
        """Close the books for yesterday, where the invoice is."""
        yesterday = self.company._get_practice_today() - timedelta(days=1)
        self.env.cr.execute(
            "UPDATE account_move SET date = %s, invoice_date = %s WHERE id = %s",
            (yesterday, yesterday, self.invoice.id),
        )
        self.env.cr.execute(
            "UPDATE account_move_line SET date = %s, invoice_date = %s WHERE move_id = "
            "%s",
            (yesterday, yesterday, self.invoice.id),
        )
        self.env.invalidate_all()
        self.company[lock] = yesterday

    def assertBooks(self):
        moves = self.appointment.fee_line_ids.move_id
        for move in moves:
            self.assertEqual(move.state, "posted")
            currency = move.currency_id
            self.assertTrue(currency.is_zero(sum(move.line_ids.mapped("balance"))))
            for line in move.invoice_line_ids:
                sign = 1 if move.move_type == "out_refund" else -1
                self.assertFalse(
                    currency.compare_amounts(line.price_subtotal, sign * line.balance)
                )
            total = sum(move.invoice_line_ids.mapped("price_total"))
            self.assertFalse(currency.compare_amounts(move.amount_total, total))
            receivable = move._get_fee_receivable()
            for field, amount in (
                ("balance", move.amount_total),
                ("amount_residual", move.amount_residual),
            ):
                booked = abs(sum(receivable.mapped(field)))
                self.assertFalse(currency.compare_amounts(booked, amount))
            matched = sum(
                (receivable.matched_debit_ids | receivable.matched_credit_ids).mapped(
                    "amount"
                )
            )
            self.assertTrue(
                currency.is_zero(move.amount_total - matched - move.amount_residual)
            )
        self.assertEqual(len(self.fee), 1)

    def assertFee(self, state, amount, received, left):
        self.env.invalidate_all()
        fee = self.fee
        self.assertEqual(
            (fee.fee_state, fee.fee_amount, fee.fee_received, fee.fee_open),
            (state, amount, received, left),
        )
        if fee.price_total and state in PAYMENT_STATES:
            self.assertIn(fee.move_id.payment_state, PAYMENT_STATES[state])
        self.assertEqual(self.appointment.fee_state, state)
        self.assertEqual(self.appointment.fee_amount, amount)

    def assertCredit(self, amount):
        lines = self.env["account.move"]._get_payer_credit_lines(
            self.company, self.client_1
        )
        self.assertEqual(-sum(lines.mapped("amount_residual")), amount)
