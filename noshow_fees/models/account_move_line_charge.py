"""Charging a fee to a saved card, and giving money back to it."""

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

ATTEMPT_DAYS = 30


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _charge(self, tokens):
        """Prepare the charge of the saved card for what is open of these fees; it is
        sent after the commit. The caller has checked that the user may do so.

        :param dict tokens: `{fee line: payment.token or None}`
        :return: the prepared `payment.transaction` records, in sudo
        :raise UserError: a card that may not be charged for this client, or not again,
            or an amount that cannot be charged
        """
        # In sudo: a saved card is readable by its owner only; whether it may be charged
        # for the client is asked right here.
        chosen_sudo = {
            line.sudo(): token.sudo() for line, token in tokens.items() if token
        }
        lines_sudo = self.sudo().filtered(lambda line: line in chosen_sudo)
        charges_sudo = self.env["payment.transaction"].sudo()
        if not lines_sudo:
            return charges_sudo
        lines_sudo._check_cards(chosen_sudo)
        lines_sudo._check_attempts()
        return charges_sudo._prepare_charges(
            {
                line_sudo: chosen_sudo[line_sudo]
                for line_sudo in lines_sudo
                if line_sudo._has_open_amount()
            }
        )

    def _check_cards(self, tokens):
        """:raise UserError: one of these cards may not be charged for its fee"""
        token_model = self.env["payment.token"]
        for company, lines in self.grouped("company_id").items():
            allowed = token_model._get_chargeable(company, lines.client_id)
            for line in lines:
                if tokens[line] not in allowed[line.client_id]:
                    raise UserError(
                        self.env._(
                            "This card cannot be charged for %s: it is not theirs or "
                            "their payer's, or they did not agree to such charges.",
                            line.client_id.display_name,
                        )
                    )
                tokens[line]._check_not_expired(company)
        token_model.union(*tokens.values())._check_not_refused_for_good()

    def _has_open_amount(self):
        """Whether something of this fee is still to be paid."""
        self.ensure_one()
        move = self.move_id
        # “In payment”: paid, though the bank has not said so yet; without an
        # outstanding account the residual then stays
        # (account/models/account_payment.py).
        return (
            move.payment_state in ("not_paid", "partial")
            and move.currency_id.compare_amounts(move.amount_residual, 0) > 0
        )

    def _check_attempts(self):
        """:raise UserError: a card was tried too often for one of these fees"""
        since = fields.Datetime.now() - timedelta(days=ATTEMPT_DAYS)
        attempts = self._get_card_payments()._read_group(
            [
                ("fee_line_id", "in", self.appointment_id.fee_line_ids.ids),
                ("decline_code", "!=", False),
                ("create_date", ">", since),
            ],
            ["fee_line_id"],
            ["__count"],
        )
        for line, count in attempts:
            if count >= line.company_id.noshow_charge_attempts:
                raise UserError(
                    self.env._(
                        "A card was tried %(count)s times for this fee in %(days)s "
                        "days, and the card networks allow no more. Ask the client to "
                        "pay another way.",
                        count=count,
                        days=ATTEMPT_DAYS,
                    )
                )

    def _get_card_payments(self):
        """Every try to charge a card for these fees, and every refund, in sudo, oldest
        first; those of the invoices that an edited fee had before, too."""
        # In sudo: card payments are the accountants'; of these, who may see the fee
        # learns what became of them.
        fees_sudo = self.sudo().appointment_id.fee_line_ids
        return fees_sudo.env["payment.transaction"].search(
            [("fee_line_id", "in", fees_sudo.ids)], order="id"
        )

    def _refund_to_card(self, amount):
        """Give money of this fee back to the cards that were charged for it, the last
        one first; it is sent after the commit. The caller has checked the right, and
        has made the credit that the refund is matched with.

        :param float amount: in the currency of the invoice
        :return: the prepared `payment.transaction` records, in sudo
        :raise UserError: less than that was charged: cash never goes to a card
        """
        self.ensure_one()
        charges_sudo = self._get_card_payments().filtered(
            lambda tx: tx.operation != "refund" and tx.state == "done"
        )
        refunds_sudo, left = charges_sudo.browse(), amount
        for charge_sudo in charges_sudo.sorted("id", reverse=True):
            back = min(left, charge_sudo._get_refundable_amount())
            if self.currency_id.compare_amounts(back, 0) > 0:
                refunds_sudo |= charge_sudo._refund(back)
                left -= back
        if self.currency_id.compare_amounts(left, 0) > 0:
            raise UserError(
                self.env._(
                    "Only %s was charged to a card for this fee, and cash does not go "
                    "back to a card. Keep the rest as the client's credit.",
                    self.currency_id.format(amount - left),
                )
            )
        return refunds_sudo

    def _get_refundable_to_card(self):
        """How much of this fee could go back to a card, in the invoice's currency."""
        self.ensure_one()
        charges_sudo = self._get_card_payments().filtered(
            lambda tx: tx.operation != "refund" and tx.state == "done"
        )
        return sum(charge._get_refundable_amount() for charge in charges_sudo)
