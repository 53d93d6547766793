"""Money of a fee goes back by exactly what the dialog says, whatever became of the fee
before: credited by an accountant, edited, paid in cash, with tax."""

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ..charge.common_charge import ChargeCommon


class RefundCase(ChargeCommon):
    """A fee of 75, not paid yet."""

    def setUp(self):
        super().setUp()
        self._cancel(self.appointment, visit_state="no_show")

    @property
    def fee(self):
        """The live fee, as the biller."""
        fees = self.appointment.fee_line_ids.filtered("is_noshow_fee")
        return fees.with_user(self.biller)

    def _settle(self):
        self._commit()
        self.env.invalidate_all()

    def _charge(self):
        self.fee._charge_later(self.card)
        self._settle()

    def _credit(self, amount):
        """A part credited by an accountant, with Odoo's own dialog, and matched."""
        invoice = self.fee.sudo().move_id
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
        open_lines = (
            (invoice | note.sudo())
            ._get_fee_receivable()
            .filtered(lambda line: not line.reconciled)
        )
        if len(open_lines.move_id) == 2:
            open_lines.reconcile()
        self.env.invalidate_all()
        return note

    def _pay_out(self, note, amount):
        """Money of a credit note given back by hand, in cash."""
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=note.ids
        ).create(
            {"journal_id": self.company_data["default_journal_cash"].id}
            | {"amount": amount}
        )._create_payments()
        self.env.invalidate_all()

    def _edit(self, amount, surplus="credit"):
        self.fee._change_fee(self.code_noshow, amount, "Agreed", surplus=surplus)
        self._settle()

    def _open(self, amount=None):
        action = self.fee.action_open_refund()
        model = self.env[action["res_model"]].with_user(self.biller)
        form = Form(model.with_context(**action["context"]))
        form.reason = "Goodwill"
        if amount is not None:
            form.amount = amount
        return form

    def _refund(self, amount=None):
        """:return: what the dialog has said"""
        form = self._open(amount)
        preview = form.preview
        form.save().action_refund()
        self._settle()
        return preview

    def assertBack(self, *amounts):
        """These went back to cards, one after the other."""
        refunds = self._charges_of(self.appointment.fee_line_ids).filtered(
            lambda tx: tx.operation == "refund"
        )
        self.assertEqual(set(refunds.mapped("state")), {"done"} if amounts else set())
        self.assertEqual([-tx.amount for tx in refunds.sorted("id")], [*amounts])

    def assertCredit(self, amount):
        lines = self.env["account.move"]._get_payer_credit_lines(
            self.company, self.client_1
        )
        self.assertAlmostEqual(-sum(lines.mapped("amount_residual")), amount)

    def assertFee(self, state, amount, kept, left=0.0):
        fee = self.fee
        self.assertEqual(
            (fee.fee_state, fee.fee_amount, fee.fee_kept, fee.fee_open),
            (state, amount, kept, left),
        )


@tagged("post_install", "-at_install")
class TestFeeRefundPart(RefundCase):
    # -- a part was credited before -----------------------------------------

    def test_credited_then_paid(self):
        self._credit(25.0)
        self._charge()
        self.assertFee("paid", 50.0, 50.0)
        preview = self._refund(20.0)
        self.assertIn("30.00 instead of", preview)
        self.assertBack(20.0)
        self.assertFee("paid", 30.0, 30.0)
        self.assertCredit(0.0)

    def test_paid_then_credited(self):
        """The credit goes back, and the fee stays what it is."""
        self._charge()
        self._credit(25.0)
        self.assertCredit(25.0)
        preview = self._refund(25.0)
        self.assertIn("stays", preview)
        self.assertBack(25.0)
        self.assertFee("paid", 50.0, 50.0)
        self.assertCredit(0.0)
        # And then of what is left.
        self.assertEqual(self._open().amount, 50.0)
        self._refund(10.0)
        self.assertBack(25.0, 10.0)
        self.assertFee("paid", 40.0, 40.0)
        self._refund()
        self.assertBack(25.0, 10.0, 40.0)
        self.assertFee("refunded", 0.0, 0.0)
        self.assertCredit(0.0)

    def test_less_than_the_credit_and_more(self):
        self._charge()
        self._credit(25.0)
        self._refund(10.0)
        self.assertFee("paid", 50.0, 65.0)
        self.assertCredit(15.0)
        preview = self._refund(20.0)
        self.assertIn("45.00 instead of", preview)
        self.assertBack(10.0, 20.0)
        self.assertFee("paid", 45.0, 45.0)
        self.assertCredit(0.0)

    def test_all_after_a_credit(self):
        self._charge()
        self._credit(25.0)
        self._refund(75.0)
        self.assertBack(75.0)
        self.assertFee("refunded", 0.0, 0.0)
        self.assertCredit(0.0)

    def test_credit_that_was_paid_out_or_used_is_not_there(self):
        self._charge()
        note = self._credit(25.0)
        self._pay_out(note, 10.0)
        self.assertFee("paid", 50.0, 65.0)
        other = self._new_appointment(start=self.tomorrow)
        self._cancel(other, visit_state="no_show")
        other.fee_line_ids._use_credit()
        self.env.invalidate_all()
        self.assertEqual(other.fee_line_ids.fee_received, 15.0)
        self.assertFee("paid", 50.0, 50.0)
        with self.assertRaisesRegex(UserError, "50.00"):
            self._refund(50.01)
        self._refund(20.0)
        self.assertBack(20.0)
        self.assertFee("paid", 30.0, 30.0)

    # -- some of it stays the client's credit -------------------------------

    def test_what_was_kept_as_credit_stays(self):
        self._charge()
        self._edit(50.0)
        self.assertCredit(25.0)
        preview = self._refund(10.0)
        self.assertIn("40.00 instead of", preview)
        self.assertBack(10.0)
        self.assertFee("paid", 40.0, 40.0)
        self.assertCredit(25.0)
        self._refund()
        self.assertBack(10.0, 40.0)
        self.assertEqual(self.fee.fee_amount, 0.0)
        self.assertCredit(25.0)

    def test_cash_between(self):
        self.fee._take_payment(self.company_data["default_journal_cash"], 25.0)
        self._charge()
        self._edit(50.0)
        form = self._open()
        self.assertEqual((form.received, form.amount), (50.0, 50.0))
        self._refund(40.0)
        self.assertBack(40.0)
        self.assertFee("paid", 10.0, 10.0)
        self.assertCredit(25.0)

    def test_waive_sends_what_it_says(self):
        self._charge()
        self._edit(50.0)
        dialog = self._waive_dialog()
        self.assertEqual((dialog.received, dialog.refundable), (50.0, 75.0))
        dialog.action_waive()
        self._settle()
        self.assertBack(50.0)
        self.assertCredit(25.0)

    def test_waive_what_was_paid_out_in_part(self):
        self._charge()
        self._pay_out(self._credit(25.0), 25.0)
        dialog = self._waive_dialog()
        self.assertEqual(dialog.received, 50.0)
        dialog.action_waive()
        self._settle()
        self.assertBack(50.0)
        self.assertCredit(0.0)

    def _waive_dialog(self):
        return (
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

    def test_restore_sends_what_it_says(self):
        """Of a fee that was waived before, too: the money is there still."""
        self._charge()
        self.fee._waive("Courtesy")
        self.assertCredit(75.0)
        dialog = (
            self.env["calendar.event.restore"]
            .with_user(self.biller)
            .create({"event_ids": self.appointment.ids, "surplus": "refund"})
        )
        self.assertEqual((dialog.received, dialog.refundable), (75.0, 75.0))
        dialog.action_restore()
        self._settle()
        self.assertBack(75.0)
        self.assertCredit(0.0)

    def test_edit_sends_what_it_says(self):
        """All that was paid too much, as its text says."""
        self._charge()
        self._edit(50.0)
        dialog = (
            self.env["account.move.line.edit.fee"]
            .with_user(self.biller)
            .create({"line_id": self.fee.id, "amount": 40.0, "surplus": "refund"})
        )
        self.assertEqual(dialog.surplus_amount, 35.0)
        self.assertIn("35.00 was paid too much", dialog.preview.replace("\xa0", ""))
        dialog.action_save()
        self._settle()
        self.assertBack(35.0)
        self.assertCredit(0.0)

    # -- what is kept --------------------------------------------------------

    def test_given_back_by_hand_counts_no_more(self):
        self.fee._take_payment(self.company_data["default_journal_cash"], 75.0)
        self.fee._waive("Courtesy")
        self.env.invalidate_all()
        self.assertFee("waived", 0.0, 75.0)
        note = self.fee.sudo().move_id.reversal_move_ids
        self._pay_out(note, 25.0)
        self.assertFee("waived", 0.0, 50.0)
        for user in (self.frontdesk, self.therapist, self.owner):
            self.assertEqual(self.fee.with_user(user).fee_kept, 50.0)
        self._pay_out(note, 50.0)
        self.assertFee("refunded", 0.0, 0.0)

    def test_the_payers_account_is_another_one_by_now(self):
        """What goes back is matched where the fee was paid."""
        self._charge()
        account = self.company_data["default_account_receivable"].copy()
        self.client_1.property_account_receivable_id = account
        self._refund(25.0)
        self.assertFee("paid", 50.0, 50.0)
        self.assertCredit(0.0)
        self._refund()
        self.assertBack(25.0, 50.0)
        self.assertFee("refunded", 0.0, 0.0)
        self.assertCredit(0.0)

    def test_an_account_that_was_archived_since(self):
        """What has gone back is booked all the same."""
        self._charge()
        former = self.fee.sudo().move_id._get_fee_receivable().account_id
        self.client_1.property_account_receivable_id = former.copy()
        former.active = False
        charge = self.fee.sudo().move_id.transaction_ids
        charge.with_user(self.biller).sudo(False).action_refund(25.0)
        self._settle()
        self.assertBack(25.0)
        self.assertTrue(charge.child_transaction_ids.payment_id)

    def test_money_that_an_accountant_has_set_free_came_and_went(self):
        """The client pays in cash then, and some of the card's money goes back."""
        self._charge()
        self.fee.sudo().move_id._get_fee_receivable().remove_move_reconcile()
        self.fee._take_payment(self.company_data["default_journal_cash"], 75.0)
        self.env.invalidate_all()
        self._refund(25.0)
        self.assertBack(25.0)
        self.assertFee("paid", 50.0, 50.0)
        self.assertCredit(75.0)
        lines = self.appointment.fee_line_ids
        self.assertEqual(sum(lines.mapped("fee_refunded")), 25.0)
        self.assertEqual(sum(lines.mapped("fee_collected")), 100.0)

    def test_a_list_reads_what_is_kept_at_once(self):
        events = self.appointment
        for _n in range(5):
            events += self._new_appointment(start=self.tomorrow)
        self._cancel(events[1:], visit_state="no_show")
        for fee in events.fee_line_ids.with_user(self.biller):
            fee._take_payment(self.company_data["default_journal_cash"], 75.0)
        events.fee_line_ids.with_user(self.biller)._waive("Courtesy")
        counts = []
        fees = events.fee_line_ids.filtered("is_noshow_fee").with_user(self.frontdesk)
        for some in (fees[:2], fees[:2], fees):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(set(some.mapped("fee_kept")), {75.0})
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])


@tagged("post_install", "-at_install")
class TestFeeRefundTax(RefundCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax = cls.company_data["default_tax_sale"].copy(
            {"name": "21 %", "amount": 21.0}
        )
        cls.code_noshow.taxes_id = cls.tax

    def test_to_the_cent(self):
        self.assertEqual(self.fee.fee_amount, 90.75)
        self._charge()
        back = []
        for amount in (10.0, 0.01, 33.33):
            before = self.fee.fee_kept
            form = self._open(amount)
            said = form.preview.replace("\xa0", "")
            form.save().action_refund()
            self._settle()
            back.append(amount)
            self.assertBack(*back)
            fee = self.fee
            self.assertIn(f"{fee.fee_amount:.2f} instead of", said)
            # Nothing is open; a cent that no price gives is the client's credit.
            self.assertEqual((fee.fee_state, fee.fee_open), ("paid", 0.0))
            self.assertLessEqual(fee.fee_amount, before - amount + 0.001)
            self.assertGreater(fee.fee_amount, before - amount - 0.02)
            self.assertCredit(90.75 - sum(back) - fee.fee_amount)

    def test_part_of_a_credited_one(self):
        self._credit(25.0)
        self.assertEqual(self.fee.fee_amount, 60.5)
        self._charge()
        self._refund(20.5)
        self.assertBack(20.5)
        self.assertEqual(self.fee.fee_open, 0.0)
        self.assertAlmostEqual(self.fee.fee_amount, 40.0, delta=0.011)

    def test_a_tax_of_a_fixed_amount(self):
        self.tax.write({"amount_type": "fixed", "amount": 5.0})
        other = self._new_appointment(start=self.tomorrow)
        self._cancel(other, visit_state="no_show")
        self.appointment = other
        self.assertEqual(self.fee.fee_amount, 80.0)
        self._charge()
        self._refund(30.0)
        self.assertBack(30.0)
        self.assertFee("paid", 50.0, 50.0)
        # The tax alone is more than would be kept.
        with self.assertRaisesRegex(UserError, "5.00 at least, whatever"):
            self._refund(47.0)
        self.assertFee("paid", 50.0, 50.0)
        self._refund(45.0)
        self.assertFee("paid", 5.0, 5.0)
        self._refund()
        self.assertBack(30.0, 45.0, 5.0)
        self.assertFee("refunded", 0.0, 0.0)

    def test_with_the_tax_in_the_price(self):
        self.tax.price_include_override = "tax_included"
        other = self._new_appointment(start=self.tomorrow)
        self._cancel(other, visit_state="no_show")
        self.appointment = other
        self.assertEqual(self.fee.fee_amount, 75.0)
        self._charge()
        self._refund(33.33)
        self.assertBack(33.33)
        self.assertFee("paid", 41.67, 41.67)
