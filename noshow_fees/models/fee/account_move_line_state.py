"""What became of a fee: its state and amounts, from what was matched with what."""

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column

from ...const import BOOKS, FEE_STATES, FIGURES

STORED_COLUMNS = {
    "counts_as_missed": "boolean",
    "fee_state": "varchar",
    "fee_amount": "numeric",
    "fee_received": "numeric",
    "fee_open": "numeric",
    "fee_tax": "numeric",
    "fee_collected": "numeric",
    "fee_refunded": "numeric",
    "fee_written_off": "numeric",
    "fee_credit_used": "numeric",
    "fee_credit_left": "numeric",
    "fee_billed_on": "date",
    "fee_processing": "numeric",
    "visit_state": "varchar",
}

#: What `_compute_fee` stores of a fee, with the prefix `fee_`.
MEASURES = (
    "amount",
    "received",
    "open",
    "tax",
    "collected",
    "refunded",
    "written_off",
    "credit_used",
    "credit_left",
)


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    # Stored: lists and reports of 200,000 fees read them as they read stock's own.
    fee_state = fields.Selection(
        FEE_STATES, compute="_compute_fee", store=True, groups=BOOKS
    )
    fee_amount = fields.Monetary(
        string="Owed",
        compute="_compute_fee",
        store=True,
        currency_field="currency_id",
        groups=BOOKS,
        help="What is owed in all for the fee, tax included.",
    )
    fee_received = fields.Monetary(
        string="Received in All",
        compute="_compute_fee",
        store=True,
        currency_field="currency_id",
        groups=BOOKS,
        help="Money, and credit of the payer that was used for the fee.",
    )
    fee_open = fields.Monetary(
        string="Open",
        compute="_compute_fee",
        store=True,
        currency_field="currency_id",
        groups=BOOKS,
    )
    # What the reports add up (`_get_fee_measures`); of the lines of credit notes, too.
    fee_tax = fields.Monetary(
        string="Tax",
        compute="_compute_fee",
        store=True,
        currency_field="currency_id",
        groups=BOOKS,
        help="Of the invoice or the credit note.",
    )
    fee_collected = fields.Monetary(
        string="Collected",
        compute="_compute_fee",
        store=True,
        currency_field="currency_id",
        groups=BOOKS,
        help="Money alone, of any journal; also what the fee does not owe any more.",
    )
    fee_refunded = fields.Monetary(
        string="Refunded",
        compute="_compute_fee",
        store=True,
        currency_field="currency_id",
        groups=BOOKS,
        help="Money that was given back.",
    )
    fee_written_off = fields.Monetary(
        string="Written Off",
        compute="_compute_fee",
        store=True,
        currency_field="currency_id",
        groups=BOOKS,
        help="What was settled by neither money nor credit.",
    )
    fee_credit_used = fields.Monetary(
        string="Credit Used",
        compute="_compute_fee",
        store=True,
        currency_field="currency_id",
        groups=BOOKS,
        help="Credit of the payer from elsewhere; less than zero where credit of this "
        "fee was used elsewhere.",
    )
    fee_credit_left = fields.Monetary(
        string="Credit Left",
        compute="_compute_fee",
        store=True,
        currency_field="currency_id",
        groups=BOOKS,
        help="What the payer still has of this fee as credit.",
    )
    fee_billed_on = fields.Date(
        string="Billed On",
        compute="_compute_fee_billed_on",
        store=True,
        groups=BOOKS,
        help="The date of the first invoice for the appointment's fee, on all its "
        "invoices and credit notes.",
    )
    fee_processing = fields.Monetary(
        string="Processing Fees",
        compute="_compute_fee_processing",
        store=True,
        currency_field="currency_id",
        groups=BOOKS,
        help="What the card company kept.",
    )
    fee_transaction_ids = fields.One2many(
        "payment.transaction", "fee_line_id", groups="base.group_system"
    )

    def _auto_init(self):
        """At installation no line is a fee, and after an upgrade the migration computes
        those that are: not all the lines of the books, as Odoo would."""
        for name, type_ in STORED_COLUMNS.items():
            if not column_exists(self.env.cr, self._table, name):
                create_column(self.env.cr, self._table, name, type_)
        return super()._auto_init()

    @api.depends(
        "appointment_id",
        "is_noshow_fee",
        "price_total",
        "amount_currency",
        "parent_state",
        "move_id.amount_residual",
        "move_id.amount_total",
        "move_id.payment_state",
        "move_id.reversal_move_ids.amount_residual",
        "move_id.reversal_move_ids.amount_total",
        "move_id.reversal_move_ids.invoice_line_ids.price_total",
        "move_id.reversal_move_ids.state",
        "move_id.transaction_ids.disputed_amount",
        "move_id.transaction_ids.is_post_processed",
        "move_id.transaction_ids.state",
    )
    def _compute_fee(self):
        """Derive the fee's state from what was matched with what.

        Stock's `payment_state` says “paid” for a credited or written-off invoice too.
        Lines that were a fee, and those of credit notes, keep their amounts: the
        reports show them. Lines of other invoices stay empty.
        """
        lines = self.filtered("appointment_id")
        for line in self - lines:
            line.fee_state = False
            for name in MEASURES:
                line[f"fee_{name}"] = 0.0
        posted = lines.filtered(lambda line: line.parent_state == "posted")
        measures = posted._get_fee_measures()
        for line in lines:
            line.fee_state = "none"
            values = measures.get(line, {})
            for name in MEASURES:
                line[f"fee_{name}"] = line.currency_id.round(values.get(name, 0.0))
            if values and line.is_noshow_fee:
                line.fee_state = line._get_fee_state(values)

    @api.depends("appointment_id", "parent_state", "move_id.invoice_date")
    def _compute_fee_billed_on(self):
        for line in self:
            billed = line.appointment_id.fee_line_ids.move_id.filtered(
                lambda move: move.move_type == "out_invoice" and move.invoice_date
            )
            days = billed.mapped("invoice_date")
            line.fee_billed_on = bool(line.appointment_id) and (
                min(days, default=line.move_id.invoice_date)
            )

    def _get_fee_measures(self):
        """What there is to say of these posted lines of appointments.

        For each line, of an invoice or a credit note (its total counts as less than
        zero): total = written off + credit used + collected − refunded + open − credit
        left + what was matched between documents of the appointment itself, which
        vanishes in the sum of the appointment's lines.

        :return: `{line: values}` with what is stored, less the prefix `fee_`, and
            `total`, `credited`, `given_back`, in the invoice's currency, not rounded
        """
        invoices = self.move_id
        notes = invoices.reversal_move_ids.filtered(lambda move: move.state == "posted")
        matches = (invoices | notes)._origin._get_fee_matches()
        receipts = self.env["noshow.fee.receipt"]
        line_ids = {
            match["line_id"]
            for found in matches.values()
            for match in found
            if match["has_receipt"]
        }
        if line_ids:
            receipts = receipts.search([("line_id", "in", list(line_ids))])
        surplus, taken = receipts._split_surplus(receipts)
        sums = {
            move._origin.id: move._sum_up_matches(matches[move._origin.id], taken)
            for move in invoices | notes
        }
        return {
            line: line._get_fee_values(sums, surplus.get(line._origin, {}))
            for line in self
        }

    def _update_measures(self):
        """Compute anew what became of these fees: something far from them changed."""
        for field in self._fields.values():
            if field.compute == "_compute_fee":
                self.env.add_to_compute(field, self)

    def _update_matched_fees(self):
        """The same for fees that are matched with an entry of these lines."""
        # In sudo: see below.
        items_sudo = (
            self.sudo()
            .move_id.filtered(
                lambda move: move.move_type == "entry" and move.state == "posted"
            )
            .line_ids
        )
        partials = items_sudo.matched_debit_ids | items_sudo.matched_credit_ids
        moves = (partials.debit_move_id | partials.credit_move_id).move_id
        moves.invoice_line_ids.filtered("appointment_id")._update_measures()
        items_sudo._update_receipts()

    def _update_receipts(self):
        """The same for fees for which money was received on these lines of payments
        (`noshow.fee.receipt`), and those that have taken of it since."""
        # In sudo: measures do not depend on who matches something.
        receipts_sudo = (
            self.env["noshow.fee.receipt"].sudo().search([("line_id", "in", self.ids)])
        )
        if receipts_sudo:
            matched = receipts_sudo.line_id.matched_debit_ids.debit_move_id.move_id
            fees = receipts_sudo.fee_line_id | matched.invoice_line_ids
            fees.filtered("appointment_id")._update_measures()

    def _get_fee_invoice_total(self):
        """What this line has of its invoice's total: all of it, cash rounding included,
        unless others added lines."""
        self.ensure_one()
        products = self.move_id.line_ids.filtered(
            lambda line: line.display_type == "product"
        )
        if products == self:
            return self.move_id.amount_total
        return self.price_total

    def _get_fee_credits(self):
        """The lines of posted credit notes that credit this fee on this invoice."""
        return self.move_id.reversal_move_ids.invoice_line_ids.filtered(
            lambda credit: (
                credit.parent_state == "posted"
                and credit.appointment_id == self.appointment_id
            )
        )

    def _get_fee_credited(self):
        """What was credited of this fee on this invoice, taxes included."""
        credits_ = self._get_fee_credits()
        return sum(credit._get_fee_invoice_total() for credit in credits_)

    def _get_fee_values(self, sums, surplus):
        """See `_get_fee_measures`.

        :param dict sums: `{move id: sums}` of `account.move._sum_up_matches`
        :param dict surplus: of `noshow.fee.receipt._split_surplus`
        """
        self.ensure_one()
        move = self.move_id
        total = self._get_fee_invoice_total()
        # What comes in is for the fee first, where others added lines to the invoice.
        settled = move.amount_total - move.amount_residual
        share = min(total / settled, 1.0) if settled else 1.0
        mine = {name: value * share for name, value in sums[move._origin.id].items()}
        residual = total - settled * share
        values = {
            "total": total,
            # As booked: of a part with the tax in it, Odoo's own note books a cent
            # more or less than the line's subtotal says.
            "tax": total - abs(self.amount_currency),
            "written_off": surplus.get("loss", 0.0),
            "credit_used": -surplus.get("used", 0.0),
            "collected": surplus.get("money", 0.0),
            "refunded": surplus.get("back", 0.0),
            "credit_left": surplus.get("left", 0.0),
        }
        if move.move_type != "out_invoice":
            values["refunded"] += mine["money"]
            values["written_off"] -= mine["loss"]
            values["credit_used"] -= mine["credit"]
            values["credit_left"] += residual
            return values
        credits_ = self._get_fee_credits()
        credited = self._get_fee_credited()
        owed = max(total - credited, 0.0)
        received = min(mine["money"] + mine["credit"] + mine["moved"], total)
        left = min(residual, max(owed - received, 0.0))
        values["collected"] += mine["money"]
        if move.payment_state in ("in_payment", "paid"):
            # Paid, though nothing may be matched until the bank says so: a payment
            # without an outstanding account has no entry
            # (account/models/account_payment.py).
            received, left = max(received, owed - mine["loss"]), 0.0
            values["collected"] += residual
            residual = 0.0
        values["written_off"] += mine["loss"]
        values["credit_used"] += mine["credit"]
        values["credit_left"] -= residual - left
        return values | {
            "amount": owed,
            "received": received,
            "open": left,
            "credited": credited,
            "given_back": sum(
                sums[note.id]["money"] for note in credits_.move_id._origin
            ),
        }

    def _is_disputed(self, values):
        """Whether the bank has taken back money that pays this: charged for its
        invoice, or for one before, and passed on by that one's credit note. It is over
        once the books say so, too, and nothing is open any more.

        :param dict values: of `_get_fee_measures`
        """
        moves = self.appointment_id.fee_line_ids.move_id | self.move_id
        disputed = moves.transaction_ids.filtered("disputed_amount")
        if not disputed or self._is_dispute_over(moves, disputed, values):
            return False
        if disputed & self.move_id.transaction_ids:
            return True
        matched = self.move_id._get_fee_receivable().matched_credit_ids
        passed_on = disputed.payment_id.move_id | moves.reversal_move_ids
        return bool(matched.credit_move_id.move_id & passed_on)

    def _is_dispute_over(self, moves, disputed, values):
        """Whether what the bank has taken of these charges pays none of these documents
        of the fee any more, and whatever is owed was settled otherwise.

        :param dict values: of `_get_fee_measures`
        """
        invoices = moves.filtered(lambda move: move.move_type == "out_invoice")
        owed = values["open"] + sum(invoices.mapped("amount_residual"))
        entries = disputed.payment_id.move_id
        if not entries or not self.currency_id.is_zero(owed):
            # A payment without an entry pays until the bank says so.
            return False
        held = sum(
            partial.debit_amount_currency
            for partial in invoices._get_fee_receivable().matched_credit_ids
            if partial.credit_move_id.move_id in entries
        )
        left = sum(
            charge._get_refundable_amount() - charge.disputed_amount
            for charge in disputed
        )
        held -= values["given_back"]
        return self.currency_id.compare_amounts(held, left) <= 0

    def _get_fee_state(self, values):
        """The state of one posted fee.

        :param dict values: of `_get_fee_measures`
        """
        self.ensure_one()
        move, currency = self.move_id, self.currency_id
        credited, received = values["credited"], values["received"]
        if any(tx._is_live() for tx in move.transaction_ids):
            return "charging"
        if self._is_disputed(values):
            return "disputed"
        if currency.is_zero(values["total"]):
            return "open"
        lost = credited + values["written_off"]
        if currency.compare_amounts(lost, values["total"]) >= 0:
            if currency.is_zero(received):
                is_lost = currency.compare_amounts(credited, values["total"]) < 0
                return "written_off" if is_lost else "waived"
            returned = currency.compare_amounts(values["given_back"], received) >= 0
            return "refunded" if returned else "waived"
        if move.payment_state == "in_payment" and not currency.is_zero(received):
            return "paid"
        if currency.is_zero(values["open"]):
            return "paid"
        return "open" if currency.is_zero(received) else "partial"

    @api.depends(
        "fee_transaction_ids.net_amount",
        "fee_transaction_ids.processing_fee",
        "fee_transaction_ids.state",
    )
    def _compute_fee_processing(self):
        """In the currency of the fee: the processor's share of what it booked, in
        whatever currency that was."""
        for line in self:
            line.fee_processing = sum(
                charge._get_processing_fee()
                for charge in line.fee_transaction_ids
                if charge.state == "done"
            )

    # ------------------------------------------------------------
    # FIGURES
    # ------------------------------------------------------------

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
