"""What the invoice or credit note of a fee was matched with: money, or something else.

Money is what came into or out of a bank or cash account, whatever the journal: of each
counterpart its share that is liquidity, an outstanding account, or the suspense account
of a bank journal. The rest of it is written off.
"""

from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL


class AccountMove(models.Model):
    _inherit = "account.move"

    def _get_fee_matches(self):
        """What was matched with the receivable of these invoices and credit notes.

        :return: `{move id: [match]}`; a match is a dict of `line_id`, the counterpart's
            receivable line; `amount` in the move's currency; `kind`: `own` for an
            invoice or credit note of the same appointment, `document` for another one,
            else `entry`; `is_own_note` for an own credit note of this very invoice;
            `share` of an entry that is money, 0 to 1; `has_receipt` where a fee was
            edited after it (`noshow.fee.receipt`)
        """
        matches = defaultdict(list)
        if not self.ids:
            return matches
        self._flush_for_matches()
        selects = [
            SQL(
                """
                SELECT line.move_id,
                       other.id AS line_id,
                       part.%(amount)s AS amount,
                       CASE WHEN counterpart.move_type = 'entry' THEN 'entry'
                            WHEN EXISTS (
                                SELECT FROM account_move_line own
                                  JOIN account_move_line theirs
                                    ON theirs.appointment_id = own.appointment_id
                                 WHERE own.move_id = line.move_id
                                   AND theirs.move_id = counterpart.id)
                            THEN 'own' ELSE 'document' END AS kind,
                       line.move_id IN (counterpart.reversed_entry_id, counterpart.id)
                       OR counterpart.id = move.reversed_entry_id AS is_own_note,
                       %(share)s AS share,
                       EXISTS (SELECT FROM noshow_fee_receipt receipt
                                WHERE receipt.line_id = other.id) AS has_receipt
                  FROM account_partial_reconcile part
                  JOIN account_move_line line ON line.id = part.%(move)s
                  JOIN account_move move ON move.id = line.move_id
                  JOIN account_move_line other ON other.id = part.%(counterpart)s
                  JOIN account_move counterpart ON counterpart.id = other.move_id
                 WHERE line.move_id IN %(ids)s
                   AND line.display_type = 'payment_term'
                """,
                amount=SQL.identifier(f"{side}_amount_currency"),
                move=SQL.identifier(f"{side}_move_id"),
                counterpart=SQL.identifier(f"{other}_move_id"),
                ids=tuple(self.ids),
                share=self._select_money_share(),
            )
            for side, other in (("debit", "credit"), ("credit", "debit"))
        ]
        # What an edit has taken apart, though nothing is matched any more.
        selects.append(
            SQL(
                """
                SELECT line.move_id, receipt.line_id, 0.0, 'receipt', FALSE, 0.0, TRUE
                  FROM noshow_fee_receipt receipt
                  JOIN account_move_line line ON line.id = receipt.fee_line_id
                 WHERE line.move_id IN %s
                """,
                tuple(self.ids),
            )
        )
        for row in self.env.execute_query_dict(SQL(" UNION ALL ").join(selects)):
            matches[row["move_id"]].append(as_floats(row))
        return matches

    def _sum_up_matches(self, matches, taken):
        """Add up what was matched with this invoice or credit note.

        :param list matches: of `_get_fee_matches`
        :param dict taken: shares of payments that are other fees' money
            (`noshow.fee.receipt._split_surplus`): credit of the payer
        :return: dict of `money`, `loss` (neither money nor credit), `credit` (from
            elsewhere), `moved` (from an earlier invoice of the same fee)
        """
        sums = dict.fromkeys(("money", "loss", "credit", "moved"), 0.0)
        appointments = set(self.line_ids.appointment_id.ids)
        for match in matches:
            amount = match["amount"]
            if match["kind"] == "entry":
                share, claimants = taken.get(match["line_id"], (0.0, appointments))
                credit = 0.0 if appointments & claimants else amount * share
                sums["credit"] += credit
                sums["money"] += (amount - credit) * match["share"]
                sums["loss"] += (amount - credit) * (1 - match["share"])
            elif match["kind"] == "document":
                sums["credit"] += amount
            elif match["kind"] == "own" and not match["is_own_note"]:
                sums["moved"] += amount
        return sums

    def _flush_for_matches(self):
        self.env["account.partial.reconcile"].flush_model()
        self.env["noshow.fee.receipt"].flush_model()
        self.env["account.payment"].flush_model(["outstanding_account_id"])
        self.env["account.payment.method.line"].flush_model(["payment_account_id"])
        self.env["account.journal"].flush_model(
            ["default_account_id", "suspense_account_id", "type"]
        )
        self.env["account.account"].flush_model(["account_type"])
        self.env["account.move"].flush_model(
            ["move_type", "origin_payment_id", "reversed_entry_id"]
        )
        self.env["account.move.line"].flush_model(
            ["account_id", "amount_residual", "appointment_id", "balance", "move_id"]
        )

    @api.model
    def _select_money_accounts(self):
        """SQL for the accounts that are money: bank and cash, outstanding accounts and
        the suspense accounts of their journals."""
        return SQL(
            """
            SELECT account.id
              FROM account_account account
             WHERE account.account_type IN ('asset_cash', 'liability_credit_card')
                OR account.account_type NOT IN (
                       'asset_receivable', 'liability_payable')
               AND account.id IN (
                   SELECT UNNEST(ARRAY[default_account_id, suspense_account_id])
                     FROM account_journal
                    WHERE type IN ('bank', 'cash', 'credit')
                    UNION ALL
                   SELECT payment_account_id FROM account_payment_method_line
                    UNION ALL
                   -- A few accounts of very many payments: from one to the next.
                   (WITH RECURSIVE used AS (
                        (SELECT MIN(outstanding_account_id) AS id FROM account_payment)
                         UNION ALL
                        SELECT (SELECT MIN(outstanding_account_id)
                                  FROM account_payment
                                 WHERE outstanding_account_id > used.id)
                          FROM used WHERE used.id IS NOT NULL)
                    SELECT id FROM used))
            """
        )

    @api.model
    def _get_money_accounts(self):
        """:return: the ids of these accounts: what names them is shared by PostgreSQL
        among its processes, which a subquery is not"""
        self._flush_for_matches()
        return [id_ for [id_] in self.env.execute_query(self._select_money_accounts())]

    @api.model
    def _select_money_share(self, accounts=None):
        """SQL for the share, 0 to 1, of the receivable line `other` of an entry that is
        money: 45 of 75 where a bank line of 45 and a loss of 30 settle 75.

        :param list accounts: ids of those that are money, where a query asks for very
            many lines (`_get_money_accounts`)
        """
        return SQL(
            """
            (
                SELECT GREATEST(0, LEAST(1, COALESCE(
                           SUM(item.balance) FILTER (WHERE is_money)
                           / NULLIF(-SUM(item.balance) FILTER (
                                 WHERE NOT is_money
                                   AND SIGN(item.balance) = SIGN(other.balance)), 0),
                           0))) AS share
                  FROM account_move_line item
                  CROSS JOIN LATERAL (
                        -- An array: looked up once, not for each line.
                        SELECT item.account_id = ANY(%s) AS is_money) money
                 WHERE item.move_id = other.move_id)
            """,
            SQL("ARRAY(%s)", self._select_money_accounts())
            if accounts is None
            else accounts,
        )


def as_floats(row):
    """PostgreSQL's decimals as Odoo's floats."""
    return {
        name: float(value) if name in ("amount", "left", "share") else value
        for name, value in row.items()
    }
