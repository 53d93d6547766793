"""The fees of which nothing was left to credit when they were restored or billed anew,
beside the ledger's lines."""

from odoo import api, models
from odoo.tools import SQL

#: Their ids lie below those of visits without a fee (`noshow_fee_report_uncharged.py`).
OFFSET = 1 << 30


class NoshowFeeReport(models.Model):
    _inherit = "noshow.fee.report"

    _depends = {"noshow.fee.change": ["client_id", "company_id", "date"]}

    @property
    def _table_query(self):
        return SQL("%s UNION ALL %s", super()._table_query, self._select_released())

    def action_open_fee(self):
        """Open the fee that was restored or billed anew."""
        self.ensure_one()
        if self.id > -OFFSET:
            return super().action_open_fee()
        # In sudo: the user sees this row; of the history only the invoice is looked up.
        change_sudo = self.env["noshow.fee.change"].sudo().browse(-self.id - OFFSET)
        fee = change_sudo.invoice_id.invoice_line_ids.filtered("appointment_id")
        return self.env["account.move.line"].browse(fee.ids[:1]).action_open_fee()

    @api.model
    def _select_released(self):
        """One row each, without amounts: a credit note or a loss from before was the
        last entry. Types are those of `_select`."""
        return SQL(
            """
            SELECT -%(offset)s - change.id AS id,
                   change.date,
                   line.fee_billed_on AS billed_on,
                   line.date_of_service,
                   line.move_name,
                   'out_refund' AS move_type,
                   line.client_id,
                   line.partner_id,
                   line.provider_id,
                   line.product_id,
                   line.account_id,
                   line.journal_id,
                   line.company_id,
                   %(currency)s AS currency_id,
                   line.appointment_id,
                   line.visit_state,
                   %(fee_state)s AS fee_state,
                   %(age)s AS age,
                   0.0 AS revenue,
                   0.0 AS charged,
                   0.0 AS waived,
                   0.0 AS tax,
                   0.0 AS collected,
                   0.0 AS refunded,
                   0.0 AS written_off,
                   0.0 AS credit_used,
                   0.0 AS credit_left,
                   0.0 AS open_amount,
                   0.0 AS processing_fee,
                   -1 AS fee_count,
                   COALESCE(change.missed_count, 0) AS missed_count,
                   NULL::float AS fee_rate
              FROM noshow_fee_change change
              JOIN account_move_line line
                ON line.move_id = change.invoice_id
               AND line.appointment_id = change.appointment_id
             WHERE change.kind IN ('reissued', 'restored')
               AND change.credit_note_id IS NULL
            """,
            offset=OFFSET,
            age=self._select_age(SQL("change.date")),
            currency=self.env.company.currency_id.id,
            fee_state=self._select_fee_state(),
        )
