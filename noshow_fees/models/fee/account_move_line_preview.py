"""What a change of a fee will do, said before anybody saves it."""

from odoo import models
from odoo.tools import format_date, formatLang


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _preview_fee_change(self, product, amount):
        """Say what a change will do, before anybody saves it.

        :return: the sentences, and the money that will be too much (taxes included)
        """
        self.ensure_one()
        move, currency = self.move_id, self.currency_id
        closed = self._get_closed_reason(product)
        if closed and self._is_closed_today(product):
            sentence = self.env._("So are those of today: this cannot be saved.")
            return [closed, sentence], 0.0
        if closed:
            sentences = [
                closed,
                self.env._(
                    "%s is credited, and a new invoice of today is made.", move.name
                ),
            ]
        else:
            sentences = [
                self.env._("Invoice %s is changed and keeps its number.", move.name)
            ]
            if move.is_move_sent:
                sentences.append(
                    self.env._(
                        "It was sent to the payer already: send it again afterwards."
                    )
                )
        total = self._get_fee_total(
            product, amount, move.fiscal_position_id, move.partner_id
        )
        received = self._get_paid_for()
        surplus = max(currency.round(received - total), 0.0)
        if not currency.is_zero(received):
            sentences.append(
                self.env._(
                    "%(received)s was received: %(open)s will be open.",
                    received=formatLang(self.env, received, currency_obj=currency),
                    open=formatLang(
                        self.env, max(total - received, 0.0), currency_obj=currency
                    ),
                )
            )
        if surplus:
            more = formatLang(self.env, surplus, currency_obj=currency)
            sentences.append(
                self.env._("%s was paid too much.", more)
                if self._get_refundable_to_card()
                else self.env._(
                    "%s was paid too much and becomes the payer's credit.", more
                )
            )
        return sentences, surplus

    def _is_closed_today(self, product):
        """Whether the books are closed even for a credit note or an invoice of today.

        :param product: the new fee code, whose taxes count for the tax lock date
        """
        company = self.company_id
        taxes = self.tax_ids | product.taxes_id._filter_taxes_by_company(company)
        journals = self.move_id.journal_id | self.move_id._get_fee_journal(company)
        return any(
            company._get_violated_lock_dates(
                company._get_practice_today(), bool(taxes), journal
            )
            for journal in journals
        )

    def _get_closed_reason(self, product=None):
        """Why the books do not let the invoice of this fee be changed.

        :param product: the new fee code, whose taxes count for the tax lock date
        :return: a sentence, or False when the invoice can be changed
        """
        self.ensure_one()
        move = self.move_id
        taxes = move.line_ids.tax_ids
        if product:
            taxes |= product.taxes_id._filter_taxes_by_company(self.company_id)
        locks = self.company_id._get_violated_lock_dates(
            move.date, bool(taxes), move.journal_id
        )
        if locks:
            return self.env._(
                "The books are closed until %s.",
                format_date(self.env, max(lock_date for lock_date, _name in locks)),
            )
        if move.inalterable_hash:
            return self.env._("The invoice is secured by a hash.")
        if move.need_cancel_request:
            return self.env._("The invoice was sent to an authority.")
        return False
