"""Disputed money counts as collected from the payment to the withdrawal, by date."""

from contextlib import contextmanager
from datetime import timedelta

from odoo import Command
from odoo.tests import tagged

from .common_event import EventCommon


@tagged("post_install", "-at_install")
class TestDisputedMoney(EventCommon):
    def setUp(self):
        super().setUp()
        self.charge = self._charge()
        self.paid_on = self.charge.payment_id.date
        self.taken_on = self.paid_on + timedelta(days=40)
        self.won_on = self.paid_on + timedelta(days=80)
        self.dispute = self.fake.account.create_dispute(self.charge.provider_reference)
        self._send("charge.dispute.created", self.dispute)
        self.assertEqual(self.fee.fee_state, "disputed")

    def assertMoney(self, collected, refunded, left, cash):
        """:param dict cash: `{day: (in, out)}` for this client's fees"""
        self.env.flush_all()
        self.env.invalidate_all()
        lines = self.appointment.fee_line_ids
        self.assertEqual(
            (
                sum(lines.mapped("fee_collected")),
                sum(lines.mapped("fee_refunded")),
                self.fee.fee_open,
            ),
            (collected, refunded, left),
        )
        rows = self.env["noshow.cash.report"]._read_group(
            [("client_id", "=", self.client_1.id), ("is_fee", "=", True)],
            ["date:day"],
            ["money_in:sum", "money_out:sum"],
        )
        self.assertEqual({day: (in_, out) for day, in_, out in rows}, cash)

    def _entry(self, day, balance):
        """What the bank takes or gives, as an accountant books it.

        :return: its line on the receivable account
        """
        receivable = self.fee.move_id._get_fee_receivable()
        outstanding = self.charge.payment_id.outstanding_account_id
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": day,
                "journal_id": self.charge.payment_id.journal_id.id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.client_1.id,
                            "balance": amount,
                        }
                    )
                    for account, amount in (
                        (outstanding, -balance),
                        (receivable.account_id, balance),
                    )
                ],
            }
        )
        entry.action_post()
        return entry.line_ids[1]

    def _withdraw(self):
        paid = self.charge.payment_id.move_id.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        paid.remove_move_reconcile()
        (paid | self._entry(self.taken_on, 75.0)).reconcile()

    def test_collected_until_it_is_withdrawn(self):
        self.assertMoney(75.0, 0.0, 0.0, {self.paid_on: (75.0, 0.0)})
        self._withdraw()
        month = {self.paid_on: (75.0, 0.0), self.taken_on: (0.0, 75.0)}
        self.assertMoney(75.0, 75.0, 75.0, month)
        self.assertEqual(
            self.fee.fee_change_ids.sorted("id").mapped("kind"),
            ["disputed", "payment_undone", "paid_back"],
        )

    def test_withdrawn_and_won(self):
        self._withdraw()
        self.fake.account.close_dispute(self.dispute["id"], "won")
        self._send("charge.dispute.closed", self.dispute)
        receivable = self.fee.move_id._get_fee_receivable()
        (receivable | self._entry(self.won_on, -75.0)).reconcile()
        self.assertEqual(self.fee.fee_state, "paid")
        self.assertMoney(
            150.0,
            75.0,
            0.0,
            {
                self.paid_on: (75.0, 0.0),
                self.taken_on: (0.0, 75.0),
                self.won_on: (75.0, 0.0),
            },
        )

    def test_won_before_it_was_booked(self):
        self.fake.account.close_dispute(self.dispute["id"], "won")
        self._send("charge.dispute.closed", self.dispute)
        self.assertEqual(self.fee.fee_state, "paid")
        self.assertMoney(75.0, 0.0, 0.0, {self.paid_on: (75.0, 0.0)})

    def _lose(self):
        self.fake.account.close_dispute(self.dispute["id"], "lost")
        self._send("charge.dispute.closed", self.dispute)

    def test_lost_and_settled_otherwise(self):
        """Disputed until what the bank has taken is booked, and nothing is open."""
        self._lose()
        self._withdraw()
        fee = self.fee.with_user(self.biller)
        cash = self.company_data["default_journal_cash"]
        loss = self.company_data["default_account_expense"]
        self.assertEqual((fee.fee_state, fee.fee_open), ("disputed", 75.0))
        for settle, state in (
            (lambda: fee._write_off(loss, "Gone"), "written_off"),
            (lambda: fee._waive("Agreed"), "waived"),
        ):
            with self.subTest(state), self._undone():
                settle()
                self.assertEqual(fee.fee_state, state)
        fee._take_payment(cash, 30.0)
        self.assertEqual((fee.fee_state, fee.fee_open), ("disputed", 45.0))
        fee._take_payment(cash, 45.0)
        self.assertEqual(fee.fee_state, "paid")
        self.assertEqual(fee._filter_to_tell("receipt"), fee)
        fee.action_open_receipt_mail()

    @contextmanager
    def _undone(self):
        savepoint = self.cr.savepoint()
        try:
            yield
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()

    def test_lost_and_waived_before_it_was_booked(self):
        self._lose()
        fee = self.fee.with_user(self.biller)
        fee._waive("Agreed")
        self.assertEqual(fee.fee_state, "disputed")
        note = self.fee.move_id.reversal_move_ids
        (note._get_fee_receivable() | self._entry(self.taken_on, 75.0)).reconcile()
        self.assertEqual(fee.fee_state, "refunded")
