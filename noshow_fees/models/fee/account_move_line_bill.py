"""Billing a fee: the invoice, the credit that is used first, the card."""

from collections import defaultdict

from markupsafe import Markup

from odoo import Command, api, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ...tools.context import by_method, without_flags


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    @api.model
    def _create_fees(self, fees):
        """Create and post the invoices of these fees, in one batch a company.

        The caller has checked rights, appointments and amounts
        (`calendar.event._cancel_appointments`).

        :param list fees: dicts of `account.move._prepare_fee_invoice_vals`
        :return: the fee lines, in the order of `fees`
        :raise UserError: the books are not set up for it, or closed for that day
        """
        # In sudo: front desk and therapists charge a fee without being accountants.
        moves_sudo = by_method(self.env["account.move"].sudo()).with_context(
            # One note an invoice is written below, in one batch.
            mail_create_nolog=True,
            tracking_disable=True,
        )
        models_sudo = moves_sudo.env["account.analytic.distribution.model"]
        moves_sudo = models_sudo._in_batch(moves_sudo)
        fees = [{**fee, "appointment": fee["appointment"].sudo()} for fee in fees]
        fees_by_company = defaultdict(list)
        for fee in fees:
            fees_by_company[fee["appointment"].company_id].append(fee)
        vals_by_company, journals = {}, {}
        for company, some in fees_by_company.items():
            journals[company] = moves_sudo._get_fee_journal(company)
            moves = moves_sudo.with_company(company)
            moves._read_ahead(some, company, journals[company])
            vals_by_company[company] = [
                moves._prepare_fee_invoice_vals(fee, journals[company]) for fee in some
            ]
        lines_by_appointment = {}
        for company, vals_list in vals_by_company.items():
            invoices = moves_sudo.with_company(company).create(vals_list)
            invoices.invoice_line_ids._keep_receivable(fees)
            invoices.invoice_line_ids._check_fee_distribution()
            has_tax = bool(invoices.line_ids.tax_ids)
            first_day = min(invoices.mapped("invoice_date"))
            invoices._check_fee_day_open(company, journals[company], has_tax, first_day)
            invoices._post(soft=False)
            note = Markup("<p>%s</p>") % self.env._("Missed-appointment fee.")
            invoices._message_log_batch(bodies=dict.fromkeys(invoices.ids, note))
            for line in invoices.invoice_line_ids:
                lines_by_appointment[line.appointment_id.id] = line.id
        return self.browse(lines_by_appointment[fee["appointment"].id] for fee in fees)

    def _keep_receivable(self, fees):
        """A fee that is billed anew stays on its receivable account, whatever the
        payer's has become: what was received lies there."""
        origins = {fee["appointment"]: fee.get("origin") for fee in fees}
        for line in self:
            origin = origins[line.appointment_id]
            account = origin and origin.move_id._get_fee_receivable().account_id[:1]
            receivable = line.move_id._get_fee_receivable()
            if account and receivable.account_id != account:
                receivable.account_id = account

    def _check_fee_distribution(self):
        """:raise UserError: a plan that every invoice needs says nothing of these"""
        # In sudo: whether the books have any analytic account. Without one no plan asks
        # (analytic/models/analytic_plan.py, `get_relevant_plans`), which is two queries
        # dearer to learn.
        if not self.env["account.analytic.account"].sudo().search_count([], limit=1):
            return
        kinds = {
            (line.product_id, line.account_id, str(line.analytic_distribution)): line
            for line in self
        }
        for line in kinds.values():
            try:
                line.with_context(
                    validate_analytic=True
                )._validate_analytic_distribution()
            except ValidationError as error:
                raise UserError(
                    self.env._(
                        "The practice's books need an analytic distribution for fee "
                        "code %s. An accountant adds one under Invoicing → "
                        "Configuration → Analytic Distribution Models.",
                        line.product_id.cpt_code,
                    )
                ) from error

    @api.model
    def _prepare_fee_line_vals(
        self, appointment, product, amount, fiscal_position, payer, journal
    ):
        """Values of the invoice line of one fee. What stands on it is the code, its
        description and the date of service, nothing else.

        :param float amount: in the company's currency, as on the code's price list:
            taxes included where those of the code are
        """
        company = appointment.company_id
        product = product.sudo().with_company(company).with_context(lang=payer.lang)
        return {
            "appointment_id": appointment.id,
            "client_id": appointment.client_id.id,
            "provider_id": appointment.user_id.id,
            "date_of_service": appointment._get_date_of_service(),
            "is_noshow_fee": True,
            "product_id": product.id,
            "quantity": 1.0,
            # Said, as what follows: a default for all invoices would change the total.
            "discount": 0.0,
            "price_unit": self._get_fee_price_at(
                product, amount, fiscal_position, company
            ),
            # Set even when empty: otherwise the account's default taxes would apply.
            "tax_ids": [
                Command.set(self._get_fee_taxes(product, fiscal_position, company).ids)
            ],
            "name": self._get_invoice_text(
                product, appointment._get_date_of_service(), payer
            ),
            "account_id": self._get_fee_account(
                product, fiscal_position, company, journal
            ).id,
        }

    @api.model
    def _prepare_booked_vals(self, vals, company):
        """What a fee without tax books. Said when the line is made, or Odoo writes it
        by a change of each line when it has looked for taxes (`_sync_tax_lines` in
        account/models/account_move.py): a quarter of what a batch takes.

        :param dict vals: of the line, on an invoice in the company's currency
        :return: values to add; none where taxes, or tags, are to be looked for
        """
        [(_command, _id, tax_ids)] = vals["tax_ids"]
        # In sudo: who bills a fee need not read a product's tags.
        product = self.env["product.product"].sudo().browse(vals["product_id"])
        if tax_ids or product.account_tag_ids:
            return {}
        balance = -company.currency_id.round(vals["price_unit"] * vals["quantity"])
        return {"balance": balance, "amount_currency": balance}

    def _prepare_fee_anew_vals(self, product, amount):
        """Values of the line by which this fee is billed anew: as agreed, but for code
        and amount."""
        self.ensure_one()
        return {
            **self._prepare_fee_link(),
            "is_noshow_fee": True,
            "product_id": self.product_id.id,
            "product_uom_id": self.product_uom_id.id,
            "name": self.name,
            "tax_ids": [Command.set(self.tax_ids.ids)],
            "account_id": self.account_id.id,
            **self._prepare_fee_change_vals(product, amount),
        }

    @api.model
    def _get_fee_taxes(self, product, fiscal_position, company):
        """The taxes of a fee code at `company` for a payer of that position."""
        # In sudo: who bills a fee need not read taxes.
        taxes = product.sudo().with_company(company).taxes_id
        return fiscal_position.map_tax(taxes._filter_taxes_by_company(company))

    @api.model
    def _get_fee_price_at(self, product, amount, fiscal_position, company):
        """A price of the list where the position has other taxes: one with tax in it
        loses the tax that is not owed, as Odoo's own prices do."""
        product = product.sudo().with_company(company)
        return product._get_tax_included_unit_price_from_price(
            amount,
            product.taxes_id._filter_taxes_by_company(company),
            fiscal_position=fiscal_position,
        )

    @api.model
    def _get_fee_account(self, product, fiscal_position, company, journal):
        """The income account of a fee code: its own, else the practice's choice, else
        what Odoo would take.

        :raise UserError: there is none, or it is archived
        """
        # In sudo: who bills a fee need not read accounts.
        product = product.sudo().with_company(company)
        account = fiscal_position.map_account(
            product.property_account_income_id or company.noshow_income_account_id
        )
        if not account:
            accounts = product.product_tmpl_id.get_product_accounts(fiscal_position)
            account = accounts["income"] or journal.default_account_id
        if not account:
            raise UserError(
                self.env._(
                    "There is no income account for fee code %s: a manager chooses one "
                    "under Practice → Configuration → Practice settings → Income "
                    "account.",
                    product.cpt_code,
                )
            )
        if not account.active:
            raise UserError(
                self.env._(
                    "Income account %(account)s of fee code %(code)s is archived: "
                    "a manager chooses another one on the code, or under Practice → "
                    "Configuration → Practice settings → Income account.",
                    account=account.display_name,
                    code=product.cpt_code,
                )
            )
        return account

    @api.model
    def _get_fee_total(self, product, amount, fiscal_position, payer, company=None):
        """What is owed for a fee, taxes included.

        :param float amount: in the company's currency, as on the code's price list
        """
        company = company or self.company_id
        return self._get_total_of(
            product,
            self._get_fee_price_at(product, amount, fiscal_position, company),
            self._get_fee_taxes(product, fiscal_position, company),
            payer,
            company,
            self.env["account.move"]._get_fee_rounding(company),
        )

    def _get_new_total(self, product, amount):
        """What is owed for this fee with another code or amount, taxes included."""
        self.ensure_one()
        move = self.move_id
        taxes = self.tax_ids
        if product != self.product_id:
            taxes = self._get_fee_taxes(
                product, move.fiscal_position_id, self.company_id
            )
        return self._get_total_of(
            product,
            amount,
            taxes,
            move.partner_id,
            self.company_id,
            move.invoice_cash_rounding_id,
        )

    @api.model
    def _get_total_of(self, product, price, taxes, payer, company, rounding):
        """The total of an invoice of one line, as Odoo computes it."""
        taxes = taxes.with_company(company)
        line = taxes._prepare_base_line_for_taxes_computation(
            None,
            product_id=product,
            price_unit=price,
            quantity=1.0,
            tax_ids=taxes,
            partner_id=payer,
            currency_id=company.currency_id,
        )
        taxes._add_tax_details_in_base_lines([line], company)
        taxes._round_base_lines_tax_details([line], company)
        totals = taxes._get_tax_totals_summary(
            [line], company.currency_id, company, rounding
        )
        return totals["total_amount_currency"]

    @api.model
    def _get_invoice_text(self, product, date_of_service, payer):
        """The text of the invoice line: code, description, date of service; that the
        visit was missed, where the code's own description is that of a session."""
        product = product.sudo().with_context(lang=payer.lang)
        env = self.with_context(lang=payer.lang).env
        values = {
            "code": product.cpt_code,
            "description": product.name,
            "date": format_date(self.env, date_of_service, lang_code=payer.lang),
        }
        if product.cpt_source == "system":
            return env._(
                "%(code)s %(description)s: missed appointment, date of service "
                "%(date)s",
                **values,
            )
        return env._("%(code)s %(description)s, date of service %(date)s", **values)

    @api.depends("provider_id")
    def _compute_analytic_distribution(self):
        return super()._compute_analytic_distribution()

    def _get_analytic_distribution_arguments(self, root_plans):
        known = self.env.context.get("noshow_distribution_models")
        if isinstance(known, models.BaseModel) and not known:
            # There is no model that could apply (`_in_batch`): nothing to look up.
            return {}
        arguments = super()._get_analytic_distribution_arguments(root_plans)
        # In sudo: who writes the invoice of something else need not know providers.
        return {**arguments, "provider_id": self.sudo().provider_id.id}

    def _prepare_fee_link(self):
        """What says, on a line of a credit note, which appointment it is about."""
        self.ensure_one()
        return {
            "appointment_id": self.appointment_id.id,
            "client_id": self.client_id.id,
            "provider_id": self.provider_id.id,
            "date_of_service": self.date_of_service,
        }

    def _use_credit(self):
        """Match the payers' open credit (payments and credit notes not yet used) with
        these fees, oldest first.

        The caller has checked that the user may charge these fees; crediting what the
        payer already paid is the smaller thing. What credit there is, is not told, nor
        used, by a therapist who has not the client in care.
        """
        for fee_sudo in self.sudo():
            client = fee_sudo.client_id.with_env(self.env)
            if not client._filter_in_care(fee_sudo.company_id):
                continue
            receivable = fee_sudo.move_id._get_fee_receivable()
            # A fee of 0.00 owes nothing.
            if not receivable or all(receivable.mapped("reconciled")):
                continue
            if credit := fee_sudo._get_credit_lines():
                (receivable + credit).reconcile()

    def _get_credit_lines(self):
        """The payer's open credit that can be matched with this fee, oldest first."""
        self.ensure_one()
        move = self.move_id
        return move._get_open_credit_lines(move._get_fee_receivable().account_id)

    # ------------------------------------------------------------
    # DESK PAYMENT
    # ------------------------------------------------------------

    def _check_take_payment(self):
        """:raise AccessError: unless the user may take a payment for these fees"""
        self.check_access("read")
        user = self.env.user
        if user._has_practice_right("take_payment"):
            return
        # In sudo: a setting of the company that bills.
        allowed = all(self.company_id.sudo().mapped("noshow_staff_takes_payment"))
        if not (allowed and user.has_group("noshow_fees.group_staff")):
            user._check_practice_right("take_payment")

    @without_flags
    def _take_payment(self, journal, amount, memo=False, seen=None, after_all=False):
        """Register what was paid at the desk for this fee, by Odoo's own payment
        dialog.

        :param journal: a cash or bank journal of the company
        :param float amount: in the currency of the invoice
        :param str memo: the number of a check, say; nothing clinical
        :param str seen: what the user has seen of the fee (`_get_stamp`)
        :param bool after_all: the fee was written off: that is reversed by what is paid
        :return: the payment, in sudo
        :raise AccessError: the user may not take payments
        :raise UserError: no live fee, a charge is running, or not the open amount
        """
        self.ensure_one()
        self._check_take_payment()
        # In sudo: the front desk takes money without being an accountant (checked
        # above).
        fee_sudo = self.sudo()
        fee_sudo._lock_and_check_live(seen)
        journal_sudo = journal.sudo()
        if (
            journal_sudo.type not in ("bank", "cash")
            # A branch has its parents' journals.
            or journal_sudo.company_id not in fee_sudo.company_id.parent_ids
        ):
            raise UserError(
                self.env._("Choose cash or a bank account of the practice.")
            )
        compare = fee_sudo.currency_id.compare_amounts
        if after_all and compare(amount, fee_sudo.fee_open) > 0:
            self._reverse_write_off(
                amount - fee_sudo.fee_open, self.env._("Paid after all.")
            )
        if compare(amount, 0.0) <= 0 or compare(amount, fee_sudo.fee_open) > 0:
            raise UserError(
                self.env._(
                    "%s is open: take that or less.",
                    fee_sudo.currency_id.format(fee_sudo.fee_open),
                )
            )
        register = (
            self.env["account.payment.register"]
            .sudo()
            .with_context(active_model="account.move", active_ids=fee_sudo.move_id.ids)
        )
        values = {
            "journal_id": journal_sudo.id,
            "amount": amount,
            # Stock takes the day of whoever takes it.
            "payment_date": fee_sudo.company_id._get_practice_today(),
            # What is left is open: writing off is another right.
            "payment_difference_handling": "open",
            # Stock takes the journal's (account/wizard/account_payment_register.py).
            "currency_id": fee_sudo.currency_id.id,
        }
        if memo:
            values["communication"] = memo
        return register.create(values)._create_payments()
