"""What missed-appointment fees brought in, as the general ledger has it."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..models.calendar_event import FEE_STATES, PRACTICE, VISIT_STATES
from ..models.payment_transaction import LIVE_STATES

LEDGER = "account.group_account_readonly,account.group_account_invoice"
AGES = [
    ("0", "0–30 days"),
    ("31", "31–60 days"),
    ("61", "61–90 days"),
    ("91", "Older than 90 days"),
]


class NoshowFeeReport(models.Model):
    """The posted invoice lines of fees and their credit notes, one row each.

    A view on the ledger itself, so that both agree: `revenue` is the lines' balance.
    Columns that a report does not ask for cost nothing, since PostgreSQL leaves out
    their joins and subqueries. Amounts are in the currency of the user's company, at
    today's rate where another company has another (`account.invoice.report` does the
    same).
    """

    _name = "noshow.fee.report"
    _description = "Missed-appointment Fees Analysis"
    _auto = False
    _rec_name = "move_name"
    _order = "date desc, id desc"

    date = fields.Date(string="Accounting Date", readonly=True)
    date_of_service = fields.Date(readonly=True)
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
    collected = fields.Monetary(
        readonly=True,
        help="Payments matched with these invoices, taxes included, of any date.",
    )
    refunded = fields.Monetary(
        readonly=True, help="Payments matched with these credit notes."
    )
    open_amount = fields.Monetary(
        string="Open", readonly=True, help="What is left to pay, taxes included."
    )
    processing_fee = fields.Monetary(
        string="Processing Fees",
        readonly=True,
        help="What the card's processor kept of the charges.",
    )
    fee_count = fields.Integer(
        string="Fees",
        readonly=True,
        help="Missed visits with a fee that stands; see Outcomes for those without.",
    )

    _depends = {
        "account.move": [
            "amount_residual",
            "amount_residual_signed",
            "move_type",
            "partner_id",
            "payment_state",
            "reversed_entry_id",
            "state",
        ],
        "account.move.line": [
            "account_id",
            "amount_currency",
            "appointment_id",
            "balance",
            "client_id",
            "company_id",
            "date",
            "date_of_service",
            "display_type",
            "is_noshow_fee",
            "journal_id",
            "move_id",
            "move_name",
            "parent_state",
            "payment_id",
            "price_total",
            "product_id",
            "provider_id",
            "statement_line_id",
        ],
        "account.partial.reconcile": ["amount", "credit_move_id", "debit_move_id"],
        "account.payment": ["amount"],
        "calendar.event": ["visit_state"],
        "noshow.fee.change": ["credit_note_id", "kind"],
        "payment.transaction": [
            "amount",
            "currency_id",
            "fee_line_id",
            "invoice_ids",
            "net_amount",
            "processing_fee",
            "settlement_currency_id",
            "state",
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
        rebilled = SQL(
            "line.move_id IN (SELECT credit_note_id FROM noshow_fee_change"
            " WHERE kind = 'reissued')"
        )
        return SQL(
            """
            SELECT line.id,
                   line.date,
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
                   event.visit_state,
                   %(fee_state)s AS fee_state,
                   CASE WHEN %(today)s - line.date <= 30 THEN '0'
                        WHEN %(today)s - line.date <= 60 THEN '31'
                        WHEN %(today)s - line.date <= 90 THEN '61'
                        ELSE '91' END AS age,
                   -line.balance * rate.rate AS revenue,
                   CASE WHEN line.balance < 0 OR %(rebilled)s
                        THEN -line.balance * rate.rate ELSE 0 END AS charged,
                   CASE WHEN line.balance > 0 AND NOT %(rebilled)s
                        THEN line.balance * rate.rate ELSE 0 END AS waived,
                   CASE WHEN move.move_type = 'out_invoice'
                         AND move.payment_state != 'not_paid'
                        THEN LEAST(%(received)s, line.price_total) * rate.rate
                        ELSE 0 END AS collected,
                   CASE WHEN move.move_type = 'out_refund'
                        THEN %(given_back)s * rate.rate ELSE 0 END AS refunded,
                   CASE WHEN move.move_type = 'out_invoice'
                        THEN LEAST(move.amount_residual_signed, line.price_total)
                             * rate.rate
                        ELSE 0 END AS open_amount,
                   %(processing_fee)s * rate.rate AS processing_fee,
                   CASE WHEN line.is_noshow_fee THEN 1 ELSE 0 END AS fee_count
            """,
            currency=self.env.company.currency_id.id,
            today=self.env.company.sudo()._get_practice_today(),
            rebilled=rebilled,
            fee_state=self._select_fee_state(),
            received=self._select_money("line", "debit"),
            given_back=self._select_money("line", "credit"),
            processing_fee=self._select_processing_fee(),
        )

    @api.model
    def _from(self):
        """All but `line` and its rate are outer joins on primary keys, so that those
        not asked for are left out."""
        return SQL(
            """
              FROM account_move_line line
              JOIN %(rates)s
                ON account_currency_table.company_id = line.company_id
              CROSS JOIN LATERAL (SELECT account_currency_table.rate) rate
         LEFT JOIN account_move move ON move.id = line.move_id
         LEFT JOIN calendar_event event ON event.id = line.appointment_id
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

    @api.model
    def _select_money(self, alias, side, with_credit=False):
        """Money matched with the receivable of the move of `alias`, in the company's
        currency (as `account.move._get_matched_amounts`).

        :param str side: of the receivable, `debit` on invoices and `credit` on notes
        :param bool with_credit: count the payer's credit notes for other things, too
        """
        return SQL(
            """
            COALESCE((
                SELECT SUM(part.amount * LEAST(1.0, COALESCE(
                           -- A payment that wrote off the rest is matched for more
                           -- than was paid.
                           payment.amount
                           / NULLIF(ABS(other.amount_currency), 0), 1.0)))
                  FROM account_move_line receivable
                  JOIN account_partial_reconcile part ON part.%(side)s = receivable.id
                  JOIN account_move_line other ON other.id = part.%(other_side)s
                  JOIN account_journal journal ON journal.id = other.journal_id
             LEFT JOIN account_payment payment ON payment.id = other.payment_id
             LEFT JOIN account_move note ON note.id = other.move_id
                 WHERE receivable.move_id = %(move)s
                   AND receivable.display_type = 'payment_term'
                   AND (other.payment_id IS NOT NULL
                     OR other.statement_line_id IS NOT NULL
                     OR journal.type IN ('bank', 'cash', 'credit')
                     OR (%(with_credit)s AND note.move_type = 'out_refund'
                         AND note.reversed_entry_id IS DISTINCT FROM %(move)s))
            ), 0)
            """,
            side=SQL.identifier(f"{side}_move_id"),
            other_side=SQL.identifier(
                "credit_move_id" if side == "debit" else "debit_move_id"
            ),
            move=SQL.identifier(alias, "move_id"),
            with_credit=with_credit,
        )

    @api.model
    def _select_fee_state(self):
        """As `account.move.line._get_fee_state`, for the appointment's live fee."""
        return SQL(
            """
            COALESCE((
            SELECT CASE
                 WHEN fee.move_id IN (
                    SELECT rel.invoice_id
                      FROM account_invoice_transaction_rel rel
                      JOIN payment_transaction tx ON tx.id = rel.transaction_id
                     WHERE tx.state IN %(live)s
                        OR tx.state = 'done' AND tx.is_post_processed IS NOT TRUE)
                 THEN 'charging'
                 WHEN fee.price_total = 0 THEN 'open'
                 WHEN fee.price_total <= (
                    SELECT SUM(credit.price_total)
                      FROM account_move note
                      JOIN account_move_line credit ON credit.move_id = note.id
                     WHERE note.reversed_entry_id = fee.move_id
                       AND note.state = 'posted'
                       AND credit.appointment_id = fee.appointment_id)
                 THEN CASE WHEN %(received)s > 0 AND (
                        SELECT SUM(%(given_back)s)
                          FROM account_move_line credit
                          JOIN account_move note ON note.id = credit.move_id
                         WHERE note.reversed_entry_id = fee.move_id
                           AND note.state = 'posted'
                           AND credit.appointment_id = fee.appointment_id
                    ) >= LEAST(%(received)s, fee.price_total)
                    THEN 'refunded' ELSE 'waived' END
                 WHEN fee_move.payment_state = 'in_payment' THEN 'paid'
                 WHEN fee_move.payment_state = 'not_paid' THEN 'open'
                 WHEN %(received)s = 0
                 THEN CASE WHEN fee_move.amount_residual = 0
                           THEN 'written_off' ELSE 'open' END
                 WHEN fee_move.amount_residual = 0 THEN 'paid'
                 ELSE 'partial' END
              FROM account_move_line fee
              JOIN account_move fee_move ON fee_move.id = fee.move_id
             WHERE fee.appointment_id = line.appointment_id
               AND fee.is_noshow_fee
               AND fee.parent_state = 'posted'
            ), 'none')
            """,
            live=LIVE_STATES,
            received=self._select_money("fee", "debit", with_credit=True),
            given_back=self._select_money("credit", "credit", with_credit=True),
        )

    @api.model
    def _select_processing_fee(self):
        """What the processor kept, in the currency of the fee: its share of what it
        booked, in whatever currency that was."""
        return SQL(
            """
            COALESCE((
                SELECT SUM(CASE
                       WHEN tx.settlement_currency_id = tx.currency_id
                       THEN tx.processing_fee
                       ELSE tx.amount * tx.processing_fee
                            / NULLIF(tx.processing_fee + tx.net_amount, 0) END)
                  FROM payment_transaction tx
                 WHERE tx.fee_line_id = line.id AND tx.state = 'done'
            ), 0)
            """
        )
