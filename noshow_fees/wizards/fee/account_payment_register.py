"""Odoo's payment dialog: one at a time for the invoice of a fee, kept off while its
card is being charged."""

from odoo import models
from odoo.exceptions import UserError


class AccountPaymentRegister(models.TransientModel):
    _inherit = "account.payment.register"

    def _create_payments(self):
        fee_moves = self.line_ids.move_id._filter_fee_invoices()
        fee_moves._lock_for_charge()
        fee_moves._check_no_live_charge()
        if self.payment_token_id:
            fee_moves._check_card_not_charged_here()
        if fee_moves:
            self._check_open_as_shown()
        return super()._create_payments()

    def _check_open_as_shown(self):
        """:raise UserError: a fee was paid or changed since the dialog was opened"""
        # Stock books the amount that was shown, whatever is open by now. More than that
        # is right only if somebody has typed it (account/wizard/
        # account_payment_register.py, `_onchange_amount`). A dialog for several payers
        # takes what is open now.
        is_shown = not self.custom_user_amount and self.can_edit_wizard
        left = self._get_total_amounts_to_pay(self.batches)["full_amount"]
        if any(self.line_ids.mapped("reconciled")) or (
            is_shown and self.currency_id.compare_amounts(self.amount, left) > 0
        ):
            raise UserError(
                self.env._(
                    "Less is open of %s since you opened this dialog: somebody took a "
                    "payment or changed the fee. Close it and open it again.",
                    ", ".join(self.line_ids.move_id.mapped("name")),
                )
            )
