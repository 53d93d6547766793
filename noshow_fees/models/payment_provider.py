"""The provider of card payments: what it can charge."""

from odoo import models

from .. import stripe_client


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
