"""The provider of card payments: what it can charge."""

import json
import logging
from http import HTTPStatus

import requests

from odoo import models
from odoo.exceptions import ValidationError

from ...tools import stripe_client

_logger = logging.getLogger(__name__)

#: Answers of a provider that say: nothing was done, and nothing will be.
NOT_DONE = set(range(400, 500)) - {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.CONFLICT,
    HTTPStatus.TOO_MANY_REQUESTS,
}


class NoAnswerError(Exception):
    """A provider was asked to move money, and whether it did is not known."""


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

    def _send_api_request(self, method, endpoint, **kwargs):
        """While a fee is charged, tell no answer from a refusal: stock takes a time-out
        for a decline, and whoever tries again charges twice.

        :raise NoAnswerError: no answer; not a `ValidationError`, which providers'
            modules take for a refusal
        """
        try:
            return super()._send_api_request(method, endpoint, **kwargs)
        except ValidationError as error:
            cause = error.__context__
            if (
                self.env.context.get("noshow_charging")
                and isinstance(cause, requests.RequestException)
                and getattr(cause.response, "status_code", None) not in NOT_DONE
            ):
                raise NoAnswerError from error
            raise

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
