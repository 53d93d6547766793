"""A fee that is lost: written off, and paid after all."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .fee_common import FeeCase


@tagged("post_install", "-at_install")
class TestFeeWriteOff(FeeCase):
    def setUp(self):
        super().setUp()
        self.account = self.company_data["default_account_expense"]
        self.cash = self.company_data["default_journal_cash"]

    def _write_off(self, fees=None, user=None, **vals):
        dialog = (
            self.env["account.move.line.write.off.fee"]
            .with_user(user or self.biller)
            .create(
                {
                    "line_ids": [Command.set((fees or self.fee).ids)],
                    "account_id": self.account.id,
                    "reason": "Three reminders",
                    **vals,
                }
            )
        )
        dialog.action_write_off()
        self.env.invalidate_all()
        return dialog

    def _pay_after_all(self, amount, user=None):
        action = self.fee.with_user(user or self.biller).action_open_paid_after_all()
        form = Form(
            self.env[action["res_model"]]
            .with_user(user or self.biller)
            .with_context(**action["context"])
        )
        form.journal = str(self.cash.id)
        form.amount = amount
        form.save().action_pay()
        self.env.invalidate_all()

    def _lost(self):
        """What the account for losses has, from its lines."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT COALESCE(SUM(balance), 0)::float FROM account_move_line"
            " WHERE account_id = %s AND parent_state = 'posted'",
            [self.account.id],
        )
        return self.env.cr.fetchone()[0]

    def test_open_fee(self):
        self._write_off()
        self.assertFee("written_off", 75.0, 0.0, 0.0)
        self.assertBooks()
        self.assertEqual(self._lost(), 75.0)
        self.assertEqual(self.invoice.state, "posted")
        change = self.fee.fee_change_ids
        self.assertEqual(
            (change.kind, change.old_amount, change.new_amount, change.reason),
            ("written_off", 75.0, 0.0, "Three reminders"),
        )
        self.assertEqual(change.create_uid, self.biller)
        self.assertEqual(change.entry_id.date, self.company._get_practice_today())
        self.assertEqual(change.summary, "$\xa075.00 open → $\xa00.00")
        for record in (self.invoice, self.appointment):
            self.assertIn("Three reminders", record.message_ids[0].body)
            self.assertTrue(record.message_ids[0].is_internal)
        self.assertNothingClinical(self.invoice | change.entry_id)

    def test_what_is_left_of_a_partly_paid_fee(self):
        self._pay(30.0)
        self._write_off()
        self.assertEqual(self.fee.fee_change_ids.old_amount, 45.0)
        self.assertFee("paid", 75.0, 30.0, 0.0)
        self.assertEqual(self._lost(), 45.0)

    def test_with_tax(self):
        """The payer's account is emptied, tax included."""
        self.code_noshow.taxes_id = self.company_data["default_tax_sale"]
        event = self._new_appointment(self.client_2)
        self._cancel(event, visit_state="no_show")
        self._write_off(event.fee_line_ids)
        self.assertEqual(event.fee_line_ids.move_id.amount_total, 86.25)
        self.assertEqual(event.fee_line_ids.move_id.amount_residual, 0.0)
        self.assertEqual(self._lost(), 86.25)

    def test_selection(self):
        other = self._new_appointment(self.client_2)
        self._cancel(other, visit_state="no_show")
        fees = self.fee + other.fee_line_ids
        action = fees.with_user(self.biller).action_open_write_off()
        dialog = (
            self.env[action["res_model"]]
            .with_user(self.biller)
            .with_context(**action["context"])
            .create({"account_id": self.account.id, "reason": "Moved away"})
        )
        self.assertEqual(dialog.amount, 150.0)
        dialog.action_write_off()
        self.assertEqual(fees.mapped("fee_state"), ["written_off"] * 2)
        self.assertEqual(len(fees.fee_change_ids.entry_id), 2)

    def test_the_queries_of_a_selection(self):
        """A fee more costs little: no query runs once a fee but stock's own."""
        events = self.env["calendar.event"].union(
            *(self._new_appointment(self.client_2) for n in range(12))
        )
        for event in events:
            self._cancel(event, visit_state="no_show")
        self._write_off(events[:1].fee_line_ids)
        counts = []
        for batch in (events[1:2], events[2:12]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._write_off(batch.fee_line_ids)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLess((counts[1] - counts[0]) / 9, 12, counts)

    def test_roles(self):
        for user in (self.frontdesk, self.financial, self.accountant, self.employee):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._write_off(user=user)
            with self.assertRaises(AccessError), self.cr.savepoint():
                self.fee.with_user(user)._write_off(self.account, "x")
        for user in (self.biller, self.manager, self.owner):
            with self.cr.savepoint() as savepoint:
                self._write_off(user=user)
                self.assertFee("written_off", 75.0, 0.0, 0.0)
                savepoint.rollback()

    def test_needs_a_reason_and_an_account_that_can_be(self):
        company = self.setup_other_company(name="Other practice")
        wrong = [
            {"reason": False},
            {"reason": " "},
            {"account_id": False},
            {"account_id": self.company_data["default_account_receivable"].id},
            {"account_id": self.cash.default_account_id.id},
            {"account_id": company["default_account_expense"].id},
        ]
        for vals in wrong:
            with self.assertRaises(UserError), self.cr.savepoint():
                self._write_off(**vals)
        self.account.active = False
        with self.assertRaises(UserError), self.cr.savepoint():
            self._write_off()
        self.account.active = True
        self._write_off()
        self.assertFee("written_off", 75.0, 0.0, 0.0)

    def test_nothing_open(self):
        self._pay(75.0)
        with self.assertRaisesRegex(UserError, "Nothing is open"):
            self._write_off()

    def test_closed_today(self):
        self.company.fiscalyear_lock_date = self.company._get_practice_today()
        with self.assertRaisesRegex(UserError, "books of"):
            self._write_off()
        self.company.fiscalyear_lock_date = False
        self._write_off()

    def test_the_account_of_last_time_is_proposed(self):
        other = self._new_appointment(self.client_2)
        self._cancel(other, visit_state="no_show")
        self._write_off()
        dialog = (
            self.env["account.move.line.write.off.fee"]
            .with_user(self.biller)
            .create({"line_ids": [Command.set(other.fee_line_ids.ids)]})
        )
        self.assertEqual(dialog.account_id, self.account)

    def test_changed_meanwhile(self):
        action = self.fee.with_user(self.biller).action_open_write_off()
        form = Form(
            self.env[action["res_model"]]
            .with_user(self.biller)
            .with_context(**action["context"])
        )
        form.account_id, form.reason = self.account, "Three reminders"
        self.fee.with_user(self.owner)._take_payment(self.cash, 25.0)
        with self.assertRaisesRegex(UserError, "since you opened"):
            form.save().action_write_off()

    # Paid after all -------------------------------------------------------------

    def test_paid_after_all(self):
        self._write_off()
        self._pay_after_all(75.0)
        self.assertFee("paid", 75.0, 75.0, 0.0)
        self.assertBooks()
        self.assertEqual(self._lost(), 0.0)
        self.assertEqual(
            self.fee.fee_change_ids.mapped("kind"),
            ["write_off_reversed", "written_off"],
        )
        self.assertEqual(self.fee.fee_write_off_left, 0.0)

    def test_paid_in_part_after_all(self):
        """Reversed by what was paid, twice; never by more than was lost."""
        self._write_off()
        self._pay_after_all(30.0)
        self.assertEqual((self.fee.fee_received, self.fee.fee_open), (30.0, 0.0))
        self.assertEqual((self._lost(), self.fee.fee_write_off_left), (45.0, 45.0))
        self.assertBooks()
        with self.assertRaisesRegex(UserError, "Only"), self.cr.savepoint():
            self._pay_after_all(50.0)
        self._pay_after_all(45.0)
        self.assertFee("paid", 75.0, 75.0, 0.0)
        self.assertEqual(self._lost(), 0.0)
        self.assertBooks()

    def test_paid_after_all_with_credit_of_the_bank(self):
        """The accountant booked a transfer without an invoice: it is used."""
        self._write_off()
        payment = self.env["account.payment"].create(
            {
                "amount": 50.0,
                "partner_id": self.client_1.id,
                "journal_id": self.company_data["default_journal_bank"].id,
            }
        )
        payment.action_post()
        dialog = (
            self.env["account.move.line.pay.fee"]
            .with_user(self.biller)
            .create(
                {
                    "line_id": self.fee.id,
                    "after_all": True,
                    "journal": str(self.cash.id),
                }
            )
        )
        self.assertEqual((dialog.credit, dialog.amount), (50.0, 75.0))
        dialog.action_use_credit()
        self.env.invalidate_all()
        self.assertEqual((self.fee.fee_received, self.fee.fee_open), (50.0, 0.0))
        self.assertEqual(self._lost(), 25.0)
        self.assertBooks()
        self.assertCredit(0)

    def test_what_stock_wrote_off_is_not_reversed_here(self):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.invoice.ids
        ).create(
            {
                "amount": 50.0,
                "payment_difference_handling": "reconcile",
                "writeoff_account_id": self.account.id,
            }
        )._create_payments()
        with self.assertRaisesRegex(UserError, "accounting app"), self.cr.savepoint():
            self._pay_after_all(25.0)
        self.assertFee("paid", 75.0, 50.0, 0.0)

    def test_the_front_desk_does_not_undo_a_write_off(self):
        self.company.noshow_staff_takes_payment = True
        self._write_off()
        with self.assertRaises(AccessError), self.cr.savepoint():
            self.env["account.move.line.pay.fee"].with_user(self.frontdesk).create(
                {
                    "line_id": self.fee.id,
                    "after_all": True,
                    "journal": str(self.cash.id),
                    "amount": 75.0,
                }
            ).action_pay()
        self._pay_after_all(75.0)

    # Changed after a write-off ----------------------------------------------------

    def test_edited_after_a_write_off(self):
        """What is owed now is open: no loss, and no credit, of what is not owed."""
        self._write_off()
        self._edit(amount=50.0)
        self.assertFee("open", 50.0, 0.0, 50.0)
        self.assertEqual(self._lost(), 0.0)
        self.assertCredit(0)

    def test_another_code_keeps_the_write_off(self):
        self._write_off()
        self._edit(product_id=self.code_late.id, amount=75.0)
        self.assertFee("written_off", 75.0, 0.0, 0.0)

    def test_a_financial_therapist_edits_a_written_off_fee(self):
        event = self._new_appointment(self.client_2, self.financial)
        self._cancel(event, visit_state="no_show")
        fee = event.fee_line_ids
        self._write_off(fee)
        fee.with_user(self.financial)._change_fee(self.code_noshow, 50.0, "Agreed")
        self.assertEqual((fee.fee_state, fee.fee_open), ("open", 50.0))
        self.assertEqual(self._lost(), 0.0)

    def test_waived_after_a_write_off(self):
        self._write_off()
        self.fee.with_user(self.biller)._waive("Our mistake")
        self.assertFee("waived", 0.0, 0.0, 0.0)
        self.assertEqual(self._lost(), 0.0)
        self.assertCredit(0)

    def test_restored_after_a_write_off(self):
        self._pay(30.0)
        self._write_off()
        self.env["calendar.event.restore"].with_user(self.biller).create(
            {"event_ids": [Command.set(self.appointment.ids)]}
        ).action_restore()
        self.assertEqual(self.appointment.visit_state, "scheduled")
        self.assertEqual(self._lost(), 0.0)
        self.assertCredit(30.0)

    def test_edited_in_closed_books_after_a_write_off(self):
        self._lock()
        self._write_off()
        self._edit(amount=50.0)
        self.assertFee("open", 50.0, 0.0, 50.0)
        self.assertEqual(self._lost(), 0.0)
        self.assertCredit(0)
