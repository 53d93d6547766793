"""The dialog that changes code or amount of a posted fee."""

from odoo import api, fields, models


class AccountMoveLineEditFee(models.TransientModel):
    _name = "account.move.line.edit.fee"
    _inherit = ["noshow.fee.dialog", "noshow.fee.choice"]
    _description = "Edit Fee"

    line_id = fields.Many2one(
        "account.move.line", string="Fee", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="line_id.company_id")
    currency_id = fields.Many2one(related="line_id.currency_id")
    reason = fields.Char(
        help="A billing reason: it stands on the appointment's and the invoice's log. "
        "Nothing clinical.",
    )
    surplus = fields.Selection(
        [("credit", "Keep as the payer's credit"), ("refund", "Back to the card")],
        string="Paid Too Much",
        default="credit",
        required=True,
    )
    surplus_amount = fields.Monetary(compute="_compute_preview")
    refundable = fields.Monetary(
        compute="_compute_refundable",
        help="What may go back to the card; nothing where the user may not refund.",
    )
    preview = fields.Text(compute="_compute_preview")

    @api.depends("line_id")
    def _compute_product_id(self):
        # As the user, not in sudo as Odoo computes stored fields: the fee may be
        # somebody else's.
        self.line_id._origin.check_access("read")
        for dialog in self:
            dialog.product_id = dialog.line_id.product_id

    @api.depends("line_id", "product_id")
    def _compute_amount(self):
        """The amount as it is; the list price once another code is chosen."""
        self.line_id._origin.check_access("read")
        for dialog in self:
            line, product = dialog.line_id, dialog.product_id
            if not product or product == line.product_id:
                # In sudo: what is left of a fee that the user reads (checked above).
                left = line.sudo()._get_fee_left() if line else {"price": 0.0}
                dialog.amount = left["price"]
            else:
                dialog.amount = product._get_list_fee(dialog.company_id)

    @api.depends("line_id")
    @api.depends_context("uid")
    def _compute_refundable(self):
        may_refund = self.env.user._has_practice_right("waive_fee")
        for dialog in self:
            line = dialog.line_id._origin
            line.check_access("read")
            dialog.refundable = may_refund and line and line._get_refundable_to_card()

    @api.depends("line_id", "product_id", "amount")
    def _compute_preview(self):
        for dialog in self:
            dialog.surplus_amount = 0.0
            dialog.preview = False
            if not dialog.line_id or not dialog.product_id:
                continue
            dialog.line_id.check_access("read")
            # In sudo: the fee is the user's to read (checked above); what is told is
            # its number and what happens to it.
            sentences, surplus = dialog.line_id.sudo()._preview_fee_change(
                dialog.product_id.sudo(), dialog.amount
            )
            dialog.preview = "\n".join(sentences)
            dialog.surplus_amount = surplus

    def action_save(self):
        """Save: the invoice is changed, or credited and billed anew.

        :raise AccessError: the user may not change this fee
        :raise UserError: what `account.move.line._change_fee` refuses
        """
        self.ensure_one()
        old_move = self.line_id.move_id
        fee = self.line_id._change_fee(
            self.product_id,
            self.amount,
            self.reason,
            surplus=self.surplus,
            seen=self.seen,
        )
        # In sudo: `_change_fee` has checked the right; two numbers are told.
        number, old_number = fee.sudo().move_id.name, old_move.sudo().name
        if fee == self.line_id:
            message = self.env._("Invoice %s is changed.", number)
        else:
            message = self.env._(
                "Invoice %(old)s is credited; the fee is on invoice %(new)s now.",
                old=old_number,
                new=number,
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": message,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
