"""A fee that nobody will pay: written off, and opened again by what is paid after all.

A credit note says that the fee was not owed; a write-off says that it was, and is lost.
"""

from odoo import Command, fields, models
from odoo.exceptions import UserError

from ...const import BOOKS
from ...tools.context import by_method, without_flags


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    fee_write_off_left = fields.Monetary(
        string="Written Off Here",
        compute="_compute_fee_write_off_left",
        currency_field="currency_id",
        groups=BOOKS,
        help="What was written off of this fee with “Write off”, and not paid since.",
    )

    def _compute_fee_write_off_left(self):
        for line in self:
            # In sudo: who reads the fee learns what became of it.
            partials_sudo = line.sudo()._get_write_off_partials()
            line.fee_write_off_left = sum(partials_sudo.mapped("debit_amount_currency"))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_write_off(self):
        """Open the dialog that writes these fees off.

        :raise AccessError: the user may not write off one of them
        """
        self._check_fee_right("write_off")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Write off fee")
            if len(self) == 1
            else self.env._("Write off %s fees", len(self)),
            "res_model": "account.move.line.write.off.fee",
            "view_mode": "form",
            "target": "new",
            "context": {"default_line_ids": self.ids},
        }

    def action_open_paid_after_all(self):
        """Open the dialog that takes money for a fee that was written off.

        :raise AccessError: the user may not undo a write-off
        """
        self.ensure_one()
        self._check_fee_right("write_off")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Paid after all"),
            "res_model": "account.move.line.pay.fee",
            "view_mode": "form",
            "target": "new",
            "context": {"default_line_id": self.id, "default_after_all": True},
        }

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @without_flags
    def _write_off(self, account, reason, seen=None):
        """Write off what is open of these fees, with an entry of today for each.

        :param account: `account.account`, where the loss goes
        :param str reason: a billing reason, for the log of invoice and appointment
        :param str seen: what the user has seen of these fees (`_get_stamp`)
        :raise AccessError: the user may not write fees off
        :raise UserError: no live fee, nothing open, no reason, an account that cannot
            be, a charge is running, or the books are closed today
        """
        self._check_fee_right("write_off")
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why: it stands in the history of the fee."))
        # In sudo: the entry is the practice's own, made after these checks.
        fees_sudo = self.sudo()
        fees_sudo._lock_and_check_live(seen)
        account_sudo = account.sudo()
        for company in fees_sudo.company_id:
            account_sudo._check_write_off(company)
        for fee in fees_sudo:
            if fee.currency_id.compare_amounts(fee.fee_open, 0.0) <= 0:
                raise UserError(
                    self.env._(
                        "Nothing is open on invoice %s: there is nothing to write off.",
                        fee.move_name,
                    )
                )
        opened = {fee: fee.fee_open for fee in fees_sudo}
        entries = fees_sudo._post_write_off_entries(opened, account_sudo)
        by_method(fees_sudo)._reconcile_plan(
            [
                entry._get_write_off_receivable(fee) + fee._get_open_receivable()
                for fee, entry in entries.items()
            ]
        )
        fees_sudo._log_fee_changes(
            fee._prepare_write_off_change("written_off", entry, opened[fee], 0.0)
            | {"reason": reason}
            for fee, entry in entries.items()
        )

    @without_flags
    def _reverse_write_off(self, amount, reason):
        """Open this fee again by what is paid after all: the write-off is reversed by
        that, today, and stays for the rest. The caller locks the fee and brings the
        money.

        :param float amount: in the currency of the invoice
        :param str reason: for the log of invoice and appointment
        :raise AccessError: the user may not undo a write-off
        :raise UserError: less than that was written off, or the books are closed today
        """
        self.ensure_one()
        self._check_fee_right("write_off")
        # In sudo: the entry is the practice's own, made after this check.
        fee_sudo = self.sudo()
        left = fee_sudo.fee_write_off_left
        if fee_sudo.currency_id.compare_amounts(amount, left) > 0:
            raise UserError(
                self.env._(
                    "Only %s of this fee was written off here: what an accountant "
                    "wrote off otherwise is reversed in the accounting app.",
                    fee_sudo.currency_id.format(left),
                )
            )
        fee_sudo._open_written_off(amount, reason)

    def _take_back_write_offs(self, reason):
        """Open again what was written off of these fees: whoever changes or waives one
        says what is owed, and a loss of something else is no credit of the payer. The
        caller has checked the right to do that, and calls this in sudo."""
        for fee in self:
            if not fee.currency_id.is_zero(fee.fee_write_off_left):
                fee._open_written_off(fee.fee_write_off_left, reason)

    def _open_written_off(self, amount, reason):
        """Reverse the write-offs of this fee by `amount`, the newest first."""
        for partial in self._get_write_off_partials().sorted("id", reverse=True):
            part = min(amount, partial.debit_amount_currency)
            if self.currency_id.compare_amounts(part, 0.0) > 0:
                self._reverse_write_off_entry(partial, part, reason)
                amount -= part
        self.invalidate_recordset(["fee_write_off_left"])

    @without_flags
    def _pay_with_credit(self, seen=None):
        """Pay this written-off fee with the payer's open credit, as far as that goes.

        :param str seen: what the user has seen of the fee (`_get_stamp`)
        :raise AccessError: the user may not undo a write-off
        :raise UserError: no live fee, no credit, or the books are closed today
        """
        self.ensure_one()
        self._check_fee_right("write_off")
        # In sudo: matching is part of what was checked above.
        fee_sudo = self.sudo()
        fee_sudo._lock_and_check_live(seen)
        credit = fee_sudo._get_payer_credit()
        amount = min(credit, fee_sudo.fee_open + fee_sudo.fee_write_off_left)
        if fee_sudo.currency_id.compare_amounts(amount, 0.0) <= 0:
            raise UserError(self.env._("The payer has no credit."))
        if fee_sudo.currency_id.compare_amounts(amount, fee_sudo.fee_open) > 0:
            self._reverse_write_off(
                amount - fee_sudo.fee_open, self.env._("Paid after all.")
            )
        self._use_credit()

    def _reverse_write_off_entry(self, partial, amount, reason):
        """Take one write-off back by `amount`: its entry is matched with the reversal,
        its rest with the invoice again."""
        lost = partial.credit_move_id
        account = (lost.move_id.line_ids - lost).account_id
        receivable = partial.debit_move_id
        entry = self._post_write_off_entries({self: -amount}, account)[self]
        by_method(partial).unlink()
        by_method(entry._get_write_off_receivable(self) + lost).reconcile()
        if not lost.reconciled:
            by_method(lost + receivable).reconcile()
        self._log_fee_changes(
            [
                self._prepare_write_off_change("write_off_reversed", entry, 0.0, amount)
                | {"reason": reason}
            ]
        )

    def _post_write_off_entries(self, amounts, account):
        """Post an entry of today for each of these fees.

        :param dict amounts: `{fee: amount}` in the invoice's currency; less than zero
            takes a write-off back
        :return: `{fee: entry}`
        :raise UserError: the books are closed today, or there is no journal
        """
        vals_list, journals = [], {}
        for fee, amount in amounts.items():
            company = fee.company_id
            if company not in journals:
                journals[company] = fee.move_id._get_write_off_journal(company)
                fee.move_id._check_fee_day_open(company, journals[company], False)
            vals_list.append(
                fee._prepare_write_off_vals(amount, account, journals[company])
            )
        entries = (
            self.env["account.move"]
            .with_context(mail_create_nolog=True, tracking_disable=True)
            .create(vals_list)
        )
        entries._post(soft=False)
        return dict(zip(amounts, entries, strict=True))

    def _prepare_write_off_vals(self, amount, account, journal):
        """Values of the entry of one write-off: from the receivable to the loss."""
        self.ensure_one()
        company, currency = self.company_id, self.currency_id
        day = company._get_practice_today()
        receivable = self.move_id._get_fee_receivable()[:1]
        balance = currency._convert(amount, company.currency_id, company, day)
        name = self.env._("Write-off %s", self.move_name)
        shared = {
            "name": name,
            "currency_id": currency.id,
            "partner_id": receivable.partner_id.id,
        }
        return {
            "move_type": "entry",
            "company_id": company.id,
            "journal_id": journal.id,
            "date": day,
            "ref": name,
            "line_ids": [
                Command.create(
                    shared
                    | {
                        "account_id": receivable.account_id.id,
                        "amount_currency": -amount,
                        "balance": -balance,
                    }
                ),
                Command.create(
                    shared
                    | {
                        "account_id": account.id,
                        "amount_currency": amount,
                        "balance": balance,
                    }
                ),
            ],
        }

    def _prepare_write_off_change(self, kind, entry, before, after):
        """Values of the history: what was open before and after, taxes included."""
        self.ensure_one()
        return {
            "appointment_id": self.appointment_id.id,
            "kind": kind,
            "invoice_id": self.move_id.id,
            "entry_id": entry.id,
            "currency_id": self.currency_id.id,
            "old_amount": before,
            "new_amount": after,
        }

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    def _get_open_receivable(self):
        """The receivable lines of this fee's invoice that are not settled."""
        return self.move_id._get_fee_receivable().filtered(
            lambda line: not line.reconciled
        )

    def _get_payer_credit(self):
        """What the payer of this fee has as credit for it, in its currency."""
        self.ensure_one()
        # In sudo: who sees the fee may know what could pay it.
        lines = self.sudo()._get_credit_lines()
        lines = lines.filtered(lambda line: line.currency_id == self.currency_id)
        return -sum(lines.mapped("amount_residual_currency"))

    def _get_write_off_partials(self):
        """What is matched with this fee's invoice of its write-offs, oldest first."""
        matched = self.move_id._get_fee_receivable().matched_credit_ids
        entries = (
            self.env["noshow.fee.change"]
            .search(
                [("invoice_id", "in", self.move_id.ids), ("kind", "=", "written_off")]
            )
            .entry_id
        )
        return matched.filtered(
            lambda partial: partial.credit_move_id.move_id in entries
        ).sorted("id")
