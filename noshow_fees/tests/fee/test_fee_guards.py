"""Who may change a fee, what is refused, and what is kept of it."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .fee_common import CLINICAL, FeeCase


@tagged("post_install", "-at_install")
class TestFeeGuards(FeeCase):
    def test_who_may(self):
        for user in (self.frontdesk, self.therapist, self.financial):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.fee.with_user(user)._change_fee(self.code_late, 50.0, "x")
        own = self._new_appointment(self.client_2, self.financial)
        self._cancel(own, visit_state="no_show")
        own.fee_line_ids.with_user(self.financial)._change_fee(
            self.code_late, 40.0, "x"
        )
        self.assertEqual(own.fee_amount, 40.0)
        for user in (self.manager, self.owner):
            self.fee.with_user(user)._change_fee(
                self.code_noshow, self.fee.price_unit + 1, "x"
            )

    def test_nothing_changed(self):
        with self.assertRaisesRegex(UserError, "Nothing was changed"):
            self._edit()

    def test_direct_writes(self):
        """Over RPC, or from another module's code, which may well run in sudo."""
        account = self.fee.account_id.copy()
        tax = self.env["account.tax"].create({"name": "10%", "amount": 10.0})
        line = self.fee.with_user(self.owner)
        for vals in (
            {"product_id": self.code_late.id},
            {"price_unit": 50.0},
            {"quantity": 2.0},
            {"discount": 50.0},
            {"account_id": account.id},
            {"tax_ids": [Command.set(tax.ids)]},
            {"name": "EMDR"},
            {"appointment_id": False},
            {"is_noshow_fee": False},
            {"date_of_service": "2020-01-01"},
            {"balance": -50.0},
            {"amount_currency": -50.0},
            {"credit": 50.0},
            {"move_id": self.invoice.copy().id},
            # What became of it.
            {"fee_amount": 1.0},
            {"fee_collected": 1.0},
            {"fee_open": 1.0},
            {"fee_processing": 1.0},
            {"fee_received": 1.0},
            {"fee_state": "paid"},
            {"visit_state": "cancelled"},
            {"counts_as_missed": False},
            {"parent_state": "draft"},
            {"price_subtotal": 1.0},
            {"price_total": 1.0},
        ):
            for write in (
                line.write,
                line.sudo().write,
                lambda vals, line=line: line.move_id.write(
                    {"invoice_line_ids": [Command.update(line.id, vals)]}
                ),
            ):
                with (
                    self.subTest(vals=vals),
                    self.assertRaises(UserError),
                    self.cr.savepoint(),
                ):
                    write(vals)
                self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "Billing tab"):
            line.write({"price_unit": 50.0})
        self.assertBooks()
        self.assertFee("open", 75.0, 0.0, 75.0)

    def test_fee_of_another_company(self):
        other = self.setup_other_company(name="Other practice")["company"]
        stranger = self._new_user("noshow_stranger", "noshow_fees.group_owner")
        stranger.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        for act in (
            lambda: self._open_edit(stranger).amount,
            lambda: self._open_edit(stranger, amount=50.0).action_save(),
            lambda: self.fee.with_user(stranger)._change_fee(self.code_late, 5.0, "x"),
            lambda: self.fee.with_user(stranger)._waive("x"),
            lambda: self.fee.with_user(stranger)._take_payment(
                self.company_data["default_journal_cash"], 5.0
            ),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                act()
        # Somebody of both changes it in its own company's books.
        self.biller.write(
            {"company_ids": [Command.link(other.id)], "company_id": other.id}
        )
        biller = self.fee.with_user(self.biller).with_context(
            allowed_company_ids=(other + self.company).ids
        )
        biller._change_fee(self.code_late, 50.0, "Agreed")
        self._lock()
        biller._change_fee(self.code_late, 40.0, "Agreed")
        moves = self.appointment.fee_line_ids.move_id
        self.assertEqual(len(moves), 3)
        self.assertEqual(moves.company_id | moves.journal_id.company_id, self.company)
        self.assertEqual(moves.line_ids.account_id.company_ids, self.company)

    def test_receipts(self):
        fee = self.fee.with_user(self.biller)
        with self.assertRaisesRegex(UserError, "No payment"):
            fee.action_open_receipts()
        payment = self._pay(50.0)
        self._lock()
        self._edit(amount=60.0)
        action = self.fee.with_user(self.biller).action_open_receipts()
        self.assertEqual(
            (action["res_model"], action["res_id"]), (payment._name, payment.id)
        )
        html = str(
            self.env["ir.actions.report"]
            .with_user(self.biller)
            ._render_qweb_html("account.action_report_payment_receipt", payment.ids)[0]
        )
        self.assertIn("Client 1", html)
        for word in CLINICAL:
            self.assertNotIn(word, html)

    def test_sent_from_the_fee(self):
        action = self.fee.with_user(self.biller).action_send_invoice()
        self.assertEqual(action["res_model"], "account.move.send.wizard")
        for user in (self.frontdesk, self.therapist):
            with self.assertRaises(AccessError):
                self.fee.with_user(user).action_send_invoice()

    def test_history(self):
        self._edit(amount=60.0, reason="Agreed on the phone")
        self._lock()
        self._edit(amount=50.0)
        changes = self.fee.with_user(self.biller).fee_change_ids
        self.assertEqual(changes.mapped("kind"), ["reissued", "changed"])
        self.assertEqual(changes.mapped("old_amount"), [60.0, 75.0])
        self.assertEqual(changes.mapped("new_amount"), [50.0, 60.0])
        self.assertEqual(changes[1].reason, "Agreed on the phone")
        self.assertEqual(changes.create_uid, self.biller)
        note = self.invoice.message_ids.filtered(
            lambda m: "Agreed on the phone" in (m.body or "")
        )
        self.assertTrue(note.is_internal)
        with self.assertRaises(UserError):
            changes.sudo().write({"reason": "x"})
        with self.assertRaises(UserError):
            changes.sudo().unlink()

    def test_queries(self):
        """Stock: unpaid 89, paid with matching 281, code only 113, anew 179."""

        def count(**vals):
            self.env.flush_all()
            before = self.cr.sql_log_count
            fee = self.fee.with_user(self.biller)._change_fee(
                vals.get("product", self.code_noshow), vals["amount"], "x"
            )
            self.env.flush_all()
            self.fee = fee.sudo()
            return self.cr.sql_log_count - before

        count(amount=76.0)
        self.assertQueries(count(amount=77.0), 89)
        # Warm, as stock's figures are: rights on fee codes are read once a process.
        count(amount=77.0, product=self.code_system)
        self.assertQueries(count(amount=77.0, product=self.code_late), 40)
        self._pay(77.0)
        self.assertQueries(count(amount=90.0, product=self.code_late), 281)
        other = self._new_appointment(self.client_2)
        self._cancel(other, visit_state="no_show")
        self.fee = other.fee_line_ids
        self.invoice = self.fee.move_id
        self._lock()
        self.assertQueries(count(amount=50.0), 179)
