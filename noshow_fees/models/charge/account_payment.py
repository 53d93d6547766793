"""Odoo's payments of what a card was charged for a fee: the money is taken, so they
stay in the books; and Odoo's payment form, kept off saved cards for fees."""

from odoo import models
from odoo.exceptions import UserError

from ...tools.context import changed_fields, is_by_method

#: Out of the books: the fee would be open again.
OUT = ("draft", "canceled", "rejected")
#: What says which money it is.
KEPT = {
    "amount",
    "company_id",
    "currency_id",
    "destination_account_id",
    "journal_id",
    "partner_id",
    "partner_type",
    "payment_transaction_id",
    "payment_type",
}


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def write(self, vals):
        """:raise UserError: the payment of a charge, taken out of the books or made one
        of other money"""
        names = vals.keys() & KEPT
        if names or vals.get("state") in OUT:
            charged = self._filter_of_charges()
            # In sudo: whether it changes does not depend on who asks.
            if vals.get("state") in OUT or any(
                changed_fields(payment.sudo(), vals, names) for payment in charged
            ):
                charged._check_not_of_charges()
        return super().write(vals)

    def unlink(self):
        self._check_not_of_charges()
        return super().unlink()

    def _filter_of_charges(self):
        """Those of these that book what was charged for a fee, by whomever: clients pay
        with Odoo's own form, too."""
        # In sudo: card payments are few people's to read.
        return (
            self.sudo()
            .filtered(
                lambda payment: (
                    payment.payment_transaction_id.state == "done"
                    and payment.payment_transaction_id._get_fee_to_pay()
                )
            )
            .with_env(self.env)
        )

    def _check_not_of_charges(self):
        """:raise UserError: the card would be charged again for the same fee"""
        if self.env.su or is_by_method(self.env):
            return
        if self._filter_of_charges():
            raise UserError(
                self.env._(
                    "This is what a client's card was charged for a missed visit: the "
                    "money is taken, so its payment stays as it is. To give it back, "
                    "refund or waive the fee from the client's Billing tab."
                )
            )

    def _is_in_books(self):
        """Whether the money of this payment is in the books as it was taken."""
        self.ensure_one()
        reversals = self.move_id.reversal_move_ids
        return (
            self.state not in OUT
            and not reversals.filtered(lambda move: move.state == "posted")
            and not self.currency_id.compare_amounts(
                self.amount, abs(self.payment_transaction_id.amount)
            )
        )

    def _create_payment_transaction(self, **extra_create_values):
        self.invoice_ids._check_card_not_charged_here()
        return super()._create_payment_transaction(**extra_create_values)
