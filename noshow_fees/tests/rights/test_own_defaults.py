"""Every employee may set default values for themselves, of any field (`ir.default`)."""

from odoo import Command
from odoo.tests import tagged

from ..charge.common_charge import ChargeCommon


@tagged("post_install", "-at_install")
class TestOwnDefaults(ChargeCommon):
    def _set(self, user, model, **values):
        for name, value in values.items():
            self.env["ir.default"].with_user(user).set(model, name, value, user_id=True)

    def _miss(self, user=None):
        self._cancel(self.appointment, user, visit_state="no_show")
        return self.appointment.fee_line_ids

    def test_a_fee_is_what_the_page_says(self):
        for user in (self.frontdesk, self.therapist):
            self._set(user, "account.move.line", discount=50.0)
            self._set(
                user,
                "account.move",
                auto_post="monthly",
                narration="<p>Told by somebody</p>",
                ref="Told by somebody",
            )
        fee = self._miss()
        for invoice in (fee.move_id, self._miss_other().move_id):
            line = invoice.invoice_line_ids
            self.assertEqual((line.discount, line.price_subtotal), (0.0, 75.0))
            self.assertEqual(line.balance, -75.0)
            self.assertEqual(invoice.amount_total, 75.0)
            self.assertEqual(invoice.auto_post, "no")
            self.assertFalse(invoice.narration)
            self.assertFalse(invoice.ref)

    def _miss_other(self):
        other = self._new_appointment(self.client_2)
        self._cancel(other, self.therapist, visit_state="no_show")
        return other.fee_line_ids

    def test_an_accountants_own_invoice_is_as_they_like_it(self):
        self._set(self.accountant, "account.move", narration="<p>Thank you</p>")
        invoice = (
            self.env["account.move"]
            .with_user(self.accountant)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.partner_a.id,
                    "invoice_line_ids": [
                        Command.create({"name": "Course", "price_unit": 10.0})
                    ],
                }
            )
        )
        self.assertIn("Thank you", str(invoice.narration))

    def test_what_the_practice_has_set_for_all_holds(self):
        """But of what a fee costs, the page alone says it."""
        self.env["ir.default"].set("account.move", "narration", "<p>Call us</p>")
        self.env["ir.default"].set("account.move.line", "discount", 10.0)
        fee = self._miss()
        self.assertIn("Call us", str(fee.move_id.narration))
        self.assertEqual((fee.price_subtotal, fee.balance), (75.0, -75.0))
        self.assertEqual(fee.move_id.amount_total, 75.0)

    def test_who_takes_a_part_writes_off_no_rest(self):
        self.company.noshow_staff_takes_payment = True
        fee = self._miss()
        expense = self.company_data["default_account_expense"]
        self._set(
            self.frontdesk,
            "account.payment.register",
            payment_date="2020-01-01",
            payment_difference_handling="reconcile",
            writeoff_account_id=expense.id,
        )
        cash = self.company_data["default_journal_cash"]
        payment = fee.with_user(self.frontdesk)._take_payment(cash, 10.0)
        self.assertEqual(payment.date, self.company._get_practice_today())
        self.assertEqual((fee.fee_state, fee.fee_open), ("partial", 65.0))

    def test_the_history_is_as_it_was(self):
        fee = self._miss()
        self._set(
            self.biller,
            "noshow.fee.change",
            missed_count=-5,
            reason_id=self.reason.id,
        )
        fee.with_user(self.biller)._change_fee(self.code_noshow, 50.0, "Agreed")
        change = fee.fee_change_ids
        self.assertEqual((change.missed_count, change.reason_id.id), (0, False))

    def test_a_charge_is_booked_on_its_day(self):
        self._set(self.frontdesk, "payment.transaction", is_post_processed=True)
        self._set(self.frontdesk, "account.payment", date="2020-01-01")
        charge = self._cancel_and_charge()
        self._commit()
        self.assertEqual(self.appointment.fee_state, "paid")
        self.assertEqual(charge.payment_id.date, self.company._get_practice_today())

    def test_nobody_becomes_a_client_by_who_has_no_role(self):
        """As with a default in the context, which Odoo refuses."""
        self.employee.group_ids += self.env.ref("base.group_partner_manager")
        for user, is_client in ((self.employee, False), (self.frontdesk, True)):
            self._set(user, "res.partner", is_client=True, city="Springfield")
            contact = self.env["res.partner"].with_user(user).create({"name": "Lee"})
            self.assertEqual(contact.sudo().is_client, is_client)
            self.assertEqual(contact.city, "Springfield")
