"""Matching that tells on a fee: what an accountant writes off of it stands in its
history, and money received for it may go elsewhere."""

from odoo import api, models

from ...tools.context import is_by_method


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        (partials.debit_move_id | partials.credit_move_id)._update_receipts()
        if not is_by_method(self.env):
            partials._log_losses()
        return partials

    def unlink(self):
        lines = self.debit_move_id | self.credit_move_id
        result = super().unlink()
        lines.exists()._update_receipts()
        return result

    def _log_losses(self):
        """Write the history of fees of which an accountant has written something off,
        by an entry, a bank line, or a payment for less."""
        # In sudo: the history does not depend on who matches.
        partials_sudo = self.sudo().filtered(
            lambda partial: (
                partial.credit_move_id.move_id.move_type == "entry"
                # A plain payment has nothing else in it.
                and not (
                    partial.credit_move_id.move_id.origin_payment_id
                    and len(partial.credit_move_id.move_id.line_ids) == 2
                )
            )
        )
        invoices = partials_sudo.debit_move_id.move_id._filter_fee_invoices()
        matches = invoices._get_fee_matches()
        changes = []
        for partial in partials_sudo:
            invoice = partial.debit_move_id.move_id
            for match in matches[invoice.id]:
                loss = invoice.currency_id.round(
                    partial.debit_amount_currency * (1 - match["share"])
                )
                if match["line_id"] != partial.credit_move_id.id or not loss:
                    continue
                fee = invoice.invoice_line_ids.filtered("appointment_id")[:1]
                left = invoice.amount_residual
                changes.append(
                    fee._prepare_write_off_change(
                        "lost", partial.credit_move_id.move_id, left + loss, left
                    )
                )
        if changes:
            self.env["account.move.line"].sudo()._log_fee_changes(changes)
