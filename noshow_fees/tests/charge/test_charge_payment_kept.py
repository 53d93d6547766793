"""What accountants do with the payment of a charge, by Odoo's own buttons."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_charge import ChargeCommon


@tagged("post_install", "-at_install")
class TestPaymentsOfCharges(ChargeCommon):
    """What was taken from a card is not taken out of the books, and not taken twice."""

    def setUp(self):
        super().setUp()
        self.charge = self._cancel_and_charge()
        self._commit()
        self.fee = self.appointment.fee_line_ids
        self.assertEqual(self.fee.fee_state, "paid")
        self.payment = self.charge.payment_id.sudo(False)

    def test_it_stays_in_the_books(self):
        for user in (self.accountant, self.biller, self.owner):
            payment = self.payment.with_user(user)
            move = payment.move_id
            acts = {
                "draft": payment.action_draft,
                "cancel": payment.action_cancel,
                "reject": payment.action_reject,
                "delete": payment.unlink,
                "amount": lambda payment=payment: payment.write({"amount": 1.0}),
                "partner": lambda payment=payment: payment.write(
                    {"partner_id": self.client_2.id}
                ),
                "entry": move.button_draft,
                "reverse": lambda move=move: move._reverse_moves(cancel=True),
            }
            for name, act in acts.items():
                if not move and name in ("entry", "reverse"):
                    continue
                self.env.invalidate_all()
                with (
                    self.subTest(name, user=user.login),
                    self.assertRaises(UserError),
                    self.cr.savepoint(),
                ):
                    act()
        self.assertEqual(self.fee.fee_state, "paid")
        # Other payments are the accountants', as ever.
        cash = self._receive_cash(20.0).with_user(self.accountant)
        cash.action_draft()
        cash.amount = 10.0
        # Of numbers that leave no gap, the administrator of the books.
        cash.with_env(self.env).action_cancel()
        self.assertEqual(cash.state, "canceled")

    def test_it_is_not_taken_twice(self):
        """However it has left the books."""
        self.payment.sudo().action_draft()
        self.payment.sudo().action_cancel()
        self.assertEqual(self.fee.fee_state, "open")
        dialogs = self.env["account.move.line.charge"].with_user(self.biller)
        dialog = dialogs.create(
            {"line_id": self.fee.id, "payment_token_id": self.card.id}
        )
        with self.assertRaisesRegex(UserError, "charged .* already"):
            dialog.action_charge()
        self.assertEqual(self._charges_of(self.fee), self.charge)

    def test_it_is_no_monthly_one(self):
        move = self.fee.move_id
        with self.assertRaises(UserError), self.cr.savepoint():
            move.with_user(self.accountant).write({"auto_post": "monthly"})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET auto_post = 'monthly' WHERE id = %s", [move.id]
        )
        self.env.invalidate_all()
        last = self.env["account.move"].search([], order="id desc", limit=1)
        self.fee.with_user(self.biller)._change_fee(self.code_late, 20.0, "Agreed")
        new = self.env["account.move"].search([("id", ">", last.id)])
        self.assertFalse(new.filtered(lambda move: move.state == "draft"))
