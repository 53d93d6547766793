"""The reports agree with the general ledger: edits, waivers, credit notes, part
payments, two currencies and companies."""

from datetime import date

from odoo.tests import tagged

from .report_history import HistoryCase


class Agrees:
    """What is held against each other after `HistoryCase.fees`."""

    def test_revenue_is_the_ledgers(self):
        for company in self.companies:
            total = 0.0
            for first, last in (
                (date(2025, 1, 1), date(2025, 1, 31)),
                (date(2025, 2, 1), date(2025, 2, 28)),
                (date(2025, 3, 1), date(2025, 12, 31)),
            ):
                period = [("date", ">=", first), ("date", "<=", last)]
                sums = self._sums(company, period, "revenue", "charged", "waived")
                ledger = self._ledger(company, first, last)
                self.assertAlmostEqual(sums["revenue"], ledger, places=6)
                self.assertAlmostEqual(
                    sums["charged"] - sums["waived"], ledger, places=6
                )
                total += abs(ledger)
            self.assertTrue(total, "There is something to agree on.")

    def test_money_is_the_receivables(self):
        """What was matched with the receivable, seen from the payments' side."""
        for company in self.companies:
            moves = self.fees.appointment_id.fee_line_ids.move_id.filtered(
                lambda move, company=company: move.company_id == company
            )
            payments = self.env["account.move.line"].search(
                [
                    ("company_id", "=", company.id),
                    ("payment_id", "!=", False),
                    ("account_id.account_type", "=", "asset_receivable"),
                ]
            )
            received = sum(payments.matched_debit_ids.mapped("amount"))
            given_back = sum(payments.matched_credit_ids.mapped("amount"))
            sums = self._sums(company, [], "collected", "refunded", "open_amount")
            self.assertAlmostEqual(sums["collected"], received, places=6)
            self.assertAlmostEqual(sums["refunded"], given_back, places=6)
            residual = sum(
                move.amount_residual_signed
                for move in moves
                if move.move_type == "out_invoice"
            )
            self.assertAlmostEqual(sums["open_amount"], residual, places=6)

    def test_the_providers_company_bills(self):
        for appointment in self.fees.appointment_id:
            self.assertEqual(appointment.company_id, appointment.user_id.company_id)

    def test_states_are_the_fees(self):
        self.env.flush_all()
        self.env.invalidate_all()
        for row in self._report().search([]):
            self.assertEqual(row.fee_state, row.sudo().appointment_id.fee_state)
        # The list of what the fees say themselves.
        groups = dict(self._report()._read_group([], ["fee_state"], ["fee_count:sum"]))
        fees = self.env["account.move.line"].search([("is_noshow_fee", "=", True)])
        for state, count in groups.items():
            same = fees.filtered(lambda fee, state=state: fee.fee_state == state)
            self.assertEqual(count, len(same), state)

    def test_visits_are_those_of_outcomes(self):
        """Outcomes say the same of how many were missed, and charged."""
        rates = set()
        for company in self.companies:
            rows = [
                self.env[model]
                .with_user(self.biller)
                .with_context(allowed_company_ids=company.ids)
                ._read_group([], ["provider_id"], ["missed_count:sum", "fee_rate:avg"])
                for model in ("noshow.fee.report", "noshow.visit.report")
            ]
            self.assertEqual(*rows)
            rates |= {rate for _provider, _count, rate in rows[0]}
        self.assertTrue(any(0 < rate < 1 for rate in rates), "Some without a fee.")


@tagged("post_install", "-at_install")
class TestFeeReport(Agrees, HistoryCase):
    seed = 1


@tagged("post_install", "-at_install")
class TestFeeReportOtherwise(Agrees, HistoryCase):
    seed = 2
