"""What the buttons of a fee open."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...const import BOOKS


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

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

    def action_open_payment(self):
        """Take a payment at the desk: Odoo's own dialog for who has the Invoicing role,
        a small one for the front desk where the practice's settings allow it."""
        self.ensure_one()
        self._check_take_payment()
        if self.env.user.has_group("account.group_account_invoice"):
            action = self.move_id.action_register_payment()
            # Back to the fee afterwards, as from the invoice's own button.
            action["context"] = {**action["context"], "dont_redirect_to_payments": True}
            return action
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take a payment"),
            "res_model": "account.move.line.pay.fee",
            "view_mode": "form",
            "target": "new",
            "context": {"default_line_id": self.id},
        }

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
