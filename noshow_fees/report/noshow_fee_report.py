"""What missed-appointment fees brought in, as the general ledger has it."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..const import FEE_STATES, MISSED_STATES, PRACTICE, VISIT_STATES

LEDGER = "account.group_account_readonly,account.group_account_invoice"
AGES = [
    ("0", "0–30 days"),
    ("31", "31–60 days"),
    ("61", "61–90 days"),
    ("91", "Older than 90 days"),
]


class NoshowFeeReport(models.Model):
    """The posted invoice lines of fees and their credit notes, one row each, and the
    missed visits without a fee (`noshow_fee_report_uncharged.py`).

    A view on the ledger itself, so that both agree: `revenue` is the lines' balance,
    and a visit without a fee has none. Columns that a report does not ask for cost
    nothing, since PostgreSQL leaves out their joins and subqueries. Amounts are in the
    currency of the user's company, at today's rate where another company has another
    (`account.invoice.report` does the same).
    """

    _name = "noshow.fee.report"
    _inherit = "noshow.group.order"
    _description = "Missed-appointment Fees Analysis"
    _auto = False
    _rec_name = "move_name"
    _order = "date desc, id desc"

    date = fields.Date(
        string="Accounting Date",
        readonly=True,
        help="Without a fee: the day on which it was noted that the visit was missed.",
    )
    billed_on = fields.Date(
        readonly=True,
        help="The date of the first invoice for the fee, on its credit notes and later "
        "invoices, too: with it, charged + tax − waived − written off − credit used − "
        "(collected − refunded) = open − credit left.",
    )
    date_of_service = fields.Date(string="Date of Service", readonly=True)
    move_name = fields.Char(string="Invoice", readonly=True)
    move_type = fields.Selection(
        [("out_invoice", "Invoice"), ("out_refund", "Credit note")],
        string="Type",
        readonly=True,
    )
    client_id = fields.Many2one("res.partner", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Payer", readonly=True)
    provider_id = fields.Many2one("res.users", readonly=True)
    product_id = fields.Many2one("product.product", string="Fee Code", readonly=True)
    account_id = fields.Many2one("account.account", readonly=True, groups=LEDGER)
    journal_id = fields.Many2one("account.journal", readonly=True, groups=LEDGER)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    appointment_id = fields.Many2one("calendar.event", readonly=True, groups=PRACTICE)
    visit_state = fields.Selection(VISIT_STATES, string="Outcome", readonly=True)
    fee_state = fields.Selection(
        FEE_STATES,
        string="State",
        readonly=True,
        help="Of the appointment's fee as it is now.",
    )
    age = fields.Selection(AGES, readonly=True, help="Days since the accounting date.")
    revenue = fields.Monetary(
        readonly=True,
        help="Charged less waived, without taxes: what the income account shows.",
    )
    charged = fields.Monetary(
        readonly=True,
        help="Invoices, without taxes; less what was credited only to bill it anew.",
    )
    waived = fields.Monetary(
        readonly=True, help="Credited, without taxes, on the credit note's date."
    )
    tax = fields.Monetary(
        readonly=True, help="Of the invoices, less that of their credit notes."
    )
    collected = fields.Monetary(
        readonly=True,
        help="Money received for these fees, taxes included, of any date: what came "
        "into a bank or cash account, whatever the journal.",
    )
    refunded = fields.Monetary(
        readonly=True, help="Money given back for these fees, of any date."
    )
    written_off = fields.Monetary(
        readonly=True,
        help="Settled without money, taxes included: bad debts, discounts, charges of "
        "the bank.",
    )
    credit_used = fields.Monetary(
        readonly=True,
        help="Settled with credit that the payer had from elsewhere; less than zero "
        "where credit of these fees was used elsewhere.",
    )
    credit_left = fields.Monetary(
        readonly=True, help="What payers still have as credit of these fees."
    )
    open_amount = fields.Monetary(
        string="Open", readonly=True, help="What is left to pay, taxes included."
    )
    processing_fee = fields.Monetary(
        string="Processing Fees",
        readonly=True,
        help="What the card company kept of the charges.",
    )
    fee_count = fields.Integer(
        string="Fees",
        readonly=True,
        help="Appointments with a fee, waived or not, on the date of the first "
        "invoice; one that was restored since counts −1 on the day of that.",
    )
    missed_count = fields.Integer(
        string="Missed Visits",
        readonly=True,
        help="Late cancellations and no-shows, with a fee or without one; one that was "
        "forgiven or restored since counts −1 on the day of that.",
    )
    fee_rate = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Of the late cancellations and no-shows, the forgiven ones too, those "
        "with a fee, waived or not, on the date of its first invoice.",
    )

    _depends = {
        "account.move": [
            "move_type",
            "partner_id",
        ],
        "account.move.line": [
            "account_id",
            "appointment_id",
            "balance",
            "client_id",
            "company_id",
            "counts_as_missed",
            "date",
            "date_of_service",
            "display_type",
            "fee_billed_on",
            "fee_collected",
            "fee_credit_left",
            "fee_credit_used",
            "fee_open",
            "fee_processing",
            "fee_refunded",
            "fee_state",
            "fee_tax",
            "fee_written_off",
            "is_noshow_fee",
            "journal_id",
            "move_id",
            "move_name",
            "parent_state",
            "product_id",
            "provider_id",
            "visit_state",
        ],
        "noshow.fee.change": [
            "appointment_id",
            "credit_note_id",
            "invoice_id",
            "kind",
            "missed_count",
            "new_invoice_id",
        ],
    }

    def action_open_fee(self):
        """Open the fee of this row, or the credit note's line."""
        self.ensure_one()
        return self.env["account.move.line"].browse(self.id).action_open_fee()

    # ------------------------------------------------------------
    # QUERY
    # ------------------------------------------------------------

    @property
    def _table_query(self):
        return SQL("%s %s %s", self._select(), self._from(), self._where())

    @api.model
    def _select(self):
        # Where nothing was left to credit there is no note.
        rebilled = SQL(
            "line.move_id IN (SELECT credit_note_id FROM noshow_fee_change"
            " WHERE kind = 'reissued' AND credit_note_id IS NOT NULL)"
        )
        return SQL(
            """
            SELECT line.id,
                   line.date,
                   line.fee_billed_on AS billed_on,
                   line.date_of_service,
                   line.move_name,
                   move.move_type,
                   line.client_id,
                   move.partner_id,
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
                   -line.balance * rate.rate AS revenue,
                   CASE WHEN line.balance < 0 OR %(rebilled)s
                        THEN -line.balance * rate.rate ELSE 0 END AS charged,
                   CASE WHEN line.balance > 0 AND NOT %(rebilled)s
                        THEN line.balance * rate.rate ELSE 0 END AS waived,
                   CASE WHEN move.move_type = 'out_refund' THEN -line.fee_tax
                        ELSE line.fee_tax END * rate.rate AS tax,
                   line.fee_collected * rate.rate AS collected,
                   line.fee_refunded * rate.rate AS refunded,
                   line.fee_written_off * rate.rate AS written_off,
                   line.fee_credit_used * rate.rate AS credit_used,
                   line.fee_credit_left * rate.rate AS credit_left,
                   line.fee_open * rate.rate AS open_amount,
                   line.fee_processing * rate.rate AS processing_fee,
                   %(fee_count)s AS fee_count,
                   %(missed_count)s AS missed_count,
                   %(fee_rate)s AS fee_rate
            """,
            currency=self.env.company.currency_id.id,
            age=self._select_age(SQL("line.date")),
            rebilled=rebilled,
            fee_count=self._select_fee_count(),
            missed_count=self._select_missed_count(),
            fee_rate=self._select_fee_rate(),
            fee_state=self._select_fee_state(),
        )

    @api.model
    def _from(self):
        """The move is an outer join on a primary key, the changes are grouped by
        theirs: left out unless asked for."""
        return SQL(
            """
              FROM account_move_line line
              JOIN %(rates)s
                ON account_currency_table.company_id = line.company_id
              CROSS JOIN LATERAL (SELECT account_currency_table.rate) rate
         LEFT JOIN account_move move ON move.id = line.move_id
         LEFT JOIN (SELECT invoice_id, SUM(missed_count) AS missed
                      FROM noshow_fee_change GROUP BY invoice_id) taken
                ON taken.invoice_id = line.move_id
         LEFT JOIN (SELECT credit_note_id, SUM(missed_count) AS missed
                      FROM noshow_fee_change GROUP BY credit_note_id) noted
                ON noted.credit_note_id = line.move_id
            """,
            rates=self.env["res.currency"]._get_simple_currency_table(
                self.env.companies
            ),
        )

    @api.model
    def _where(self):
        return SQL(
            """
             WHERE line.appointment_id IS NOT NULL
               AND line.parent_state = 'posted'
               AND line.display_type = 'product'
            """
        )

    # What is counted of a month stays when its books are closed: a fee that is billed
    # anew, restored or forgiven counts less on the day of that, as its amounts do.

    @api.model
    def _select_fee_count(self):
        """An invoice of a fee is one, also when it is a fee no more; the credit note
        that made it so is one less (`noshow_fee_report_released.py`, where there is
        none)."""
        released = SQL("FROM noshow_fee_change WHERE kind IN ('reissued', 'restored')")
        return SQL(
            """
            CASE WHEN line.is_noshow_fee THEN 1
                 WHEN line.move_id IN (SELECT credit_note_id %(released)s) THEN -1
                 WHEN line.move_id IN (SELECT invoice_id %(released)s) THEN 1
                 ELSE 0 END
            """,
            released=released,
        )

    @api.model
    def _select_missed_count(self):
        """What counts today, and beside it what was taken away since (less than zero,
        in the history): on the invoice it still counts, on the credit note not."""
        return SQL(
            """
            CASE WHEN line.is_noshow_fee AND line.counts_as_missed THEN 1 ELSE 0 END
            - COALESCE(taken.missed, 0)::int + COALESCE(noted.missed, 0)::int
            """
        )

    @api.model
    def _select_fee_rate(self):
        """The first invoice of each live fee."""
        return SQL(
            """
            CASE WHEN line.visit_state IN %(missed)s AND (
                      line.is_noshow_fee AND line.move_id NOT IN (
                          SELECT new_invoice_id FROM noshow_fee_change
                           WHERE new_invoice_id IS NOT NULL)
                      OR line.move_id IN (
                          SELECT change.invoice_id
                            FROM noshow_fee_change change
                           WHERE change.kind = 'reissued'
                             AND NOT EXISTS (
                                 SELECT 1 FROM noshow_fee_change earlier
                                  WHERE earlier.new_invoice_id = change.invoice_id)
                             AND NOT EXISTS (
                                 SELECT 1 FROM noshow_fee_change later
                                  WHERE later.appointment_id = change.appointment_id
                                    AND later.kind = 'restored'
                                    AND later.id > change.id)))
                 THEN 1.0::float END
            """,
            missed=MISSED_STATES,
        )

    @api.model
    def _select_fee_state(self):
        """The state of the appointment's live fee: mostly that of the row itself."""
        return SQL(
            """
            CASE WHEN line.is_noshow_fee THEN line.fee_state ELSE COALESCE((
                SELECT fee.fee_state
                  FROM account_move_line fee
                 WHERE fee.appointment_id = line.appointment_id
                   AND fee.is_noshow_fee), 'none') END
            """
        )

    @api.model
    def _select_age(self, date):
        return SQL(
            """
            CASE WHEN %(today)s - %(date)s <= 30 THEN '0'
                 WHEN %(today)s - %(date)s <= 60 THEN '31'
                 WHEN %(today)s - %(date)s <= 90 THEN '61'
                 ELSE '91' END
            """,
            date=date,
            today=self.env.company.sudo()._get_practice_today(),
        )
