"""Money at the desk: cash and checks."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..common import PracticeCommon


@tagged("post_install", "-at_install")
class TestDeskPayment(PracticeCommon):
    def setUp(self):
        super().setUp()
        self._cancel(self.appointment, visit_state="no_show")
        self.fee = self.appointment.fee_line_ids
        self.journal = self.company_data["default_journal_cash"]

    def _pay(self, user, amount=75.0):
        dialog = (
            self.env["account.move.line.pay.fee"]
            .with_user(user)
            .create({"line_id": self.fee.id, "journal": str(self.journal.id)})
        )
        self.assertEqual(dialog.amount, 75.0)
        dialog.amount = amount
        dialog.action_pay()

    def test_staff_only_when_the_settings_say_so(self):
        fee = self.fee.with_user(self.frontdesk)
        self.assertFalse(fee.can_take_payment)
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._pay(self.frontdesk)
        self.company.noshow_staff_takes_payment = True
        self.env.invalidate_all()
        self.assertTrue(fee.can_take_payment)
        self._pay(self.frontdesk)
        self.assertEqual(self.appointment.fee_state, "paid")

    def test_part_and_too_much(self):
        self._pay(self.biller, 25.0)
        self.assertEqual(self.appointment.fee_state, "partial")
        with self.assertRaisesRegex(UserError, "50.00 is open"):
            self.fee.with_user(self.biller)._take_payment(self.journal, 60.0)
        with self.assertRaises(UserError):
            self.fee.with_user(self.biller)._take_payment(self.journal, -5.0)
        with self.assertRaisesRegex(UserError, "Choose cash"):
            self.fee.with_user(self.biller)._take_payment(
                self.company_data["default_journal_sale"], 5.0
            )

    def test_in_the_currency_of_the_fee_whatever_the_journals(self):
        """“$75” into a cash box of another currency is 75 dollars."""
        currency = self.setup_other_currency("CAD", rates=[("2020-01-01", 1.5)])
        self.journal = self.journal.copy(
            {"name": "CAD cash", "code": "CADC", "currency_id": currency.id}
        )
        self._pay(self.biller)
        self.assertEqual(self.appointment.fee_state, "paid")
        payment = self.fee.sudo().move_id.matched_payment_ids
        self.assertEqual(
            (payment.currency_id, payment.amount), (self.fee.currency_id, 75.0)
        )

    def test_therapists_take_no_money(self):
        self.company.noshow_staff_takes_payment = True
        for user in (self.therapist, self.financial):
            with self.assertRaises(AccessError):
                self.fee.with_user(user)._take_payment(self.journal, 75.0)
        self.assertFalse(self.fee.with_user(self.therapist).can_take_payment)

    def test_the_biller_gets_odoos_own_dialog(self):
        """With the practice's day in it; these two never have the same."""
        self.company.noshow_tz = "Pacific/Pago_Pago"
        self.biller.tz = "Pacific/Kiritimati"
        self.assertTrue(self.fee.with_user(self.biller).can_take_payment)
        action = self.fee.with_user(self.biller).action_open_payment()
        self.assertEqual(action["res_model"], "account.payment.register")
        dialog = self.env[action["res_model"]].with_user(self.biller)
        dialog = Form(dialog.with_context(**action["context"]))
        self.assertEqual(dialog.payment_date, self.company._get_practice_today())
        self.company.noshow_staff_takes_payment = True
        action = self.fee.with_user(self.frontdesk).action_open_payment()
        self.assertEqual(action["res_model"], "account.move.line.pay.fee")
