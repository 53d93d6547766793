"""Odoo's payment dialog, kept off fees whose card is being charged."""

from odoo import models


class AccountPaymentRegister(models.TransientModel):
    _inherit = "account.payment.register"

    def _create_payments(self):
        moves = self.line_ids.move_id
        moves._check_fee_not_charging()
        if self.payment_token_id:
            moves._check_card_not_charged_here()
        return super()._create_payments()
