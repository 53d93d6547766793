"""No card is charged, and no client pays online, against a client's coverage."""

from odoo import api, models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    @api.model_create_multi
    def create(self, vals_list):
        """:raise UserError: what the coverage of a client allows"""
        # By the result: a charge of ours, the portal, Odoo's payment dialog, a job.
        transactions = super().create(vals_list)
        transactions._get_fees_asked_for()._check_coverage()
        return transactions

    def write(self, vals):
        result = super().write(vals)
        if {"fee_line_id", "invoice_ids"} & vals.keys():
            self._get_fees_asked_for()._check_coverage()
        return result

    def _get_fees_asked_for(self):
        """The fees that these ask money for, in sudo."""
        # What is paid asks for nothing any more.
        asking = self.filtered(
            lambda tx: tx.operation != "refund" and tx.state != "done"
        )
        # In sudo: whoever pays or charges, the answer is the same.
        return asking.sudo().fee_line_id | asking.invoice_ids._get_fee_lines()

    def _get_obstacle(self):
        if reason := super()._get_obstacle():
            return reason
        # Entered since the charge was prepared. Clients and accountants read it, too:
        # that there is a coverage is not said.
        if self._get_fees_asked_for()._get_refused():
            return self.env._("This fee is not charged to a card any more.")
        return None
