"""Money is money: collected, refunded and written off by what came in, wherever it was
booked and whichever way an edit went, and everything adds up."""

from odoo import Command

from .fee_common import FeeCase

MEASURES = (
    "charged",
    "tax",
    "waived",
    "written_off",
    "credit_used",
    "collected",
    "refunded",
    "open_amount",
    "credit_left",
)


class TestFeeMoney(FeeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank = cls.company_data["default_journal_bank"]
        cls.general = cls.company_data["default_journal_misc"]
        cls.loss = cls.company_data["default_account_expense"]

    def _entry(self, journal, lines):
        """Post an entry that settles the fee's invoice, and match it.

        :param list lines: `(account, balance)` beside the receivable
        """
        receivable = self.invoice._get_fee_receivable()
        rest = -sum(balance for _account, balance in lines)
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": journal.id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.client_1.id,
                            "balance": balance,
                        }
                    )
                    for account, balance in [*lines, (receivable.account_id, rest)]
                ],
            }
        )
        entry.action_post()
        (receivable + entry.line_ids[-1]).reconcile()
        return entry

    def _measures(self, domain=()):
        """The report's sums, which always add up."""
        self.env.flush_all()
        self.env.invalidate_all()
        [sums] = self.env["noshow.fee.report"]._read_group(
            [("move_type", "!=", False), *domain], [], [f"{m}:sum" for m in MEASURES]
        )
        values = dict(zip(MEASURES, (total or 0.0 for total in sums), strict=True))
        left = (
            values["charged"]
            + values["tax"]
            - values["waived"]
            - values["written_off"]
            - values["credit_used"]
            - (values["collected"] - values["refunded"])
        )
        self.assertAlmostEqual(
            left, values["open_amount"] - values["credit_left"], places=6
        )
        return values

    def assertMeasures(self, **expected):
        values = self._measures()
        for name, value in expected.items():
            self.assertAlmostEqual(values[name], value, places=6, msg=name)

    # What is money ------------------------------------------------------------

    def test_bank_line_with_a_loss(self):
        self._bank_line(self.invoice, 45.0, [(self.loss, 30.0)])
        self.assertMeasures(collected=45.0, written_off=30.0, open_amount=0.0)
        self.assertFee("paid", 75.0, 45.0, 0.0)
        [change] = self.fee.fee_change_ids
        self.assertEqual((change.kind, change.old_amount), ("lost", 30.0))

    def test_bank_line_of_a_cent(self):
        self._bank_line(self.invoice, 0.01, [(self.loss, 74.99)])
        self.assertMeasures(collected=0.01, written_off=74.99)

    def test_loss_in_a_bank_journal_is_no_money(self):
        self._entry(self.bank, [(self.loss, 75.0)])
        self.assertMeasures(collected=0.0, written_off=75.0)
        self.assertFee("written_off", 75.0, 0.0, 0.0)

    def test_cash_in_a_general_journal_is_money(self):
        cash = self.company_data["default_journal_cash"].default_account_id
        self._entry(self.general, [(cash, 75.0)])
        self.assertMeasures(collected=75.0, written_off=0.0)
        self.assertFee("paid", 75.0, 75.0, 0.0)

    def test_suspense_account_is_money(self):
        """OCA's widget keeps the bank's entry as it is, and makes another one."""
        self._entry(self.general, [(self.bank.suspense_account_id, 75.0)])
        self.assertMeasures(collected=75.0, written_off=0.0)

    def test_bank_line_for_more_keeps_the_rest_in_suspense(self):
        self._bank_line(self.invoice, 100.0, [(self.bank.suspense_account_id, -25.0)])
        self.assertMeasures(collected=75.0, written_off=0.0)

    def test_payment_that_writes_off_the_rest(self):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.invoice.ids
        ).create(
            {
                "amount": 45.0,
                "journal_id": self.bank.id,
                "payment_difference_handling": "reconcile",
                "writeoff_account_id": self.loss.id,
            }
        )._create_payments()
        self.assertMeasures(collected=45.0, written_off=30.0)

    def test_account_corrected_afterwards(self):
        """The accountant corrects the account of a matched entry: measured anew."""
        entry = self._entry(self.general, [(self.loss, 75.0)])
        self.assertMeasures(collected=0.0, written_off=75.0)
        cash = self.company_data["default_journal_cash"].default_account_id
        entry.line_ids.filtered(lambda line: line.account_id == self.loss).write(
            {"account_id": cash.id}
        )
        self.assertMeasures(collected=75.0, written_off=0.0)

    # Whichever way an edit went --------------------------------------------------

    def _give_back(self, lines, amount, **vals):
        """Pay open credit out from the bank."""
        payment = self.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "customer",
                "partner_id": self.client_1.id,
                "amount": amount,
                "journal_id": self.bank.id,
                **vals,
            }
        )
        payment.action_post()
        back = payment.move_id.line_ids.filtered(
            lambda line: line.account_id == lines.account_id
        )
        (lines + back).reconcile()

    def test_edited_down_open_books(self):
        self._edited_down()

    def test_edited_down_closed_books(self):
        self._lock()
        self._edited_down()

    def _edited_down(self):
        self._pay(75.0)
        self._edit(amount=50.0)
        self.assertMeasures(charged=50.0, collected=75.0, refunded=0.0, credit_left=25)
        self._give_back(self.fee._get_surplus_lines(), 25.0)
        self.assertMeasures(charged=50.0, collected=75.0, refunded=25.0, credit_left=0)
        self.assertFee("paid", 50.0, 50.0, 0.0)

    def test_edited_down_and_given_back_in_another_currency(self):
        self._pay_in_euro(150.0)
        self._edit(amount=50.0)
        self.assertMeasures(collected=75.0, refunded=0.0, credit_left=25.0)
        euro = self.env["res.currency"].search([("name", "=", "EUR")])
        self._give_back(self.fee._get_surplus_lines(), 50.0, currency_id=euro.id)
        self.assertMeasures(collected=75.0, refunded=25.0, credit_left=0.0)
        change = self.fee.fee_change_ids[0]
        self.assertEqual(
            (change.kind, change.old_amount, change.new_amount),
            ("paid_back", 75.0, 50.0),
        )

    def test_a_part_given_back_and_the_rest_matched_again(self):
        """Without a credit note: what came is still what came."""
        self._pay(75.0)
        receivable = self.invoice._get_fee_receivable()
        credit = receivable.matched_credit_ids.credit_move_id
        credit.remove_move_reconcile()
        self._give_back(credit, 25.0)
        (credit + receivable).reconcile()
        self.assertMeasures(collected=75.0, refunded=25.0, open_amount=25.0)
        rows = self.env["noshow.cash.report"]._read_group(
            [("client_id", "=", self.client_1.id), ("is_fee", "=", True)],
            [],
            ["money_in:sum", "money_out:sum"],
        )
        self.assertEqual(rows, [(75.0, 25.0)])

    def test_taken_apart_and_given_back_in_another_currency(self):
        """An accountant gives a part back of what is matched with the fee."""
        euro = self.setup_other_currency("EUR")
        self._pay(150.0, currency_id=euro.id)
        credit = self.invoice._get_fee_receivable().matched_credit_ids.credit_move_id
        credit.remove_move_reconcile()
        self._give_back(credit, 50.0, currency_id=euro.id)
        self.assertMeasures(collected=25.0, refunded=25.0, open_amount=75.0)

    def test_edited_down_and_used_for_another_fee_open_books(self):
        self._edited_down_and_used()

    def test_edited_down_and_used_for_another_fee_closed_books(self):
        self._lock()
        self._edited_down_and_used()

    def _edited_down_and_used(self):
        self._pay(75.0)
        self._edit(amount=50.0)
        other = self._new_appointment()
        self._cancel(other, self.biller, visit_state="no_show", use_credit=True)
        self.assertMeasures(collected=75.0, credit_used=0.0, credit_left=0.0)
        domain = [("appointment_id", "=", other.id)]
        values = self._measures(domain)
        self.assertEqual((values["collected"], values["credit_used"]), (0.0, 25.0))
        values = self._measures([("appointment_id", "=", self.appointment.id)])
        self.assertEqual((values["collected"], values["credit_used"]), (75.0, -25.0))

    def test_edited_down_and_up_again(self):
        self._pay(75.0)
        self._edit(amount=50.0)
        self._edit(amount=100.0)
        self.assertMeasures(charged=100.0, collected=75.0, open_amount=25.0)
        self.assertMeasures(credit_left=0.0)

    # Whole fees -----------------------------------------------------------------

    def test_by_the_month_billed(self):
        """A note of another month belongs to the month in which the fee was billed."""
        self._lock()
        self._pay(75.0)
        self._edit(amount=50.0)
        rows = self.env["noshow.fee.report"].search(
            [("appointment_id", "=", self.appointment.id)]
        )
        self.assertEqual(len(rows), 3)
        self.assertEqual(len(set(rows.mapped("date"))), 2)
        first = min(rows.mapped("date"))
        # The books were closed by SQL.
        lines = self.fee.appointment_id.fee_line_ids
        self.env.add_to_compute(lines._fields["fee_billed_on"], lines)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(set(rows.mapped("billed_on")), {first})

    def test_credit_note_of_another_invoice_is_credit(self):
        note = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.client_1.id,
                "invoice_date": self.invoice.invoice_date,
                "invoice_line_ids": [
                    Command.create({"name": "x", "price_unit": 30.0, "tax_ids": []})
                ],
            }
        )
        note.action_post()
        (self.invoice._get_fee_receivable() + note._get_fee_receivable()).reconcile()
        self.assertMeasures(credit_used=30.0, collected=0.0, open_amount=45.0)
