"""The fee: a line of a posted customer invoice that charges a missed appointment."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...const import BOOKS, PRACTICE
from ...tools.context import changed_fields, is_by_method

LINK_FIELDS = {
    "appointment_id",
    "client_id",
    "counts_as_missed",
    "date_of_service",
    "fee_amount",
    "fee_billed_on",
    "fee_collected",
    "fee_credit_left",
    "fee_credit_used",
    "fee_open",
    "fee_processing",
    "fee_received",
    "fee_refunded",
    "fee_state",
    "fee_tax",
    "fee_written_off",
    "is_noshow_fee",
    "provider_id",
    "visit_state",
}


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    # Indexed: those of 80 appointments in 0.02 ms instead of 112 among 670 thousand.
    appointment_id = fields.Many2one(
        "calendar.event",
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
        groups=PRACTICE,
    )
    date_of_service = fields.Date(
        string="Date of Service",
        copy=False,
        groups=BOOKS,
        help="The day of the appointment at the practice.",
    )
    is_noshow_fee = fields.Boolean(
        string="Missed-appointment Fee", copy=False, groups=BOOKS
    )
    # Indexed: a client's in 0.01 ms instead of 290.
    client_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
        groups=BOOKS,
    )
    # Indexed: the 2,000 of a provider in 17 ms instead of 120.
    provider_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
        groups=BOOKS,
        help="The provider of the appointment when the fee was posted.",
    )
    # Stored: the reports would have to look for 200,000 appointments.
    visit_state = fields.Selection(
        related="appointment_id.visit_state", store=True, groups=BOOKS
    )
    counts_as_missed = fields.Boolean(
        related="appointment_id.counts_as_missed", store=True, groups=BOOKS
    )
    fee_change_ids = fields.Many2many(
        "noshow.fee.change",
        string="History",
        compute="_compute_fee_change_ids",
        groups=PRACTICE,
    )

    _one_live_fee_per_appointment = models.UniqueIndex(
        "(appointment_id) WHERE is_noshow_fee",
        "This appointment has a fee already.",
    )
    # The list of fees in its own order: 0.1 ms instead of 288 among 200 thousand; the
    # open ones 36 instead of 118, where all others are younger.
    _fees_by_service = models.Index(
        "(company_id, date_of_service, id) WHERE is_noshow_fee IS TRUE"
    )
    # The dashboard's figures: 7 ms instead of 65 among 200 thousand.
    _fees_by_billing = models.Index(
        "(company_id, invoice_date) WHERE is_noshow_fee IS TRUE"
    )
    # In Odoo's order, as a phone lists them, and how many there are: 2 ms instead of
    # 165 among 200 thousand.
    _fees_in_order = models.Index(
        "(company_id, date, move_name, id) WHERE is_noshow_fee IS TRUE"
    )
    # The list of open fees, where all others are younger: 51 ms instead of 100.
    _fees_to_pay = models.Index(
        "(company_id, date_of_service, id)"
        " WHERE is_noshow_fee IS TRUE AND fee_state IN ('open', 'partial')"
    )
    # A month of fees in the reports: 0.6 ms instead of 9 among 50 thousand.
    _fees_by_date = models.Index("(date) WHERE appointment_id IS NOT NULL")

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("appointment_id")
    def _compute_fee_change_ids(self):
        changes = self.env["noshow.fee.change"].search(
            [("appointment_id", "in", self.appointment_id.ids)]
        )
        for line in self:
            line.fee_change_ids = changes.filtered(
                lambda change, line=line: change.appointment_id == line.appointment_id
            )

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
                    "A missed-appointment fee is made by cancelling the appointment, "
                    "not by hand on an invoice."
                )
            )
        moves = self.env["account.move"].browse(
            vals["move_id"] for vals in vals_list if vals.get("move_id")
        )
        with moves._keep_fee_seal():
            return super().create(vals_list)

    def write(self, vals):
        if not is_by_method(self.env) and vals.keys() & LINK_FIELDS:
            for line_sudo in self.sudo():
                if changed_fields(line_sudo, vals, LINK_FIELDS):
                    # First: that there is a message would tell what a field holds.
                    self.check_access("write")
                    raise UserError(
                        self.env._(
                            "The link between a fee and its appointment, and what "
                            "became of the fee, cannot be changed by hand."
                        )
                    )
        # In sudo: which move it is must not depend on what the user may read.
        moves = self.sudo().move_id.sudo(self.env.su)
        with moves._keep_fee_seal():
            moves._check_results(self, vals)
            result = super().write(vals)
        if vals.keys() & {"account_id", "balance", "debit", "credit"}:
            self._update_matched_fees()
        return result

    def unlink(self):
        with self.sudo().move_id.sudo(self.env.su)._keep_fee_seal():
            return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted_fee(self):
        # In sudo: `posted_before` decides, whoever deletes.
        if any(
            line.is_noshow_fee and line.move_id.posted_before for line in self.sudo()
        ):
            raise UserError(
                self.env._(
                    "The line of a missed-appointment fee is never deleted. Waive the "
                    "fee from the client's Billing tab."
                )
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    can_take_payment = fields.Boolean(
        compute="_compute_can_take_payment",
        groups=BOOKS,
        help="Whether the user may take a payment for this fee at the desk.",
    )

    @api.depends("company_id")
    @api.depends_context("uid")
    def _compute_can_take_payment(self):
        for line in self:
            try:
                line._check_take_payment()
                line.can_take_payment = True
            except AccessError:
                line.can_take_payment = False

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
            "views": [
                (self.env.ref("noshow_fees.account_move_line_view_form_fee").id, "form")
            ],
            "target": "new",
        }

    def action_open_edit(self):
        """Open the dialog that changes code or amount of this fee.

        :raise AccessError: the user may not change it
        """
        self.ensure_one()
        self._check_fee_right("edit_fee")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Edit fee"),
            "res_model": "account.move.line.edit.fee",
            "view_mode": "form",
            "target": "new",
            "context": {"default_line_id": self.id},
        }

    def action_open_waive(self):
        """Open the dialog that waives these fees.

        :raise AccessError: the user may not waive one of them
        """
        self._check_fee_right("waive_fee")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Waive fee")
            if len(self) == 1
            else self.env._("Waive %s fees", len(self)),
            "res_model": "account.move.line.waive.fee",
            "view_mode": "form",
            "target": "new",
            "context": {"default_line_ids": self.ids},
        }

    def action_open_refund(self):
        """Open the dialog that gives money of this fee back.

        :raise AccessError: the user may not refund it
        """
        self.ensure_one()
        self._check_fee_right("waive_fee")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Refund"),
            "res_model": "account.move.line.refund.fee",
            "view_mode": "form",
            "target": "new",
            "context": {"default_line_id": self.id},
        }

    def action_open_payment(self):
        """Take a payment at the desk: Odoo's own dialog for who has the Invoicing role,
        a small one for the front desk where the practice's settings allow it."""
        self.ensure_one()
        self._check_take_payment()
        journal = self._get_desk_journal()
        user = self.env.user
        # In sudo: the people of a branch need not see its parents. Odoo's dialog
        # refuses who works at the branch only (account/models/account_payment.py,
        # `_get_outstanding_account`).
        works_there = self.company_id.sudo().root_id in user.company_ids
        if works_there and user.has_group("account.group_account_invoice"):
            action = self.move_id.action_register_payment()
            # Back to the fee afterwards, as from the invoice's own button.
            # Dated as what the desk takes; who types another day means it.
            action["context"] = {
                **action["context"],
                "dont_redirect_to_payments": True,
                "default_payment_date": self.company_id._get_practice_today(),
            }
            if journal.type == "cash":
                action["context"]["default_journal_id"] = journal.id
            return action
        context = {"default_line_id": self.id}
        if journal:
            context["default_journal"] = str(journal.id)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take a payment"),
            "res_model": "account.move.line.pay.fee",
            "view_mode": "form",
            "target": "new",
            "context": context,
        }

    def _get_desk_journal(self):
        """Where money at the desk goes, in sudo: cash, where stock would propose the
        bank. A branch has its parents' journals, and its own first."""
        # In sudo: journals are the accountants'; the caller has checked the right.
        company_sudo = self.company_id.sudo()
        journals_sudo = company_sudo.env["account.journal"].search(
            [
                ("type", "in", ("bank", "cash")),
                ("company_id", "parent_of", company_sudo.id),
            ]
        )
        return journals_sudo.sorted(
            lambda one: (one.type != "cash", one.company_id != company_sudo)
        )[:1]

    def action_send_invoice(self):
        """Send or print the invoice of this fee, through Odoo's own dialog."""
        self.ensure_one()
        return self.move_id.action_send_and_print()

    def action_open_receipts(self):
        """Open the payments for this fee, where Odoo prints and sends receipts.

        :raise UserError: none was registered: the bank's own lines have no receipt
        """
        self.ensure_one()
        payments = self.appointment_id.fee_line_ids.move_id.reconciled_payment_ids
        if not payments:
            raise UserError(self.env._("No payment was registered for this fee."))
        return payments._get_records_action(name=self.env._("Receipts"))

    def action_open_appointment(self):
        """Open the appointment of this fee."""
        self.ensure_one()
        return self.appointment_id._get_records_action()

    def action_open_invoice(self):
        """Open the invoice of this fee, for who may see invoices."""
        self.ensure_one()
        return self.move_id._get_records_action()
