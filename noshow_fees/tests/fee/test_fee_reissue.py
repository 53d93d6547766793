"""Where the books are closed, a fee is credited and billed anew."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .fee_common import FeeCase

LOCKS = ("fiscalyear_lock_date", "sale_lock_date", "hard_lock_date", "tax_lock_date")


@tagged("post_install", "-at_install")
class TestFeeReissue(FeeCase):
    def test_each_lock_date(self):
        """Unpaid, partly and fully paid; down and up."""
        self.code_noshow.taxes_id = self.code_late.taxes_id = self.env[
            "account.tax"
        ].create({"name": "10%", "amount": 10.0})
        self._edit(product_id=self.code_late.id, amount=75.0)  # taxed: 82.50
        for lock in LOCKS:
            for paid in (0.0, 50.0, 82.5):
                with (
                    self.subTest(lock=lock, paid=paid),
                    self.cr.savepoint() as savepoint,
                ):
                    payment = self._pay(paid) if paid else None
                    self._lock(lock)
                    dialog = self._edit(amount=50.0)
                    self.assertIn("closed until", dialog.preview)
                    state = "paid" if paid >= 55 else "partial" if paid else "open"
                    self.assertFee(state, 55.0, min(paid, 55.0), max(55.0 - paid, 0.0))
                    self.assertCredit(max(paid - 55.0, 0.0))
                    if payment:
                        matched = self.invoice._get_fee_receivable().matched_credit_ids
                        self.assertIn(payment.move_id, matched.credit_move_id.move_id)
                    self._edit(amount=100.0)
                    state = "partial" if paid else "open"
                    self.assertFee(state, 110.0, paid, 110.0 - paid)
                    self.assertCredit(0.0)
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
        """The dialog says that it cannot be saved, and it cannot."""
        self._lock()
        self.company.fiscalyear_lock_date = self.company._get_practice_today()
        self.assertIn("cannot be saved", self._preview(50.0))
        with self.assertRaisesRegex(UserError, "closed until"), self.cr.savepoint():
            self._open_edit(amount=50.0).action_save()
        with self.assertRaisesRegex(UserError, "closed until"), self.cr.savepoint():
            self.fee.with_user(self.biller)._waive("Goodwill")
        self.assertFee("open", 75.0, 0.0, 75.0)

    def test_hashed(self):
        """Also when nothing but the code changes; unpaid, and paid."""
        for paid in (0.0, 75.0):
            with self.subTest(paid=paid), self.cr.savepoint() as savepoint:
                if paid:
                    self._pay(paid)
                self.invoice.journal_id.restrict_mode_hash_table = True
                self.invoice.button_hash()
                self.assertTrue(self.invoice.inalterable_hash)
                dialog = self._edit(product_id=self.code_late.id, amount=75.0)
                self.assertIn("secured by a hash", dialog.preview)
                self.assertNotEqual(self.fee.move_id, self.invoice)
                self.assertFee("paid" if paid else "open", 75.0, paid, 75.0 - paid)
                savepoint.rollback()
                self.env.invalidate_all()
                self.fee = self.appointment.fee_line_ids

    def test_paid_in_another_currency(self):
        left = self._pay_in_euro(20.0)
        self._lock()
        self._edit(amount=90.0)
        self.assertFee("partial", 90.0, 75.0 - left, 15.0 + left)

    def test_waived_in_closed_books(self):
        self._pay(75.0)
        self._lock()
        self.fee.with_user(self.biller)._waive("Goodwill")
        self.assertBooks()
        self.assertFee("waived", 0.0, 75.0, 0.0)
        self.assertCredit(75.0)
