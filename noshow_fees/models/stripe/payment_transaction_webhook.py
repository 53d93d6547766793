"""What Stripe's messages lead to: the truth is fetched, the message never believed."""

import logging

import stripe

from odoo import models
from odoo.exceptions import ValidationError

from ...tools.context import by_method

_logger = logging.getLogger(__name__)


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _settle_by_event(self, event_type, object_id):
        """Ask Stripe about this because it says that something has happened.

        :param str event_type: Stripe's name of the event
        :param str object_id: the id of what it is about
        """
        self.ensure_one()
        if not self._is_stripe_charge():
            self._fetch_online_payment(event_type, object_id)
        elif event_type == "charge.refunded":
            self._settle_refunds()
        elif self.operation == "refund":
            # A refund may fail days after it succeeded.
            self._settle_charge(states=("pending", "done"))
        elif event_type == "payment_intent.succeeded":
            # Late: taken for lost already, or refused in between.
            self._settle_charge(states=("pending", "error", "cancel"))
        else:
            self._settle_charge()

    def _fetch_online_payment(self, event_type, object_id):
        """Settle what a client pays with Odoo's own payment form.

        :raise ValidationError: Stripe cannot be asked; it sends the event again
        """
        if not event_type.startswith("payment_intent."):
            return
        intent = self._send_api_request(
            "GET", f"payment_intents/{object_id}", data={"expand[]": "payment_method"}
        )
        self._process(
            "stripe",
            {
                "reference": self.reference,
                "payment_intent": intent,
                "payment_method": intent.get("payment_method"),
            },
        )

    def _settle_refunds(self):
        """Take over what was refunded of this charge, in Stripe's own pages too."""
        try:
            refunds = self._get_stripe_client().v1.refunds.list(
                {"payment_intent": self.provider_reference, "limit": 100}
            )
            refunds = [refund.to_dict() for refund in refunds.auto_paging_iter()]
        except stripe.StripeError as error:
            self._log_failure("asking about refunds", error)
            return
        for refund in refunds:
            if refund["status"] in ("succeeded", "pending"):
                self._take_over_refund(refund)

    def _take_over_refund(self, refund):
        key = (refund.get("metadata") or {}).get("key")
        known = self.child_transaction_ids.filtered(
            lambda tx: (
                tx.provider_reference == refund["id"] or (key and tx.charge_key == key)
            )
        )
        if known:
            known._settle_charge()
            return
        new = by_method(self)._create_child_transaction(
            self._to_major_units(refund["amount"]),
            is_refund=True,
            fee_line_id=self.fee_line_id.id,
            charge_key=refund["id"],
        )
        new.with_env(self.env)._apply_refund(refund)

    def _process(self, provider_code, payment_data):
        """Refuse an intent that was not made for this fee: stock compares amounts only,
        and takes the intent's id from the address of the page that a client comes back
        to (payment_stripe/controllers/main.py)."""
        tx = self or self._search_by_reference(provider_code, payment_data)
        if provider_code == "demo" and tx.charge_key and not self:
            # Its address takes what anybody says (payment_demo/controllers/main.py).
            raise ValidationError(self.env._("A fee's charge is not settled this way."))
        intent = payment_data.get("payment_intent")
        if provider_code == "stripe" and intent and tx._filter_of_fees():
            key = (intent.get("metadata") or {}).get("key")
            if intent.get("description") != tx.reference or (
                tx.charge_key and key != tx.charge_key
            ):
                _logger.warning("Charge %s: refused a foreign intent.", tx.id)
                raise ValidationError(
                    self.env._("This payment was not made for this fee.")
                )
        return super(PaymentTransaction, tx)._process(provider_code, payment_data)
