"""No payment is taken for a fee against a client's coverage, at the desk or in Odoo's
payment dialog. What has come in at the bank is matched all the same."""

from odoo import models


class AccountPaymentRegister(models.TransientModel):
    _inherit = "account.payment.register"

    def _create_payments(self):
        """:raise UserError: what the coverage of a client allows"""
        self.line_ids.move_id._get_fee_lines()._check_coverage()
        return super()._create_payments()
