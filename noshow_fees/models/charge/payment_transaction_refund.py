"""Giving a fee's money back to the card, by the same protocol as charging it."""

import uuid

from odoo import fields, models
from odoo.exceptions import UserError

from ...const import LIVE_STATES
from ...tools.context import by_method


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _refund(self, amount_to_refund=None):
        """Refund a fee in two phases: stock asks the provider before it has committed
        what it asks for (payment/models/payment_transaction.py)."""
        if not self.fee_line_id:
            return super()._refund(amount_to_refund)
        self.ensure_one()
        self._ensure_provider_is_not_disabled()
        amount = amount_to_refund or self.amount
        self._check_refundable(amount)
        refund = by_method(self)._create_child_transaction(
            amount,
            is_refund=True,
            fee_line_id=self.fee_line_id.id,
            charge_key=uuid.uuid4().hex,
            state="pending",
            last_state_change=fields.Datetime.now(),
        )
        refund._log_sent_message()
        refund._send_after_commit()
        return refund.with_env(self.env)

    def _check_refundable(self, amount):
        """:raise UserError: this would give back more than was charged, or twice"""
        refunds = self.child_transaction_ids.filtered(
            lambda tx: tx.operation == "refund" and tx.state in LIVE_STATES
        )
        if (
            refunds
            or self.currency_id.compare_amounts(amount, self._get_refundable_amount())
            > 0
        ):
            raise UserError(
                self.env._(
                    "Money of this charge went back to the card, or is on its way "
                    "back. Reload to see how much is left."
                )
            )

    def _get_refundable_amount(self):
        """What of this charge has not gone back yet and is not on its way."""
        self.ensure_one()
        refunds = self.child_transaction_ids.filtered(
            lambda tx: (
                tx.operation == "refund"
                and tx.state in ("pending", "authorized", "done")
            )
        )
        # A refund's amount is negative.
        return self.currency_id.round(self.amount + sum(refunds.mapped("amount")))

    def _post_process(self):
        """Match a refund with the credit that it gives back: stock leaves it open."""
        super()._post_process()
        for refund in self:
            if (
                refund.operation == "refund"
                and refund.fee_line_id
                and refund.payment_id
            ):
                refund._match_refund()

    def _match_refund(self):
        account = self.payment_id.destination_account_id
        given_back = self.payment_id.move_id.line_ids.filtered(
            lambda line: line.account_id == account and not line.reconciled
        )
        credit = self.fee_line_id._get_surplus_lines()
        (
            given_back | credit.filtered(lambda line: line.account_id == account)
        ).reconcile()
