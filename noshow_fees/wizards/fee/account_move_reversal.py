"""Odoo's reversal dialog: a fee is credited with it, not billed anew."""

from odoo import models
from odoo.exceptions import UserError


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    def reverse_moves(self, is_modify=False):
        if is_modify and self.move_ids._filter_fee_invoices():
            # The new invoice would be no fee, and in no report.
            raise UserError(
                self.env._(
                    "To bill a missed-appointment fee anew, change the fee from the "
                    "client's or the appointment's Billing tab. A credit note is made "
                    "here."
                )
            )
        return super().reverse_moves(is_modify)
