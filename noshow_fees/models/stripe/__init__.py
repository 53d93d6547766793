"""Stripe alone: requests, webhooks, payment forms, payouts.

May import `charge`, and loads after it: its `_send_payment_request` goes before the
framework's.
"""

from . import (
    payment_provider,
    payment_transaction,
    payment_transaction_form,
    payment_transaction_webhook,
)
