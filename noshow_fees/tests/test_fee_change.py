"""A posted fee stays editable, and the books stay right."""

from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import PracticeCommon


@tagged("post_install", "-at_install")
class TestFeeChange(PracticeCommon):
    def setUp(self):
        super().setUp()
        self._cancel(self.appointment, visit_state="no_show")
        self.fee = self.appointment.fee_line_ids
        self.invoice = self.fee.move_id
        self.number = self.invoice.name

    def _pay(self, amount, move=None):
        return (
            self.env["account.payment.register"]
            .with_context(
                active_model="account.move", active_ids=(move or self.invoice).ids
            )
            .create(
                {
                    "amount": amount,
                    "journal_id": self.company_data["default_journal_bank"].id,
                }
            )
            ._create_payments()
        )

    def _edit(self, user=None, **vals):
        """Edit through the dialog; `self.fee` is the live line afterwards."""
        dialog = (
            self.env["account.move.line.edit.fee"]
            .with_user(user or self.biller)
            .create({"line_id": self.fee.id, "reason": "Agreed", **vals})
        )
        dialog.action_save()
        self.env.invalidate_all()
        self.fee = self.appointment.fee_line_ids.filtered("is_noshow_fee")
        self.assertBooks()
        return dialog

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
            self.assertFalse(
                currency.compare_amounts(
                    abs(sum(receivable.mapped("balance"))), move.amount_total
                )
            )
        self.assertEqual(len(self.fee), 1)

    def assertFee(self, state, amount, received, left):
        self.env.invalidate_all()
        fee = self.fee
        self.assertEqual(
            (fee.fee_state, fee.fee_amount, fee.fee_received, fee.fee_open),
            (state, amount, received, left),
        )
        self.assertEqual(self.appointment.fee_state, state)
        self.assertEqual(self.appointment.fee_amount, amount)

    def assertCredit(self, amount):
        lines = self.env["account.move"]._get_payer_credit_lines(
            self.company, self.client_1
        )
        self.assertEqual(-sum(lines.mapped("amount_residual")), amount)

    # In place ------------------------------------------------------

    def test_unpaid_up_and_down(self):
        self._edit(amount=90.0)
        self.assertFee("open", 90.0, 0.0, 90.0)
        self._edit(amount=20.0)
        self.assertFee("open", 20.0, 0.0, 20.0)
        self.assertEqual(self.invoice.name, self.number)
        self.assertEqual(self.fee.move_id, self.invoice)

    def test_code_only_keeps_the_match(self):
        self._pay(75.0)
        partial = self.invoice._get_fee_receivable().matched_credit_ids
        self._edit(product_id=self.code_late.id, amount=75.0)
        self.assertEqual(self.invoice._get_fee_receivable().matched_credit_ids, partial)
        self.assertFee("paid", 75.0, 75.0, 0.0)
        self.assertEqual(self.fee.product_id, self.code_late)
        self.assertTrue(self.fee.name.startswith("LATECX Late cancellation, date of"))

    def test_another_code_proposes_its_price(self):
        self._edit(product_id=self.code_late.id)
        self.assertFee("open", 50.0, 0.0, 50.0)

    def test_partly_paid_up(self):
        self._pay(50.0)
        self._edit(amount=90.0)
        self.assertFee("partial", 90.0, 50.0, 40.0)
        self.assertEqual(self.invoice.name, self.number)

    def test_fully_paid_up(self):
        self._pay(75.0)
        self._edit(amount=100.0)
        self.assertFee("partial", 100.0, 75.0, 25.0)

    def test_paid_down_to_what_was_paid(self):
        self._pay(50.0)
        self._edit(amount=50.0)
        self.assertFee("paid", 50.0, 50.0, 0.0)

    def test_paid_too_much_stays_as_credit(self):
        self._pay(75.0)
        dialog = self._edit(amount=50.0)
        self.assertFee("paid", 50.0, 50.0, 0.0)
        self.assertCredit(25.0)
        self.assertEqual(dialog.surplus, "credit")

    def test_cash_never_goes_back_to_a_card(self):
        self._pay(75.0)
        with self.assertRaisesRegex(UserError, "cash"), self.cr.savepoint():
            self._edit(amount=50.0, surplus="refund")
        self.assertFee("paid", 75.0, 75.0, 0.0)

    def test_down_to_zero(self):
        self._pay(75.0)
        self._edit(amount=0.0)
        self.assertFee("open", 0.0, 0.0, 0.0)
        self.assertCredit(75.0)
        self._edit(amount=30.0)
        self.assertEqual(self.fee.fee_amount, 30.0)

    def test_another_income_account(self):
        account = self.company_data["default_account_revenue"].copy()
        self.code_late.property_account_income_id = account
        self._edit(product_id=self.code_late.id)
        self.assertEqual(self.fee.account_id, account)

    def test_to_a_taxed_code_and_back(self):
        tax = self.env["account.tax"].create({"name": "10%", "amount": 10.0})
        self.code_late.taxes_id = tax
        self._pay(75.0)
        self._edit(product_id=self.code_late.id, amount=75.0)
        self.assertFee("partial", 82.5, 75.0, 7.5)
        self._edit(product_id=self.code_noshow.id, amount=75.0)
        self.assertFee("paid", 75.0, 75.0, 0.0)
        self.assertFalse(self.fee.tax_ids)

    def test_sent_before(self):
        self.invoice.is_move_sent = True
        dialog = (
            self.env["account.move.line.edit.fee"]
            .with_user(self.biller)
            .create({"line_id": self.fee.id, "amount": 60.0})
        )
        self.assertIn("send it again", dialog.preview)
        dialog.action_save()
        self.assertFalse(self.invoice.is_move_sent)

    def test_matched_with_the_bank(self):
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "amount": 75.0,
                "payment_ref": "Bank",
                "partner_id": self.client_1.id,
            }
        )
        suspense = line.move_id.line_ids.filtered(
            lambda l: l.account_id == line.journal_id.suspense_account_id
        )
        receivable = self.invoice._get_fee_receivable()
        suspense.account_id = receivable.account_id
        (suspense + receivable).reconcile()
        self._edit(amount=60.0)
        self.assertFee("paid", 60.0, 60.0, 0.0)
        self.assertCredit(15.0)

    def test_lines_added_by_an_accountant(self):
        self.invoice.button_draft()
        self.invoice.invoice_line_ids = [
            Command.create({"name": "Report", "price_unit": 40.0, "tax_ids": []})
        ]
        self.invoice.action_post()
        self._edit(amount=60.0)
        self.assertEqual(self.invoice.amount_total, 100.0)
        self.assertFee("open", 60.0, 0.0, 60.0)
        self.fee.with_user(self.biller)._waive("Goodwill")
        self.assertEqual(self.invoice.amount_residual, 40.0)
        self.assertFee("waived", 0.0, 0.0, 0.0)

    def test_foreign_payment(self):
        euro = self.setup_other_currency("EUR")
        payment = self.env["account.payment"].create(
            {
                "amount": 20.0,
                "currency_id": euro.id,
                "partner_id": self.client_1.id,
                "journal_id": self.company_data["default_journal_bank"].id,
            }
        )
        payment.action_post()
        receivable = self.invoice._get_fee_receivable()
        credit = payment.move_id.line_ids.filtered(
            lambda l: l.account_id == receivable.account_id
        )
        (receivable + credit).reconcile()
        left = self.invoice.amount_residual
        received = 75.0 - left
        self._edit(amount=90.0)
        self.assertEqual(self.fee.fee_state, "partial")
        self.assertAlmostEqual(self.fee.fee_open, 90.0 - received, 2)

    def test_cash_basis_taxes(self):
        self.company.tax_exigibility = True
        tax = self.env["account.tax"].create(
            {
                "name": "10% cash basis",
                "amount": 10.0,
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": self.company_data[
                    "default_account_tax_sale"
                ]
                .copy({"reconcile": True})
                .id,
            }
        )
        self.company.tax_cash_basis_journal_id = self.company_data[
            "default_journal_misc"
        ]
        self.code_late.taxes_id = tax
        self._edit(product_id=self.code_late.id, amount=50.0)
        self._pay(55.0)
        self.assertFee("paid", 55.0, 55.0, 0.0)
        self._edit(amount=100.0)
        self.assertFee("partial", 110.0, 55.0, 55.0)

    # Credited and billed anew --------------------------------------

    def test_lock_dates_unpaid(self):
        for lock in ("fiscalyear_lock_date", "sale_lock_date", "hard_lock_date"):
            with self.subTest(lock=lock), self.cr.savepoint() as savepoint:
                self._lock(lock)
                dialog = self._edit(amount=50.0)
                self.assertIn("closed until", dialog.preview)
                note = self.invoice.reversal_move_ids
                self.assertEqual(note.amount_total, 75.0)
                self.assertEqual(note.invoice_date, self.company._get_practice_today())
                self.assertEqual(self.invoice.amount_residual, 0.0)
                self.assertNotEqual(self.fee.move_id, self.invoice)
                self.assertEqual(self.fee.move_id.invoice_origin, self.number)
                self.assertFee("open", 50.0, 0.0, 50.0)
                savepoint.rollback()
                self.env.invalidate_all()
                self.fee = self.appointment.fee_line_ids

    def test_tax_lock_date_counts_for_taxed_codes_only(self):
        self._lock("tax_lock_date")
        self._edit(amount=60.0)
        self.assertEqual(self.fee.move_id, self.invoice)
        self.code_late.taxes_id = self.env["account.tax"].create(
            {"name": "10%", "amount": 10.0}
        )
        self._edit(product_id=self.code_late.id, amount=60.0)
        self.assertNotEqual(self.fee.move_id, self.invoice)
        self.assertFee("open", 66.0, 0.0, 66.0)

    def test_locked_and_paid_keeps_the_old_matching(self):
        payment = self._pay(50.0)
        self._lock()
        self._edit(amount=75.01)
        matched = self.invoice._get_fee_receivable().matched_credit_ids
        self.assertIn(payment.move_id, matched.credit_move_id.move_id)
        self.assertFee("partial", 75.01, 50.0, 25.01)

    def test_locked_fully_paid_down(self):
        self._pay(75.0)
        self._lock()
        self._edit(amount=50.0)
        self.assertFee("paid", 50.0, 50.0, 0.0)
        self.assertCredit(25.0)

    def test_locked_twice(self):
        self._pay(50.0)
        self._lock()
        self._edit(amount=100.0)
        self._edit(amount=120.0)
        self.assertFee("partial", 120.0, 50.0, 70.0)

    def test_today_itself_locked(self):
        self._lock()
        self.company.fiscalyear_lock_date = self.company._get_practice_today()
        with self.assertRaisesRegex(UserError, "closed until"), self.cr.savepoint():
            self._edit(amount=50.0)
        self.assertFee("open", 75.0, 0.0, 75.0)

    def test_hashed(self):
        self.invoice.journal_id.restrict_mode_hash_table = True
        self.invoice.button_hash()
        self.assertTrue(self.invoice.inalterable_hash)
        self._edit(product_id=self.code_late.id, amount=75.0)
        self.assertNotEqual(self.fee.move_id, self.invoice)
        self.assertFee("open", 75.0, 0.0, 75.0)

    # Refused -------------------------------------------------------

    def test_who_may(self):
        for user in (self.frontdesk, self.therapist, self.financial):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.fee.with_user(user)._change_fee(self.code_late, 50.0, "x")
        own = self._new_appointment(self.client_2, self.financial)
        self._cancel(own, visit_state="no_show")
        own.fee_line_ids.with_user(self.financial)._change_fee(
            self.code_late, 40.0, "x"
        )
        self.assertEqual(own.fee_amount, 40.0)
        for user in (self.manager, self.owner):
            self.fee.with_user(user)._change_fee(
                self.code_noshow, self.fee.price_unit + 1, "x"
            )

    def test_nothing_changed(self):
        with self.assertRaisesRegex(UserError, "Nothing was changed"):
            self._edit()

    def test_waived(self):
        self.fee.with_user(self.biller)._waive("Goodwill")
        with self.assertRaisesRegex(UserError, "is waived"):
            self._edit(amount=50.0)
        with self.assertRaisesRegex(UserError, "waived already"):
            self.fee.with_user(self.biller)._waive("Again")

    def test_waive_does_not_count(self):
        self.fee.with_user(self.biller)._waive("Ill", still_counts=False)
        self.assertEqual(self.client_1.missed_visit_count, 0)

    def test_history(self):
        self._edit(amount=60.0, reason="Agreed on the phone")
        self._lock()
        self._edit(amount=50.0)
        changes = self.fee.with_user(self.biller).fee_change_ids
        self.assertEqual(changes.mapped("kind"), ["reissued", "changed"])
        self.assertEqual(changes.mapped("old_amount"), [60.0, 75.0])
        self.assertEqual(changes.mapped("new_amount"), [50.0, 60.0])
        self.assertEqual(changes[1].reason, "Agreed on the phone")
        self.assertEqual(changes.create_uid, self.biller)
        note = self.invoice.message_ids.filtered(
            lambda m: "Agreed on the phone" in (m.body or "")
        )
        self.assertTrue(note.is_internal)
        with self.assertRaises(UserError):
            changes.sudo().write({"reason": "x"})
        with self.assertRaises(UserError):
            changes.sudo().unlink()

    def test_queries(self):
        """Stock: unpaid 89, paid with matching 281, code only 113, anew 179."""

        def count(**vals):
            self.env.flush_all()
            before = self.cr.sql_log_count
            fee = self.fee.with_user(self.biller)._change_fee(
                vals.get("product", self.code_noshow), vals["amount"], "x"
            )
            self.env.flush_all()
            self.fee = fee.sudo()
            return self.cr.sql_log_count - before

        count(amount=76.0)
        self.assertLessEqual(count(amount=77.0), 89)
        self.assertLessEqual(count(amount=77.0, product=self.code_late), 40)
        self._pay(77.0)
        self.assertLessEqual(count(amount=90.0, product=self.code_late), 281)
        other = self._new_appointment(self.client_2)
        self._cancel(other, visit_state="no_show")
        self.fee = other.fee_line_ids
        self.invoice = self.fee.move_id
        self._lock()
        self.assertLessEqual(count(amount=50.0), 179)


@tagged("post_install", "-at_install")
class TestDeskPayment(PracticeCommon):
    def setUp(self):
        super().setUp()
        self._cancel(self.appointment, visit_state="no_show")
        self.fee = self.appointment.fee_line_ids
        self.journal = self.company_data["default_journal_cash"]

    def _pay(self, user, amount=75.0):
        dialog = (
            self.env["account.move.line.pay.fee"]
            .with_user(user)
            .create({"line_id": self.fee.id, "journal": str(self.journal.id)})
        )
        self.assertEqual(dialog.amount, 75.0)
        dialog.amount = amount
        dialog.action_pay()

    def test_staff_only_when_the_settings_say_so(self):
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._pay(self.frontdesk)
        self.company.noshow_staff_takes_payment = True
        self._pay(self.frontdesk)
        self.assertEqual(self.appointment.fee_state, "paid")

    def test_part_and_too_much(self):
        self._pay(self.biller, 25.0)
        self.assertEqual(self.appointment.fee_state, "partial")
        with self.assertRaisesRegex(UserError, "50.00 is open"):
            self.fee.with_user(self.biller)._take_payment(self.journal, 60.0)
        with self.assertRaises(UserError):
            self.fee.with_user(self.biller)._take_payment(self.journal, -5.0)
        with self.assertRaisesRegex(UserError, "Choose cash"):
            self.fee.with_user(self.biller)._take_payment(
                self.company_data["default_journal_sale"], 5.0
            )

    def test_therapists_take_no_money(self):
        self.company.noshow_staff_takes_payment = True
        for user in (self.therapist, self.financial):
            with self.assertRaises(AccessError):
                self.fee.with_user(user)._take_payment(self.journal, 75.0)

    def test_the_biller_gets_odoos_own_dialog(self):
        action = self.fee.with_user(self.biller).action_open_payment()
        self.assertEqual(action["res_model"], "account.payment.register")
        self.company.noshow_staff_takes_payment = True
        action = self.fee.with_user(self.frontdesk).action_open_payment()
        self.assertEqual(action["res_model"], "account.move.line.pay.fee")
