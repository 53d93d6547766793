"""The dialog that gives money of a fee back to the card."""

from odoo import api, fields, models


class AccountMoveLineRefundFee(models.TransientModel):
    _name = "account.move.line.refund.fee"
    _inherit = "noshow.fee.dialog"
    _description = "Refund a Fee"

    line_id = fields.Many2one(
        "account.move.line", string="Fee", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="line_id.currency_id")
    fee_amount = fields.Monetary(string="Owed", compute="_compute_fee")
    received = fields.Monetary(compute="_compute_fee")
    refundable = fields.Monetary(
        compute="_compute_fee", help="What was charged to a card and is still there."
    )
    amount = fields.Monetary(
        string="Give Back",
        compute="_compute_amount",
        compute_sudo=False,
        store=True,
        readonly=False,
        help="Taxes included.",
    )
    reason = fields.Char(
        required=True,
        help="A billing reason: it stands on the appointment's and the invoice's log. "
        "Nothing clinical.",
    )
    preview = fields.Char(compute="_compute_preview")

    @api.depends("line_id")
    def _compute_fee(self):
        self.line_id._origin.check_access("read")
        for dialog in self:
            line = dialog.line_id._origin
            dialog.fee_amount = line.fee_amount
            dialog.received = line.fee_kept
            dialog.refundable = line and min(
                line._get_refundable_to_card(), line.fee_kept
            )

    @api.depends("refundable")
    def _compute_amount(self):
        for dialog in self:
            dialog.amount = dialog.refundable

    @api.depends("amount", "line_id")
    def _compute_preview(self):
        for dialog in self:
            currency = dialog.currency_id
            if not currency or not dialog.refundable:
                dialog.preview = False
                continue
            values = {
                "amount": currency.format(dialog.amount),
                "old": currency.format(dialog.fee_amount),
                # In sudo: a total of a fee that the user reads, as `_compute_fee` has
                # checked.
                "new": currency.format(
                    dialog.line_id._origin.sudo()._get_fee_after_refund(dialog.amount)
                ),
            }
            kept = dialog.received - dialog.amount
            if currency.compare_amounts(kept, dialog.fee_amount) >= 0:
                dialog.preview = self.env._(
                    "%(amount)s of the payer's credit go back to the card, and the fee "
                    "stays %(old)s.",
                    **values,
                )
            elif currency.compare_amounts(kept, 0.0) <= 0:
                dialog.preview = self.env._(
                    "%(amount)s go back to the card, and nothing is owed any more: a "
                    "credit note of today brings the fee to zero. It still counts as a "
                    "missed visit.",
                    **values,
                )
            else:
                dialog.preview = self.env._(
                    "%(amount)s go back to the card, and the fee is %(new)s instead of "
                    "%(old)s.",
                    **values,
                )

    def action_refund(self):
        """Give the money back, and say so.

        :raise AccessError: the user may not refund fees
        :raise UserError: what `account.move.line._refund_fee` refuses
        """
        self.ensure_one()
        amount = self.currency_id.format(self.amount)
        self.line_id._refund_fee(self.amount, self.reason, seen=self.seen)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%s go back to the card.", amount),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
