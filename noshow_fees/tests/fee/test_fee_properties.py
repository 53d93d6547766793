"""Whatever is done to a fee, in whatever order: the books balance, and the fee's state,
residual and payments agree."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common import PracticeCommon

AMOUNTS = st.sampled_from([0.0, 0.01, 25.0, 49.99, 75.0, 100.0])
STEPS = st.one_of(
    st.tuples(st.just("edit"), AMOUNTS, st.booleans()),
    st.tuples(st.just("pay"), st.sampled_from([0.01, 10.0, 75.0])),
    st.tuples(st.just("overpay"), st.sampled_from([0.01, 30.0])),
    st.tuples(st.just("waive")),
    st.tuples(st.just("give_back")),
    st.tuples(st.just("restore")),
    st.tuples(st.just("cancel"), st.booleans()),
    st.tuples(st.just("close_books")),
    st.tuples(st.just("open_books")),
)


@tagged("post_install", "-at_install")
class TestFeeProperties(PracticeCommon):
    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.function_scoped_fixture,
        ],
    )
    @given(steps=st.lists(STEPS, min_size=3, max_size=9))
    def test_any_sequence(self, steps):
        savepoint = self.env.cr.savepoint()
        try:
            self._cancel(self.appointment, self.biller, visit_state="no_show")
            self._check()
            for name, *arguments in steps:
                with self.env.cr.savepoint():
                    getattr(self, f"_step_{name}")(*arguments)
                self._check()
        finally:
            self.env.cr.flush()
            savepoint.close(rollback=True)
            self.env.invalidate_all()

    # Steps: each does it, or is refused where it makes no sense. ----------------

    @property
    def _fee(self):
        return self.appointment.fee_line_ids.filtered("is_noshow_fee")

    def _step_edit(self, amount, other_code):
        fee, code = self._fee, self.code_late if other_code else self.code_noshow
        if not fee:
            return
        same = fee.price_unit == amount and fee.product_id == code
        if same or fee.fee_state in ("waived", "refunded"):
            with self.assertRaises(UserError):
                fee.with_user(self.biller)._change_fee(code, amount, "Property")
            return
        received = fee.sudo()._get_paid_for()
        _sentences, surplus = fee._preview_fee_change(code, amount)
        fee.with_user(self.biller)._change_fee(code, amount, "Property")
        self.env.invalidate_all()
        # What was received stays with the fee, as far as it is owed, and the rest is
        # the client's credit: as the dialog has said.
        zero = self.company.currency_id.is_zero
        self.assertTrue(zero(self._fee.fee_received - min(received, amount)))
        self.assertTrue(zero(surplus - max(received - amount, 0.0)))
        self.assertTrue(zero(self._fee.sudo()._get_paid_for() - received))

    def _step_pay(self, amount):
        fee = self._fee
        if fee and fee.fee_open:
            fee.with_user(self.biller)._take_payment(
                self.company_data["default_journal_cash"], min(amount, fee.fee_open)
            )

    def _step_overpay(self, more):
        """By Odoo's own dialog: the rest is the client's credit."""
        if self._fee and self._fee.fee_open:
            self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=self._fee.move_id.ids
            ).create(
                {
                    "journal_id": self.company_data["default_journal_cash"].id,
                    "amount": self._fee.fee_open + more,
                    "custom_user_amount": self._fee.fee_open + more,
                }
            )._create_payments()

    def _step_waive(self):
        if self._fee and self._fee.fee_state not in ("waived", "refunded"):
            self._fee.with_user(self.biller)._waive("Property")

    def _step_give_back(self):
        """All credit notes with something left are paid out in cash."""
        notes = self._moves().filtered(
            lambda move: move.move_type == "out_refund" and move.amount_residual
        )
        for note in notes:
            self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=note.ids
            ).create(
                {"journal_id": self.company_data["default_journal_cash"].id}
            )._create_payments()

    def _step_restore(self):
        if self.appointment.visit_state == "no_show":
            dialog = (
                self.env["calendar.event.restore"]
                .with_user(self.biller)
                .create({"event_ids": self.appointment.ids})
            )
            dialog.action_restore()

    def _step_cancel(self, use_credit):
        if self.appointment.visit_state == "scheduled":
            self._cancel(
                self.appointment,
                self.biller,
                visit_state="no_show",
                use_credit=use_credit,
            )

    def _step_close_books(self):
        """Close yesterday, and put all that there is before it."""
        yesterday = self.company._get_practice_today() - timedelta(days=1)
        self.env.flush_all()
        for table in ("account_move", "account_move_line"):
            self.env.cr.execute(
                f"UPDATE {table} SET date = %s, invoice_date = %s "  # noqa: S608
                "WHERE company_id = %s",
                (yesterday, yesterday, self.company.id),
            )
        self.env.invalidate_all()
        self.company.fiscalyear_lock_date = yesterday

    def _step_open_books(self):
        self.company.fiscalyear_lock_date = False

    # What has to hold. --------------------------------------------------------

    def _moves(self):
        return self.appointment.fee_line_ids.move_id

    def _check(self):
        self.env.flush_all()
        self.env.invalidate_all()
        moves, fee = self._moves(), self._fee
        zero = self.company.currency_id.is_zero
        for move in moves:
            self.assertEqual(move.state, "posted")
            self.assertTrue(zero(sum(move.line_ids.mapped("balance"))))
            sign = 1 if move.move_type == "out_refund" else -1
            for line in move.invoice_line_ids:
                self.assertTrue(zero(line.price_subtotal - sign * line.balance))
            self.assertTrue(
                zero(
                    move.amount_total - sum(move.invoice_line_ids.mapped("price_total"))
                )
            )
        # One live fee while the appointment is charged, none once it is restored.
        self.assertLessEqual(len(fee), 1)
        if self.appointment.visit_state == "scheduled":
            self.assertFalse(fee)
            self.assertEqual(self.appointment.fee_state, "none")
        # What was billed, less credited, is what is owed.
        billed = sum(
            move.amount_total * (1 if move.move_type == "out_invoice" else -1)
            for move in moves
        )
        self.assertTrue(zero(billed - self.appointment.fee_amount))
        # The client's receivable: owed, less what came in, plus what went back.
        cash = self.env["account.payment"].search(
            [
                ("partner_id", "=", self.client_1.id),
                ("company_id", "=", self.company.id),
            ]
        )
        received = sum(
            payment.amount * (1 if payment.payment_type == "inbound" else -1)
            for payment in cash
        )
        receivable = self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.client_1.id),
                ("account_id.account_type", "=", "asset_receivable"),
                ("company_id", "=", self.company.id),
                ("parent_state", "=", "posted"),
            ]
        )
        self.assertTrue(zero(sum(receivable.mapped("balance")) - (billed - received)))
        self.assertTrue(
            zero(self.client_1.noshow_fee_open - sum(fee.mapped("fee_open")))
        )
        if fee:
            self._check_state(fee, zero)

    def _check_state(self, fee, zero):
        state, owed, left = fee.fee_state, fee.fee_amount, fee.fee_open
        self.assertTrue(left <= owed or zero(left - owed))
        if state in ("waived", "refunded"):
            self.assertTrue(zero(owed) and zero(left))
        elif zero(owed):
            self.assertEqual(state, "open")
        elif zero(left):
            self.assertEqual(state, "paid")
            self.assertTrue(zero(fee.fee_received - owed))
        elif zero(fee.fee_received):
            self.assertEqual(state, "open")
            self.assertTrue(zero(left - owed))
        else:
            self.assertEqual(state, "partial")
            self.assertTrue(zero(fee.fee_received + left - owed))
