"""Money of a fee goes back to the card that it came from."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...const import BOOKS
from ...tools.context import without_flags


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    fee_kept = fields.Monetary(
        string="Received and Kept",
        compute="_compute_fee_kept",
        currency_field="currency_id",
        groups=BOOKS,
        help="Money, and credit of the payer that was used for the fee. What was "
        "given back counts no more.",
    )

    @api.depends(
        "fee_amount",
        "fee_received",
        "move_id.reversal_move_ids.invoice_line_ids.fee_credit_left",
    )
    def _compute_fee_kept(self):
        for line in self:
            more = line.fee_received - line.fee_amount
            if not line.currency_id or line.currency_id.compare_amounts(more, 0.0) <= 0:
                line.fee_kept = line.fee_received
                continue
            # It was credited after it was received: what is left of the credit is with
            # the practice, the rest was given back or used elsewhere. In sudo: an
            # amount of a fee that the user reads.
            left = sum(line.sudo()._get_fee_credits().mapped("fee_credit_left"))
            line.fee_kept = line.fee_received - max(more - left, 0.0)

    @without_flags
    def _refund_fee(self, amount, reason, seen=None):
        """Give money of this fee back to the card. What is kept is what the fee is from
        now on: a fee of which all goes back is credited to zero (`_waive`), of another
        one the amount is changed (`_change_fee`). Where more is kept than is owed,
        since a part was credited, the fee stays as it is.

        :param float amount: what goes back, in the invoice's currency, taxes included
        :param str reason: a billing reason, for the log of invoice and appointment
        :param str seen: what the user has seen of the fee (`_get_stamp`)
        :return: the fee line, a new one when the books did not allow to change it
        :raise AccessError: the user may not refund fees
        :raise UserError: nothing, or more than came from a card; what the two refuse
        """
        self.ensure_one()
        self._check_fee_right("waive_fee")
        currency = self.currency_id
        # In sudo: whoever may refund (checked above) need not be an accountant.
        fee_sudo = self.sudo()
        fee_sudo._lock_and_check_live(seen)
        received = fee_sudo.fee_kept
        if currency.compare_amounts(amount, 0.0) <= 0:
            raise UserError(self.env._("Say how much goes back."))
        back = min(received, fee_sudo._get_refundable_to_card())
        if currency.compare_amounts(amount, back) > 0:
            raise UserError(
                self.env._(
                    "At most %s came from a card and can go back to it.",
                    currency.format(back),
                )
            )
        fee, kept = self, currency.round(received - amount)
        if currency.compare_amounts(kept, fee_sudo.fee_amount) < 0:
            # What else the payer has as credit of this fee stays that.
            if currency.is_zero(kept):
                self._waive(reason, seen=seen)
            else:
                price = fee_sudo._get_price_for(kept)
                least = fee_sudo._get_new_total(self.product_id, price)
                if currency.compare_amounts(least, kept) > 0:
                    raise UserError(
                        self.env._(
                            "The tax of this fee is %s at least, whatever its price: "
                            "give back less, or all of it.",
                            currency.format(least),
                        )
                    )
                fee = self._change_fee(self.product_id, price, reason, seen=seen)
        fee.sudo()._refund_to_card(amount, reason)
        return fee

    def _get_fee_after_refund(self, amount):
        """What is owed for this fee, taxes included, once so much went back."""
        self.ensure_one()
        kept = max(self.currency_id.round(self.fee_kept - amount), 0.0)
        if self.currency_id.compare_amounts(kept, self.fee_amount) >= 0:
            return self.fee_amount
        return kept and self._get_new_total(self.product_id, self._get_price_for(kept))

    def _get_price_for(self, total):
        """The price at which no more than `total` is owed for this fee, taxes included:
        just that, or a cent less where taxes do not give it.

        :param float total: less than what is left of the fee
        """
        self.ensure_one()
        currency, left = self.currency_id, self._get_fee_left()
        price = currency.round(left["price"] * total / left["total"])
        while currency.compare_amounts(price, 0.0) > 0:
            new = self._get_new_total(self.product_id, price)
            more = currency.round(new - total)
            if currency.compare_amounts(more, 0.0) <= 0:
                break
            # By more than a cent where a tax is an amount, not a percentage.
            less = max(currency.round(price * more / new), currency.rounding)
            price = currency.round(price - less)
        return price
