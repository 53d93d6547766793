"""The invoice of a missed-appointment fee: one invoice a fee."""

from odoo import Command, api, models
from odoo.exceptions import UserError

from ...tools.context import NO_OWN_DEFAULTS, by_method, is_by_method
from ...tools.when import format_day


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

    def button_draft(self):
        self._check_not_reset()
        return super().button_draft()

    def button_cancel(self):
        self._check_not_reset()
        return super().button_cancel()

    def _check_not_reset(self):
        """:raise UserError: one of these belongs to a fee"""
        if not is_by_method(self.env):
            for move in self._filter_fee_invoices():
                # In sudo: what is told is its number.
                raise UserError(move.sudo()._get_reset_message())

    def _get_next_sequence_format(self):
        """In a batch of fees, look for the format of the numbers once for each journal
        and day, not twice for each invoice.

        Odoo counts on by itself (`_locked_increment`) as long as this transaction holds
        the lock of a number; until then nobody else can have changed the format.
        """
        if not is_by_method(self.env) or self.journal_id.is_self_billing:
            return super()._get_next_sequence_format()
        # As Odoo's cache of numbers, it does not survive a commit or a rollback.
        formats = self.env.cr.precommit.data.setdefault("noshow_fees.formats", {})
        key = (self.journal_id, self.move_type, self.date, self.origin_payment_id)
        if key in formats:
            format_string, values = formats[key]
            number = format_string.format(**values | {"seq": 0})
            if (number, self[self._sequence_index]) in self._get_sequence_cache():
                return format_string, dict(values)
        format_string, values = super()._get_next_sequence_format()
        formats[key] = format_string, dict(values)
        return format_string, values

    def _post(self, soft=True):
        """Posting what an accountant made of a fee is ours to check and to log."""
        if is_by_method(self.env):
            return super()._post(soft)
        self._link_credit_notes()
        fees = self._filter_fee_invoices()
        if not fees:
            return super()._post(soft)
        # In sudo: what is left of a fee does not depend on who credits it.
        notes_sudo = fees.sudo().filtered(lambda move: move.move_type == "out_refund")
        before = notes_sudo._get_credited_fees()
        posted = super(AccountMove, by_method(self))._post(soft).with_env(self.env)
        (notes_sudo & posted.sudo())._log_credit_notes(before)
        return posted

    def _link_credit_notes(self):
        """Link credit notes of fees that were made without Odoo's dialog, by an import
        or over RPC: who names the invoice of a fee as reversed credits the fee."""
        # In sudo: an accountant without a practice role does not see the link.
        notes_sudo = self.sudo().filtered(
            lambda move: move.move_type == "out_refund" and move.reversed_entry_id
        )
        for note_sudo in notes_sudo - notes_sudo._filter_fee_invoices():
            products = note_sudo.reversed_entry_id.invoice_line_ids.filtered(
                lambda line: line.display_type == "product"
            )
            fee = products.filtered("appointment_id")
            # Where others added lines it may be one of those that is credited.
            if fee and fee == products:
                lines = note_sudo.invoice_line_ids.filtered(
                    lambda line: line.display_type == "product"
                )
                by_method(lines).write(fee[:1]._prepare_fee_link())

    def _get_credited_fees(self):
        """The fees that these credit notes are for, with what is left to credit.

        :return: `{note: (fee, left without taxes)}`
        :raise UserError: a draft would credit more than is left
        """
        credited = {}
        for note in self:
            lines = note.invoice_line_ids.filtered("appointment_id")
            for appointment, own in lines.grouped("appointment_id").items():
                fee = note.reversed_entry_id.invoice_line_ids.filtered(
                    lambda fee, event=appointment: fee.appointment_id == event
                )[:1]
                if not fee:
                    continue
                left = fee._get_fee_left()
                amount = sum(line._get_fee_invoice_total() for line in own)
                if note.state == "draft" and (
                    fee.currency_id.compare_amounts(amount, left["creditable"]) > 0
                ):
                    raise UserError(
                        self.env._(
                            "%(left)s is left to credit of the missed-appointment fee "
                            "on invoice %(invoice)s: credit that or less.",
                            left=fee.currency_id.format(left["creditable"]),
                            invoice=fee.move_name,
                        )
                    )
                credited[note] = (fee, left["price"])
        return credited

    def _log_credit_notes(self, before):
        """Write the history of fees that an accountant has credited.

        :param dict before: of `_get_credited_fees`, when these were drafts
        """
        changes = []
        for note in self:
            if note not in before:
                continue
            fee, price = before[note]
            left = fee._get_fee_left()["price"]
            changes.append(
                {
                    "appointment_id": fee.appointment_id.id,
                    "kind": "credited",
                    "invoice_id": fee.move_id.id,
                    "credit_note_id": note.id,
                    "currency_id": fee.currency_id.id,
                    # What the accountant has said in Odoo's dialog stands there.
                    "reason": note.ref,
                    "old_product_id": fee.product_id.id,
                    "old_amount": price,
                    "new_product_id": not fee.currency_id.is_zero(left)
                    and fee.product_id.id,
                    "new_amount": left,
                }
            )
        self.env["account.move.line"]._log_fee_changes(changes)

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """Let the link to the appointment travel to the credit note of a fee; it is
        no live fee there.

        :raise UserError: a credit note of a fee is to be reversed: the invoice would
            be open again, and no fee
        """
        fees = self._filter_fee_invoices()
        # In sudo: an accountant without a practice role makes credit notes, too, and
        # does not see the link.
        for move_sudo in fees.sudo():
            if move_sudo.move_type == "out_refund":
                raise UserError(move_sudo._get_reset_message())
        reversals = super()._reverse_moves(
            default_values_list, cancel=cancel and not fees
        )
        for move_sudo in reversals.sudo():
            copies = move_sudo.invoice_line_ids
            for line in move_sudo.reversed_entry_id.invoice_line_ids:
                if not line.appointment_id:
                    continue
                # A reversal is a copy, to which other addons may add lines.
                copy = copies.filtered(
                    lambda copy, line=line: (
                        copy.product_id == line.product_id
                        and copy.price_unit == line.price_unit
                    )
                )[:1]
                by_method(copy).write(line._prepare_fee_link())
        if cancel and fees:
            # Posted and matched by Odoo as before, but with the link.
            reversals._post(soft=False)
            for reversal in reversals:
                (reversal.reversed_entry_id | reversal).line_ids.filtered(
                    lambda line: (
                        line.account_id.reconcile
                        and not line.reconciled
                        and line.parent_state == "posted"
                    )
                ).reconcile()
        return reversals

    @api.model
    def _read_ahead(self, fees, company, journal):
        """Read in one query each what Odoo asks of payers, the company and accounts one
        by one.

        :param list fees: of this company, as in `_prepare_fee_invoice_vals`
        """
        payers, products = self.env["res.partner"], self.env["product.product"]
        payers = payers.union(
            *(fee.get("payer") or fee["appointment"]._get_payer() for fee in fees)
        )
        products = products.union(*(fee["product"].sudo() for fee in fees))
        people = (payers | company.partner_id).with_company(company)
        people.mapped("property_account_position_id")
        accounts = payers.with_company(company).property_account_receivable_id
        accounts |= products.with_company(company).property_account_income_id
        accounts |= company.noshow_income_account_id | company.income_account_id
        (accounts | journal.default_account_id).mapped("active")

    @api.model
    def _prepare_fee_invoice_vals(self, fee, journal):
        """Values of the posted invoice of one fee: to the payer, one line, due at
        once in one instalment whatever the payer's terms.

        :param dict fee: `appointment`, `product`, `amount` (in the company's currency,
            as on a price list), `date` (optional, the invoice's; today by default),
            `payer` (optional; the appointment's by default), `origin` (optional, the
            fee line that is billed anew: what was agreed stays)
        :param journal: the company's journal for fees (`_get_fee_journal`)
        """
        appointment, origin = fee["appointment"], fee.get("origin")
        company = appointment.company_id
        payer = fee.get("payer") or appointment._get_payer()
        date = fee.get("date") or company._get_practice_today()
        agreed = {}
        if origin:
            rounding = origin.move_id.invoice_cash_rounding_id
            # Whatever is the default by now.
            agreed = {"invoice_cash_rounding_id": rounding.id}
            fiscal_position = origin.move_id.fiscal_position_id
            line_vals = origin._prepare_fee_anew_vals(fee["product"], fee["amount"])
        else:
            fiscal_position = self._get_fee_position(company, payer)
            line_vals = self.env["account.move.line"]._prepare_fee_line_vals(
                appointment,
                fee["product"],
                fee["amount"],
                fiscal_position,
                payer,
                journal,
            )
        line_vals |= self.env["account.move.line"]._prepare_booked_vals(
            line_vals, company
        )
        return agreed | {
            "move_type": "out_invoice",
            "company_id": company.id,
            "journal_id": journal.id,
            "currency_id": company.currency_id.id,
            "partner_id": payer.id,
            "fiscal_position_id": fiscal_position.id,
            "invoice_date": date,
            "invoice_date_due": date,
            "delivery_date": line_vals["date_of_service"],
            "invoice_payment_term_id": False,
            "auto_post": "no",
            "invoice_origin": origin.move_id.name if origin else False,
            "invoice_line_ids": [Command.create(line_vals)],
        }

    @api.model
    def _get_fee_position(self, company, payer):
        """The fiscal position of `payer` at `company`, whichever company is active."""
        positions = self.env["account.fiscal.position"].with_company(company)
        return positions._get_fiscal_position(payer.with_company(company))

    @api.model
    def _get_fee_rounding(self, company):
        """The cash rounding that invoices of fees have at `company`: Odoo knows one by
        default values only."""
        defaults = self.env["ir.default"].with_company(company)
        defaults = defaults.with_context(**{NO_OWN_DEFAULTS: True})
        id_ = defaults._get_model_defaults(self._name).get("invoice_cash_rounding_id")
        return self.env["account.cash.rounding"].browse(id_)

    @api.model
    def _get_fee_journal(self, company):
        """The journal for fees: the practice's choice, else the first sales journal.

        :raise UserError: the company has no chart of accounts, or the journal is
            archived
        """
        chosen = company.noshow_journal_id
        if chosen and not chosen.active:
            raise UserError(
                self.env._(
                    "The journal for fees, %s, is archived: a manager chooses another "
                    "one under Practice → Configuration → Practice settings → Journal.",
                    chosen.name,
                )
            )
        journal = chosen or self.env["account.journal"].search_fetch(
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

    def _get_loss_names(self):
        """The accounts that took the losses of these entries, for the history."""
        lines = self.line_ids.filtered(
            lambda line: line.account_id.internal_group in ("expense", "income")
        )
        return ", ".join(lines.account_id.mapped("name"))

    def _get_statement_text(self, is_paid, is_money=True):
        """What this payment or entry is called on a client's statement: how it was
        paid, nothing else.

        :param bool is_paid: in the payer's favour; else money back
        :param bool is_money: or what is written off with it
        """
        self.ensure_one()
        if self.move_type != "entry":
            return self.env._("Credit")
        has_money = self.origin_payment_id or self.statement_line_id
        if not (is_money and has_money):
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
                    date=format_day(
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

    @api.model
    def _get_credit_to_use(self, company, payers):
        """What these payers have as credit for a fee that is billed now, oldest first:
        `_use_credit` matches what lies on the account of the invoice to be.

        :return: `account.move.line` records
        """
        lines = self._get_payer_credit_lines(company, payers)
        payers = payers.with_env(self.env)
        accounts = {
            payer.commercial_partner_id: self._get_account_to_bill(company, payer)
            for payer in payers
            if payer.commercial_partner_id in lines.partner_id
        }
        return lines.filtered(lambda line: line.account_id == accounts[line.partner_id])

    @api.model
    def _get_account_to_bill(self, company, payer):
        """The receivable account that an invoice to `payer` would have, as Odoo chooses
        it (account/models/account_move_line.py, `_compute_account_id`)."""
        owner, name = payer.commercial_partner_id, "property_account_receivable_id"
        account = (
            owner.with_company(company)[name]
            or company.partner_id.with_company(company)[name]
        )
        return self._get_fee_position(company, payer).map_account(account)

    def _get_fee_receivable(self):
        """The receivable lines of these invoices and credit notes."""
        return self.line_ids.filtered(lambda line: line.display_type == "payment_term")

    def _credit_fees(self, fee):
        """Credit what is left of `fee` on this invoice, as of today: what is open is
        settled by the credit note, the rest of it is the payer's credit. Other lines
        that somebody added to the invoice stay as they are.

        :return: the posted credit note; none when nothing is left
        :raise UserError: the books are closed today
        """
        self.ensure_one()
        left = fee._get_fee_left()
        if left["is_partial"] and fee.currency_id.is_zero(left["total"]):
            return self.browse()
        has_tax = bool(fee.tax_ids)
        self._check_fee_day_open(self.company_id, self.journal_id, has_tax)
        today = self.company_id._get_practice_today()
        note = (
            by_method(self)
            .with_context(mail_create_nolog=True, tracking_disable=True)
            ._reverse_moves(
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
        )
        others = note.invoice_line_ids.filtered(
            lambda line: line.appointment_id != fee.appointment_id
        )
        others.unlink()
        if left["is_partial"]:
            note._set_fee_total(left["price"], left["total"])
        note._post(soft=False)
        open_lines = (
            (self | note)
            ._get_fee_receivable()
            .filtered(lambda line: not line.reconciled)
        )
        if len(open_lines.move_id) == 2:
            open_lines.reconcile()
        return note

    def _set_fee_total(self, price, total):
        """Let this draft credit note of one line be `total`, taxes included. The cent
        by which the taxes of parts differ from those of the whole goes to the tax."""
        self.invoice_line_ids.write(
            {"quantity": 1.0, "discount": 0.0, "price_unit": price}
        )
        tax = self.line_ids.filtered("tax_line_id")[:1]
        difference = self.currency_id.round(total - self.amount_total)
        if tax and difference:
            sign = 1 if tax.amount_currency >= 0 else -1
            tax.amount_currency += sign * difference
