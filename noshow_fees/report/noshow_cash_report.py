"""Cash for missed visits, by the date of the payment."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

WAYS = [
    ("card", "Card"),
    ("cash", "Cash"),
    ("bank", "Bank"),
    ("entry", "Entry by hand"),
]

#: Beyond the ids of entries.
OFFSET = 2**32

#: Days in which the youngest rows are looked for, before all years are.
WINDOWS = (31, 366)

#: What is shown of a fee, read where the fee is found.
FEE = SQL(
    "fee.move_name AS invoice_name, fee.date_of_service, fee.client_id,"
    " fee.provider_id, fee.product_id"
)
OF_RECEIVED = SQL(
    "received.invoice_name, received.date_of_service, received.client_id,"
    " received.provider_id, received.product_id"
)


class NoshowCashReport(models.Model):
    """Money in and out, one row for each match of a payment with an invoice or credit
    note of a fee, one for what was received for a fee and is not matched with it any
    more, and one for what a payment has beyond that.

    Money is what an entry moves on accounts of bank and cash, outstanding accounts and
    the journals' suspense accounts: a bank line that only clears a payment moves
    nothing. Of an entry that writes off as well, a match counts by the share that is
    money. All rows of a journal are its sum in the ledger; those of fees are told apart
    by `is_fee`.
    """

    _name = "noshow.cash.report"
    _description = "Cash for Missed Visits"
    _auto = False
    _rec_name = "move_name"
    _order = "date desc, id desc"

    date = fields.Date(string="Payment Date", readonly=True)
    move_id = fields.Many2one("account.move", string="Entry", readonly=True)
    move_name = fields.Char(string="Payment", readonly=True)
    journal_id = fields.Many2one("account.journal", readonly=True)
    way = fields.Selection(WAYS, readonly=True)
    is_fee = fields.Boolean(
        string="For a Missed Visit",
        readonly=True,
        help="Not set: for something else, or not matched with an invoice yet.",
    )
    invoice_name = fields.Char(string="Invoice", readonly=True)
    date_of_service = fields.Date(string="Date of Service", readonly=True)
    client_id = fields.Many2one("res.partner", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Payer", readonly=True)
    provider_id = fields.Many2one("res.users", readonly=True)
    product_id = fields.Many2one("product.product", string="Fee Code", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    money_in = fields.Monetary(string="In", readonly=True)
    money_out = fields.Monetary(string="Out", readonly=True)
    amount = fields.Monetary(string="In Less Out", readonly=True)

    _depends = {
        "account.account": ["account_type"],
        "account.journal": ["default_account_id", "suspense_account_id", "type"],
        "account.move": ["move_type"],
        "account.move.line": [
            "account_id",
            "appointment_id",
            "balance",
            "client_id",
            "date",
            "date_of_service",
            "journal_id",
            "move_id",
            "move_name",
            "parent_state",
            "partner_id",
            "payment_id",
            "product_id",
            "provider_id",
        ],
        "account.partial.reconcile": ["amount", "credit_move_id", "debit_move_id"],
        "account.payment": ["outstanding_account_id", "payment_transaction_id"],
        "account.payment.method.line": ["payment_account_id"],
        "noshow.fee.receipt": ["amount", "fee_line_id", "line_id"],
    }

    def action_open_entry(self):
        """Open the payment of this row, or its entry."""
        self.ensure_one()
        return (self.move_id.origin_payment_id or self.move_id)._get_records_action()

    @api.model
    @api.private
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        """The first rows of a list are its youngest: of 133,000 payments it would match
        all with their fees, and sort them, to show 80."""
        domain = Domain(domain)
        has_date = any(
            condition.field_expr == "date" for condition in domain.iter_conditions()
        )
        if limit and not has_date and order in (None, "", self._order):
            for days in WINDOWS:
                since = Domain("date", ">=", fields.Date.today() - timedelta(days=days))
                rows = super().search_fetch(
                    domain & since, field_names, offset, limit, order
                )
                if len(rows) == limit:
                    return rows
        return super().search_fetch(domain, field_names, offset, limit, order)

    # ------------------------------------------------------------
    # QUERY
    # ------------------------------------------------------------

    @property
    def _table_query(self):
        # Not materialized, so that a month reads no more than its own payments, and the
        # rest of payments costs nothing where only those for fees are asked for. Not
        # `JOIN account_journal`: PostgreSQL would take each journal for a few rows, and
        # look up hundred thousands of payments one by one.
        accounts = self.env["account.move"]._get_money_accounts()
        return SQL(
            """
              WITH money AS NOT MATERIALIZED (%(money)s),
                   matched AS NOT MATERIALIZED (%(matched)s)
            SELECT item.id,
                   item.date,
                   item.move_id,
                   item.move_name,
                   item.journal_id,
                   CASE WHEN payment.payment_transaction_id IS NOT NULL
                          OR journal.type = 'credit' THEN 'card'
                        WHEN journal.type IN ('cash', 'bank') THEN journal.type
                        ELSE 'entry' END AS way,
                   item.fee_id IS NOT NULL AS is_fee,
                   item.invoice_name,
                   item.date_of_service,
                   item.client_id,
                   COALESCE(payment.partner_id, item.partner_id) AS partner_id,
                   item.provider_id,
                   item.product_id,
                   item.company_id,
                   %(currency)s AS currency_id,
                   GREATEST(item.amount, 0) * account_currency_table.rate AS money_in,
                   GREATEST(-item.amount, 0) * account_currency_table.rate
                       AS money_out,
                   item.amount * account_currency_table.rate AS amount
              FROM (SELECT * FROM matched UNION ALL %(rest)s) item
              JOIN %(rates)s
                ON account_currency_table.company_id = item.company_id
         LEFT JOIN account_journal journal ON journal.id = item.journal_id
         LEFT JOIN account_payment payment ON payment.id = item.payment_id
            """,
            currency=self.env.company.currency_id.id,
            money=self._select_money(accounts),
            matched=self._select_matched(accounts),
            rest=self._select_rest(),
            rates=self.env["res.currency"]._get_simple_currency_table(
                self.env.companies
            ),
        )

    @api.model
    def _select_money(self, accounts):
        """The entries that move money."""
        return SQL(
            """
            SELECT line.move_id, line.date, line.journal_id, line.company_id,
                   MIN(line.move_name) AS move_name,
                   MIN(line.payment_id) AS payment_id,
                   MIN(line.partner_id) AS partner_id,
                   SUM(line.balance) FILTER (WHERE %(is_money)s) AS amount
              FROM account_move_line line
             WHERE line.parent_state = 'posted'
               AND line.journal_id NOT IN (
                   SELECT id FROM account_journal WHERE type IN ('sale', 'purchase'))
          GROUP BY line.move_id, line.date, line.journal_id, line.company_id
            HAVING SUM(line.balance) FILTER (WHERE %(is_money)s) <> 0
            """,
            is_money=SQL("line.account_id = ANY(%s)", accounts),
        )

    @api.model
    def _select_matched(self, accounts):
        """Each match of money with an invoice or a credit note of a fee."""
        sides = [
            SQL(
                """
                SELECT part.id::bigint, other.date, other.move_id, other.journal_id,
                       other.company_id, other.move_name, other.payment_id,
                       other.partner_id, fee.id AS fee_id, %(fee)s,
                       part.amount * money.share * %(sign)s AS amount
                  FROM account_partial_reconcile part
                  JOIN account_move_line other ON other.id = part.%(other)s
                  JOIN account_move_line owed ON owed.id = part.%(owed)s
                   AND %(is_document)s
                  JOIN account_move_line fee ON fee.move_id = owed.move_id
                   AND fee.appointment_id IS NOT NULL
                  CROSS JOIN LATERAL %(share)s money
                 WHERE money.share > 0
                   -- One of several: an imported credit note may have them.
                   AND NOT EXISTS (
                       SELECT FROM account_move_line earlier
                        WHERE earlier.move_id = fee.move_id
                          AND earlier.appointment_id IS NOT NULL
                          AND earlier.id < fee.id)
                """,
                fee=FEE,
                share=self.env["account.move"]._select_money_share(accounts),
                sign=sign,
                owed=SQL.identifier(owed),
                other=SQL.identifier(other),
                is_document=is_document,
            )
            for owed, other, sign, is_document in (
                ("debit_move_id", "credit_move_id", 1, SQL("TRUE")),
                # Credit notes are few, and found by stock's index of types.
                (
                    "credit_move_id",
                    "debit_move_id",
                    -1,
                    SQL(
                        """
                        owed.move_id IN (
                            SELECT id FROM account_move
                             WHERE move_type = 'out_refund')
                        """
                    ),
                ),
            )
        ]
        return SQL(" UNION ALL ").join([*sides, *self._select_received(accounts)])

    @api.model
    def _select_received(self, accounts):
        """Money that was received for a fee, though its match was taken apart
        (`noshow.fee.receipt`, whose `_split_surplus` says the same of measures), and
        what of it was given back since."""
        share = self.env["account.move"]._select_money_share(accounts)
        received = SQL(
            """
            SELECT receipt.id, receipt.fee_line_id AS fee_id, %(fee)s,
                   other.id AS line_id,
                   other.date, other.move_id, other.journal_id, other.company_id,
                   other.move_name, other.payment_id, other.partner_id,
                   %(share)s AS share, uses.back,
                   uses.back + GREATEST(-other.amount_residual, 0) + uses.elsewhere
                       AS pool,
                   own.more,
                   SUM(own.more) OVER (
                       PARTITION BY other.id ORDER BY receipt.id) - own.more AS before
              FROM noshow_fee_receipt receipt
              JOIN account_move_line fee ON fee.id = receipt.fee_line_id
              JOIN account_move_line other ON other.id = receipt.line_id
              JOIN LATERAL (
                    SELECT COALESCE(SUM(part.amount) FILTER (
                               WHERE debit.move_type = 'entry'), 0) AS back,
                           COALESCE(SUM(part.amount) FILTER (
                               WHERE debit.move_type <> 'entry'
                                 AND paid.appointment_id IS NULL), 0) AS elsewhere,
                           COALESCE(SUM(part.amount) FILTER (
                               WHERE paid.appointment_id = fee.appointment_id), 0)
                               AS own
                      FROM account_partial_reconcile part
                      JOIN account_move_line line ON line.id = part.debit_move_id
                      JOIN account_move debit ON debit.id = line.move_id
                 LEFT JOIN LATERAL (
                            SELECT item.appointment_id FROM account_move_line item
                             WHERE item.move_id = debit.id
                               AND item.appointment_id IS NOT NULL
                             LIMIT 1) paid ON TRUE
                     WHERE part.credit_move_id = other.id) uses ON TRUE
              JOIN LATERAL (
                    SELECT GREATEST(receipt.amount::numeric - uses.own, 0) AS more
                   ) own ON TRUE
             WHERE other.parent_state = 'posted'
            """,
            fee=FEE,
            share=share,
        )
        # Numbers of their own: they are no matches, nor the rest of an entry.
        return [
            SQL(
                """
                SELECT -%(offset)s - received.id, received.date, received.move_id,
                       received.journal_id, received.company_id, received.move_name,
                       received.payment_id, received.partner_id, received.fee_id,
                       %(fee)s,
                       LEAST(received.more,
                             GREATEST(received.pool - received.before, 0))
                           * received.share
                  FROM (%(received)s) received
                 WHERE received.more > 0 AND received.pool > received.before
                """,
                fee=OF_RECEIVED,
                offset=OFFSET,
                received=received,
            ),
            SQL(
                """
                SELECT -2 * %(offset)s - part.id, other.date, other.move_id,
                       other.journal_id, other.company_id, other.move_name,
                       other.payment_id, other.partner_id, received.fee_id,
                       %(fee)s,
                       -part.amount / received.back * %(share)s
                           * (LEAST(received.before + received.more, received.back)
                              - received.before)
                  FROM (%(received)s) received
                  JOIN account_partial_reconcile part
                    ON part.credit_move_id = received.line_id
                  JOIN account_move_line other ON other.id = part.debit_move_id
                  JOIN account_move counterpart ON counterpart.id = other.move_id
                 WHERE counterpart.move_type = 'entry'
                   AND received.more > 0 AND received.back > received.before
                   AND %(share)s > 0
                """,
                fee=OF_RECEIVED,
                offset=OFFSET,
                received=received,
                share=share,
            ),
        ]

    @api.model
    def _select_rest(self):
        """What an entry moves beyond its matches with fees."""
        return SQL(
            """
            SELECT -money.move_id::bigint AS id, money.date, money.move_id,
                   money.journal_id, money.company_id, money.move_name,
                   money.payment_id, money.partner_id, NULL::integer AS fee_id,
                   NULL::varchar AS invoice_name, NULL::date AS date_of_service,
                   NULL::integer AS client_id, NULL::integer AS provider_id,
                   NULL::integer AS product_id,
                   money.amount - COALESCE(matched.amount, 0) AS amount
              FROM money
         LEFT JOIN LATERAL (
                   SELECT SUM(matched.amount) AS amount
                     FROM matched
                    WHERE matched.move_id = money.move_id) matched ON TRUE
             WHERE ABS(money.amount - COALESCE(matched.amount, 0)) >= 0.00005
            """
        )
