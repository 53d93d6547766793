"""What people read of a charge: done, declined, going back, not known yet."""

from odoo import models

from ...const import LIVE_STATES


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _get_charge_message(self):
        """What happened to this charge, for a person at the desk.

        :return: `{"level": success, warning or danger, "text": sentences}`
        """
        self.ensure_one()
        amount = self.currency_id.format(abs(self.amount))
        # In sudo: the card is told by its masked name only; the caller has checked who
        # may see the fee.
        method = self.sudo().payment_method_id
        method = method.primary_payment_method_id or method
        typed = method.name if method.code != "card" else self.env._("the card")
        card = self.sudo().token_id.display_name or typed
        values = {"amount": amount, "card": card}
        if self.operation == "refund":
            return self._get_refund_message(values)
        if self.state == "done":
            values["receipt"] = self.sudo().payment_id.name or self.reference
            text = self.env._(
                "%(card)s was charged %(amount)s. Receipt number %(receipt)s.", **values
            )
            # “The card” that the client has typed, or what else the form takes.
            text = text[:1].upper() + text[1:]
            if self.disputed_amount:
                # In the line of the charge: this is what whoever looks repeats.
                text = self.env._(
                    "%(charged)s The card's bank has taken %(taken)s of it back.",
                    charged=text,
                    taken=self.currency_id.format(self.disputed_amount),
                )
                return {"level": "danger", "text": text}
            return {"level": "success", "text": text}
        if self.state in LIVE_STATES:
            return {"level": "warning", "text": self._get_unknown_message(values)}
        reason = self._get_failure_reason()
        if not reason.endswith((".", "!", "?")):
            reason += "."
        text = self.env._(
            "%(card)s was not charged %(amount)s: %(reason)s %(advice)s",
            reason=reason[:1].lower() + reason[1:],
            advice=self._get_decline_advice(),
            **values,
        )
        return {"level": "danger", "text": text.rstrip()}

    def _get_failure_reason(self):
        """Why this was not charged, as a sentence. Of a decline a job keeps what we say
        of its code, in nobody's language: it is said anew in the reader's."""
        kept = self.with_context(lang=None)._get_decline_reason()
        # The demo provider's text is for developers.
        is_demo = self.provider_code == "demo" and self.decline_code
        if is_demo or self.state_message in (False, kept):
            return self._get_decline_reason()
        return self.state_message

    def _get_refund_message(self, values):
        if self.state == "done":
            text = self.env._("%(amount)s went back to %(card)s.", **values)
            return {"level": "success", "text": text}
        if self.state in LIVE_STATES:
            text = self.env._("%(amount)s is on its way back to %(card)s.", **values)
            return {"level": "warning", "text": text}
        text = self.env._(
            "%(amount)s could not go back to %(card)s and stays the payer's credit: "
            "%(reason)s",
            reason=self.state_message or "",
            **values,
        )
        return {"level": "danger", "text": text}

    def _get_progress_message(self):
        """How far a batch of charges is, as a sentence; None when all have settled."""
        running = self._filter_live()
        if len(self) < 2 or not running:
            return None
        return self.env._(
            "%(settled)s of %(all)s cards are through. The others follow by "
            "themselves: look again in a moment.",
            settled=len(self - running),
            all=len(self),
        )
