"""A posted fee stays editable, and the books stay right.

Where the books allow it the invoice keeps its number: it is changed. Where they do
not (lock date, hash, sent to an authority) it is credited and billed anew, today.
"""

from markupsafe import Markup

from odoo import models
from odoo.exceptions import UserError

from ...tools.context import by_method, without_flags


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    # ------------------------------------------------------------
    # CHANGE
    # ------------------------------------------------------------

    @without_flags
    def _change_fee(self, product, amount, reason, surplus="credit", seen=None):
        """Change code or amount of this posted fee.

        :param product: the fee code
        :param float amount: in the company's currency, taxes not included
        :param str reason: a billing reason, for the log of invoice and appointment
        :param str surplus: what becomes of money beyond the new amount: `credit` stays
            the payer's credit, `refund` goes back to the card
        :param str seen: what the user has seen of the fee (`_get_stamp`)
        :return: the fee line, a new one when the invoice was credited and billed anew
        :raise AccessError: the user may not change this fee
        :raise UserError: no live fee, a charge is running, an amount or code that
            cannot be, or the books are closed today
        """
        self.ensure_one()
        product = product.with_env(self.env)
        self._check_fee_right("edit_fee")
        # In sudo: whoever may change a fee need not be an accountant.
        fee_sudo = self.sudo()
        fee_sudo._lock_and_check_live(seen)
        if fee_sudo.fee_state in ("waived", "refunded"):
            raise UserError(
                self.env._(
                    "This fee is waived: restore the appointment to bill it again."
                )
            )
        product.sudo()._check_fee(fee_sudo.company_id, amount)
        currency = fee_sudo.currency_id
        same_amount = not currency.compare_amounts(amount, fee_sudo.price_unit)
        if product == fee_sudo.product_id and same_amount:
            raise UserError(self.env._("Nothing was changed."))
        change = {
            "appointment_id": fee_sudo.appointment_id.id,
            "invoice_id": fee_sudo.move_id.id,
            "currency_id": currency.id,
            "old_product_id": fee_sudo.product_id.id,
            "new_product_id": product.id,
            "old_amount": fee_sudo.price_unit,
            "new_amount": amount,
            "reason": reason,
        }
        if fee_sudo._get_closed_reason(product):
            new_sudo, note = fee_sudo._reissue_fee(product, amount)
            change.update(
                kind="reissued",
                credit_note_id=note.id,
                new_invoice_id=new_sudo.move_id.id,
            )
        else:
            fee_sudo._rewrite_fee(product, amount)
            new_sudo = fee_sudo
            change["kind"] = "changed"
        fee_sudo._log_fee_changes([change])
        if surplus == "refund":
            new_sudo._refund_surplus()
        return new_sudo.with_env(self.env)

    def _rewrite_fee(self, product, amount):
        """Change the line of the invoice itself: back to draft, changed, posted, and
        what was matched is matched again. A change of code alone keeps the match."""
        move = self.move_id
        vals = self._prepare_fee_change_vals(product, amount)
        same_books = (
            not self.currency_id.compare_amounts(amount, self.price_unit)
            and vals["account_id"] == self.account_id.id
            and vals["tax_ids"][0][2] == self.tax_ids.ids
        )
        if same_books:
            # Nothing of the journal items changes but the code and its text.
            by_method(self).write(vals)
            move.is_move_sent = False
            return
        credit = self._get_matched_counterparts() | self._get_surplus_lines()
        # Before the change: stock, which takes the match apart when the amount moves,
        # would reset the bank's statement lines as well and lose who paid
        # (account/models/account_move_line.py, write).
        move._get_fee_receivable().remove_move_reconcile()
        move.button_draft()
        by_method(self).write(vals)
        move.is_move_sent = False
        # The number is kept: same journal, same date.
        move._post(soft=False)
        receivable = move._get_fee_receivable()
        for counterpart in credit:
            if not counterpart.reconciled and not all(receivable.mapped("reconciled")):
                (receivable + counterpart).reconcile()

    def _reissue_fee(self, product, amount):
        """Credit the invoice and bill the fee anew to the same payer, both of today.
        What was received stays matched with the old invoice; the credit note settles
        what is open there, and its rest the new invoice.

        :return: the new fee line, and the credit note
        """
        old_move, appointment = self.move_id, self.appointment_id
        note = old_move._credit_fees(self)
        by_method(self).write({"is_noshow_fee": False})
        # The unique index: the old line has to let go first.
        self.flush_recordset(["is_noshow_fee"])
        new = self._create_fees(
            [
                {
                    "appointment": appointment,
                    "product": product,
                    "amount": amount,
                    "payer": old_move.partner_id,
                }
            ]
        ).sudo()
        new.move_id.invoice_origin = old_move.name
        credit = new._get_surplus_lines()
        if credit and not new.currency_id.is_zero(new.move_id.amount_residual):
            (credit + new.move_id._get_fee_receivable()).reconcile()
        return new, note

    def _prepare_fee_change_vals(self, product, amount):
        """Values of this line with another code or amount."""
        move = self.move_id
        vals = self._prepare_fee_line_vals(
            self.appointment_id,
            product,
            amount,
            move.fiscal_position_id,
            move.partner_id,
        )
        vals = {
            name: vals[name]
            for name in ("product_id", "price_unit", "tax_ids", "name", "account_id")
            if name in vals
        }
        if "account_id" not in vals:
            # What stock would choose for this code on this invoice.
            accounts = product.with_company(self.company_id).product_tmpl_id
            income = accounts.get_product_accounts(move.fiscal_position_id)["income"]
            vals["account_id"] = (income or move.journal_id.default_account_id).id
        return vals

    def _get_matched_counterparts(self):
        """What is matched with the receivable of this fee's invoice, oldest first."""
        receivable = self.move_id._get_fee_receivable()
        partials = receivable.matched_credit_ids | receivable.matched_debit_ids
        return ((partials.credit_move_id | partials.debit_move_id) - receivable).sorted(
            lambda line: (line.date, line.id)
        )

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    def _check_fee_right(self, right):
        """:raise AccessError: unless the user sees these fees and has the right"""
        self.check_access("read")
        # In sudo: an accountant with a role for fees reads the provider's name only.
        for provider in self.sudo().provider_id or [None]:
            self.env.user._check_practice_right(right, provider)

    def _lock_and_check_live(self, seen=None):
        """Let nobody else change these fees until this transaction ends.

        :param str seen: what the user has seen of these fees (`_get_stamp`)
        :raise UserError: somebody else is at it or has been since, no live fee, or
            money is moving
        """
        self.move_id._lock_for_charge()
        self.invalidate_recordset()
        self.move_id.invalidate_recordset()
        for fee in self:
            if not fee.is_noshow_fee or fee.parent_state != "posted":
                raise UserError(
                    self.env._(
                        "This is no live fee any more: reload to see what it became."
                    )
                )
        self.move_id._check_no_live_charge()
        if seen is not None and seen != self._get_stamp():
            raise UserError(
                self.env._(
                    "Somebody has changed or paid this fee since you opened this "
                    "dialog. Close it, and open the fee again."
                )
            )

    def _get_stamp(self):
        """What a dialog shows of these fees, as text that differs once somebody has
        changed, credited, or paid one."""
        self.check_access("read")
        return ";".join(
            f"{fee.id}:{fee.is_noshow_fee}:{fee.product_id.id}:{fee.price_unit}"
            f":{fee.fee_state}:{fee.fee_received}"
            for fee in self
        )

    def _log_fee_changes(self, changes):
        """Write the history, and a note each for invoice and appointment."""
        changes = by_method(self.env["noshow.fee.change"]).create(changes)
        kinds = dict(changes._fields["kind"]._description_selection(self.env))
        moves, events = {}, {}
        for change in changes:
            text = self.env._(
                "Fee %(change)s. %(way)s. %(reason)s",
                change=change.summary,
                way=kinds[change.kind],
                reason=change.reason or "",
            )
            body = Markup("<p>%s</p>") % text
            moves[change.invoice_id.id] = body
            if change.new_invoice_id:
                moves[change.new_invoice_id.id] = body
            events[change.appointment_id.id] = body
        self.env["account.move"].browse(moves)._message_log_batch(bodies=moves)
        self.env["calendar.event"].browse(events)._message_log_batch(bodies=events)
