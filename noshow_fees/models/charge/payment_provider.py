"""The provider of card payments: what it can charge."""

import logging
from http import HTTPStatus

import requests

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import str2bool

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

    # ------------------------------------------------------------
    # CHECK
    # ------------------------------------------------------------

    @api.model
    def _get_no_card_company_hint(self, company):
        """Why clients of this company cannot save a card; False when they can: what
        their page offers (payment/models/payment_provider.py,
        `_get_compatible_providers`)."""
        # In sudo: the administrator's records; only the answer is told.
        found_sudo = self.sudo().search_count(
            [
                ("company_id", "parent_of", company.id),
                ("state", "in", ("enabled", "test")),
                ("is_published", "=", True),
                ("allow_tokenization", "=", True),
            ],
            limit=1,
        )
        if found_sudo:
            return False
        return self.env._(
            "No card can be saved: no card company is connected. A manager sees what "
            "is missing under Practice → Configuration → Practice settings."
        )

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
            findings += provider._check_account(company)
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

    def _check_account(self, company):
        """What the card company says of the practice's account; to be overridden by
        who knows one.

        :return: findings as those of `_check_charging`
        """
        return []
