"""Every change has one row in the history, whoever makes it and by whichever way: what
stock's accountants do to a fee, too, and what goes back to a card."""

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..charge.common_charge import ChargeCommon
from ..fee.fee_common import FeeCase


class HistoryRows:
    def assertRow(self, user, kind, before, after, reason, seen=0):
        """The newest row but those `seen` says this, and is the only new one."""
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.env["noshow.fee.change"].search(
            [("appointment_id", "=", self.appointment.id)], order="id"
        )[seen:]
        self.assertEqual(rows.mapped("kind"), [kind])
        self.assertEqual(
            (rows.old_amount, rows.new_amount, rows.create_uid.id),
            (before, after, user.id),
        )
        self.assertEqual(rows.date, self.company._get_practice_today())
        self.assertIn(reason, rows.reason or "")
        self.assertIn(f"{before:.2f}", rows.summary)
        for act in (rows.unlink, lambda: rows.write({"reason": "x"})):
            with self.assertRaises(UserError), self.cr.savepoint():
                act()
        return rows


@tagged("post_install", "-at_install")
class TestHistoryOfStock(HistoryRows, FeeCase):
    def setUp(self):
        super().setUp()
        self.bank = self.company_data["default_journal_bank"]
        self.cash = self.company_data["default_journal_cash"]
        self.loss = self.company_data["default_account_expense"]
        self.receivable = self.invoice._get_fee_receivable()

    # Credit notes ----------------------------------------------------------------

    def _draft_note(self, env, amount, move=None):
        wizard = (
            env["account.move.reversal"]
            .with_context(
                active_model="account.move", active_ids=(move or self.invoice).ids
            )
            .create({"journal_id": self.invoice.journal_id.id, "reason": "Our mistake"})
        )
        wizard.reverse_moves()
        note = wizard.new_move_ids
        note.invoice_line_ids.price_unit = amount
        return note

    def _cancel_payment(self, payment):
        # Of numbers that leave no gap, the administrator of the books.
        self.accountant.group_ids += self.env.ref("account.group_account_manager")
        payment.action_draft()
        payment.action_cancel()

    def test_credit_note_in_odoos_dialog(self):
        self._draft_note(self.env(user=self.accountant.id), 25.0).action_post()
        self.assertRow(self.accountant, "credited", 75.0, 50.0, "Our mistake")

    def test_credit_note_of_the_superuser(self):
        """Also with flags that any RPC call can bring along."""
        env = self.env(
            su=True, context={"noshow_by_method": True, "skip_invoice_sync": False}
        )
        self._draft_note(env, 25.0).action_post()
        self.assertRow(self.env.user, "credited", 75.0, 50.0, "Our mistake")

    def test_credit_note_posted_by_the_job(self):
        note = self._draft_note(self.env(user=self.accountant.id), 25.0)
        root = self.env.ref("base.user_root")
        # As `_autopost_draft_entries` does, which commits.
        note.with_user(root)._post()
        self.assertRow(root, "credited", 75.0, 50.0, "Our mistake")

    def _import_note(self, **vals):
        return (
            self.env["account.move"]
            .with_user(self.accountant)
            .create(
                {
                    "move_type": "out_refund",
                    "partner_id": self.client_1.id,
                    "reversed_entry_id": self.invoice.id,
                    "ref": "Old system",
                    "invoice_line_ids": [
                        Command.create({"name": "Fee", "price_unit": price})
                        for price in (20.0, 5.0)
                    ],
                    **vals,
                }
            )
        )

    def test_imported_credit_note(self):
        """Made without Odoo's dialog: it is linked all the same."""
        note = self._import_note()
        note.invoice_line_ids.tax_ids = False
        note.action_post()
        (note._get_fee_receivable() + self.receivable).reconcile()
        self.assertRow(self.accountant, "credited", 75.0, 50.0, "Old system")
        self.assertEqual((self.fee.fee_amount, self.fee.fee_open), (50.0, 50.0))
        self.fee.with_user(self.biller)._waive("Agreed")
        self.assertEqual(self.fee.fee_state, "waived")
        self.assertEqual(self.event_total(), 0.0)

    def event_total(self):
        self.env.flush_all()
        return sum(
            self.env["account.move.line"]
            .search(
                [
                    ("partner_id", "=", self.client_1.id),
                    ("account_id", "=", self.receivable.account_id.id),
                    ("parent_state", "=", "posted"),
                ]
            )
            .mapped("balance")
        )

    def test_imported_credit_note_of_more_than_is_left(self):
        note = self._import_note()
        note.invoice_line_ids.tax_ids = False
        note.invoice_line_ids[0].price_unit = 71.0
        with self.assertRaises(UserError), self.cr.savepoint():
            note.action_post()
        note.invoice_line_ids[0].price_unit = 70.0
        note.action_post()
        self.assertRow(self.accountant, "credited", 75.0, 0.0, "Old system")

    # Losses ------------------------------------------------------------------------

    def _entry(self, env, journal, *lines):
        entry = env["account.move"].create(
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
                    for account, balance in lines
                ],
            }
        )
        entry.action_post()
        return entry.line_ids.filtered(
            lambda line: line.account_id == self.receivable.account_id
        )

    def _lose(self, user, su=False):
        env = self.env(user=user.id, su=su)
        credit = self._entry(
            env,
            self.company_data["default_journal_misc"],
            (self.loss, 30.0),
            (self.receivable.account_id, -30.0),
        )
        (self.receivable.with_env(env) + credit).reconcile()
        return credit

    def test_loss_by_an_entry(self):
        self._lose(self.accountant)
        self.assertRow(self.accountant, "lost", 75.0, 45.0, self.loss.name)

    def test_loss_by_the_superuser(self):
        root = self.env.ref("base.user_root")
        self._lose(root, su=True)
        self.assertRow(root, "lost", 75.0, 45.0, self.loss.name)

    def test_loss_undone(self):
        credit = self._lose(self.accountant)
        credit.with_user(self.accountant).remove_move_reconcile()
        row = self.assertRow(
            self.accountant, "loss_undone", 45.0, 75.0, self.loss.name, seen=1
        )
        self.assertEqual(row.entry_id, credit.move_id)
        self.assertEqual(self.fee.fee_open, 75.0)
        self.assertOpenOnce(credit, "write_off")

    def test_loss_of_a_payment_for_less(self):
        register = (
            self.env["account.payment.register"]
            .with_user(self.accountant)
            .with_context(active_model="account.move", active_ids=self.invoice.ids)
        )
        payment = register.create(
            {
                "amount": 45.0,
                "journal_id": self.bank.id,
                "payment_difference_handling": "reconcile",
                "writeoff_account_id": self.loss.id,
            }
        )._create_payments()
        self.assertRow(self.accountant, "lost", 30.0, 0.0, self.loss.name)
        self._cancel_payment(payment)
        name = payment.name
        self.assertRow(
            self.accountant, "loss_undone", 45.0, 75.0, self.loss.name, seen=2
        )
        [undone] = self.fee.fee_change_ids.filtered(
            lambda row: row.kind == "payment_undone"
        )
        self.assertEqual((undone.old_amount, undone.new_amount), (0.0, 45.0))
        self.assertEqual(undone.reason, name)

    def test_a_change_leaves_no_row_of_a_loss(self):
        """What our own change matches is no news."""
        self._lose(self.accountant)
        self.fee.with_user(self.biller)._change_fee(self.code_late, 75.0, "Other")
        self.assertRow(self.biller, "reissued", 45.0, 75.0, "Other", seen=1)

    def test_a_payment_undone(self):
        """By whichever of Odoo's ways; the appointment says so, too."""
        self.biller.group_ids += self.env.ref("account.group_account_manager")

        def unmatch(payment):
            invoice = self.invoice.with_env(payment.env)
            invoice.js_remove_outstanding_partial(self.receivable.matched_credit_ids.id)

        def delete(payment):
            payment.action_draft()
            payment.unlink()

        for seen, undo in enumerate((unmatch, self._cancel_payment, delete)):
            fee = self.fee.with_user(self.biller)
            fee._take_payment(self.cash, 75.0)
            payment = self.receivable.matched_credit_ids.credit_move_id.payment_id
            name = payment.name
            undo(payment.with_user(self.biller))
            self.assertRow(self.biller, "payment_undone", 0.0, 75.0, name, seen=seen)
            self.assertEqual(self.fee.fee_state, "open")
            self.assertIn(name, self.appointment.message_ids[0].body)

    def test_two_payments_undone_at_once(self):
        fee = self.fee.with_user(self.biller)
        for amount in (30.0, 45.0):
            fee._take_payment(self.cash, amount)
        self.receivable.with_user(self.accountant).remove_move_reconcile()
        rows = self.fee.fee_change_ids.filtered(
            lambda row: row.kind == "payment_undone"
        ).sorted("id")
        steps = [(row.old_amount, row.new_amount) for row in rows]
        self.assertIn(steps, ([(0.0, 30.0), (30.0, 75.0)], [(0.0, 45.0), (45.0, 75.0)]))

    def test_our_own_matching_anew_is_no_news(self):
        self._pay(75.0)
        fee = self.fee.with_user(self.biller)
        fee._change_fee(self.code_late, 80.0, "Other")
        self.assertRow(self.biller, "changed", 75.0, 80.0, "Other")
        fee._change_fee(self.code_noshow, 50.0, "Less")
        self.assertRow(self.biller, "changed", 80.0, 50.0, "Less", seen=1)
        fee._waive("Agreed")
        self.assertRow(self.biller, "waived", 50.0, 0.0, "Agreed", seen=2)

    def assertOpenOnce(self, lines, kind):
        """*Open on a Day* has one row for the receivable of these, however often the
        history names their entry, and its rows are the balance of such accounts."""
        self.env.flush_all()
        # Odoo's payments are of today in UTC, the practice is a day behind at night.
        report = self.env["noshow.open.report"].with_user(self.accountant)
        report = report.with_context(noshow_as_of=fields.Date.today())
        rows = report.search([])
        self.assertEqual(len(rows), len(set(rows.ids)))
        lines = lines.filtered(
            lambda line: line.account_id == self.receivable.account_id
        )
        self.assertEqual(report.browse(lines.ids).mapped("kind"), [kind])
        lines = self.env["account.move.line"].search(
            [
                ("account_id.account_type", "=", "asset_receivable"),
                ("company_id", "=", self.company.id),
                ("parent_state", "=", "posted"),
            ]
        )
        [[total]] = report._read_group([], aggregates=["open_amount:sum"])
        self.assertAlmostEqual(total, sum(lines.mapped("balance")))

    # Money back ----------------------------------------------------------------------

    def test_cash_for_a_credit_note(self):
        self._pay(75.0)
        self.fee.with_user(self.biller)._waive("Agreed")
        note = self.invoice.reversal_move_ids
        payment = (
            self.env["account.payment.register"]
            .with_user(self.accountant)
            .with_context(active_model="account.move", active_ids=note.ids)
            .create({"journal_id": self.cash.id, "amount": 25.0})
            ._create_payments()
        )
        self.assertRow(self.accountant, "paid_back", 75.0, 50.0, self.cash.name, seen=1)
        return payment

    def test_cash_for_a_credit_note_undone(self):
        payment = self.test_cash_for_a_credit_note()
        payment.move_id.line_ids.remove_move_reconcile()
        row = self.assertRow(
            self.accountant, "back_undone", 50.0, 75.0, self.cash.name, seen=2
        )
        self.assertEqual(row.entry_id, payment.move_id)
        self.assertOpenOnce(payment.move_id.line_ids, "credit")

    def test_cash_for_a_credit_note_cancelled(self):
        payment = self.test_cash_for_a_credit_note()
        self._cancel_payment(payment)
        row = self.assertRow(
            self.accountant, "back_undone", 50.0, 75.0, self.cash.name, seen=2
        )
        self.assertFalse(row.entry_id, "Odoo deletes it")

    def test_bank_line_for_what_an_edit_left(self):
        self._pay(75.0)
        self.fee.with_user(self.biller)._change_fee(self.code_late, 50.0, "Agreed")
        credit = self.fee._get_surplus_lines()
        env = self.env(user=self.accountant.id)
        debit = self._entry(
            env,
            self.bank,
            (self.bank.default_account_id, -25.0),
            (self.receivable.account_id, 25.0),
        )
        (debit + credit.with_env(env)).reconcile()
        self.assertRow(self.accountant, "paid_back", 75.0, 50.0, self.bank.name, seen=1)
        debit.remove_move_reconcile()
        self.assertRow(
            self.accountant, "back_undone", 50.0, 75.0, self.bank.name, seen=2
        )

    def test_a_payment_taken_back(self):
        """Its match is taken apart, and the money given back: open again."""
        payment = self._pay(75.0)
        env = self.env(user=self.accountant.id)
        credit = payment.move_id.line_ids.filtered(
            lambda line: line.account_id == self.receivable.account_id
        ).with_env(env)
        credit.remove_move_reconcile()
        self.assertRow(self.accountant, "payment_undone", 0.0, 75.0, payment.name)
        debit = self._entry(
            env,
            self.bank,
            (self.bank.default_account_id, -75.0),
            (self.receivable.account_id, 75.0),
        )
        (debit + credit).reconcile()
        self.assertRow(self.accountant, "paid_back", 75.0, 0.0, self.bank.name, seen=1)
        self.assertEqual(self.fee.fee_state, "open")
        debit.remove_move_reconcile()
        self.assertRow(
            self.accountant, "back_undone", 0.0, 75.0, self.bank.name, seen=2
        )

    def test_money_of_something_else_has_no_row(self):
        payment = self.env["account.payment"].create(
            {
                "amount": 20.0,
                "partner_id": self.client_1.id,
                "journal_id": self.bank.id,
            }
        )
        payment.action_post()
        credit = payment.move_id.line_ids.filtered(
            lambda line: line.account_id == self.receivable.account_id
        )
        debit = self._entry(
            self.env,
            self.bank,
            (self.bank.default_account_id, -20.0),
            (self.receivable.account_id, 20.0),
        )
        (debit + credit).reconcile()
        self.assertFalse(self.fee.fee_change_ids)


@tagged("post_install", "-at_install")
class TestHistoryOfCards(HistoryRows, ChargeCommon):
    def setUp(self):
        super().setUp()
        self._cancel_and_charge()
        self._commit()
        self.fee = self.appointment.fee_line_ids
        self.assertEqual(self.fee.fee_state, "paid")

    def test_waived_and_given_back(self):
        self.fee.with_user(self.biller)._waive("Agreed", surplus="refund")
        self.assertRow(self.biller, "refunded", 75.0, 0.0, "Agreed", seen=1)
        self._commit()
        self.assertRow(self.biller, "refunded", 75.0, 0.0, "Agreed", seen=1)

    def test_changed_and_given_back(self):
        self.fee.with_user(self.biller)._change_fee(
            self.code_late, 50.0, "Agreed", surplus="refund"
        )
        self._commit()
        self.assertRow(self.biller, "refunded", 75.0, 50.0, "Agreed", seen=1)

    def test_refund_button(self):
        self.fee.with_user(self.biller)._refund_fee(30.0, "Half an hour")
        self._commit()
        self.assertRow(self.biller, "refunded", 75.0, 45.0, "Half an hour", seen=1)
        self.fee.with_user(self.biller)._refund_fee(45.0, "The rest")
        self._commit()
        self.assertRow(self.biller, "refunded", 45.0, 0.0, "The rest", seen=3)

    def test_restored_and_given_back(self):
        self.env["calendar.event.restore"].with_user(self.biller).create(
            {
                "event_ids": self.appointment.ids,
                "reason": "Was here",
                "surplus": "refund",
            }
        ).action_restore()
        self._commit()
        self.assertRow(self.biller, "refunded", 75.0, 0.0, "", seen=1)

    def test_odoos_own_button(self):
        charge = self.fee.sudo().move_id.transaction_ids
        charge.with_user(self.biller).sudo(False).action_refund(30.0)
        self._commit()
        self.assertRow(self.biller, "refunded", 75.0, 45.0, "from the payment")

    def test_odoos_method_in_code(self):
        """Called by another addon as superuser, past the button."""
        charge = self.fee.sudo().move_id.transaction_ids
        charge.with_context(noshow_refund_reason="Nothing").sudo()._refund(30.0)
        self._commit()
        self.assertRow(self.env.user, "refunded", 75.0, 45.0, "from the payment")
