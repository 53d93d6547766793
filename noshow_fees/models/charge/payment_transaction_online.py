"""What a client pays for a fee, or saves as a card, on Odoo's own pages with Stripe:
kept safe from a second charge, and told as little of as the card network needs."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import hmac

from odoo.addons.payment import utils as payment_utils

from ...tools.context import by_method
from .payment_provider import NoAnswerError


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    @api.model
    def _compute_reference_prefix(self, separator, **values):
        """An opaque reference for the invoice of a fee: it goes to the provider."""
        if values.get("invoice_ids"):
            field = self._fields["invoice_ids"]
            ids = field.convert_to_cache(values["invoice_ids"], self)
            if moves := self.env["account.move"].browse(ids)._filter_fee_invoices():
                digest = hmac(self.env(su=True), "noshow_fees.reference", moves.ids)
                return f"fee-{digest[:20]}"
        return super()._compute_reference_prefix(separator, **values)

    def _send_payment_request(self):
        """Charge a card that the client chose in the portal by the fee's protocol, as
        far as a single database transaction allows: after a rollback the same reference
        comes again, and with it the same key."""
        if (
            self.operation == "online_token"
            and not self.charge_key
            and self._adopt_online_charge()
        ):
            try:
                # With a key it is charged as the practice would (`_is_stripe_charge`).
                self.with_context(noshow_charging=True)._send_payment_request()
            except NoAnswerError as error:
                # Left pending: a person has to look (`_needs_person`).
                self._log_failure("charging", error)
            return None
        return super()._send_payment_request()

    def _adopt_online_charge(self):
        """:return: whether this pays a fee, and has its key now"""
        fees = self.invoice_ids.line_ids.filtered("is_noshow_fee")
        if len(fees) != 1:
            return False
        by_method(self).write(
            {
                "fee_line_id": fees.id,
                "charge_key": payment_utils.generate_idempotency_key(
                    self, scope="payment_intents"
                ),
                "state": "pending",
                "sent_at": fields.Datetime.now(),
            }
        )
        # Now: the index refuses it if the practice is charging the card already.
        self.flush_recordset()
        return True

    def _extract_token_values(self, payment_data):
        """Keep until when a saved card can be charged: stock keeps four digits only."""
        values = super()._extract_token_values(payment_data)
        method = payment_data.get("payment_method")
        card = (method.get("card") if isinstance(method, dict) else None) or {}
        if values and self.provider_code == "stripe" and card.get("exp_year"):
            first_day = fields.Date.to_date(
                f"{card['exp_year']:04}-{card['exp_month']:02}-01"
            )
            values["card_expiry"] = fields.Date.end_of(first_day, "month")
        return values

    # ------------------------------------------------------------
    # PRIVACY
    # ------------------------------------------------------------

    def _is_of_client(self):
        """Whether this tells about somebody who is treated here, or pays for one."""
        # In sudo: the answer must not depend on what the user may read.
        partner = self.sudo().partner_id
        return bool(
            partner.is_client or partner.payer_for_ids or self._filter_of_fees()
        )

    def _stripe_prepare_payment_intent_payload(self):
        payload = super()._stripe_prepare_payment_intent_payload()
        if self._is_of_client():
            payload = {
                name: value
                for name, value in payload.items()
                if not name.startswith("shipping")
            }
        return payload

    def _stripe_create_customer(self):
        """A customer without a name: stock sends name, address, e-mail and phone."""
        if not self._is_of_client():
            return super()._stripe_create_customer()
        return self._send_api_request(
            "POST", "customers", data={"description": self.reference}
        )

    # ------------------------------------------------------------
    # FORMS LEFT OPEN
    # ------------------------------------------------------------

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
            form._withdraw_form()

    def _withdraw_form(self):
        """Take this form back at its provider; to be overridden by who knows one.

        :raise UserError: it could not be taken back
        """
        if self.provider_code == "demo":
            by_method(self)._set_canceled()

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
