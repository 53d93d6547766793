"""Talking to Stripe with its own SDK, for the money of a fee.

Odoo's Stripe module takes a time-out for a decline and derives its idempotency key
from an invoice number (payment_stripe/models/payment_transaction.py); for a fee
neither will do. Nothing here knows a client: amounts and opaque references only.
"""

import ipaddress
import os
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import stripe

from odoo.addons.payment import utils as payment_utils
from odoo.addons.payment_stripe import const
from odoo.addons.payment_stripe import utils as stripe_utils

#: Address of a fake Stripe. From the environment only: in a database parameter it
#: would let an administrator send the secret key anywhere.
API_BASE_VARIABLE = "NOSHOW_STRIPE_API_BASE"

# A float: a tuple breaks in Odoo's test runner (odoo/tests/common.py,
# `_request_handler`) and looks like a cut line.
TIMEOUT_SECONDS = 15.0
# Tries of the SDK itself, all with the same key. A client does not inherit the
# module's setting, and its default is a single try.
NETWORK_RETRIES = 1

#: What Stripe refuses below
#: (docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).
MINIMUM_AMOUNTS = {
    "AED": 2.0, "AUD": 0.5, "BGN": 1.0, "BRL": 0.5, "CAD": 0.5, "CHF": 0.5,
    "CZK": 15.0, "DKK": 2.5, "EUR": 0.5, "GBP": 0.3, "HKD": 4.0, "HUF": 175.0,
    "INR": 0.5, "JPY": 50.0, "MXN": 10.0, "MYR": 2.0, "NOK": 3.0, "NZD": 0.5,
    "PLN": 2.0, "RON": 2.0, "SEK": 3.0, "SGD": 0.5, "THB": 10.0, "USD": 0.5,
}  # fmt: skip
MAXIMUM_MINOR_UNITS = 99_999_999
#: Amounts in these are told in thousandths, of which the last digit must be zero, or
#: in hundredths of a currency without any (docs.stripe.com/currencies#special-cases).
MINOR_UNIT_STEPS = {
    "BHD": 10,
    "JOD": 10,
    "KWD": 10,
    "OMR": 10,
    "TND": 10,
    "ISK": 100,
    "UGX": 100,
}

#: Declines after which the same card must not be tried again (Stripe's list of
#: decline codes; the card networks fine those who do).
FINAL_DECLINES = {
    "card_not_supported",
    "currency_not_supported",
    "expired_card",
    "fraudulent",
    "incorrect_number",
    "invalid_account",
    "invalid_number",
    "lost_card",
    "merchant_blacklist",
    "new_account_information_available",
    "no_action_taken",
    "not_permitted",
    "pickup_card",
    "restricted_card",
    "revocation_of_all_authorizations",
    "revocation_of_authorization",
    "security_violation",
    "service_not_allowed",
    "stolen_card",
    "stop_payment_order",
    "transaction_not_allowed",
}


# The SDK writes whole requests to stderr when STRIPE_LOG is set. Its logger is left
# alone: at INFO it prints addresses, at DEBUG all (docs/doors.md).
stripe._util.STRIPE_LOG = None


def get_api_base(provider_sudo):
    """The address of the fake Stripe to use for a provider, or None for the real one.

    Honoured for this machine only, and only for a provider in test mode.
    """
    address = os.environ.get(API_BASE_VARIABLE)
    if not address or provider_sudo.state != "test":
        return None
    host = urlsplit(address).hostname or ""
    try:
        is_local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_local = False
    return address if is_local else None


def get_client(provider_sudo):
    """A client of Stripe's API for a provider.

    :param provider_sudo: a `payment.provider` of code `stripe`, in sudo: its key is
        the administrator's
    :raise stripe.AuthenticationError: the provider has no secret key
    """
    base = get_api_base(provider_sudo)
    return stripe.StripeClient(
        stripe_utils.get_secret_key(provider_sudo) or None,
        max_network_retries=NETWORK_RETRIES,
        http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
        base_addresses={"api": base} if base else None,
    )


def get_time(answer):
    """Stripe's own time of an answer, which no clock of this machine's may replace.

    :param answer: an object or a list of the SDK
    :return: naive UTC datetime, as Odoo's; None if Stripe did not say
    """
    text = answer.last_response.headers.get("Date") if answer.last_response else None
    try:
        moment = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return moment and moment.astimezone(UTC).replace(tzinfo=None)


def to_timestamp(moment):
    """One of Odoo's moments (naive, UTC) as Stripe counts it, in seconds."""
    return int(moment.replace(tzinfo=UTC).timestamp())


def get_pause(error):
    """How long Stripe asks to be left alone, in seconds; 0 if it does not say.

    :param stripe.StripeError error: what it has answered
    """
    try:
        return max(float((error.headers or {}).get("Retry-After") or 0.0), 0.0)
    except ValueError:
        return 0.0


def to_minor_units(amount, currency):
    """An amount as Stripe counts it: `amount` in cents, or in whole yen."""
    return payment_utils.to_minor_currency_units(
        amount,
        currency,
        arbitrary_decimal_number=const.CURRENCY_DECIMALS.get(currency.name),
    )


def to_major_units(minor_amount, currency):
    """The reverse of `to_minor_units`."""
    return payment_utils.to_major_currency_units(
        minor_amount,
        currency,
        arbitrary_decimal_number=const.CURRENCY_DECIMALS.get(currency.name),
    )


def check_amount(env, amount, currency):
    """Say why Stripe would refuse an amount.

    :param float amount: in `currency`
    :return: the reason in words, or None
    """
    minor = to_minor_units(amount, currency)
    minimum = MINIMUM_AMOUNTS.get(currency.name, 0.0)
    if currency.compare_amounts(amount, minimum) < 0:
        return env._(
            "Stripe charges no less than %(minimum)s, and this would be %(amount)s.",
            minimum=currency.format(minimum),
            amount=currency.format(amount),
        )
    if minor > MAXIMUM_MINOR_UNITS:
        return env._(
            "Stripe does not charge as much as %s at once.", currency.format(amount)
        )
    if minor % MINOR_UNIT_STEPS.get(currency.name, 1):
        return env._(
            "Stripe cannot charge %(amount)s: it rounds %(currency)s more coarsely.",
            amount=currency.format(amount),
            currency=currency.name,
        )
    return None
