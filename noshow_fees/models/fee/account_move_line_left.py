"""What is left of a fee, and what was received for it: every operation starts from what
stock's own documents have left, whoever made them."""

from collections import defaultdict

from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _get_fee_price(self):
        """The price of this fee, as one unit without a discount."""
        self.ensure_one()
        return self.price_unit * self.quantity * (1 - (self.discount or 0.0) / 100.0)

    def _get_fee_left(self):
        """What credit notes and losses, those of accountants too, have left of this
        fee's invoice.

        :return: dict of `total`, taxes included, `creditable`: the same, losses not
            taken off, `price`: the total as a price of the line, and `is_partial`:
            whether something is gone
        """
        self.ensure_one()
        currency, total = self.currency_id, self.move_id.amount_total
        if currency.compare_amounts(self.fee_amount, total):
            total = self._get_fee_invoice_total()
        # As stored: what was credited is off.
        creditable = self.fee_amount
        left = creditable
        if not currency.is_zero(self.fee_written_off):
            # What was written off here is taken back first.
            lost = self.fee_written_off - self.fee_write_off_left
            left = currency.round(creditable - max(lost, 0.0))
        price = self._get_fee_price()
        if currency.compare_amounts(left, total) >= 0:
            return {
                "total": total,
                "creditable": creditable,
                "price": price,
                "is_partial": False,
            }
        left = max(left, 0.0)
        return {
            "total": left,
            "creditable": creditable,
            "price": currency.round(price * left / total),
            "is_partial": True,
        }

    def _get_gone_reason(self):
        """Why the invoice of this fee is not changed, though the books are open.

        :return: a sentence, or False
        """
        if self._get_fee_left()["is_partial"]:
            return self.env._(
                "A part of the invoice was credited or written off already."
            )
        return False

    def _get_matched_counterparts(self):
        """What is matched with the receivable of this fee's invoice, oldest first."""
        receivable = self.move_id._get_fee_receivable()
        partials = receivable.matched_credit_ids | receivable.matched_debit_ids
        return ((partials.credit_move_id | partials.debit_move_id) - receivable).sorted(
            lambda line: (line.date, line.id)
        )

    def _get_matched_entries(self):
        """Payments and other entries that are matched with this fee: `{receivable line:
        amount}`, in the fee's currency."""
        amounts = defaultdict(float)
        receivable = self.appointment_id.fee_line_ids.move_id._get_fee_receivable()
        for partial in receivable.matched_credit_ids:
            if partial.credit_move_id.move_id.move_type == "entry":
                amounts[partial.credit_move_id] += partial.debit_amount_currency
        return amounts

    def _get_surplus_lines(self):
        """The payer's open credit that came from payments for this fee: of payments
        taken for its invoices or matched with them, now or before it was changed, of
        payments of its charges, and of its credit notes. Oldest first."""
        fees = self.appointment_id.fee_line_ids
        moves = fees.move_id
        payments = moves.matched_payment_ids | moves.transaction_ids.payment_id
        matched = moves._get_fee_receivable().matched_credit_ids.credit_move_id
        # In sudo: nobody has rights on these; the caller reads the fee.
        receipts_sudo = self.env["noshow.fee.receipt"].sudo()
        receipts_sudo = receipts_sudo.search([("fee_line_id", "in", fees.ids)])
        matched |= receipts_sudo.line_id.with_env(self.env)
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

    def _get_fee_received(self):
        """The fee that the money or the credit on this receivable line is of: that of a
        credit note, or the first one that a payment was taken for."""
        self.ensure_one()
        move = self.move_id
        if move.move_type == "out_refund":
            invoices = move.reversed_entry_id
        else:
            payment = move.origin_payment_id
            invoices = (
                self.matched_debit_ids.debit_move_id.move_id
                | payment.invoice_ids
                | payment.payment_transaction_id.invoice_ids
            )
        fees = invoices._filter_fee_invoices().invoice_line_ids
        receipts = self.env["noshow.fee.receipt"].search([("line_id", "=", self.id)])
        return (receipts.fee_line_id | fees).filtered("appointment_id")[:1]

    def _get_money_kept(self):
        """Money received for this fee on all its invoices, less what was given back."""
        lines = self.appointment_id.fee_line_ids
        return self.currency_id.round(
            sum(line.fee_collected - line.fee_refunded for line in lines)
        )

    def _get_paid_for(self):
        """What was received for this fee: what it took of it, and the credit that was
        left over from an amount that was higher before, or from a payment of more.
        A change of the fee uses all of it (`_change_fee`)."""
        left = -sum(self._get_surplus_lines().mapped("amount_residual"))
        # Received before a part was credited: the note's credit is of it.
        received = min(self.fee_received, self.fee_amount)
        return self.currency_id.round(received + left)
