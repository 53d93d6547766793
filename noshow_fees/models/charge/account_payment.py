"""Odoo's payment form, kept off saved cards for fees."""

from odoo import models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def _create_payment_transaction(self, **extra_create_values):
        self.invoice_ids._check_card_not_charged_here()
        return super()._create_payment_transaction(**extra_create_values)
