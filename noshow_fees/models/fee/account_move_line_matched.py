"""What became of payments: the other side of `account_move_matched`."""

from odoo import models
from odoo.tools import SQL

from .account_move_matched import as_floats


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _get_payment_uses(self):
        """What became of these receivable lines of payments.

        :return: `{line id: {"share": …, "left": …, "matches": [match]}}` with the share
            that is money, what is not matched, and matches of `amount`, `share`,
            `appointment_ids` (of invoices and credit notes of fees), `is_document`
        """
        uses = {}
        if not self.ids:
            return uses
        moves = self.env["account.move"]
        moves._flush_for_matches()
        for row in self.env.execute_query_dict(
            SQL(
                """
                SELECT other.id, -other.amount_residual AS left, %(share)s AS share
                  FROM account_move_line other
                  JOIN account_move counterpart ON counterpart.id = other.move_id
                 WHERE other.id IN %(ids)s
                """,
                ids=tuple(self.ids),
                share=moves._select_money_share(),
            )
        ):
            uses[row["id"]] = as_floats(row) | {"matches": []}
        for row in self.env.execute_query_dict(
            SQL(
                """
                SELECT part.credit_move_id AS line_id,
                       -- As `left` and fees: of an entry in another currency, too.
                       CASE WHEN counterpart.move_type = 'entry' THEN part.amount
                            ELSE part.debit_amount_currency END AS amount,
                       %(share)s AS share,
                       counterpart.move_type != 'entry' AS is_document,
                       ARRAY(SELECT fee.appointment_id
                               FROM account_move_line fee
                              WHERE fee.move_id = counterpart.id
                                AND fee.appointment_id IS NOT NULL) AS appointment_ids
                  FROM account_partial_reconcile part
                  JOIN account_move_line other ON other.id = part.debit_move_id
                  JOIN account_move counterpart ON counterpart.id = other.move_id
                 WHERE part.credit_move_id IN %(ids)s
                """,
                ids=tuple(self.ids),
                share=moves._select_money_share(),
            )
        ):
            uses[row["line_id"]]["matches"].append(as_floats(row))
        return uses
