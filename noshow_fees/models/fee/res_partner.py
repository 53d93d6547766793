"""What a client's missed visits cost, and what was paid: total and statement."""

from odoo import models
from odoo.exceptions import AccessError

from ...const import STAFF


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _get_fee_total(self, product, amount, company):
        """What the payer of this client would owe for a fee, taxes included.

        :param float amount: in the company's currency, as on the code's price list
        """
        self.ensure_one()
        # In sudo: taxes and fiscal positions are the accountants'; a total for a fee
        # that is about to be charged is not.
        payer_sudo = self.sudo()._get_payer()
        moves_sudo = self.env["account.move"].sudo()
        return (
            self.env["account.move.line"]
            .sudo()
            ._get_fee_total(
                product.sudo(),
                amount,
                moves_sudo._get_fee_position(company, payer_sudo),
                payer_sudo,
                company,
            )
        )

    def action_print_fee_statement(self):
        """Print the statement of this client.

        :raise AccessError: the user does not work at the front desk
        """
        self._check_fee_statement()
        return self.env.ref("noshow_fees.noshow_statement_action_report").report_action(
            self
        )

    def _check_fee_statement(self):
        """:raise AccessError: the user does not see all fees of these clients"""
        if not self.env.user.has_group(STAFF):
            raise AccessError(
                self.env._(
                    "A client's statement shows all of their fees: ask the front desk."
                )
            )
        self.check_access("read")

    def _get_fee_statements(self, company):
        """What was billed to each payer for this client's missed visits, what was paid,
        and what is open: a page each, since a payer's invoices are nobody else's.

        The caller has checked that the user may see them (`_check_fee_statement`).

        :param company: the practice
        :return: list of dicts of `payer`, `currency`, `rows`, `open` and `credit` (what
            the payer has besides); a row has `date`, `number`, `text`, `amount` (less
            than zero: in the payer's favour) and `balance` after it
        """
        self.ensure_one()
        # In sudo: the front desk prints what the payer is told anyway, without being
        # accountants.
        fees_sudo = (
            self.env["account.move.line"]
            .sudo()
            .search(
                [
                    ("client_id", "=", self.id),
                    ("company_id", "=", company.id),
                    ("appointment_id", "!=", False),
                    ("parent_state", "=", "posted"),
                ],
                order="date, id",
            )
        )
        return [
            self._get_fee_statement(payer, currency, fees)
            for (payer, currency), fees in fees_sudo.grouped(
                lambda fee: (fee.move_id.commercial_partner_id, fee.currency_id)
            ).items()
        ]

    def _get_fee_statement(self, payer, currency, fees):
        """See `_get_fee_statements`.

        :param fees: lines of invoices and credit notes, in sudo
        """
        receivable = fees.move_id._get_fee_receivable()
        # A row for each document: an imported credit note may have two lines.
        rows = [
            {
                "date": move.invoice_date,
                "number": move.name,
                "text": ", ".join(dict.fromkeys(lines.mapped("name"))),
                "amount": sum(move._get_fee_receivable().mapped("amount_currency")),
            }
            for move, lines in fees.grouped("move_id").items()
        ]
        shares = {
            match["line_id"]: match["share"]
            for matches in fees.move_id._get_fee_matches().values()
            for match in matches
            if match["kind"] == "entry"
        }
        partials = receivable.matched_debit_ids | receivable.matched_credit_ids
        for partial in partials:
            sides = partial.debit_move_id | partial.credit_move_id
            other = sides - receivable
            # Both sides are documents of these fees: nothing was paid.
            if not other:
                continue
            is_paid = other == partial.credit_move_id
            # As the rest of the page, whoever prints it.
            move = other.move_id.with_context(lang=payer.lang)
            amount = (
                -partial.debit_amount_currency
                if is_paid
                else partial.credit_amount_currency
            )
            # The rest of an entry is written off, whatever it was registered with.
            money = currency.round(amount * shares.get(other.id, 1.0))
            rows += [
                {
                    "date": other.date,
                    "number": other.move_id.name,
                    "text": move._get_statement_text(is_paid, is_money),
                    "amount": part,
                }
                for part, is_money in ((money, True), (amount - money, False))
                if not currency.is_zero(part)
            ]
        rows.sort(key=lambda row: row["date"])
        balance = 0.0
        for row in rows:
            balance = row["balance"] = currency.round(balance + row["amount"])
        credit = receivable.move_id[:1]._get_open_credit_lines(receivable.account_id)
        credit = (credit - receivable).filtered(
            lambda line: line.currency_id == currency
        )
        return {
            "payer": payer,
            "currency": currency,
            "rows": rows,
            "open": balance,
            "credit": -sum(credit.mapped("amount_residual_currency")),
        }
