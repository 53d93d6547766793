"""Whatever is done to a fee, in whatever order, by us or by accountants with Odoo's own
screens: the books balance, the fee's state, residual and payments agree, and the
report's measures are what an oracle reads from lines and partials (`fee_oracle`).

More of it: `NOSHOW_FEE_EXAMPLES=200 ./dev test …/test_fee_properties.py`, each time
with other seeds; with a country's own chart and taxes: `NOSHOW_FEE_CHART=de_skr03 ./dev
test --with l10n_de …`, `NOSHOW_FEE_CHART=fr ./dev test --with l10n_fr_account …`.
"""

import os

from hypothesis import HealthCheck, Phase, example, given, note, settings
from hypothesis import strategies as st

from odoo.tests import tagged

from .fee_oracle import FeeOracle
from .fee_steps import FeeSteps

EXAMPLES = int(os.environ.get("NOSHOW_FEE_EXAMPLES", "0"))
AMOUNTS = st.sampled_from([0.0, 0.01, 25.0, 49.99, 75.0, 100.0])
PARTS = st.sampled_from([0.01, 10.0, 33.33])
STEPS = st.one_of(
    st.tuples(st.just("edit"), AMOUNTS, st.booleans()),
    st.tuples(st.just("edit"), AMOUNTS, st.just(False)),
    st.tuples(st.just("pay"), st.sampled_from([0.01, 10.0, 75.0])),
    st.tuples(st.just("pay"), st.just(1000.0)),
    st.tuples(st.just("overpay"), st.sampled_from([0.01, 30.0])),
    st.tuples(st.just("waive")),
    st.tuples(st.just("give_back")),
    st.tuples(st.just("give_surplus_back")),
    st.tuples(st.just("restore")),
    st.tuples(st.just("cancel"), st.booleans()),
    st.tuples(st.just("close_books")),
    st.tuples(st.just("open_books")),
    # Accountants.
    st.tuples(st.just("credit"), PARTS),
    st.tuples(st.just("bank_line"), PARTS, st.sampled_from([0.0, 5.0])),
    st.tuples(st.just("entry"), st.sampled_from(["cash", "loss", "suspense"]), PARTS),
    st.tuples(st.just("unmatch")),
    st.tuples(st.just("other_fee"), st.booleans()),
    st.tuples(st.just("set"), st.sampled_from(["tax", "account", "receivable"])),
    st.tuples(st.just("set"), st.sampled_from(["position", "term"])),
    # Given up, and paid after all.
    st.tuples(st.just("write_off")),
    st.tuples(st.just("pay_after_all"), PARTS),
)
MEASURES = (
    "charged",
    "tax",
    "waived",
    "collected",
    "refunded",
    "written_off",
    "credit_used",
    "open_amount",
    "credit_left",
)


@tagged("post_install", "-at_install")
class TestFeeProperties(FeeSteps):
    @settings(
        max_examples=EXAMPLES or 14,
        deadline=None,
        derandomize=not EXAMPLES,
        database=None,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.function_scoped_fixture,
        ],
    )
    @given(
        tax=st.sampled_from(["none", "none", "19", "20 in it", "20 when paid"]),
        in_branch=st.sampled_from([False, False, True]),
        steps=st.lists(STEPS, min_size=4, max_size=10),
    )
    def test_any_sequence(self, tax, in_branch, steps):
        savepoint = self.env.cr.savepoint()
        try:
            self.event = self.appointments[in_branch]
            self.other = self.others[in_branch]
            self.company_of_fee = self.event.company_id
            self.code_noshow.taxes_id = self.taxes[tax]
            self.code_late.taxes_id = self.taxes["7"]
            self.env.user.company_id = self.company_of_fee
            self.env = self.env(
                context={
                    **self.env.context,
                    "allowed_company_ids": [
                        self.company_of_fee.id,
                        *((self.company | self.branch) - self.company_of_fee).ids,
                    ],
                }
            )
            self.oracle = FeeOracle(self.env, self.client_1, self.money.ids)
            self._cancel(self.event, self.biller, visit_state="no_show")
            self._check()
            for name, *arguments in steps:
                note(f"{name} {arguments}")
                with self.env.cr.savepoint():
                    getattr(self, f"_step_{name}")(*arguments)
                self._check()
        finally:
            self.env.cr.flush()
            savepoint.close(rollback=True)
            self.env.invalidate_all()

    # What each measure is about, whatever the seeds: what is paid for a note, credit of
    # a note and of an edit used for another fee, money that an edit took apart, billed
    # anew, the same with nothing left to credit, losses, a write-off paid in part,
    # taxes, a payment given back, one of two payments that an edit has set free.
    @settings(deadline=None, database=None, phases=[Phase.explicit])
    @example("none", False, [("pay", 75.0), ("waive",), ("give_back",)])
    @example("none", False, [("pay", 75.0), ("waive",), ("other_fee", True)])
    @example(
        "none", False, [("pay", 75.0), ("edit", 25.0, False), ("give_surplus_back",)]
    )
    @example("19", False, [("pay", 75.0), ("edit", 25.0, False), ("other_fee", True)])
    @example("19", True, [("pay", 10.0), ("close_books",), ("edit", 49.99, True)])
    @example("none", False, [("bank_line", 33.33, 5.0), ("credit", 10.0)])
    @example("20 in it", False, [("credit", 33.33), ("restore",)])
    @example("20 when paid", False, [("write_off",), ("pay_after_all", 33.33)])
    @example("none", False, [("pay", 75.0), ("unmatch",), ("give_surplus_back",)])
    @example("none", False, [("entry", "loss", 0.01), ("waive",), ("edit", 0.0, True)])
    @example(
        *("none", False),
        [("pay", 10.0), ("bank_line", 33.33, 0.0), ("edit", 0.01, 0), ("edit", 25, 0)],
    )
    @given(tax=st.just("none"), in_branch=st.just(False), steps=st.just([]))
    def test_each_measure(self, tax, in_branch, steps):
        type(self).test_any_sequence.hypothesis.inner_test(self, tax, in_branch, steps)

    def _check(self):
        self.env.flush_all()
        self.env.invalidate_all()
        moves, fee = self._moves().filtered(lambda m: m.state == "posted"), self._fee
        for move in moves:
            self.assertZero(sum(move.line_ids.mapped("balance")))
            sign = 1 if move.move_type == "out_refund" else -1
            # What a line says is what is booked. With the tax in the price, half a
            # cent of both may round up: then Odoo books one less than the line's
            # subtotal says, and the document's own sums are what is booked.
            for line in move.invoice_line_ids:
                cent = 0.01 if True in line.tax_ids.mapped("price_include") else 0.0
                differs = abs(line.price_subtotal - sign * line.balance)
                self.assertZero(max(differs - cent, 0.0), differs)
            booked = sum(move.invoice_line_ids.mapped("balance"))
            self.assertZero(move.amount_untaxed - sign * booked)
            self.assertZero(
                move.amount_total
                - abs(sum(move._get_fee_receivable().mapped("balance")))
            )
            self.assertEqual(move.company_id, self.company_of_fee)
            self.assertEqual(len(move._get_fee_receivable()), 1 * bool(fee or moves))
        # One live fee while the appointment is charged, none once it is restored.
        self.assertLessEqual(len(fee), 1)
        if self.event.visit_state == "scheduled":
            self.assertFalse(fee)
            self.assertEqual(self.event.fee_state, "none")
        # What was billed, less credited, is what is owed; but an accountant's loss on
        # an invoice that was billed anew stays there.
        billed = sum(
            move.amount_total * (1 if move.move_type == "out_invoice" else -1)
            for move in moves
        )
        former = moves.filtered(lambda m: m.move_type == "out_invoice") - fee.move_id
        lost = self.oracle.add_up_losses(former)
        self.assertZero(billed - lost - self.event.fee_amount)
        open_fees = (fee | self.other.fee_line_ids).filtered("is_noshow_fee")
        self.assertZero(
            self.client_1.noshow_fee_open - sum(open_fees.mapped("fee_open"))
        )
        self._check_measures()
        # Credit of a payment with a loss in it may be used in full.
        for other in open_fees - fee:
            least, most = self.oracle.add_up_received(other.move_id)
            self.assertGreater(other.fee_received, least - 0.005)
            self.assertLess(other.fee_received, most + 0.005)
        if fee:
            self._check_state(fee)

    def _check_measures(self):
        expected = self.oracle.measure(self.event)
        for appointment in (self.event, self.other):
            self._add_up([("appointment_id", "=", appointment.id)])
        values = self._add_up([("client_id", "=", self.client_1.id)])
        values["left"] = values["open_amount"] - values["credit_left"]
        for name, value in expected.items():
            self.assertZero(
                values[name] - value, f"{name}: {values[name]} reported, is {value}"
            )
        # The same word has the same meaning by the date of the payment.
        [[money_in, money_out]] = self.env["noshow.cash.report"]._read_group(
            [("client_id", "=", self.client_1.id), ("is_fee", "=", True)],
            [],
            ["money_in:sum", "money_out:sum"],
        )
        self.assertZero((money_in or 0.0) - expected["collected"], "cash in")
        self.assertZero((money_out or 0.0) - expected["refunded"], "cash out")

    def _add_up(self, domain):
        """The report's sums: for whole fees, of any set, they add up."""
        [sums] = self.env["noshow.fee.report"]._read_group(
            [("move_type", "!=", False), *domain], [], [f"{m}:sum" for m in MEASURES]
        )
        values = dict(zip(MEASURES, (total or 0.0 for total in sums), strict=True))
        self.assertZero(
            values["charged"]
            + values["tax"]
            - values["waived"]
            - values["written_off"]
            - values["credit_used"]
            - (values["collected"] - values["refunded"])
            - (values["open_amount"] - values["credit_left"]),
            values,
        )
        return values

    def _check_state(self, fee):
        state, owed, left = fee.fee_state, fee.fee_amount, fee.fee_open
        zero = self.company.currency_id.is_zero
        lost = max(fee.fee_written_off, 0.0)
        self.assertTrue(left <= owed or zero(left - owed))
        received, _settled = self.oracle.add_up_received(fee.move_id)
        self.assertZero(
            fee.fee_received - received, f"{fee.fee_received} received, is {received}"
        )
        if state in ("waived", "refunded"):
            self.assertZero(left)
            self.assertTrue(owed <= lost or zero(owed - lost))
        elif zero(owed):
            self.assertEqual(state, "open")
        elif state == "written_off":
            self.assertZero(fee.fee_received)
            self.assertZero(left)
        elif zero(left):
            self.assertEqual(state, "paid")
        elif zero(fee.fee_received):
            self.assertEqual(state, "open")
        else:
            self.assertEqual(state, "partial")
