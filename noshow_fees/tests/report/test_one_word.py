"""The same word has the same meaning on the dashboard, in the list of fees and in the
reports. Finding C11."""

from odoo.tests import tagged

from ..common import PracticeCommon


@tagged("post_install", "-at_install")
class TestOneWord(PracticeCommon):
    def _fee(self):
        event = self._new_appointment()
        self._cancel(event, self.biller, visit_state="no_show")
        return event.fee_line_ids.with_user(self.biller)

    def test_open_and_received(self):
        cash = self.company_data["default_journal_cash"]
        loss = self.company_data["default_account_expense"]
        paid, partly, waived, edited, lost = (self._fee() for _n in range(5))
        for fee in (paid, waived, edited):
            fee._take_payment(cash, 75.0)
        partly._take_payment(cash, 30.0)
        waived._waive("Agreed")
        self.env["account.payment.register"].with_context(
            active_model="account.move",
            active_ids=waived.sudo().move_id.reversal_move_ids.ids,
        ).create({"journal_id": cash.id})._create_payments()
        edited._change_fee(self.code_late, 50.0, "Agreed")
        lost._write_off(loss, "No answer")
        self.env.flush_all()
        self.env.invalidate_all()
        fees = paid | partly | waived | edited | lost
        month = (
            self.env["calendar.event"]
            .with_user(self.owner)
            .retrieve_practice_dashboard()["figures"]["month"]
        )
        [[reported_open, collected, refunded, credit_left]] = (
            self.env["noshow.fee.report"]
            .with_user(self.owner)
            ._read_group(
                [("client_id", "=", self.client_1.id)],
                [],
                [
                    "open_amount:sum",
                    "collected:sum",
                    "refunded:sum",
                    "credit_left:sum",
                ],
            )
        )
        self.assertEqual(month["open"], 45.0)
        self.assertEqual(sum(fees.mapped("fee_open")), 45.0)
        self.assertEqual(reported_open, 45.0)
        # Received and kept: money, less what went back and what is the payer's credit.
        self.assertEqual(month["collected"], 155.0)
        self.assertEqual(sum(fees.mapped("fee_kept")), 155.0)
        self.assertEqual(collected - refunded - credit_left, 155.0)
        self.assertEqual((collected, refunded, credit_left), (255.0, 75.0, 25.0))
        [[money_in, money_out]] = (
            self.env["noshow.cash.report"]
            .with_user(self.owner)
            ._read_group(
                [("client_id", "=", self.client_1.id), ("is_fee", "=", True)],
                [],
                ["money_in:sum", "money_out:sum"],
            )
        )
        self.assertEqual((money_in, money_out), (255.0, 75.0))
