"""The missed visits without a fee, beside the fees."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..const import PRACTICE


class NoshowFeeReport(models.Model):
    _inherit = "noshow.fee.report"

    _depends = {
        "calendar.event": [
            "allday",
            "client_id",
            "company_id",
            "counts_as_missed",
            "start",
            "start_date",
            "uncharged_on",
            "user_id",
            "visit_state",
        ],
        "res.partner": ["active", "complete_name", "parent_id", "payer_id", "type"],
    }

    @property
    def _table_query(self):
        return SQL("%s UNION ALL %s", super()._table_query, self._select_uncharged())

    def action_open_fee(self):
        """Open the appointment, where there is no fee.

        :raise UserError: no fee, and the user sees no appointments
        """
        self.ensure_one()
        if self.id > 0:
            return super().action_open_fee()
        if not self.env.user.has_group(PRACTICE):
            raise UserError(
                self.env._("No fee was charged for this visit: there is no invoice.")
            )
        return self.env["calendar.event"].browse(-self.id)._get_records_action()

    @api.model
    def _select_uncharged(self):
        """One row each, without amounts: there is nothing in the ledger. Their ids are
        negative, beside those of the ledger's lines; types are those of `_select`, or
        PostgreSQL would make all the rows before it filters them.

        Who sees no appointments counts these, and reads no names: there is no invoice
        on which they would stand. That is accountants without a role in the practice,
        and therapists who keep the books as well, for all but their own.
        """
        client = SQL("event.client_id")
        if not self.env.user._has_practice_right("schedule"):
            client = SQL(
                "CASE WHEN event.user_id = %s THEN event.client_id END", self.env.uid
            )
        payer = SQL(
            "(SELECT %s FROM res_partner client WHERE client.id = %s)",
            self.env["res.partner"]._get_payer_sql(),
            client,
        )
        return SQL(
            """
            SELECT -event.id AS id,
                   event.uncharged_on AS date,
                   event.uncharged_on AS billed_on,
                   (SELECT %(start)s::date FROM %(zones)s
                     WHERE zone.company_id = event.company_id) AS date_of_service,
                   NULL AS move_name,
                   NULL AS move_type,
                   %(client)s AS client_id,
                   %(payer)s AS partner_id,
                   event.user_id AS provider_id,
                   NULL AS product_id,
                   NULL AS account_id,
                   NULL AS journal_id,
                   event.company_id,
                   %(currency)s AS currency_id,
                   event.id AS appointment_id,
                   event.visit_state,
                   'none' AS fee_state,
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
                   0 AS fee_count,
                   CASE WHEN event.counts_as_missed THEN 1 ELSE 0 END AS missed_count,
                   0.0::float AS fee_rate
              FROM calendar_event event
             WHERE event.uncharged_on IS NOT NULL
            """,
            age=self._select_age(SQL("event.uncharged_on")),
            client=client,
            currency=self.env.company.currency_id.id,
            payer=payer,
            start=self.env["noshow.visit.report"]._get_local_start(),
            zones=self.env["noshow.visit.report"]._get_zones(),
        )
