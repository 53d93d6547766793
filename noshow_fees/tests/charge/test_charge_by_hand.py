"""What accountants may write on Odoo's transactions, as their role lets them: nothing
that says what a card was charged for a fee, or that a card may not be charged."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_charge import ChargeCommon


@tagged("post_install", "-at_install")
class TestByHand(ChargeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoicing = cls._new_user("invoicing", "account.group_account_invoice")
        # The card was checked when it was saved: no fee.
        cls.other = cls._new_transaction("validation")

    @classmethod
    def _vals(cls, reference, **vals):
        return {
            "provider_id": cls.demo.id,
            "payment_method_id": cls.card.payment_method_id.id,
            "partner_id": cls.client_1.id,
            "token_id": cls.card.id,
            "amount": 75.0,
            "currency_id": cls.company.currency_id.id,
            "reference": reference,
            "operation": "validation",
            "state": "done",
            **vals,
        }

    @classmethod
    def _new_transaction(cls, reference, **vals):
        return (
            cls.env["payment.transaction"].sudo().create(cls._vals(reference, **vals))
        )

    def _as(self, record):
        return record.with_user(self.invoicing).sudo(False)

    def _assert_refused(self, act):
        with self.assertRaisesRegex(UserError, "by hand"), self.cr.savepoint():
            act()
            self.env.flush_all()
        self.env.invalidate_all()

    def test_a_card_is_not_refused_for_good(self):
        today = self.company._get_practice_today()
        for vals in (
            {"decline_is_final": True},
            {"decline_code": "stolen_card"},
            {"tries": 3},
            {"processing_fee": 1.0},
            {"payout_reference": "po_1"},
            {"payout_date": today},
            {"disputed_amount": 75.0},
        ):
            with self.subTest(vals):
                self._assert_refused(lambda v=vals: self._as(self.other).write(v))
        self.assertFalse(self.card._is_refused_for_good())
        # As stock.
        self._as(self.other).write({"state_message": "Looked at"})

    def test_no_refund_is_made_up(self):
        charge = self._cancel_and_charge()
        self._commit()
        fee = self.appointment.fee_line_ids
        self.assertEqual(fee._get_refundable_to_card(), 75.0)
        made_up = {
            "operation": "refund",
            "source_transaction_id": charge.id,
            "amount": -75.0,
            "state": "done",
        }
        self._assert_refused(lambda: self._as(self.other).write(made_up))
        self._assert_refused(
            lambda: self._as(charge).write(
                {"child_transaction_ids": [Command.link(self.other.id)]}
            )
        )
        self.assertEqual(fee._get_refundable_to_card(), 75.0)
        # Of what is no fee's, as stock.
        other = self._new_transaction("something")
        self._as(self.other).write({**made_up, "source_transaction_id": other.id})
        self.assertEqual(self.other.source_transaction_id, other)
