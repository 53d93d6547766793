"""What was open on a day, by client and age."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..const import PRACTICE
from .noshow_fee_report import AGES

KINDS = [
    ("fee", "Fee"),
    ("note", "Credit note of a fee"),
    ("write_off", "Write-off of a fee"),
    ("credit", "Payment or credit, not used yet"),
    ("other", "Not about a missed visit"),
]


class NoshowOpenReport(models.Model):
    """The posted lines of receivable accounts that were open at the end of a day.

    Read from the ledger: what is open of a line now, and what was matched with it after
    that day (`max_date`, as in stock's own aged reports), whatever was paid since. All
    rows together are the balance of the receivable accounts on that day; those of fees
    are told apart by `kind`.

    The day is `noshow_as_of` in the context, today at the practice without it (as
    stock's “Inventory at Date” does, stock/wizard/stock_quantity_history.py). Values
    that were read for one day stay in the cache: ask for another day in another
    request, or invalidate the model.
    """

    _name = "noshow.open.report"
    _inherit = "noshow.group.order"
    _description = "Open on a Day"
    _auto = False
    _rec_name = "move_name"
    _order = "date desc, id desc"

    date = fields.Date(string="Accounting Date", readonly=True)
    date_of_service = fields.Date(string="Date of Service", readonly=True)
    move_id = fields.Many2one("account.move", string="Entry", readonly=True)
    move_name = fields.Char(string="Number", readonly=True)
    kind = fields.Selection(KINDS, string="What", readonly=True)
    client_id = fields.Many2one("res.partner", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Payer", readonly=True)
    provider_id = fields.Many2one("res.users", readonly=True)
    product_id = fields.Many2one("product.product", string="Fee Code", readonly=True)
    account_id = fields.Many2one("account.account", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    age = fields.Selection(
        AGES, readonly=True, help="Days from the accounting date to the day asked for."
    )
    open_amount = fields.Monetary(
        string="Open",
        readonly=True,
        help="What was left to pay at the end of that day, taxes included.",
    )

    _depends = {
        "account.account": ["account_type"],
        "account.move": ["move_type"],
        "account.move.line": [
            "account_id",
            "appointment_id",
            "amount_residual",
            "client_id",
            "company_id",
            "date",
            "date_of_service",
            "move_id",
            "move_name",
            "parent_state",
            "partner_id",
            "product_id",
            "provider_id",
            "reconciled",
        ],
        "account.partial.reconcile": [
            "amount",
            "credit_move_id",
            "debit_move_id",
            "max_date",
        ],
        "noshow.fee.change": ["entry_id", "invoice_id"],
    }

    def action_open_fee(self):
        """Open the fee of this row, or the entry where there is none."""
        self.ensure_one()
        fee = self.env["account.move.line"].search(
            [("move_id", "=", self.move_id.id), ("date_of_service", "!=", False)],
            limit=1,
        )
        return fee.action_open_fee() if fee else self.move_id._get_records_action()

    @api.model
    def _get_day(self):
        """The day asked for."""
        day = fields.Date.to_date(self.env.context.get("noshow_as_of"))
        # In sudo: any employee may know the practice's zone.
        return day or self.env.company.sudo()._get_practice_today()

    # ------------------------------------------------------------
    # QUERY
    # ------------------------------------------------------------

    @property
    def _table_query(self):
        # Materialized: for the first 80 rows of a list PostgreSQL would otherwise look
        # up what was matched row by row, for minutes.
        day = self._get_day()
        return SQL(
            """
              WITH later AS MATERIALIZED (%(later)s),
                   item AS MATERIALIZED (%(items)s)
            SELECT item.id,
                   item.date,
                   fee.date_of_service,
                   item.move_id,
                   item.move_name,
                   CASE WHEN fee.id IS NULL AND item.left_open < 0 THEN 'credit'
                        WHEN fee.id IS NULL THEN 'other'
                        WHEN change.is_money THEN 'credit'
                        WHEN change.entry_id IS NOT NULL THEN 'write_off'
                        WHEN item.left_open < 0 THEN 'note'
                        ELSE 'fee' END AS kind,
                   COALESCE(fee.client_id, payer.id) AS client_id,
                   item.partner_id,
                   fee.provider_id,
                   fee.product_id,
                   item.account_id,
                   item.company_id,
                   %(currency)s AS currency_id,
                   CASE WHEN %(day)s - COALESCE(fee.date, item.date) <= 30 THEN '0'
                        WHEN %(day)s - COALESCE(fee.date, item.date) <= 60 THEN '31'
                        WHEN %(day)s - COALESCE(fee.date, item.date) <= 90 THEN '61'
                        ELSE '91' END AS age,
                   item.left_open * account_currency_table.rate AS open_amount
              FROM item
              JOIN %(rates)s
                ON account_currency_table.company_id = item.company_id
         LEFT JOIN (
                    -- Once: the history may name an entry again, as undone.
                    SELECT DISTINCT ON (entry_id) entry_id, invoice_id,
                           kind IN ('paid_back', 'back_undone') AS is_money
                      FROM noshow_fee_change
                     WHERE entry_id IS NOT NULL
                  ORDER BY entry_id, id) change ON change.entry_id = item.move_id
         LEFT JOIN res_partner payer
                ON payer.id = item.partner_id AND payer.is_client AND %(told)s
         LEFT JOIN LATERAL (
                    SELECT charged.id, charged.date, charged.date_of_service,
                           charged.client_id, charged.provider_id, charged.product_id
                      FROM account_move_line charged
                     WHERE charged.move_id = COALESCE(change.invoice_id, item.move_id)
                       AND charged.appointment_id IS NOT NULL
                     LIMIT 1) fee ON TRUE
            """,
            currency=self.env.company.currency_id.id,
            day=day,
            # Who is a client is not for accountants to know.
            told=self.env.user.has_group(PRACTICE),
            items=self._select_open_items(day),
            later=self._select_later(day),
            rates=self.env["res.currency"]._get_simple_currency_table(
                self.env.companies
            ),
        )

    @api.model
    def _select_later(self, day):
        """What was matched after `day`, of the later date of both lines."""
        return SQL(
            """
            SELECT debit_move_id AS line_id, amount
              FROM account_partial_reconcile WHERE max_date > %(day)s
             UNION ALL
            SELECT credit_move_id, -amount
              FROM account_partial_reconcile WHERE max_date > %(day)s
            """,
            day=day,
        )

    @api.model
    def _select_open_items(self, day):
        """The lines of receivable accounts that were not settled at the end of `day`,
        in the currency of the company: what is open now, found by stock's index of
        that, and what was settled since."""
        items = SQL(
            """
            SELECT line.id, line.date, line.move_id, line.move_name, line.partner_id,
                   line.account_id, line.company_id,
                   line.amount_residual + COALESCE(SUM(later.amount), 0) AS left_open
              FROM account_move_line line
            """
        )
        condition = SQL(
            """
                   line.account_id IN (
                       SELECT id FROM account_account
                        WHERE account_type = 'asset_receivable')
               AND line.parent_state = 'posted'
               AND line.date <= %s
          GROUP BY line.id
            HAVING line.amount_residual + COALESCE(SUM(later.amount), 0) <> 0
            """,
            day,
        )
        return SQL(
            """
            %(items)s LEFT JOIN later ON later.line_id = line.id
             WHERE line.reconciled IS NOT TRUE AND %(condition)s
             UNION ALL
            %(items)s JOIN later ON later.line_id = line.id
             WHERE line.reconciled AND %(condition)s
            """,
            condition=condition,
            items=items,
        )
