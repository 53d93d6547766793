"""Which payout of Stripe's a charge came with."""

import logging
from datetime import UTC, datetime, timedelta

import stripe

from odoo import api, models

from ...tools import stripe_client
from ...tools.context import by_method

_logger = logging.getLogger(__name__)

#: Stripe holds money back for at most so long.
LOOK_BACK = timedelta(days=90)


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    @api.model
    def _cron_fetch_payouts(self):
        """Note on charges and refunds of fees the payout that they came with."""
        providers = self.search(
            [("code", "=", "stripe"), ("state", "in", ("enabled", "test"))]
        )
        for provider in providers:
            try:
                provider._fetch_payouts()
            except stripe.StripeError as error:
                _logger.error(
                    "Provider %s: payouts failed with %s.",
                    provider.id,
                    type(error).__name__,
                )
            self.env["ir.cron"]._commit_progress(1)

    def _fetch_payouts(self):
        """:raise stripe.StripeError: no answer; the next run asks again"""
        waiting = self.env["payment.transaction"].search(
            [
                ("provider_id", "=", self.id),
                ("fee_line_id", "!=", False),
                ("balance_reference", "!=", False),
                ("payout_reference", "=", False),
                ("create_date", ">", datetime.now() - LOOK_BACK),
            ]
        )
        if not waiting:
            return
        by_booking = {tx.balance_reference: tx for tx in waiting}
        service = stripe_client.get_client(self).v1
        since = min(waiting.mapped("create_date")).replace(tzinfo=UTC)
        payouts = service.payouts.list(
            {"created": {"gte": int(since.timestamp())}, "limit": 100}
        )
        for payout in payouts.auto_paging_iter():
            bookings = service.balance_transactions.list(
                {"payout": payout.id, "limit": 100}
            )
            paid = self.env["payment.transaction"].union(
                *(
                    by_booking[booking.id]
                    for booking in bookings.auto_paging_iter()
                    if booking.id in by_booking
                )
            )
            by_method(paid).write(
                {
                    "payout_reference": payout.id,
                    "payout_date": datetime.fromtimestamp(payout.arrival_date, UTC),
                }
            )
