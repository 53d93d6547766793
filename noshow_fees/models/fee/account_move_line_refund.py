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

    @api.depends("fee_received", "fee_state")
    def _compute_fee_kept(self):
        for line in self:
            line.fee_kept = 0.0 if line.fee_state == "refunded" else line.fee_received

    @without_flags
    def _refund_fee(self, amount, reason, seen=None):
        """Give money of this fee back to the card. What is kept is what the fee is from
        now on: a fee of which all goes back is credited to zero (`_waive`), of another
        one the amount is changed (`_change_fee`).

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
        received = fee_sudo.fee_received
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
        kept = received - amount
        if currency.is_zero(kept):
            self._waive(reason, surplus="refund", seen=seen)
            return self
        # Without taxes, as the fee's amount is: in proportion.
        net = currency.round(fee_sudo.price_unit * kept / fee_sudo.fee_amount)
        return self._change_fee(
            self.product_id, net, reason, surplus="refund", seen=seen
        )
