"""The provider of card payments: what it can charge."""

import json
import logging

from odoo import models

from .. import stripe_client

_logger = logging.getLogger(__name__)


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    def _get_amount_refusal(self, amount, currency):
        """Why this provider would not charge an amount.

        :param float amount: in `currency`
        :return: the reason in words, or None
        """
        self.ensure_one()
        if self.code == "stripe":
            return stripe_client.check_amount(self.env, amount, currency)
        return None

    def _stripe_get_inline_form_values(
        self, amount, currency, partner_id, *args, **kwargs
    ):
        """Prefill only what the card network checks an address by: stock hands name,
        e-mail, phone and address of whoever is treated here to Stripe's page."""
        text = super()._stripe_get_inline_form_values(
            amount, currency, partner_id, *args, **kwargs
        )
        # In sudo: the form is shown to whoever came by a signed link.
        partner_sudo = self.env["res.partner"].sudo().browse(partner_id).exists()
        if not (partner_sudo.is_client or partner_sudo.payer_for_ids):
            return text
        values = json.loads(text)
        address = values["billing_details"]["address"]
        values["billing_details"] = {
            "address": {name: address[name] for name in ("country", "postal_code")}
        }
        return json.dumps(values)

    def _log_request(self, method, url, payload, *, reference=None):
        """Stock logs what is sent: names, addresses, card references."""
        if self.code != "stripe":
            return super()._log_request(method, url, payload, reference=reference)
        _logger.info("Asking Stripe: %s, for %s.", method, reference or self.id)
        return None

    def _log_response(self, response, *, reference=None):
        """Stock logs what came back: names, addresses, card references."""
        if self.code != "stripe":
            return super()._log_response(response, reference=reference)
        _logger.info(
            "Stripe answered %s, for %s.", response.status_code, reference or self.id
        )
        return None

    def _build_request_url(self, endpoint, *, is_proxy_request=False, **kwargs):
        """Send the requests of Odoo's own Stripe module to the fake one, too."""
        url = super()._build_request_url(
            endpoint, is_proxy_request=is_proxy_request, **kwargs
        )
        base = self.code == "stripe" and stripe_client.get_api_base(self)
        return f"{base}/v1/{endpoint}" if base and not is_proxy_request else url
