"""A posted fee stays editable, and the books stay right: the invoice is changed, and
keeps its number."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ...tools.context import by_method
from .fee_common import FeeCase


@tagged("post_install", "-at_install")
class TestFeeChange(FeeCase):
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
        self.assertFalse(dialog.refundable)
        self.assertIn("becomes the payer's credit", dialog.preview)

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

    def test_paid_down_and_up_again(self):
        """What was paid for the fee covers it, whatever it was in between, as the
        dialog says before."""
        for closed in (False, True):
            with self.subTest(closed=closed), self.cr.savepoint() as savepoint:
                self._pay(75.0)
                if closed:
                    self._lock()
                self._edit(amount=50.0)
                self.assertCredit(25.0)
                self.assertIn("$\xa075.00 was received", self._preview(90.0))
                self.assertIn("$\xa015.00 will be open", self._preview(90.0))
                self.assertIn("$\xa035.00 was paid too much", self._preview(40.0))
                self._edit(amount=90.0)
                self.assertFee("partial", 90.0, 75.0, 15.0)
                self._edit(amount=0.0)
                self.assertCredit(75.0)
                self._edit(amount=75.0)
                self.assertFee("paid", 75.0, 75.0, 0.0)
                self.assertCredit(0.0)
                savepoint.rollback()
                self.env.invalidate_all()
                self.fee = self.appointment.fee_line_ids

    def test_credit_from_elsewhere_is_not_used(self):
        other = self._new_appointment()
        self._cancel(other, visit_state="no_show")
        self._pay(75.0, other.fee_line_ids.move_id)
        other.fee_line_ids.with_user(self.biller)._waive("Goodwill")
        self.assertCredit(75.0)
        self._edit(amount=100.0)
        self._lock()
        self._edit(amount=120.0)
        self.assertFee("open", 120.0, 0.0, 120.0)
        self.assertCredit(75.0)

    def test_billed_anew_to_the_same_payer(self):
        self._pay(75.0)
        self._lock()
        self.client_1.payer_id = self.client_2
        self._edit(amount=100.0)
        self.assertEqual(self.fee.move_id.partner_id, self.client_1)
        self.assertFee("partial", 100.0, 75.0, 25.0)

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
        # From before the seal.
        invoice = by_method(self.invoice)
        invoice.button_draft()
        invoice.invoice_line_ids = [
            Command.create({"name": "Report", "price_unit": 40.0, "tax_ids": []})
        ]
        invoice.action_post()
        self._edit(amount=60.0)
        self.assertEqual(self.invoice.amount_total, 100.0)
        self.assertFee("open", 60.0, 0.0, 60.0)
        self.fee.with_user(self.biller)._waive("Goodwill")
        self.assertEqual(self.invoice.amount_residual, 40.0)
        self.assertFee("waived", 0.0, 0.0, 0.0)

    def test_paid_in_another_currency(self):
        left = self._pay_in_euro(20.0)
        self._edit(amount=90.0)
        self.assertFee("partial", 90.0, 75.0 - left, 15.0 + left)

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
