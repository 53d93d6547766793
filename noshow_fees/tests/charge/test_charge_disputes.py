"""Disputes in another currency and of a fee billed anew; books and billers that are set
up unusually."""

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_event import EventCommon


@tagged("post_install", "-at_install")
class TestDisputes(EventCommon):
    def _dispute(self, charge, **vals):
        dispute = self.fake.account.create_dispute(charge.provider_reference)
        dispute.update(vals)
        return dispute

    def test_in_another_currency(self):
        charge = self._charge()
        dispute = self._dispute(charge, currency="eur", amount=6900)
        self.assertEqual(self._send("charge.dispute.created", dispute), 200)
        self.assertEqual(charge.disputed_amount, 75.0)
        self.assertEqual(self.fee.fee_state, "disputed")

    def test_it_is_said_where_the_charge_is(self):
        charge = self._charge()
        fee = self.fee.with_user(self.frontdesk)
        self.assertEqual(fee.action_open_receipt_mail()["res_model"], "noshow.link")
        self.assertIn("alert-success", fee.card_payments)
        self._send("charge.dispute.created", self._dispute(charge))
        self.assertNotIn("alert-success", fee.card_payments)
        # Of the card company's word, what a person reads.
        told = self.fee.fee_change_ids.mapped("reason")
        self.assertIn("The card's bank: needs response.", told)
        self.assertRegex(fee.card_payments, r"bank has taken \$.75\.00 of it back")
        with self.assertRaisesRegex(UserError, "taken the money"):
            fee.action_open_receipt_mail()

    def test_of_a_fee_that_was_billed_anew(self):
        charge = self._charge()
        self.company.fiscalyear_lock_date = self.fee.date
        self.addCleanup(setattr, self.company, "fiscalyear_lock_date", False)
        with freeze_time(fields.Date.add(self.fee.date, days=2)):
            self.fee.with_user(self.biller)._change_fee(
                self.code_noshow, 60.0, "Agreed"
            )
        anew = self.appointment._get_live_fees()
        self.assertNotEqual(anew, self.fee)
        self.assertEqual(anew.fee_state, "paid")
        dispute = self._dispute(charge)
        self.assertEqual(self._send("charge.dispute.created", dispute), 200)
        self.assertEqual(anew.fee_state, "disputed")
        self.assertEqual(self.appointment.fee_state, "disputed")

    def test_billers_who_cannot_read_the_invoice(self):
        charge = self._charge()
        self.env["ir.rule"].create(
            {
                "name": "Nobody",
                "model_id": self.env["ir.model"]._get_id("account.move"),
                "domain_force": "[('move_type', '!=', 'out_invoice')]",
            }
        )
        dispute = self._dispute(charge)
        self.assertEqual(self._send("charge.dispute.created", dispute), 200)
        self.assertEqual(charge.disputed_amount, 75.0)

    def test_journal_without_an_outstanding_account(self):
        self.stripe.journal_id.inbound_payment_method_line_ids.payment_account_id = (
            False
        )
        charge = self._charge()
        self.assertEqual((charge.state, self.fee.fee_state), ("done", "paid"))
        self.assertEqual((self.fee.fee_received, len(self.succeeded)), (75.0, 1))
