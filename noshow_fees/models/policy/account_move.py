"""Nobody is asked to pay the invoice of a fee against a client's coverage."""

from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _has_to_be_paid(self):
        return super()._has_to_be_paid() and not self._get_fee_lines()._get_refused()

    def _get_online_payment_error(self):
        if self._get_fee_lines()._get_refused():
            return self._get_not_here_message()
        return super()._get_online_payment_error()

    def _compute_display_link_qr_code(self):
        super()._compute_display_link_qr_code()
        for move in self.filtered("display_link_qr_code"):
            if move._get_fee_lines()._get_refused():
                move.display_link_qr_code = False

    def _get_default_payment_link_values(self):
        self._get_fee_lines()._check_coverage()
        return super()._get_default_payment_link_values()

    def _get_not_here_message(self):
        """What a client reads: not who covers them, which others may see."""
        return self.env._("This invoice is not paid online. Please ask the practice.")
