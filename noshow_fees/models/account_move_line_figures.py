"""What was charged, collected, is open and was waived, over many fees at once."""

from odoo import models
from odoo.tools import SQL

FIGURES = ("charged", "collected", "open", "waived")


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _get_fee_figures(self, domain, since):
        """What was charged from a day on, and what became of it.

        `_compute_fee` loads each fee with its invoice and credit notes; for sums, a
        query does (the tests hold one against the other). Here the four add up:
        `collected` is the money received for what is owed (more is the payer's
        credit), `waived` what was credited or written off.

        :param domain: which fees; the caller has checked that the user may know their
            sums, the record rules apply on top
        :param date since: the first day, of those on which fees were billed
        :return: list of `(day, figures)`, one a fee; `figures` is a dict of amounts in
            the fee's currency, taxes included
        """
        fees = self._search(
            [
                *domain,
                ("is_noshow_fee", "=", True),
                ("parent_state", "=", "posted"),
                ("invoice_date", ">=", since),
            ]
        )
        self.env["account.move"].flush_model(
            ["amount_residual", "payment_state", "reversed_entry_id", "state"]
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT fee.invoice_date,
                       fee.price_total,
                       GREATEST(fee.price_total - COALESCE(credit.amount, 0), 0),
                       move.id,
                       move.amount_residual,
                       move.payment_state
                  FROM account_move_line fee
                  JOIN account_move move ON move.id = fee.move_id
     LEFT JOIN LATERAL (
                       SELECT SUM(line.price_total) AS amount
                         FROM account_move note
                         JOIN account_move_line line ON line.move_id = note.id
                        WHERE note.reversed_entry_id = move.id
                          AND note.state = 'posted'
                          AND line.appointment_id = fee.appointment_id
                       ) credit ON TRUE
                 WHERE fee.id IN %s
                """,
                fees.subselect(),
            )
        )
        moves = self.env["account.move"].browse(row[3] for row in rows)
        # In sudo: the fees are the user's to see; a therapist has no ledger to read.
        matched = moves.sudo()._get_matched_amounts()
        return [
            (
                day,
                self._split_fee(
                    charged, owed, residual, state, matched[move_id]["money"]
                ),
            )
            for day, charged, owed, move_id, residual, state in rows
        ]

    @staticmethod
    def _split_fee(charged, owed, residual, payment_state, money):
        if payment_state == "in_payment":
            # Paid, though the residual may stay until the bank says so
            # (account/models/account_payment.py).
            collected, open_ = owed, 0.0
        else:
            collected = min(money, owed)
            open_ = min(residual, owed - collected)
        waived = charged - collected - open_
        return dict(zip(FIGURES, (charged, collected, open_, waived), strict=True))
