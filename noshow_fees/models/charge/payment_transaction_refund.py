"""Money that goes back to a card: in two phases like a charge, by whichever button; and
what the provider says of it later."""

import uuid

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...const import LIVE_STATES
from ...tools.context import by_method, is_by_method


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    # ------------------------------------------------------------
    # ASK FOR IT
    # ------------------------------------------------------------

    def action_refund(self, amount_to_refund=None):
        """Odoo's own button: on the charge of a fee it needs the right that the fee's
        button needs.

        :raise AccessError: the user may not give back the money of fees
        """
        fees_sudo = self.sudo()._filter_of_fees().invoice_ids._get_fee_lines()
        if fees_sudo:
            fees_sudo.sudo(False)._check_fee_right("waive_fee")
            fees_sudo.move_id._lock_for_charge()
        return super().action_refund(amount_to_refund)

    def _refund(self, amount_to_refund=None):
        """Refund a fee in two phases, and write its history, whoever asks: stock asks
        the provider before it has committed what it asks for
        (payment/models/payment_transaction.py)."""
        if not self._goes_two_phases():
            return super()._refund(amount_to_refund)
        self.ensure_one()
        self._ensure_provider_is_not_disabled()
        amount = amount_to_refund or self.amount
        self._check_refundable(amount)
        refund = by_method(self)._create_child_transaction(
            amount,
            is_refund=True,
            fee_line_id=(self.fee_line_id or self._get_fee_to_pay()).id,
            charge_key=uuid.uuid4().hex,
            state="pending",
            last_state_change=fields.Datetime.now(),
        )
        refund._log_sent_message()
        reason = is_by_method(self.env) and self.env.context.get("noshow_refund_reason")
        self._log_money(
            "refunded", amount, reason or self.env._("Refunded from the payment.")
        )
        refund._send_after_commit()
        return refund.with_env(self.env)

    def _check_refundable(self, amount):
        """:raise UserError: this would give back more than was charged, or twice"""
        refunds = self.child_transaction_ids.filtered(
            lambda tx: tx.operation == "refund" and tx.state in LIVE_STATES
        )
        if (
            refunds
            or self.currency_id.compare_amounts(amount, 0) <= 0
            or self.currency_id.compare_amounts(amount, self._get_refundable_amount())
            > 0
        ):
            raise UserError(
                self.env._(
                    "Money of this charge went back to the card, or is on its way "
                    "back. Reload to see how much is left."
                )
            )

    def _get_refundable_amount(self):
        """What of this charge has not gone back yet and is not on its way."""
        self.ensure_one()
        refunds = self.child_transaction_ids.filtered(
            lambda tx: (
                tx.operation == "refund"
                and tx.state in ("pending", "authorized", "done")
            )
        )
        # A refund's amount is negative.
        return self.currency_id.round(self.amount + sum(refunds.mapped("amount")))

    # ------------------------------------------------------------
    # BOOKS
    # ------------------------------------------------------------

    def _post_process(self):
        """Book what has settled: whoever does it takes the invoice's row first, as
        requests do. A refund is matched with what it gives back: stock leaves it open.
        """
        fees = self._filter_of_fees()
        fees._lock_invoices()
        super()._post_process()
        self._keep_fee_paid()
        self._close_activities()
        for refund in fees.filtered(lambda tx: tx.operation == "refund"):
            if refund.state == "done" and refund.payment_id:
                refund._match_refund()
            elif refund.state in ("error", "cancel"):
                refund._take_refund_back()

    def _create_payment(self, **extra_create_values):
        """On the practice's day, as the fee itself: stock takes the day of whoever
        charges it, a scheduled job or the payer, say. What goes back is booked on the
        account on which the fee was paid: stock takes the payer's, which may be another
        one by now."""
        if self._filter_of_fees():
            today = self.provider_id.company_id._get_practice_today()
            extra_create_values.setdefault("date", today)
            account = self.fee_line_id.move_id._get_fee_receivable().account_id[:1]
            # What has gone back is booked in any case: on an archived one Odoo refuses.
            if account.active and self.operation == "refund":
                extra_create_values.setdefault("destination_account_id", account.id)
        return super()._create_payment(**extra_create_values)

    def _lock_invoices(self):
        """Wait until nobody else is at these invoices."""
        moves = self.fee_line_id.move_id | self.invoice_ids
        if moves:
            self.env.execute_query(
                SQL(
                    "SELECT id FROM account_move WHERE id IN %s ORDER BY id"
                    " FOR NO KEY UPDATE",
                    tuple(moves.ids),
                )
            )

    def _match_refund(self):
        """Match a refund with the credit that it gives back; where there is none, with
        the payment that it takes back: the invoice is open again by as much."""
        account = self.payment_id.destination_account_id
        given_back = self.payment_id.move_id.line_ids.filtered(
            lambda line: line.account_id == account and not line.reconciled
        )
        credit = self.fee_line_id._get_surplus_lines().filtered(
            lambda line: line.account_id == account
        )
        (given_back | credit).reconcile()
        if not given_back or all(given_back.mapped("reconciled")):
            return
        paid = self.source_transaction_id.payment_id.move_id.line_ids.filtered(
            lambda line: line.account_id == account and line.matched_debit_ids
        )
        invoices = self.fee_line_id.appointment_id.fee_line_ids.move_id
        settled = paid.matched_debit_ids.debit_move_id.filtered(
            lambda line: line.move_id in invoices
        )
        if not settled:
            return
        # It was received for this fee, though it is not matched with it any more.
        for line in paid:
            amount = sum(
                match.debit_amount_currency
                for match in line.matched_debit_ids
                if match.debit_move_id in settled
                or match.debit_move_id.move_id.move_type == "entry"
            )
            self.env["noshow.fee.receipt"]._remember(self.fee_line_id, {line: amount})
        went_back = paid.matched_debit_ids.debit_move_id.filtered(
            lambda line: line.move_id.move_type == "entry"
        )
        # By method: what a payment wrote off beside is no news.
        paid = by_method(paid)
        paid.remove_move_reconcile()
        # First what went back, now and before, then the invoices with what is left.
        (paid | went_back | given_back).reconcile()
        (paid | settled).filtered(lambda line: not line.reconciled).reconcile()
        self._ask_billers_about_refund()

    def _take_refund_back(self):
        """Take a refund out of the books that has failed after it succeeded: the money
        is back with the practice, and what it was given back for is open again."""
        payment = self.payment_id
        if not payment or payment.state in ("canceled", "rejected"):
            return
        self._tell_refund_failed()
        if move := payment.move_id:
            lines = move.line_ids.filtered(
                lambda line: line.account_id == payment.destination_account_id
            )
            matched = lines.matched_credit_ids.credit_move_id
            lines.remove_move_reconcile()
            today = self.company_id._get_practice_today()
            reversal = move._reverse_moves(
                [{"date": today, "ref": self.env._("Refund failed: %s", move.name)}],
                cancel=True,
            )
            # What had been paid with the money is paid with it again.
            reversal.flush_recordset()
            invoices = self.fee_line_id.appointment_id.fee_line_ids.move_id
            debts = invoices._get_fee_receivable().filtered(
                lambda line: not line.reconciled and line.amount_residual > 0
            )
            paid = matched.filtered(
                lambda line: (
                    not line.reconciled
                    and line.move_id == self.source_transaction_id.payment_id.move_id
                )
            )
            if debts and paid:
                (debts | paid).reconcile()
        payment.action_reject()

    # ------------------------------------------------------------
    # SAID
    # ------------------------------------------------------------

    def _is_failed_refund(self):
        return (
            self.operation == "refund"
            and self.state in ("error", "cancel")
            and self._goes_two_phases()
        )

    def _tell_refund_failed(self):
        self._log_money(
            "refund_failed",
            abs(self.amount),
            self.env._("The card company could not give the money back."),
        )
        self._ask_billers_about_refund()

    def _log_money(self, kind, amount, reason):
        """Write what happened to the money of a fee into its history.

        :param str kind: one of `noshow.fee.change.kind`
        :param float amount: in the currency of this, positive
        """
        fee = self._get_fee_to_pay()
        if not fee:
            return
        received = 0.0
        if kind in ("refunded", "refund_failed"):
            # As if what is on its way to the card had arrived.
            kept = fee._get_money_kept() - fee._get_on_way_to_card()
            if kind == "refunded":
                received, amount = kept + amount, kept
            elif self.payment_id:
                # It is taken out of the books after this.
                received, amount = kept, kept + amount
            else:
                received, amount = kept - amount, kept
        fee._log_fee_changes(
            [
                {
                    "appointment_id": fee.appointment_id.id,
                    "kind": kind,
                    "invoice_id": fee.move_id.id,
                    "currency_id": self.currency_id.id,
                    "old_amount": received,
                    "new_amount": amount,
                    "reason": reason,
                }
            ]
        )
