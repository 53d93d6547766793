"""The protocol's words for Stripe: how money is asked for, and asked about."""

from datetime import timedelta
from http import HTTPStatus

import stripe

from odoo import models

from ...tools import stripe_client
from ...tools.context import by_method

#: Stripe's statuses of an intent that waits for the cardholder.
NEEDS_CLIENT = ("requires_action", "requires_confirmation")
#: Answers that settle it: Stripe has done nothing, and will not.
REFUSALS = (
    stripe.InvalidRequestError,
    stripe.AuthenticationError,
    stripe.PermissionError,
)
#: This machine's clock and Stripe's differ, and either may have been set meanwhile.
CLOCK_TOLERANCE = timedelta(days=1)
EXPAND = ["latest_charge.balance_transaction"]
EXPAND_REFUND = ["balance_transaction"]


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _is_stripe_charge(self):
        return bool(self.provider_code == "stripe" and self.charge_key)

    def _get_stripe_client(self):
        return stripe_client.get_client(self.provider_id)

    def _to_major_units(self, minor_amount):
        return stripe_client.to_major_units(minor_amount, self.currency_id)

    # ------------------------------------------------------------
    # CHARGE
    # ------------------------------------------------------------

    def _send_payment_request(self):
        """Charge a fee through the SDK. What is not an answer leaves it pending: an
        exception of ours never means that nothing was charged."""
        if not self._is_stripe_charge():
            return super()._send_payment_request()
        try:
            intent = self._get_stripe_client().v1.payment_intents.create(
                self._prepare_intent_params(), {"idempotency_key": self.charge_key}
            )
        except stripe.CardError as error:
            self._set_declined(error.error.to_dict() if error.error else {})
        except REFUSALS as error:
            self._set_refused(error)
        except stripe.StripeError as error:
            self._keep_waiting("charging", error)
        else:
            self._apply_intent(intent.to_dict())
        return None

    def _keep_waiting(self, what, error):
        """Leave this pending: what Stripe has answered does not settle it. Where it was
        too busy it is asked again after a pause."""
        self._log_failure(what, error)
        status = error.http_status or 0
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            # Refused before anything was done.
            self._pause(stripe_client.get_pause(error), was_done=False)
        elif (
            status == HTTPStatus.CONFLICT or status >= HTTPStatus.INTERNAL_SERVER_ERROR
        ):
            self._pause(stripe_client.get_pause(error))
        else:
            # It may still be on its way.
            by_method(self).missing_since = False

    def _prepare_intent_params(self):
        """What Stripe is told: money, the saved card, and opaque references."""
        params = {
            "amount": stripe_client.to_minor_units(self.amount, self.currency_id),
            "currency": self.currency_id.name.lower(),
            "customer": self.token_id.provider_ref,
            "payment_method": self.token_id.stripe_payment_method,
            "payment_method_types": ["card"],
            "capture_method": "automatic",
            "confirm": True,
            "off_session": True,
            # Odoo's webhook finds the transaction by it (payment_stripe/controllers).
            "description": self.reference,
            "metadata": {"reference": self.reference, "key": self.charge_key},
            "expand": EXPAND,
        }
        # The fee's: its provider may be its parent's, and so is `company_id` here.
        company = self._get_fee_to_pay().company_id or self.company_id
        if suffix := self.provider_id._get_statement_suffix(company):
            params["statement_descriptor_suffix"] = suffix
        return params

    def _apply_intent(self, intent):
        """Keep what Stripe says of this charge.

        :param dict intent: a PaymentIntent
        """
        if intent["status"] in NEEDS_CLIENT:
            self._cancel_intent(intent)
            return
        if intent["status"] == "requires_payment_method":
            error = intent.get("last_payment_error") or {}
            self._set_declined({**error, "payment_intent": {"id": intent["id"]}})
            return
        self._process("stripe", {"reference": self.reference, "payment_intent": intent})
        self._keep_booking(intent.get("latest_charge"))

    def _cancel_intent(self, intent):
        """The client is not here to confirm: withdraw it, so that it cannot succeed
        after all; they get a link instead."""
        try:
            self._get_stripe_client().v1.payment_intents.cancel(intent["id"])
        except stripe.StripeError as error:
            # Left pending: the job asks again.
            self._log_failure("withdrawing", error)
            return
        self._set_declined(
            {"code": "authentication_required", "payment_intent": {"id": intent["id"]}}
        )

    def _set_declined(self, error):
        """Keep a decline: its code, the intent, whether the card may be tried again.

        :param dict error: Stripe's error object
        """
        code = error.get("decline_code") or error.get("code") or "generic_decline"
        advice = error.get("advice_code")
        by_method(self).write(
            {
                "decline_code": code,
                "decline_is_final": code in stripe_client.FINAL_DECLINES
                or advice == "do_not_try_again",
                "provider_reference": (error.get("payment_intent") or {}).get("id")
                or self.provider_reference,
            }
        )
        self._set_error(self._get_decline_reason())

    def _set_refused(self, error):
        """Keep that Stripe did not accept the request as such."""
        by_method(self).decline_code = error.code or type(error).__name__
        self._set_error(
            self.env._(
                "Stripe did not accept the request (%s). Nothing was charged; a "
                "manager checks the connection under Practice settings.",
                self.decline_code,
            )
        )

    # ------------------------------------------------------------
    # OUTCOME
    # ------------------------------------------------------------

    def _ask_outcome(self, hint=None):
        if not self._is_stripe_charge():
            return super()._ask_outcome(hint=hint)
        try:
            if self.operation == "refund":
                found, stripe_now = self._find_refund()
            else:
                found, stripe_now = self._find_intent(hint)
        except stripe.StripeError as error:
            self._log_failure("asking", error)
            return None
        if not found:
            return stripe_now
        if self.operation == "refund":
            self._apply_refund(found)
        else:
            self._apply_intent(found)
        return False

    def _find_intent(self, hint=None):
        """The PaymentIntent of this charge at Stripe, as a dict, or None, and Stripe's
        own time of the answer.

        By its id when it is known, else among those of the card's customer: Stripe's
        search lags behind by a minute.

        :param str hint: an id that somebody has named; whether it is of this charge is
            asked
        :raise stripe.StripeError: no answer, or one that tells nothing: a customer that
            Stripe does not know (any more, or with this key)
        """
        service = self._get_stripe_client().v1.payment_intents
        for id_ in filter(None, (self.provider_reference, hint)):
            try:
                intent = service.retrieve(id_, {"expand": EXPAND})
            except stripe.InvalidRequestError:
                if id_ == self.provider_reference:
                    raise
                continue
            if self._is_of_this(intent.to_dict()):
                return intent.to_dict(), stripe_client.get_time(intent)
        params = {"limit": 100, "expand": [f"data.{name}" for name in EXPAND]}
        try:
            return self._find_by_key(
                service.list({"customer": self.token_id.provider_ref, **params})
            )
        except stripe.InvalidRequestError:
            # A customer that was deleted, say. Among all intents it can be found; that
            # it is not there would tell nothing.
            about = self.sent_at or self.create_date
            created = {
                "gte": stripe_client.to_timestamp(about - CLOCK_TOLERANCE),
                "lte": stripe_client.to_timestamp(about + CLOCK_TOLERANCE),
            }
            found, now = self._find_by_key(service.list({"created": created, **params}))
            if not found:
                raise
            return found, now

    # ------------------------------------------------------------
    # REFUND
    # ------------------------------------------------------------

    def _send_refund_request(self):
        """Give money of a fee back through the SDK: stock's refunds carry no key, and
        one tried again after a cut line is paid twice."""
        if not self._is_stripe_charge():
            return super()._send_refund_request()
        amount = stripe_client.to_minor_units(-self.amount, self.currency_id)
        try:
            refund = self._get_stripe_client().v1.refunds.create(
                {
                    "payment_intent": self.source_transaction_id.provider_reference,
                    "amount": amount,
                    "metadata": {"reference": self.reference, "key": self.charge_key},
                    "expand": EXPAND_REFUND,
                },
                {"idempotency_key": self.charge_key},
            )
        except (stripe.CardError, *REFUSALS) as error:
            self._set_refused(error)
        except stripe.StripeError as error:
            self._keep_waiting("refunding", error)
        else:
            self._apply_refund(refund.to_dict())
        return None

    def _apply_refund(self, refund):
        """Keep what Stripe says of this refund.

        :param dict refund: a Refund
        """
        if refund["status"] == "canceled":
            # As failed: stock does not let go of one that had succeeded.
            refund = {**refund, "status": "failed"}
        self._process("stripe", {"reference": self.reference, "refund": refund})
        self._keep_booking(refund)

    def _find_refund(self):
        """The Refund of this transaction at Stripe, as a dict, or None, and Stripe's
        own time of the answer."""
        service = self._get_stripe_client().v1.refunds
        if self.provider_reference:
            params = {"expand": EXPAND_REFUND}
            refund = service.retrieve(self.provider_reference, params)
            return refund.to_dict(), stripe_client.get_time(refund)
        return self._find_by_key(
            service.list(
                {
                    "payment_intent": self.source_transaction_id.provider_reference,
                    "limit": 100,
                    "expand": [f"data.{name}" for name in EXPAND_REFUND],
                }
            )
        )

    def _find_by_key(self, listing):
        """The object of a Stripe list that this transaction has asked for, or None, and
        Stripe's own time of the answer."""
        now = stripe_client.get_time(listing)
        for found in listing.auto_paging_iter():
            # The SDK's objects are no dicts.
            values = found.to_dict()
            if self._is_of_this(values):
                return values, now
        return None, now

    def _is_of_this(self, values):
        """Whether an object of Stripe's was made for this: its key may have been
        renewed, its reference is its own for ever."""
        metadata = values.get("metadata") or {}
        return (
            metadata.get("key") == self.charge_key
            or metadata.get("reference") == self.reference
        )

    # ------------------------------------------------------------
    # BOOKS
    # ------------------------------------------------------------

    def _keep_booking(self, moved):
        """Keep what Stripe takes for this, and pays out, from its own booking.

        :param moved: a Charge or a Refund with its balance transaction, as a dict
        """
        booking = moved.get("balance_transaction") if isinstance(moved, dict) else None
        if not isinstance(booking, dict):
            return
        currency = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "=", booking["currency"].upper())], limit=1)
        )
        by_method(self).write(
            {
                "balance_reference": booking["id"],
                "settlement_currency_id": currency.id,
                "processing_fee": stripe_client.to_major_units(
                    booking["fee"], currency
                ),
                "net_amount": stripe_client.to_major_units(booking["net"], currency),
            }
        )

    def _fetch_booking(self):
        """Ask how Stripe has booked this: a client's own payment in Odoo's form, say,
        or what it had not booked yet when it answered.

        :raise stripe.StripeError: no answer; the next run asks again
        """
        service = self._get_stripe_client().v1
        try:
            if self.operation == "refund":
                moved = service.refunds.retrieve(
                    self.provider_reference, {"expand": EXPAND_REFUND}
                ).to_dict()
            else:
                moved = service.payment_intents.retrieve(
                    self.provider_reference, {"expand": EXPAND}
                ).to_dict()["latest_charge"]
        except stripe.InvalidRequestError as error:
            # Of another account, say: the others are asked for all the same.
            self._log_failure("asking for its booking", error)
        else:
            self._keep_booking(moved)
