"""A posted fee stays editable, and the books stay right.

Where the books allow it the invoice keeps its number: it is changed. Where they do
not (lock date, hash, sent to an authority) it is credited and billed anew, today."""

from collections import defaultdict

from markupsafe import Markup

from odoo import Command, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

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
        closed = fee_sudo._get_closed_reason(product)
        if closed or not same_amount:
            fee_sudo._take_back_write_offs(reason)
        closed = closed or fee_sudo._get_gone_reason()
        if closed:
            new_sudo, note = fee_sudo._reissue_fee(product, amount)
            change.update(
                kind="reissued",
                missed_count=-int(fee_sudo.counts_as_missed),
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

    def _reissue_fee(self, product, amount):
        """Credit the invoice and bill the fee anew to the same payer, both of today.
        What was received stays matched with the old invoice; the credit note settles
        what is open there, and its rest the new invoice.

        :return: the new fee line, and the credit note
        """
        old_move, appointment = self.move_id, self.appointment_id
        note = old_move._credit_fees(self)
        self._let_go()
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
            f":{fee.fee_state}:{fee.fee_amount}:{fee.fee_received}"
            for fee in self
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
    # WAIVE AND REFUND
    # ------------------------------------------------------------

    @without_flags
    def _waive(
        self,
        text,
        surplus="credit",
        still_counts=True,
        release=False,
        seen=None,
        reason=None,
    ):
        """Credit these fees to zero, with a credit note of today for each. What was
        charged stays in the books and in the fee's history.

        :param str text: a billing reason in words, for the log of invoice and
            appointment; beside `reason`, where that asks for it
        :param str surplus: what becomes of money received: `credit` stays the payer's
            credit, `refund` goes back to the card
        :param bool still_counts: whether these still count as missed visits
        :param bool release: the appointment has no fee any more (it is restored)
        :param str seen: what the user has seen of the fee (`_get_stamp`)
        :param reason: `noshow.waiver.reason`; without it, the one for other reasons
        :raise AccessError: the user may not waive fees
        :raise UserError: no live fee, waived already, no reason, or a charge is running
        """
        self._check_fee_right("waive_fee")
        if reason is None:
            reason = self.env.ref("noshow_fees.waiver_reason_other")
        text = reason._get_text(text)
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
        (fees_sudo - waived)._take_back_write_offs(text)
        changes = []
        for fee in fees_sudo - waived:
            before = fee._get_fee_left()["price"]
            note = fee.move_id._credit_fees(fee)
            if not note and not release:
                raise UserError(
                    self.env._(
                        "Nothing is left of the fee on invoice %s: it was credited or "
                        "written off already.",
                        fee.move_name,
                    )
                )
            changes.append(
                {
                    "appointment_id": fee.appointment_id.id,
                    "kind": "restored" if release else "waived",
                    "missed_count": fee._get_missed_taken(release, still_counts),
                    "invoice_id": fee.move_id.id,
                    "credit_note_id": note.id,
                    "currency_id": fee.currency_id.id,
                    "old_product_id": fee.product_id.id,
                    "old_amount": before,
                    "reason_id": reason.id,
                    "reason": text,
                }
            )
        changes += [
            {
                "appointment_id": fee.appointment_id.id,
                "kind": "restored",
                "missed_count": fee._get_missed_taken(release, still_counts),
                "invoice_id": fee.move_id.id,
                "currency_id": fee.currency_id.id,
                "reason_id": reason.id,
                "reason": text,
            }
            for fee in waived
        ]
        fees_sudo._log_fee_changes(changes)
        if surplus == "refund":
            (fees_sudo - waived)._refund_surplus()
        if release:
            fees_sudo._let_go()
        if not still_counts:
            by_method(fees_sudo.appointment_id).write({"counts_as_missed": False})

    def _let_go(self):
        """Make these no fees any more, in the database as well: it has no two fees for
        one appointment, and the next may be billed in this transaction."""
        by_method(self).write({"is_noshow_fee": False})
        self.flush_recordset(["is_noshow_fee"])

    def _get_missed_taken(self, release, still_counts):
        """How many missed visits a waiver takes away: 0 or −1."""
        self.ensure_one()
        taken = self.counts_as_missed and (release or not still_counts)
        return -int(taken)

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
        # Received before a part was credited: the note's credit is of it.
        received = min(self.fee_received, self.fee_amount)
        return self.currency_id.round(received + left)

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
                    received=formatLang(self.env, received, currency_obj=currency),
                    open=formatLang(
                        self.env, max(total - received, 0.0), currency_obj=currency
                    ),
                )
            )
        if surplus:
            more = formatLang(self.env, surplus, currency_obj=currency)
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
                format_date(self.env, max(lock_date for lock_date, _name in locks)),
            )
        if move.inalterable_hash:
            return self.env._("The invoice is secured by a hash.")
        if move.need_cancel_request:
            return self.env._("The invoice was sent to an authority.")
        return False
