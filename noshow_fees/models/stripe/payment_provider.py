"""Stripe: what it is told, what it says of the account, and its payouts."""

import json
import logging
import time
from datetime import UTC, datetime, timedelta

import stripe

from odoo import api, models

from odoo.addons.payment_stripe import const
from odoo.addons.payment_stripe import utils as stripe_utils

from ...tools import stripe_client
from ...tools.context import by_method

_logger = logging.getLogger(__name__)

WEBHOOKS = "webhook_endpoints"
#: Stripe holds money back for at most so long.
LOOK_BACK = timedelta(days=90)
#: How long a provider is asked for them in one run of the job.
BOOKING_SECONDS = 60.0
#: A dispute may take that long from its beginning to its end.
DISPUTES_SINCE = timedelta(days=180)
#: Banks take up to ten working days; what waits for the practice's balance, longer.
REFUNDS_SINCE = timedelta(days=60)
#: Stripe's events of money that goes back, which stock's webhook does not ask for
#: (payment_stripe/const.py, `HANDLED_WEBHOOK_EVENTS`).
MONEY_BACK_EVENTS = (
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.funds_reinstated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.updated",
    "refund.created",
    "refund.failed",
    "refund.updated",
)


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    def _get_amount_refusal(self, amount, currency):
        if self.code == "stripe":
            return stripe_client.check_amount(self.env, amount, currency)
        return super()._get_amount_refusal(amount, currency)

    # ------------------------------------------------------------
    # WHAT STRIPE IS TOLD
    # ------------------------------------------------------------

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

    def _send_api_request(self, method, endpoint, *, data=None, **kwargs):
        """Have the webhook that stock generates tell what is handled here, too."""
        if self.code == "stripe" and method == "POST" and endpoint == WEBHOOKS:
            name = "enabled_events[]"
            data = {**data, name: [*data[name], *MONEY_BACK_EVENTS]}
        return super()._send_api_request(method, endpoint, data=data, **kwargs)

    def _build_request_url(self, endpoint, *, is_proxy_request=False, **kwargs):
        """Send the requests of Odoo's own Stripe module to the fake one, too."""
        url = super()._build_request_url(
            endpoint, is_proxy_request=is_proxy_request, **kwargs
        )
        base = self.code == "stripe" and stripe_client.get_api_base(self)
        return f"{base}/v1/{endpoint}" if base and not is_proxy_request else url

    # ------------------------------------------------------------
    # CHECK
    # ------------------------------------------------------------

    def _check_account(self, company):
        findings = super()._check_account(company)
        if self.code != "stripe":
            return findings
        findings += [
            self._finding(
                self.env._("Stripe's library %s is installed.", stripe.VERSION)
            )
        ]
        key = stripe_utils.get_secret_key(self) or ""
        is_live_key = key.startswith(("sk_live_", "rk_live_"))
        if key and is_live_key != (self.state == "enabled"):
            findings.append(
                self._finding(
                    self.env._("The key is for real money, the mode for tests.")
                    if is_live_key
                    else self.env._("The key is for tests, the mode for real money."),
                    "danger",
                )
            )
        findings.append(
            self._finding(self.env._("The webhook secret is set."))
            if stripe_utils.get_webhook_secret(self)
            else self._finding(
                self.env._(
                    "No webhook secret: what Stripe reports is not believed but asked "
                    "back, and arrives later. Press “Generate your webhook”."
                ),
                "warning",
            )
        )
        return findings + self._check_stripe_account(company) + self._check_webhook()

    def _check_stripe_account(self, company):
        try:
            account = stripe_client.get_client(self).v1.accounts.retrieve_current()
        except (stripe.AuthenticationError, stripe.PermissionError):
            text = self.env._("Stripe does not accept the secret key.")
            return [self._finding(text, "danger")]
        except stripe.StripeError:
            text = self.env._("Stripe cannot be reached right now.")
            return [self._finding(text, "danger")]
        findings = [self._finding(self.env._("Stripe accepts the secret key."))]
        account = account.to_dict()
        if not account.get("charges_enabled"):
            text = self.env._("Stripe does not let this account charge cards yet.")
            findings.append(self._finding(text, "danger"))
        cards = (account.get("settings") or {}).get("card_payments") or {}
        prefix = cards.get("statement_descriptor_prefix")
        suffix = self._get_statement_suffix(company)
        if suffix and prefix:
            text = self.env._("Card statements say “%s”.", f"{prefix}* {suffix}")
            findings.append(self._finding(text))
        elif suffix:
            text = self.env._(
                "The text on card statements needs a shortened descriptor in Stripe's "
                "own settings first."
            )
            findings.append(self._finding(text, "warning"))
        return findings

    def _get_statement_suffix(self, company):
        """What stands on card statements for a fee of `company`: a branch without a
        text of its own has that of the company whose provider it charges by."""
        texts = (company | self.company_id).mapped("noshow_statement_suffix")
        return next(filter(None, texts), False)

    def _check_webhook(self):
        """Whether Stripe sends what is handled here: an endpoint may be older than this
        addon, or made by hand."""
        try:
            service = stripe_client.get_client(self).v1.webhook_endpoints
            endpoints = [
                endpoint
                for endpoint in service.list({"limit": 100}).auto_paging_iter()
                if endpoint.url == self._get_stripe_webhook_url()
                and endpoint.status == "enabled"
            ]
        except stripe.StripeError:
            # A key of few rights cannot ask; what counts was found above.
            return []
        if not endpoints:
            text = self.env._(
                "Stripe knows no webhook of this Odoo, so its news arrives up to a day "
                "later. Empty the webhook secret and press “Generate your webhook”."
            )
            return [self._finding(text, "warning")]
        events = {event for endpoint in endpoints for event in endpoint.enabled_events}
        wanted = {*const.HANDLED_WEBHOOK_EVENTS, *MONEY_BACK_EVENTS}
        missing = sorted(wanted - events)
        if missing and "*" not in events:
            text = self.env._(
                "Stripe's webhook lacks events, whose news arrives up to a day later. "
                "Add them in Stripe's own pages: %s.",
                ", ".join(missing),
            )
            return [self._finding(text, "warning")]
        return [
            self._finding(self.env._("Stripe tells at once what becomes of money."))
        ]

    # ------------------------------------------------------------
    # PAYOUTS
    # ------------------------------------------------------------

    @api.model
    def _cron_fetch_payouts(self):
        """Note on charges and refunds of fees the payout that they came with, and the
        disputes and refunds that no event told."""
        providers = self.search(
            [("code", "=", "stripe"), ("state", "in", ("enabled", "test"))]
        )
        for provider in providers:
            # What moves money first; one that gets no answer stops none of the others.
            for fetch in (
                provider._fetch_disputes,
                provider._fetch_refunds,
                provider._fetch_bookings,
                provider._fetch_payouts,
            ):
                try:
                    fetch()
                except stripe.StripeError as error:
                    _logger.error(
                        "Provider %s: %s failed with %s.",
                        provider.id,
                        fetch.__name__,
                        type(error).__name__,
                    )
                self.env["ir.cron"]._commit_progress(1)

    def _fetch_disputes(self):
        """:raise stripe.StripeError: no answer; the next run asks again"""
        since = datetime.now(UTC) - DISPUTES_SINCE
        disputes = stripe_client.get_client(self).v1.disputes.list(
            {"created": {"gte": int(since.timestamp())}, "limit": 100}
        )
        intents = {dispute.payment_intent for dispute in disputes.auto_paging_iter()}
        # One of a charge without an intent is none of ours.
        intents.discard(None)
        charges = self.env["payment.transaction"].search(
            [
                ("provider_id", "=", self.id),
                ("provider_reference", "in", list(intents)),
            ]
        )
        for charge in charges._filter_of_fees():
            charge._settle_disputes()

    def _fetch_refunds(self):
        """:raise stripe.StripeError: no answer; the next run asks again"""
        since = datetime.now(UTC) - REFUNDS_SINCE
        refunds = stripe_client.get_client(self).v1.refunds.list(
            {"created": {"gte": int(since.timestamp())}, "limit": 100}
        )
        refunds = list(refunds.auto_paging_iter())
        own = [("provider_id", "=", self.id)]
        transactions = self.env["payment.transaction"]
        known = transactions.search(
            [*own, ("provider_reference", "in", [refund.id for refund in refunds])]
        )
        done = {tx.provider_reference: tx.state == "done" for tx in known}
        intents = {
            refund.payment_intent
            for refund in refunds
            # What is as it was needs no second question.
            if refund.payment_intent
            and done.get(refund.id) != (refund.status == "succeeded")
        }
        charges = transactions.search(
            [*own, ("provider_reference", "in", list(intents))]
        )
        for charge in charges._filter_of_fees():
            charge._settle_refunds()

    def _search_not_paid_out(self):
        """Charges and refunds of fees that have gone through lately and came with no
        payout that is known."""
        return self.env["payment.transaction"].search(
            [
                ("provider_id", "=", self.id),
                ("state", "=", "done"),
                ("fee_line_id", "!=", False),
                ("provider_reference", "!=", False),
                ("payout_reference", "=", False),
                ("create_date", ">", datetime.now() - LOOK_BACK),
            ]
        )

    def _fetch_bookings(self):
        """What Stripe kept, of what it did not tell. A request each, for a minute: what
        was answered is kept, and the next run goes on.

        :raise stripe.StripeError: no answer; the next run asks again
        """
        # A time of its own: Odoo's ten seconds are the whole job's, all providers'.
        end = time.monotonic() + BOOKING_SECONDS
        for tx in self._search_not_paid_out().filtered(lambda tx: not tx.net_amount):
            tx._fetch_booking()
            self.env["ir.cron"]._commit_progress()
            if time.monotonic() > end:
                break

    def _fetch_payouts(self):
        """:raise stripe.StripeError: no answer; the next run asks again"""
        waiting = self._search_not_paid_out().filtered("balance_reference")
        by_booking = {tx.balance_reference: tx for tx in waiting}
        if not by_booking:
            return
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
