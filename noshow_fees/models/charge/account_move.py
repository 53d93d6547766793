"""What may not happen to an invoice while a card is being charged for its fee."""

from odoo import models
from odoo.exceptions import LockError, UserError
from odoo.tools import SQL

from ...tools.context import is_by_method


class AccountMove(models.Model):
    _inherit = "account.move"

    def write(self, vals):
        if (
            "transaction_ids" in vals
            and not self.env.su
            and self._filter_fee_invoices()
        ):
            raise UserError(
                self.env._(
                    "Which card payments belong to the invoice of a fee cannot be "
                    "changed by hand."
                )
            )
        return super().write(vals)

    def _set_next_made_sequence_gap(self, made_gap):
        """Leave the next number's rows alone where they say so already: an edit that
        keeps its number changes nothing there, and stock writes them all the same, in
        an order of locks of its own (account/models/account_move.py)."""
        changing = self.browse()
        named = self.filtered(lambda move: move.name and move.name != "/")
        for (journal, prefix), moves in named.grouped(
            lambda move: (move.journal_id, move.sequence_prefix)
        ).items():
            # In sudo, as stock: who posts need not see the next invoice.
            others_sudo = self.env["account.move"].sudo()
            nexts_sudo = others_sudo.search_fetch(
                [
                    ("journal_id", "=", journal.id),
                    ("sequence_prefix", "=", prefix),
                    (
                        "sequence_number",
                        "in",
                        [move.sequence_number + 1 for move in moves],
                    ),
                    ("made_sequence_gap", "!=", made_gap),
                ],
                ["sequence_number"],
            )
            numbers = set(nexts_sudo.mapped("sequence_number"))
            changing += moves.filtered(
                lambda move, numbers=numbers: move.sequence_number + 1 in numbers
            )
        return super(AccountMove, changing)._set_next_made_sequence_gap(made_gap)

    def _get_fee_lines(self):
        """The lines of these invoices that bill a missed appointment, live fees first;
        in sudo."""
        lines_sudo = self.sudo().invoice_line_ids.filtered("appointment_id")
        return lines_sudo.sorted(lambda line: not line.is_noshow_fee)

    def _lock_for_charge(self):
        """Let one request at a time decide what becomes of the money of these: charged,
        paid, changed or credited.

        :raise UserError: somebody else is at it right now
        """
        try:
            # In sudo: a lock has no rights of its own; the caller has checked.
            self.sudo().lock_for_update(allow_referencing=True)
        except LockError as error:
            raise UserError(
                self.env._(
                    "This fee is being processed by somebody else. Reload in a moment "
                    "to see what they did."
                )
            ) from error
        if self.ids:
            # A lock alone does not tell a transaction that began earlier that another
            # one has ended meanwhile; a new version of the row does: PostgreSQL then
            # refuses, and Odoo repeats the request with what is true now.
            self.env.cr.execute(
                SQL(
                    "UPDATE account_move SET write_uid = write_uid WHERE id IN %s",
                    tuple(self.ids),
                )
            )

    def _check_no_live_charge(self, besides=None):
        """:param besides: a transaction that does not count
        :raise UserError: money may be moving for one of these invoices
        """
        # In sudo: the answer must not depend on what the user may read.
        live_sudo = self.sudo().transaction_ids._filter_live()
        if besides:
            live_sudo -= besides
        if not live_sudo:
            return
        if live_sudo.filtered("fee_line_id"):
            raise UserError(
                self.env._(
                    "The saved card is being charged for this fee. It settles by "
                    "itself: do not take another payment meanwhile."
                )
            )
        raise UserError(live_sudo._get_paying_message())

    def _check_card_not_charged_here(self):
        """:raise UserError: one of these bills a fee: its card is charged elsewhere"""
        if self._filter_fee_invoices():
            transactions = self.env["payment.transaction"]
            raise UserError(transactions._get_card_not_here_message())

    def _check_fee_not_charging(self):
        """:raise UserError: a card is being charged for the fee on one of these"""
        if not is_by_method(self.env):
            self._filter_fee_invoices()._check_no_live_charge()

    def button_draft(self):
        self._check_fee_not_charging()
        self.origin_payment_id._check_not_of_charges()
        return super().button_draft()

    def button_cancel(self):
        self._check_fee_not_charging()
        self.origin_payment_id._check_not_of_charges()
        return super().button_cancel()

    def _reverse_moves(self, default_values_list=None, cancel=False):
        self._check_fee_not_charging()
        self.origin_payment_id._check_not_of_charges()
        return super()._reverse_moves(default_values_list, cancel)

    def _get_default_payment_link_values(self):
        self._check_fee_not_charging()
        return super()._get_default_payment_link_values()
