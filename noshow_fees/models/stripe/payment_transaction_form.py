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

    def _withdraw_forms(self):
        """Take back those of these that are forms nobody has finished. Providers that
        cannot take one back leave it as it is.

        :raise UserError: one could not be taken back; nothing may be charged now
        """
        for form in self.filtered(
            lambda tx: tx.state == "draft" and tx.operation.startswith("online_")
        ):
            if not form.try_lock_for_update(allow_referencing=True):
                raise UserError(self._get_paying_message())
            if form.provider_code == "demo":
                by_method(form)._set_canceled()
            elif form.provider_code == "stripe" and form.provider_reference:
                form._withdraw_intent()

    def _withdraw_intent(self):
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

    def _get_obstacle(self):
        """Why the card must not be charged after all: since this was prepared, the
        invoice may have been paid in another way.

        :return: the reason in words, or None
        """
        invoices = self.invoice_ids
        try:
            (invoices.transaction_ids - self)._withdraw_forms()
            invoices._check_no_live_charge(besides=self)
        except UserError as error:
            return str(error)
        owed = sum(invoices.mapped("amount_residual"))
        if self.currency_id.compare_amounts(owed, self.amount) < 0:
            return self.env._("The fee was paid meanwhile. Nothing was charged.")
        return None
