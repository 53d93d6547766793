"""Whether saved cards can be charged, said in words."""

import stripe

from odoo import models
from odoo.tools import str2bool

from odoo.addons.payment_stripe import utils as stripe_utils

from ...tools import stripe_client


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    def _check_charging(self, company):
        """Check all that charging saved cards needs; asks Stripe, moves no money.

        Call it in sudo, after the right to see the practice's settings was checked.
        Keys and secrets are not told.

        :return: list of `{"level": success, warning or danger, "text": sentence}`
        """
        providers = self.search(
            [
                ("company_id", "parent_of", company.id),
                ("state", "in", ("enabled", "test")),
                ("code", "!=", "none"),
            ]
        ).filtered("support_tokenization")
        if not providers:
            return [
                {
                    "level": "danger",
                    "text": self.env._(
                        "No card company is connected, so no card can be charged. An "
                        "administrator connects Stripe."
                    ),
                }
            ]
        findings = []
        for provider in providers:
            findings += provider._check_settings()
            if provider.code == "stripe":
                findings += provider._check_stripe(company)
        return findings + self._check_portal()

    def _finding(self, text, level="success"):
        return {"level": level, "text": f"{self.name}: {text}"}

    def _check_settings(self):
        """What Odoo's own form of the provider says."""
        live = self.state == "enabled"
        findings = [
            self._finding(self.env._("Real cards are charged."))
            if live
            else self._finding(self.env._("Test mode: no real money moves."), "warning")
        ]
        if not self.allow_tokenization:
            findings.append(
                self._finding(
                    self.env._(
                        "Cards cannot be saved: turn on “Allow Saving Payment Methods”."
                    ),
                    "danger",
                )
            )
        if not self.is_published:
            findings.append(
                self._finding(
                    self.env._("Clients cannot save a card: it is not published."),
                    "danger",
                )
            )
        if self.capture_manually:
            findings.append(
                self._finding(
                    self.env._(
                        "What clients pay online is only reserved: turn off “Capture "
                        "Amount Manually”."
                    ),
                    "warning",
                )
            )
        if not self.journal_id:
            findings.append(
                self._finding(
                    self.env._("Payments cannot be booked: choose a payment journal."),
                    "danger",
                )
            )
        return findings

    def _check_portal(self):
        """Whether clients may pay online what a card was declined for."""
        parameter = "account_payment.enable_portal_payment"
        if str2bool(self.env["ir.config_parameter"].get_param(parameter)):
            return []
        text = self.env._(
            "Payment links lead nowhere: an administrator turns on “Invoice Online "
            "Payment” in Odoo's settings."
        )
        return [{"level": "warning", "text": text}]

    # ------------------------------------------------------------
    # STRIPE
    # ------------------------------------------------------------

    def _check_stripe(self, company):
        findings = [
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
        return findings + self._check_stripe_account(company)

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
        prefix, suffix = (
            cards.get("statement_descriptor_prefix"),
            company.noshow_statement_suffix,
        )
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
