"""The fee: a line of a posted customer invoice that charges a missed appointment."""

from collections import defaultdict

from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..tools import by_method, changed_fields, is_by_method
from .calendar_event import FEE_STATES, PRACTICE
from .payment_transaction import LIVE_STATES

#: Accountants see what was charged, not what the appointment was about.
BOOKS = f"{PRACTICE},account.group_account_readonly,account.group_account_invoice"
LINK_FIELDS = {
    "appointment_id",
    "client_id",
    "date_of_service",
    "is_noshow_fee",
    "provider_id",
}
# Stock lets these be written on a posted line without moving the booked balance.
MONEY_FIELDS = {
    "account_id",
    "currency_id",
    "discount",
    "name",
    "price_unit",
    "product_id",
    "quantity",
    "tax_ids",
}


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    appointment_id = fields.Many2one(
        "calendar.event",
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
        groups=PRACTICE,
    )
    date_of_service = fields.Date(
        copy=False,
        groups=BOOKS,
        help="The day of the appointment at the practice.",
    )
    is_noshow_fee = fields.Boolean(
        string="Missed-appointment Fee", copy=False, groups=BOOKS
    )
    client_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
        groups=BOOKS,
    )
    provider_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
        groups=BOOKS,
        help="The provider of the appointment when the fee was posted.",
    )
    fee_state = fields.Selection(FEE_STATES, compute="_compute_fee", groups=BOOKS)
    fee_amount = fields.Monetary(
        string="Owed",
        compute="_compute_fee",
        currency_field="currency_id",
        groups=BOOKS,
        help="What is owed in all for the fee, tax included.",
    )
    fee_received = fields.Monetary(
        string="Received",
        compute="_compute_fee",
        currency_field="currency_id",
        groups=BOOKS,
    )
    fee_open = fields.Monetary(
        string="Open",
        compute="_compute_fee",
        currency_field="currency_id",
        groups=BOOKS,
    )

    _one_live_fee_per_appointment = models.UniqueIndex(
        "(appointment_id) WHERE is_noshow_fee",
        "This appointment has a fee already.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends(
        "is_noshow_fee",
        "price_total",
        "parent_state",
        "move_id.amount_residual",
        "move_id.payment_state",
        "move_id.reversal_move_ids.amount_residual",
        "move_id.reversal_move_ids.state",
        "move_id.transaction_ids.state",
    )
    def _compute_fee(self):
        """Derive the fee's state from what was matched with what.

        Stock's `payment_state` says “paid” for a credited or written-off invoice too.
        """
        fees = self.filtered(lambda line: line.is_noshow_fee and line.parent_state == "posted")
        for line in self - fees:
            line.fee_state = "none"
            line.fee_amount = line.fee_received = line.fee_open = 0.0
        # In sudo: a therapist reads the state of own fees, not the ledger behind it.
        fees_sudo = fees.sudo()
        credit_notes_sudo = fees_sudo.move_id.reversal_move_ids.filtered(
            lambda move: move.state == "posted"
        )
        matched = (fees_sudo.move_id | credit_notes_sudo)._get_matched_amounts()
        for line, line_sudo in zip(fees, fees_sudo, strict=True):
            move = line_sudo.move_id
            credit_notes = move.reversal_move_ids & credit_notes_sudo
            credited = sum(credit_notes.mapped("amount_total"))
            received = matched[move.id]["money"]
            line.fee_amount = max(line_sudo.price_total - credited, 0.0)
            line.fee_received = received
            line.fee_open = move.amount_residual
            line.fee_state = line_sudo._get_fee_state(
                credited=credited,
                received=received,
                given_back=sum(matched[note.id]["money"] for note in credit_notes),
            )

    def _get_fee_state(self, credited, received, given_back):
        self.ensure_one()
        move, zero = self.move_id, self.move_id.currency_id.is_zero
        if move.transaction_ids.filtered(lambda tx: tx.state in LIVE_STATES):
            return "charging"
        if zero(move.amount_total):
            return "open"
        if move.currency_id.compare_amounts(credited, move.amount_total) >= 0:
            returned = move.currency_id.compare_amounts(given_back, received) >= 0
            return "refunded" if not zero(received) and returned else "waived"
        if move.payment_state in ("in_payment", "paid") and zero(move.amount_residual):
            return "written_off" if zero(received) else "paid"
        if move.payment_state == "in_payment":
            return "paid"
        return "open" if zero(received) else "partial"

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        # No link to an appointment by way of a `default_*` context key.
        return super().default_get([f for f in fields if f not in LINK_FIELDS])

    @api.model_create_multi
    def create(self, vals_list):
        if not is_by_method(self.env) and any(
            vals.get(name) for vals in vals_list for name in LINK_FIELDS & vals.keys()
        ):
            raise UserError(
                self.env._(
                    "A missed-appointment fee is made by cancelling the appointment, not "
                    "by hand on an invoice."
                )
            )
        return super().create(vals_list)

    def write(self, vals):
        if not is_by_method(self.env) and vals.keys() & (LINK_FIELDS | MONEY_FIELDS):
            for line_sudo in self.sudo():
                if changed_fields(line_sudo, vals, LINK_FIELDS):
                    raise UserError(
                        self.env._(
                            "The link between a fee and its appointment cannot be changed."
                        )
                    )
                if (
                    line_sudo.is_noshow_fee
                    and line_sudo.parent_state == "posted"
                    and changed_fields(line_sudo, vals, MONEY_FIELDS)
                ):
                    raise UserError(
                        self.env._(
                            "Open the fee from the client's or the appointment's Billing "
                            "tab to change its code or amount: the books follow there."
                        )
                    )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted_fee(self):
        # In sudo: `posted_before` decides, whoever deletes.
        if any(line.is_noshow_fee and line.move_id.posted_before for line in self.sudo()):
            raise UserError(
                self.env._(
                    "The line of a missed-appointment fee is never deleted. Waive the fee "
                    "from the client's Billing tab."
                )
            )

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _create_fees(self, fees):
        """Create and post the invoices of these fees, in one batch a company.

        The caller has checked rights, appointments and amounts
        (`calendar.event._cancel_appointments`).

        :param list fees: dicts with `appointment`, `product` and `amount` (in the
            company's currency, taxes not included)
        :return: the fee lines, in the order of `fees`
        :raise UserError: no chart of accounts, or the books are closed today
        """
        # In sudo: front desk and therapists charge a fee without being accountants.
        moves_sudo = by_method(self.env["account.move"].sudo()).with_context(
            # One note an invoice is written below, in one batch.
            mail_create_nolog=True,
            tracking_disable=True,
        )
        fees = [{**fee, "appointment": fee["appointment"].sudo()} for fee in fees]
        vals_by_company = defaultdict(list)
        journals = {}
        for fee in fees:
            company = fee["appointment"].company_id
            if company not in journals:
                journals[company] = moves_sudo._get_fee_journal(company)
            vals_by_company[company].append(
                moves_sudo.with_company(company)._prepare_fee_invoice_vals(
                    fee, journals[company]
                )
            )
        lines_by_appointment = {}
        for company, vals_list in vals_by_company.items():
            invoices = moves_sudo.with_company(company).create(vals_list)
            has_tax = bool(invoices.line_ids.tax_ids)
            invoices._check_fee_day_open(company, journals[company], has_tax)
            invoices._post(soft=False)
            note = Markup("<p>%s</p>") % self.env._("Missed-appointment fee.")
            invoices._message_log_batch(bodies=dict.fromkeys(invoices.ids, note))
            for line in invoices.invoice_line_ids:
                lines_by_appointment[line.appointment_id.id] = line.id
        return self.browse(lines_by_appointment[fee["appointment"].id] for fee in fees)

    @api.model
    def _prepare_fee_line_vals(self, appointment, product, amount, fiscal_position, payer):
        """Values of the invoice line of one fee. What stands on it is the code, its
        description and the date of service, nothing else.

        :param float amount: in the company's currency, taxes not included
        """
        company = appointment.company_id
        product = product.sudo().with_company(company).with_context(lang=payer.lang)
        taxes = product.taxes_id._filter_taxes_by_company(company)
        vals = {
            "appointment_id": appointment.id,
            "client_id": appointment.client_id.id,
            "provider_id": appointment.user_id.id,
            "date_of_service": appointment._get_date_of_service(),
            "is_noshow_fee": True,
            "product_id": product.id,
            "quantity": 1.0,
            "price_unit": amount,
            # Set even when empty: otherwise the account's default taxes would apply.
            "tax_ids": [Command.set(fiscal_position.map_tax(taxes).ids)],
            "name": self._get_fee_label(
                product, appointment._get_date_of_service(), payer
            ),
        }
        if not product.property_account_income_id and company.noshow_income_account_id:
            account = company.noshow_income_account_id
            vals["account_id"] = fiscal_position.map_account(account).id
        return vals

    @api.model
    def _get_fee_label(self, product, date_of_service, payer):
        """The text of the invoice line: code, description, date of service."""
        return self.env._(
            "%(code)s %(description)s, date of service %(date)s",
            code=product.cpt_code,
            description=product.name,
            date=format_date(self.env, date_of_service, lang_code=payer.lang),
        )

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
        payer already paid is the smaller thing.
        """
        for fee_sudo in self.sudo():
            receivable = fee_sudo.move_id.line_ids.filtered(
                lambda line: line.display_type == "payment_term"
            )
            credit = fee_sudo.move_id._get_open_credit_lines(receivable.account_id)
            if credit and receivable:
                (receivable + credit).reconcile()

    def action_open_fee(self):
        """Open the fee: what was charged, what was received, and what can be done."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Fee"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(self.env.ref("noshow_fees.account_move_line_view_form_fee").id, "form")],
            "target": "new",
        }

    def action_open_waive(self):
        """Open the dialog that waives these fees."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Waive fee"),
            "res_model": "account.move.line.waive.fee",
            "view_mode": "form",
            "target": "new",
            "context": {"default_line_ids": self.ids},
        }

    def action_open_appointment(self):
        """Open the appointment of this fee."""
        self.ensure_one()
        return self.appointment_id._get_records_action()

    def action_open_invoice(self):
        """Open the invoice of this fee, for who may see invoices."""
        self.ensure_one()
        return self.move_id._get_records_action()

    def _waive(self, reason, surplus="credit", still_counts=True, release=False):
        """Credit these fees to zero, with a credit note of today for each.

        :param str reason: a billing reason, for the log of invoice and appointment
        :param str surplus: what becomes of money received: `credit` stays the payer's
            credit, `refund` goes back to the card
        :param bool still_counts: whether these still count as missed visits
        :param bool release: the appointment has no fee any more (it is restored)
        :raise AccessError: the user may not waive fees
        :raise UserError: no live fee, waived already, or a charge is running
        """
        self.env.user._check_practice_right("waive_fee")
        self.check_access("read")
        # In sudo: whoever may waive a fee need not be an accountant.
        fees_sudo = self.sudo()
        fees_sudo.move_id._lock_fee_invoices()
        for fee_sudo in fees_sudo:
            if not fee_sudo.is_noshow_fee:
                raise UserError(self.env._("This is no live fee."))
            if fee_sudo.fee_state == "charging":
                raise UserError(
                    self.env._(
                        "The card is being charged for this fee. Wait until that settles."
                    )
                )
        to_credit = fees_sudo.filtered(
            lambda fee: fee.fee_state not in ("waived", "refunded")
        )
        to_credit.move_id._credit_fees(reason)
        if release:
            by_method(fees_sudo).write({"is_noshow_fee": False})
        if not still_counts:
            by_method(fees_sudo.appointment_id).write({"counts_as_missed": False})
