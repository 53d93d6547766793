"""Waiving a fee: credited to zero, and what was received kept or given back."""

from odoo import models
from odoo.exceptions import UserError

from ...tools.context import by_method, without_flags


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    @without_flags
    def _waive(
        self, reason, surplus="credit", still_counts=True, release=False, seen=None
    ):
        """Credit these fees to zero, with a credit note of today for each. What was
        charged stays in the books and in the fee's history.

        :param str reason: a billing reason, for the log of invoice and appointment
        :param str surplus: what becomes of money received: `credit` stays the payer's
            credit, `refund` goes back to the card
        :param bool still_counts: whether these still count as missed visits
        :param bool release: the appointment has no fee any more (it is restored)
        :param str seen: what the user has seen of the fee (`_get_stamp`)
        :raise AccessError: the user may not waive fees
        :raise UserError: no live fee, waived already, or a charge is running
        """
        self._check_fee_right("waive_fee")
        # In sudo: whoever may waive a fee need not be an accountant.
        fees_sudo = self.sudo()
        fees_sudo._lock_and_check_live(seen)
        waived = fees_sudo.filtered(lambda fee: fee.fee_state in ("waived", "refunded"))
        if waived and not release:
            raise UserError(
                self.env._(
                    "The fee on invoice %s is waived already.",
                    ", ".join(waived.mapped("move_name")),
                )
            )
        changes = []
        for fee in fees_sudo - waived:
            note = fee.move_id._credit_fees(fee)
            changes.append(
                {
                    "appointment_id": fee.appointment_id.id,
                    "kind": "restored" if release else "waived",
                    "invoice_id": fee.move_id.id,
                    "credit_note_id": note.id,
                    "currency_id": fee.currency_id.id,
                    "old_product_id": fee.product_id.id,
                    "old_amount": fee.price_unit,
                    "reason": reason,
                }
            )
        fees_sudo._log_fee_changes(changes)
        if surplus == "refund":
            (fees_sudo - waived)._refund_surplus()
        if release:
            by_method(fees_sudo).write({"is_noshow_fee": False})
        if not still_counts:
            by_method(fees_sudo.appointment_id).write({"counts_as_missed": False})

    def _refund_surplus(self):
        """Send what was received beyond what is owed for these fees back to the card it
        came from, after the commit.

        :raise UserError: it did not come from a card: cash and checks never go to one
        """
        for fee in self:
            surplus = -sum(fee._get_surplus_lines().mapped("amount_residual"))
            if fee.currency_id.compare_amounts(surplus, 0.0) > 0:
                fee._refund_to_card(surplus)

    def _get_surplus_lines(self):
        """The payer's open credit that came from payments for this fee: of payments
        taken for its invoices or matched with them, of payments of its charges, and of
        its credit notes. Oldest first."""
        moves = self.appointment_id.fee_line_ids.move_id
        payments = moves.matched_payment_ids | moves.transaction_ids.payment_id
        matched = moves._get_fee_receivable().matched_credit_ids.credit_move_id
        receivable = self.move_id._get_fee_receivable()
        return (
            (moves | payments.move_id | matched.move_id)
            .line_ids.filtered(
                lambda line: (
                    line.account_id in receivable.account_id
                    and line.partner_id in receivable.partner_id
                    and line.parent_state == "posted"
                    and not line.reconciled
                    and line.amount_residual < 0
                )
            )
            .sorted(lambda line: (line.date, line.id))
        )

    def _get_paid_for(self):
        """What was received for this fee: what it took of it, and the credit that was
        left over from an amount that was higher before, or from a payment of more.
        A change of the fee uses all of it (`_change_fee`)."""
        left = -sum(self._get_surplus_lines().mapped("amount_residual"))
        return self.currency_id.round(self.fee_received + left)
