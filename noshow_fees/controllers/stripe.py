"""Stripe's messages about a fee: a reason to ask Stripe, never to be believed."""

import logging
import re
from http import HTTPStatus

from werkzeug.exceptions import Forbidden

from odoo import http
from odoo.exceptions import ValidationError
from odoo.http import request

from odoo.addons.payment_stripe import utils as stripe_utils
from odoo.addons.payment_stripe.controllers.main import StripeController

from ..const import FEE_PREFIX

_logger = logging.getLogger(__name__)

INTENT = re.compile(r"pi_\w+", re.ASCII)


class UnprintedEvent(dict):
    """Stock logs every event whole (`pprint` in payment_stripe/controllers/main.py):
    names, addresses, what is known of the card. This one says nothing of them."""

    def __repr__(self):
        return "(not printed)"


class FeeStripeController(StripeController):
    @http.route()
    def stripe_webhook(self):
        """Settle the charge of a fee by asking Stripe: an event may be forged (stock
        believes anybody while no secret is set), replayed, late or out of order.

        What cannot be settled now is answered by an error: Stripe sends it again, for
        three days (docs.stripe.com/webhooks#automatic-retries).
        """
        event = request.get_json_data()
        named = self._get_named(event)
        tx_sudo = self._find_fee_transaction(named)
        if tx_sudo:
            self._verify_signature(tx_sudo)
            _logger.info("Stripe has news of charge %s.", tx_sudo.id)
            try:
                settled = tx_sudo._settle_by_event(named["type"], named["intent"])
            except ValidationError:
                settled = False
            status = HTTPStatus.OK if settled else HTTPStatus.SERVICE_UNAVAILABLE
            return request.make_json_response("", status=status)
        if FEE_PREFIX in named["reference"][: len(FEE_PREFIX) + 2]:
            # Ours, and not in the books: not committed yet, or a backup was restored.
            self._verify_by_any()
            _logger.error("Stripe has news of a charge that is not in the books.")
            return request.make_json_response("", status=HTTPStatus.NOT_FOUND)
        unprinted = UnprintedEvent(event if isinstance(event, dict) else {})
        request.get_json_data = lambda: unprinted  # which stock reads
        return super().stripe_webhook()

    def _get_named(self, event):
        """What an event names, whoever sent it.

        :return: dict of texts: `type`, `id` of what it is about, `intent`, `reference`;
            empty ones where it names nothing
        """
        event = event if isinstance(event, dict) else {}
        concerned = (event.get("data") or {}).get("object") or {}
        metadata = concerned.get("metadata") or {}
        intent = concerned.get("payment_intent")
        if concerned.get("object") == "payment_intent" or str(
            event.get("type")
        ).startswith("payment_intent."):
            intent = concerned.get("id")
        if isinstance(intent, dict):
            intent = intent.get("id")
        if not INTENT.fullmatch(str(intent)):
            # It becomes part of the address at which Stripe is asked.
            intent = None
        named = {
            "type": event.get("type"),
            "id": concerned.get("id"),
            "intent": intent,
            "reference": concerned.get("description") or metadata.get("reference"),
        }
        return {
            name: value if isinstance(value, str) else ""
            for name, value in named.items()
        }

    def _find_fee_transaction(self, named):
        """The transaction of a fee that an event is about, in sudo; maybe none.

        :param dict named: see `_get_named`
        """
        # In sudo: Stripe has no user; what it says is not believed, only looked up.
        tx_sudo = request.env["payment.transaction"].sudo()
        for name, value in (
            ("provider_reference", named["id"]),
            ("provider_reference", named["intent"]),
            ("reference", named["reference"]),
        ):
            if not value:
                continue
            found_sudo = tx_sudo.search(
                [(name, "=", value), ("provider_code", "=", "stripe")], limit=1
            )._filter_of_fees()
            if found_sudo:
                return found_sudo
        return tx_sudo

    def _verify_by_any(self):
        """Check that Stripe sent this, for one of the practice's accounts at least.

        :raise Forbidden: it did not
        """
        # In sudo: secrets are the administrator's.
        tx_sudo = request.env["payment.transaction"].sudo()
        providers_sudo = request.env["payment.provider"].sudo()
        providers_sudo = providers_sudo.search(
            [("code", "=", "stripe"), ("state", "in", ("enabled", "test"))]
        ).filtered(stripe_utils.get_webhook_secret)
        refusal = None
        for provider_sudo in providers_sudo:
            try:
                self._verify_signature(tx_sudo.new({"provider_id": provider_sudo.id}))
            except Forbidden as error:
                refusal = error
            else:
                return
        if refusal:
            raise refusal

    def _verify_signature(self, tx_sudo):
        """:raise Forbidden: no signature, none that can be read, or a wrong one"""
        if not stripe_utils.get_webhook_secret(tx_sudo.provider_id):
            return
        try:
            super()._verify_signature(tx_sudo)
        except (KeyError, ValueError) as error:
            # Stock expects the header, and pairs in it.
            raise Forbidden from error
