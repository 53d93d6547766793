"""What was charged, collected, is open and was waived, over many fees at once."""

from odoo import models
from odoo.tools import SQL

from ...const import FIGURES


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _get_fee_figures(self, domain, since):
        """What was charged from a day on, and what became of it. The four add up:
        `collected` is what was received for what is owed (more is the payer's credit),
        `waived` what was credited or written off.

        :param domain: which fees; the caller has checked that the user may know their
            sums, the record rules apply on top
        :param date since: the first day, of those on which fees were billed
        :return: `{day: figures}`; `figures` is a dict of amounts in the fees' currency,
            taxes included
        """
        fees = self._search(
            [
                *domain,
                ("is_noshow_fee", "=", True),
                ("parent_state", "=", "posted"),
                ("invoice_date", ">=", since),
            ]
        )
        self.flush_model(["fee_amount", "fee_open", "fee_received", "price_total"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT fee.invoice_date,
                       SUM(fee.price_total),
                       SUM(LEAST(fee.fee_received, fee.fee_amount)),
                       SUM(fee.fee_open)
                  FROM account_move_line fee
                 WHERE fee.id IN %s
              GROUP BY fee.invoice_date
                """,
                fees.subselect(),
            )
        )
        return {
            day: dict(
                zip(
                    FIGURES,
                    (charged, collected, open_, charged - collected - open_),
                    strict=True,
                )
            )
            for day, charged, collected, open_ in rows
        }
