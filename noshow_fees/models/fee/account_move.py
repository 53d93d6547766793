"""The invoice of a missed-appointment fee: one invoice a fee."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.context import by_method


class AccountMove(models.Model):
    _inherit = "account.move"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted_fee(self):
        """A fee that was ever posted stays in the books, reset to draft or not."""
        # In sudo: `posted_before` decides, whoever deletes.
        if any(
            move.posted_before and move.line_ids.filtered("appointment_id")
            for move in self.sudo()
        ):
            raise UserError(
                self.env._(
                    "The invoice of a missed-appointment fee is never deleted. Waive "
                    "the fee from the client's Billing tab: a credit note is made."
                )
            )

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """Let the link to the appointment travel to the credit note of a fee; it is
        no live fee there."""
        reversals = super()._reverse_moves(default_values_list, cancel)
        # In sudo: an accountant without a practice role makes credit notes, too, and
        # does not see the link.
        for move_sudo in reversals.sudo():
            origin = move_sudo.reversed_entry_id.invoice_line_ids
            if not origin.appointment_id:
                continue
            # A reversal is a copy: same lines, same order.
            for line, copy in zip(origin, move_sudo.invoice_line_ids, strict=True):
                by_method(copy).write(line._prepare_fee_link())
        return reversals

    @api.model
    def _prepare_fee_invoice_vals(self, fee, journal):
        """Values of the posted invoice of one fee: to the payer, one line, due at
        once in one instalment whatever the payer's terms.

        :param dict fee: `appointment`, `product`, `amount` (in the company's currency,
            taxes not included), `date` (optional, the invoice's; today by default),
            `payer` (optional; the appointment's by default)
        :param journal: the company's journal for fees (`_get_fee_journal`)
        """
        appointment, product = fee["appointment"], fee["product"]
        company = appointment.company_id
        payer = fee.get("payer") or appointment._get_payer()
        date = fee.get("date") or company._get_practice_today()
        fiscal_position = self.env["account.fiscal.position"]._get_fiscal_position(
            payer
        )
        return {
            "move_type": "out_invoice",
            "company_id": company.id,
            "journal_id": journal.id,
            "currency_id": company.currency_id.id,
            "partner_id": payer.id,
            "fiscal_position_id": fiscal_position.id,
            "invoice_date": date,
            "invoice_date_due": date,
            "invoice_payment_term_id": False,
            "invoice_line_ids": [
                (
                    0,
                    0,
                    self.env["account.move.line"]._prepare_fee_line_vals(
                        appointment, product, fee["amount"], fiscal_position, payer
                    ),
                )
            ],
        }

    @api.model
    def _get_fee_journal(self, company):
        """The journal for fees: the practice's choice, else the first sales journal.

        :raise UserError: the company has no chart of accounts
        """
        journal = company.noshow_journal_id or self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "parent_of", company.id)], limit=1
        )
        if not journal:
            raise UserError(
                self.env._(
                    "%s has no sales journal, so no fee can be billed. An "
                    "administrator sets up the chart of accounts under Invoicing → "
                    "Configuration → Settings. The appointment can be cancelled "
                    "without a fee meanwhile.",
                    company.display_name,
                )
            )
        return journal

    @api.model
    def _get_write_off_journal(self, company):
        """The journal for losses: the first general one.

        :raise UserError: the company has none
        """
        journal = self.env["account.journal"].search(
            [("type", "=", "general"), ("company_id", "parent_of", company.id)], limit=1
        )
        if not journal:
            raise UserError(
                self.env._(
                    "%s has no general journal, so nothing can be written off. Add one "
                    "under Invoicing → Configuration → Journals.",
                    company.display_name,
                )
            )
        return journal

    def _get_write_off_receivable(self, fee):
        """The line of this write-off that is matched with the invoice of `fee`."""
        return self.line_ids.filtered(
            lambda line: line.account_id in fee.move_id._get_fee_receivable().account_id
        )

    def _get_statement_text(self, is_paid):
        """What this payment or entry is called on a client's statement: how it was
        paid, nothing else.

        :param bool is_paid: in the payer's favour; else money back
        """
        self.ensure_one()
        if self.move_type != "entry":
            return self.env._("Credit")
        if not self.origin_payment_id and not self.statement_line_id:
            return self.env._("Adjustment")
        if self.origin_payment_id.payment_transaction_id:
            return (
                self.env._("Paid by card")
                if is_paid
                else self.env._("Given back to the card")
            )
        if self.journal_id.type == "cash":
            return (
                self.env._("Paid in cash")
                if is_paid
                else self.env._("Given back in cash")
            )
        return self.env._("Payment") if is_paid else self.env._("Given back")

    @api.model
    def _check_fee_day_open(self, company, journal, has_tax, day=None):
        """:param date day: today by default
        :raise UserError: the books are closed for that day
        """
        day = day or company._get_practice_today()
        locks = company._get_violated_lock_dates(day, has_tax, journal)
        if locks:
            raise UserError(
                self.env._(
                    "The books of %(company)s are closed until %(date)s, so no fee can "
                    "be billed or credited today. Ask your accountant. Cancelling "
                    "without a fee is possible.",
                    company=company.display_name,
                    date=format_date(
                        self.env, max(lock_date for lock_date, _name in locks)
                    ),
                )
            )

    def _get_open_credit_lines(self, accounts=None):
        """The payer's credit that is not matched with anything yet, oldest first.

        :param accounts: limit to these receivable accounts
        :return: `account.move.line` records
        """
        self.ensure_one()
        return self._get_payer_credit_lines(
            self.company_id, self.commercial_partner_id, accounts
        )

    @api.model
    def _get_payer_credit_lines(self, company, payers, accounts=None):
        """:return: posted receivable lines of `payers` at `company` with open credit"""
        domain = [
            ("company_id", "=", company.id),
            ("partner_id", "in", payers.commercial_partner_id.ids),
            ("account_id.account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted"),
            ("reconciled", "=", False),
            ("amount_residual", "<", 0.0),
        ]
        if accounts:
            domain.append(("account_id", "in", accounts.ids))
        return self.env["account.move.line"].search(domain, order="date, id")

    def _get_fee_receivable(self):
        """The receivable lines of these invoices and credit notes."""
        return self.line_ids.filtered(lambda line: line.display_type == "payment_term")

    def _credit_fees(self, fee):
        """Credit `fee` on this invoice in full, as of today: what is open is settled by
        the credit note, the rest of it is the payer's credit. Other lines that somebody
        added to the invoice stay as they are.

        :return: the posted credit note
        :raise UserError: the books are closed today
        """
        self.ensure_one()
        has_tax = bool(fee.tax_ids)
        self._check_fee_day_open(self.company_id, self.journal_id, has_tax)
        today = self.company_id._get_practice_today()
        note = self.with_context(
            mail_create_nolog=True, tracking_disable=True
        )._reverse_moves(
            [
                {
                    "invoice_date": today,
                    "date": today,
                    "invoice_date_due": today,
                    "invoice_payment_term_id": False,
                    "ref": self.env._("Reversal of: %s", self.name),
                }
            ]
        )
        others = note.invoice_line_ids.filtered(
            lambda line: line.appointment_id != fee.appointment_id
        )
        others.unlink()
        note._post(soft=False)
        open_lines = (
            (self | note)
            ._get_fee_receivable()
            .filtered(lambda line: not line.reconciled)
        )
        if len(open_lines.move_id) == 2:
            open_lines.reconcile()
        return note
