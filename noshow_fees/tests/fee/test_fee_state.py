"""`fee_state` is derived from what was matched with what."""

from odoo import Command
from odoo.tests import tagged

from ...tools.context import by_method
from ..common import PracticeCommon


@tagged("post_install", "-at_install")
class TestFeeState(PracticeCommon):
    def setUp(self):
        super().setUp()
        self._cancel(self.appointment, visit_state="no_show")
        self.fee = self.appointment.fee_line_ids
        self.invoice = self.fee.move_id

    def _pay(self, amount, journal="default_journal_bank", **vals):
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=self.invoice.ids)
            .create(
                {
                    "amount": amount,
                    "journal_id": self.company_data[journal].id,
                    **vals,
                }
            )
        )
        return wizard._create_payments()

    def assertFee(self, state, amount, received, left):
        self.env.invalidate_all()
        self.assertEqual(
            (
                self.fee.fee_state,
                self.fee.fee_amount,
                self.fee.fee_received,
                self.fee.fee_open,
            ),
            (state, amount, received, left),
        )
        self.assertEqual(self.appointment.fee_state, state)
        self.assertEqual(self.appointment.fee_amount, amount)

    def test_open(self):
        self.assertFee("open", 75.0, 0.0, 75.0)

    def test_partial(self):
        self._pay(25.0)
        self.assertFee("partial", 75.0, 25.0, 50.0)

    def test_paid(self):
        self._pay(25.0)
        self._pay(50.0)
        self.assertFee("paid", 75.0, 75.0, 0.0)

    def test_paid_and_matched_with_the_bank(self):
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "amount": 75.0,
                "payment_ref": "Bank",
                "partner_id": self.client_1.id,
            }
        )
        line = self.env["account.bank.statement.line"].search([], limit=1)
        suspense = line.move_id.line_ids.filtered(
            lambda l: l.account_id == line.journal_id.suspense_account_id
        )
        receivable = self.invoice.line_ids.filtered(
            lambda l: l.display_type == "payment_term"
        )
        suspense.account_id = receivable.account_id
        (suspense + receivable).reconcile()
        self.assertFee("paid", 75.0, 75.0, 0.0)

    def test_part_of_an_invoice_with_more_on_it(self):
        """What comes in is for the fee first."""
        # From before the seal.
        invoice = by_method(self.invoice)
        invoice.button_draft()
        invoice.invoice_line_ids = [
            Command.create({"name": "Report", "price_unit": 100.0, "tax_ids": False})
        ]
        invoice.action_post()
        self.assertFee("open", 75.0, 0.0, 75.0)
        self._pay(50.0)
        self.assertFee("partial", 75.0, 50.0, 25.0)
        self._pay(50.0)
        self.assertFee("paid", 75.0, 75.0, 0.0)

    def test_written_off_without_money(self):
        receivable = self.invoice.line_ids.filtered(
            lambda l: l.display_type == "payment_term"
        )
        entry = self.env["account.move"].create(
            {
                "journal_id": self.company_data["default_journal_misc"].id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": receivable.account_id.id,
                            "partner_id": self.client_1.id,
                            "credit": 75.0,
                        }
                    ),
                    Command.create(
                        {
                            "account_id": self.company_data[
                                "default_account_expense"
                            ].id,
                            "debit": 75.0,
                        }
                    ),
                ],
            }
        )
        entry.action_post()
        (
            entry.line_ids.filtered(lambda l: l.account_id == receivable.account_id)
            + receivable
        ).reconcile()
        self.assertFee("written_off", 75.0, 0.0, 0.0)

    def test_partly_paid_and_the_rest_written_off(self):
        self._pay(
            50.0,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.company_data["default_account_expense"].id,
        )
        self.assertFee("paid", 75.0, 50.0, 0.0)

    def test_partly_credited(self):
        note = self.invoice._reverse_moves()
        note.invoice_line_ids.price_unit = 50.0
        note.action_post()
        self.assertFee("open", 25.0, 0.0, 25.0)

    def test_waived_after_payment_leaves_a_credit(self):
        self._pay(75.0)
        self.fee.with_user(self.biller)._waive("Goodwill")
        self.assertFee("waived", 0.0, 75.0, 0.0)
        credit = self.env["account.move"]._get_payer_credit_lines(
            self.company, self.client_1
        )
        self.assertEqual(sum(credit.mapped("amount_residual")), -75.0)

    def test_refunded_when_all_money_went_back(self):
        self._pay(75.0)
        self.fee.with_user(self.biller)._waive("Goodwill")
        note = self.invoice.reversal_move_ids
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=note.ids
        ).create({})._create_payments()
        self.assertFee("refunded", 0.0, 75.0, 0.0)

    def test_zero_fee_is_open(self):
        event = self._new_appointment(self.client_2)
        self._cancel(event, self.biller, visit_state="no_show", amount=0.0)
        self.assertEqual(event.fee_state, "open")
        self.assertEqual(event.fee_line_ids.move_id.state, "posted")

    def test_a_therapist_reads_the_state_of_own_fees(self):
        self._pay(25.0)
        fee = self.fee.with_user(self.therapist)
        self.assertEqual(fee.fee_state, "partial")
        self.assertEqual(fee.fee_open, 50.0)

    def test_many_fees_cost_no_query_each(self):
        events = self.env["calendar.event"].union(
            *(self._new_appointment(self.client_2) for _n in range(10))
        )
        self._cancel(events, visit_state="no_show")
        lines = self.env["account.move.line"].browse(events.fee_line_ids.ids)

        def count(fees):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            fees.mapped("fee_state")
            return self.cr.sql_log_count - before

        count(lines)  # warms the caches of rights and rules
        self.assertEqual(count(lines[:2]), count(lines))
