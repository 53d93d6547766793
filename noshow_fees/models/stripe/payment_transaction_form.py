"""Odoo's own payment form, opened by a client and not finished: taken back before
anything else is charged, or whoever still has it open pays a second time."""

import stripe

from odoo import models
from odoo.exceptions import UserError

from ...tools.context import by_method


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _stripe_create_intent(self):
        """Keep which intent a form pays: stock learns it only once it is paid."""
        intent = super()._stripe_create_intent()
        if intent and self.operation == "online_direct" and self._filter_of_fees():
            by_method(self).provider_reference = intent["id"]
        return intent

    def _withdraw_form(self):
        if self.provider_code != "stripe" or not self.provider_reference:
            super()._withdraw_form()
            return
        service = self._get_stripe_client().v1.payment_intents
        try:
            try:
                intent = service.cancel(self.provider_reference)
            except stripe.InvalidRequestError:
                # Paid, or taken back before.
                intent = service.retrieve(self.provider_reference)
        except stripe.StripeError as error:
            self._log_failure("taking back a form", error)
            raise UserError(
                self.env._(
                    "The client has opened the online payment of this fee, and Stripe "
                    "cannot be reached to end it. Nothing was charged; try again later."
                )
            ) from error
        self._process(
            "stripe",
            {"reference": self.reference, "payment_intent": intent.to_dict()},
        )
        if self._is_unbooked():
            self.env.ref("payment.cron_post_process_payment_tx")._trigger()
