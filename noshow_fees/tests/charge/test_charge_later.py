"""Charging a fee later, from the Billing tab."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common_charge import ChargeCommon, StripeCommon


@tagged("post_install", "-at_install")
class TestChargeLater(ChargeCommon):
    def setUp(self):
        super().setUp()
        self._cancel(self.appointment, visit_state="no_show")
        self.fee = self.appointment.fee_line_ids

    def _open(self, user):
        action = self.fee.with_user(user).action_open_charge()
        model = self.env[action["res_model"]].with_user(user)
        return Form(model.with_context(**action["context"])).save()

    def test_charged_later(self):
        for user in (self.biller, self.manager, self.owner):
            with self.subTest(user=user.login):
                appointment = self._new_appointment()
                self._cancel(appointment, visit_state="no_show")
                self.fee = appointment.fee_line_ids
                dialog = self._open(user)
                self.assertEqual(dialog.payment_token_id, self.card)
                self.assertEqual(dialog.amount, 75.0)
                dialog.action_charge()
                self._commit()
                self.assertEqual(self.fee.fee_state, "paid")
                self.assertIn("75.00", dialog.result)

    def test_financial_therapist_charges_own_fees(self):
        with self.assertRaises(AccessError):
            self._open(self.financial)
        appointment = self._new_appointment(provider=self.financial)
        self._cancel(appointment, visit_state="no_show")
        self.fee = appointment.fee_line_ids
        self._open(self.financial).action_charge()
        self._commit()
        self.assertEqual(self.fee.fee_state, "paid")

    def test_others_may_not(self):
        for user in (self.frontdesk, self.therapist, self.accountant, self.employee):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self.fee.with_user(user).action_open_charge()
                with self.assertRaises(AccessError):
                    # As an RPC call would, past the button.
                    self.env["account.move.line.charge"].with_user(user).create(
                        {"line_id": self.fee.id, "payment_token_id": self.card.id}
                    ).action_charge()

    def test_result_of_somebody_elses_fee(self):
        self._open(self.biller).action_charge()
        self._commit()
        model = self.env["account.move.line.charge"].with_user(self.financial)
        for name in ("result", "needs_payment_link"):
            with self.subTest(name), self.assertRaises(AccessError):
                # Over RPC, as if it had been done.
                model.create({"line_id": self.fee.id, "state": "done"}).read([name])

    def test_nothing_open(self):
        self._open(self.biller).action_charge()
        self._commit()
        with self.assertRaisesRegex(UserError, "Nothing is open"):
            self._open(self.biller).action_charge()

    def test_second_click(self):
        self.card.sudo().demo_simulated_state = "pending"
        self._open(self.biller).action_charge()
        self._commit()
        with self.assertRaisesRegex(UserError, "being charged"):
            self._open(self.biller).action_charge()

    def test_credit_is_used_first(self):
        self._receive_cash(30.0)
        dialog = self._open(self.biller)
        self.assertEqual((dialog.client_credit, dialog.amount), (30.0, 45.0))
        dialog.action_charge()
        self._commit()
        self.assertEqual(self.fee.fee_state, "paid")
        self.assertEqual(self.fee._get_card_payments().amount, 45.0)

    def test_credit_on_another_account_is_not_promised(self):
        """A fee cannot be matched with it: what is shown is what is done."""
        other = self.company_data["default_account_receivable"].copy()
        account = self.client_1.property_account_receivable_id
        self.client_1.property_account_receivable_id = other
        self._receive_cash(30.0)
        self.client_1.property_account_receivable_id = account
        page = self.env["calendar.event.cancel"].with_user(self.biller)
        page = page.create({"event_ids": self._new_appointment().ids})
        page.write({"visit_state": "no_show", "charge_card": True})
        self.assertEqual((page.client_credit, page.use_credit), (0.0, False))
        self.assertEqual(page.amount_to_charge, 75.0)
        self.assertEqual(self.client_1.with_user(self.frontdesk).noshow_credit, 0.0)
        dialog = self._open(self.biller)
        self.assertEqual((dialog.client_credit, dialog.amount), (0.0, 75.0))
        dialog.action_charge()
        self._commit()
        self.assertEqual(self.fee._get_card_payments().amount, 75.0)

    def test_credit_of_the_account_that_the_invoice_will_have(self):
        """The same credit, once the payer's account is that one."""
        other = self.company_data["default_account_receivable"].copy()
        self.client_1.property_account_receivable_id = other
        self._receive_cash(30.0)
        # A fee of before lies on the account of before.
        self.assertEqual(self._open(self.biller).client_credit, 0.0)
        self.assertEqual(self.client_1.with_user(self.frontdesk).noshow_credit, 30.0)
        event = self._new_appointment()
        charge = self._cancel_and_charge(event)
        self.assertEqual(charge.amount, 45.0)

    def test_somebody_elses_card(self):
        card = self._new_demo_card("done", partner=self.client_2)
        dialog = self._open(self.biller)
        with self.assertRaisesRegex(UserError, "cannot be charged for"):
            dialog.payment_token_id = card
            dialog.action_charge()

    def test_attempts_are_listed(self):
        self.card.sudo().demo_simulated_state = "error"
        self._open(self.biller).action_charge()
        self._commit()
        self.card.sudo().demo_simulated_state = "done"
        self._open(self.biller).action_charge()
        self._commit()
        for user in (self.frontdesk, self.therapist, self.biller):
            text = self.fee.with_user(user).card_payments
            self.assertEqual(text.count("alert-danger"), 1)
            self.assertEqual(text.count("alert-success"), 1)


@tagged("post_install", "-at_install")
class TestCheckNow(StripeCommon):
    def test_check_now(self):
        self._fault("drop_after", times=10)
        charge = self._cancel_and_charge()
        with self.assertLogs("odoo.addons.noshow_fees"):
            self._commit()
        self.assertEqual(charge.state, "pending")
        fee = self.appointment.fee_line_ids
        with self.assertRaises(AccessError):
            fee.with_user(self.frontdesk).action_check_charge()
        with self.enter_registry_test_mode():
            fee.with_user(self.biller).action_check_charge()
        self.assertEqual(fee.fee_state, "paid")
