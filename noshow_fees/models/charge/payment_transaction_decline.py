"""A declined card: why, what to do next, and that the fee stays open."""

from odoo import models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _get_decline_reason(self):
        """Why the card was declined, in plain words, as a sentence."""
        reasons = {
            "authentication_required": self.env._(
                "the bank wants the client to confirm this payment in person."
            ),
            "card_velocity_exceeded": self.env._("the card's limit is used up."),
            "currency_not_supported": self.env._(
                "the card does not take this currency."
            ),
            "expired_card": self.env._("the card has expired."),
            "incorrect_cvc": self.env._("the card's security code is wrong."),
            "incorrect_number": self.env._("the card number is wrong."),
            "insufficient_funds": self.env._("there is not enough money on the card."),
            "processing_error": self.env._("the card company had a technical problem."),
            "try_again_later": self.env._("the card company had a technical problem."),
            "withdrawal_count_limit_exceeded": self.env._(
                "the card's limit is used up."
            ),
        }
        return reasons.get(self.decline_code) or self.env._(
            "the bank declined it and gives no reason."
        )

    def _get_decline_advice(self):
        """What to do after a decline, as a sentence; empty when no bank declined it."""
        if not self.decline_code:
            return ""
        if self.decline_code == "authentication_required":
            return self.env._(
                "Send the client a link to pay online: “Payment link” on the fee."
            )
        if self.decline_is_final:
            return self.env._(
                "This card must not be tried again. Ask the client for another card, "
                "or send a link to pay online: “Payment link” on the fee."
            )
        return self.env._(
            "The fee stays open. Ask the client for another card, or send a link to "
            "pay online: “Payment link” on the fee. A biller can try this card again "
            "from the fee on another day."
        )

    def _needs_payment_link(self):
        """Whether the last of these tries was declined: a link is then the way on."""
        last = self.filtered(lambda tx: tx.operation != "refund").sorted("id")[-1:]
        return last.state == "error" and bool(last.decline_code)
