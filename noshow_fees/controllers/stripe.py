"""Stripe's messages about a fee: a reason to ask Stripe, never to be believed."""

import logging

from odoo import http
from odoo.http import request

from odoo.addons.payment_stripe import utils as stripe_utils
from odoo.addons.payment_stripe.controllers.main import StripeController

_logger = logging.getLogger(__name__)


class WithoutBody(logging.Filter):
    """Stock logs every event whole: names, addresses, what is known of the card."""

    def filter(self, record):
        if str(record.msg).startswith("Notification received from Stripe"):
            record.msg, record.args = "Notification received from Stripe.", ()
        return True


logging.getLogger(StripeController.__module__).addFilter(WithoutBody())


class FeeStripeController(StripeController):
    @http.route()
    def stripe_webhook(self):
        """Settle the charge of a fee by asking Stripe: an event may be forged (stock
        believes anybody while no secret is set), replayed, late or out of order."""
        event = request.get_json_data()
        tx_sudo = self._find_fee_transaction(event)
        if not tx_sudo:
            return super().stripe_webhook()
        if stripe_utils.get_webhook_secret(tx_sudo.provider_id):
            self._verify_signature(tx_sudo)
        _logger.info("Stripe has news of charge %s.", tx_sudo.id)
        tx_sudo._settle_by_event(event["type"], event["data"]["object"]["id"])
        return request.make_json_response("")

    def _find_fee_transaction(self, event):
        """The transaction of a fee that an event is about, in sudo; maybe none."""
        # In sudo: Stripe has no user; what it says is not believed, only looked up.
        tx_sudo = request.env["payment.transaction"].sudo()
        try:
            concerned = event["data"]["object"]
            if event["type"] == "charge.refund.updated":
                name, value = "provider_reference", concerned["id"]
            else:
                name, value = "reference", concerned["description"]
        except (KeyError, TypeError):
            return tx_sudo
        if not isinstance(value, str):
            return tx_sudo
        found_sudo = tx_sudo.search(
            [(name, "=", value), ("provider_code", "=", "stripe")], limit=1
        )
        return found_sudo._filter_of_fees()
