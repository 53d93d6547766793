"""A posted fee stays editable, and the books stay right.

Where the books allow it the invoice keeps its number: it is changed. Where they do
not (lock date, hash, sent to an authority) it is credited and billed anew, today."""

from markupsafe import Markup

from odoo import Command, models
from odoo.exceptions import UserError

from ...tools.context import by_method, without_flags
from ...tools.when import format_day


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
        :param str surplus: what becomes of money beyond the new amount, all of it, as
            the preview says: `credit` stays the payer's credit, `refund` goes back to
            the card
        :param str seen: what the user has seen of the fee (`_get_stamp`)
        :return: the fee line, a new one when the invoice was credited and billed anew
        :raise AccessError: the user may not change this fee, or give money back
        :raise UserError: no live fee, a charge is running, an amount or code that
            cannot be, or the books are closed today
        """
        self.ensure_one()
        product = product.with_env(self.env)
        self._check_fee_right("edit_fee")
        if surplus == "refund":
            self._check_fee_right("waive_fee")
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
        old_amount = fee_sudo._get_fee_left()["price"]
        same_amount = not currency.compare_amounts(amount, old_amount)
        if product == fee_sudo.product_id and same_amount:
            raise UserError(self.env._("Nothing was changed."))
        change = {
            "appointment_id": fee_sudo.appointment_id.id,
            "invoice_id": fee_sudo.move_id.id,
            "currency_id": currency.id,
            "old_product_id": fee_sudo.product_id.id,
            "new_product_id": product.id,
            "old_amount": old_amount,
            "new_amount": amount,
            "reason": reason,
        }
        if fee_sudo._get_closed_reason(product) or fee_sudo._get_gone_reason():
            new_sudo, note = fee_sudo._reissue_fee(product, amount, reason)
            change.update(
                kind="reissued",
                missed_count=-int(fee_sudo.counts_as_missed),
                credit_note_id=note.id,
                new_invoice_id=new_sudo.move_id.id,
            )
        else:
            if not same_amount:
                fee_sudo._take_back_write_offs(reason)
            fee_sudo._rewrite_fee(product, amount)
            new_sudo = fee_sudo
            change["kind"] = "changed"
        fee_sudo._log_fee_changes([change])
        if surplus == "refund":
            new_sudo._refund_surplus(reason)
        return new_sudo.with_env(self.env)

    def _rewrite_fee(self, product, amount):
        """Change the line of the invoice itself: back to draft, changed, posted, and
        what was matched is matched again. A change of code alone keeps the match."""
        move = by_method(self.move_id)
        vals = self._prepare_fee_change_vals(product, amount)
        same_books = (
            not self.currency_id.compare_amounts(amount, self._get_fee_price())
            and vals.get("account_id", self.account_id.id) == self.account_id.id
            and vals.get("tax_ids", [(6, 0, self.tax_ids.ids)])[0][2]
            == self.tax_ids.ids
        )
        if same_books:
            # Nothing of the journal items changes but the code and its text.
            vals |= {n: self[n] for n in ("price_unit", "quantity", "discount")}
            by_method(self).write(vals)
            move.is_move_sent = False
            return
        credit = self._get_matched_counterparts() | self._get_surplus_lines()
        received = credit and self._get_matched_entries()
        # Before the change: stock, which takes the match apart when the amount moves,
        # would reset the bank's statement lines as well and lose who paid
        # (account/models/account_move_line.py, write).
        move._get_fee_receivable().remove_move_reconcile()
        move.button_draft()
        # From before it was sealed: what repeats would be copied, and billed again.
        move.auto_post = "no"
        by_method(self).write(vals)
        move.is_move_sent = False
        # The number is kept: same journal, same date.
        move._post(soft=False)
        receivable = move._get_fee_receivable()
        for counterpart in credit:
            if not counterpart.reconciled and not all(receivable.mapped("reconciled")):
                (receivable + counterpart).reconcile()
        if received:
            left = self._get_matched_entries()
            self.env["noshow.fee.receipt"]._remember(
                self,
                {
                    line: amount
                    for line, amount in received.items()
                    if self.currency_id.compare_amounts(amount, left.get(line, 0.0)) > 0
                },
            )

    def _reissue_fee(self, product, amount, reason):
        """Credit the invoice and bill the fee anew to the same payer, both of today.
        What was received stays matched with the old invoice; the credit note settles
        what is open there, and its rest the new invoice.

        :param str reason: for the history of a write-off that is taken back
        :return: the new fee line, and the credit note
        """
        old_move, appointment = self.move_id, self.appointment_id
        self._let_go()
        # First the invoice: who waives another fee, or writes it off, has that one's
        # number, and waits for the next credit note's, or entry's. In another order
        # each waits for the other.
        new = self._create_fees(
            [
                {
                    "appointment": appointment,
                    "product": product,
                    "amount": amount,
                    "payer": old_move.partner_id,
                    "origin": self,
                }
            ]
        ).sudo()
        self._take_back_write_offs(reason)
        note = old_move._credit_fees(self)
        credit = new._get_surplus_lines()
        if credit and not new.currency_id.is_zero(new.move_id.amount_residual):
            (credit + new.move_id._get_fee_receivable()).reconcile()
        return new, note

    def _prepare_fee_change_vals(self, product, amount):
        """Values of this line with another code or amount. What was agreed stays: of
        another amount with the same code tax and account, of another code the fiscal
        position."""
        vals = {"price_unit": amount, "quantity": 1.0, "discount": 0.0}
        # In sudo: who changes a fee need not read units, taxes and accounts.
        product = product.sudo()
        if product == self.product_id:
            return vals
        move = self.move_id
        return vals | {
            "product_id": product.id,
            **(
                {"product_uom_id": product.uom_id.id}
                if product.uom_id != self.product_uom_id
                else {}
            ),
            "name": self._get_invoice_text(
                product, self.date_of_service, move.partner_id
            ),
            "tax_ids": [
                Command.set(
                    self._get_fee_taxes(
                        product, move.fiscal_position_id, self.company_id
                    ).ids
                )
            ],
            "account_id": self._get_fee_account(
                product, move.fiscal_position_id, self.company_id, move.journal_id
            ).id,
        }

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
            f":{fee.fee_state}:{fee.fee_amount}:{fee.fee_received}:{fee.fee_kept}"
            # A browser has them in the order of its list, a saved dialog in Odoo's own.
            for fee in self.sorted("id")
        )

    def _log_fee_changes(self, changes):
        """Write the history, and a note each for invoice and appointment."""
        changes = by_method(self.env["noshow.fee.change"]).create(list(changes))
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

    # ------------------------------------------------------------
    # PREVIEW
    # ------------------------------------------------------------

    def _preview_fee_change(self, product, amount):
        """Say what a change will do, before anybody saves it.

        :return: the sentences, and the money that will be too much (taxes included)
        """
        self.ensure_one()
        move, currency = self.move_id, self.currency_id
        closed = self._get_closed_reason(product) or self._get_gone_reason()
        if closed and self._is_closed_today(product):
            sentence = self.env._("So are those of today: this cannot be saved.")
            return [closed, sentence], 0.0
        if closed:
            sentences = [
                closed,
                self.env._(
                    "%s is credited, and a new invoice of today is made.", move.name
                ),
            ]
        else:
            sentences = [
                self.env._("Invoice %s is changed and keeps its number.", move.name)
            ]
            if move.is_move_sent:
                sentences.append(
                    self.env._(
                        "It was sent to the payer already: send it again afterwards."
                    )
                )
        total = self._get_new_total(product, amount)
        received = self._get_paid_for()
        surplus = max(currency.round(received - total), 0.0)
        if not currency.is_zero(received):
            sentences.append(
                self.env._(
                    "%(received)s was received: %(open)s will be open.",
                    received=currency.format(received),
                    open=currency.format(max(total - received, 0.0)),
                )
            )
        if surplus:
            more = currency.format(surplus)
            sentences.append(
                self.env._("%s was paid too much.", more)
                if self._get_refundable_to_card()
                else self.env._(
                    "%s was paid too much and becomes the payer's credit.", more
                )
            )
        return sentences, surplus

    def _is_closed_today(self, product):
        """Whether the books are closed even for a credit note or an invoice of today.

        :param product: the new fee code, whose taxes count for the tax lock date
        """
        company = self.company_id
        taxes = self.tax_ids | product.taxes_id._filter_taxes_by_company(company)
        journals = self.move_id.journal_id | self.move_id._get_fee_journal(company)
        return any(
            company._get_violated_lock_dates(
                company._get_practice_today(), bool(taxes), journal
            )
            for journal in journals
        )

    def _get_closed_reason(self, product=None):
        """Why the books do not let the invoice of this fee be changed.

        :param product: the new fee code, whose taxes count for the tax lock date
        :return: a sentence, or False when the invoice can be changed
        """
        self.ensure_one()
        move = self.move_id
        taxes = move.line_ids.tax_ids
        if product:
            taxes |= product.taxes_id._filter_taxes_by_company(self.company_id)
        locks = self.company_id._get_violated_lock_dates(
            move.date, bool(taxes), move.journal_id
        )
        if locks:
            return self.env._(
                "The books are closed until %s.",
                format_day(self.env, max(lock_date for lock_date, _name in locks)),
            )
        if move.inalterable_hash:
            return self.env._("The invoice is secured by a hash.")
        if move.need_cancel_request:
            return self.env._("The invoice was sent to an authority.")
        return False
