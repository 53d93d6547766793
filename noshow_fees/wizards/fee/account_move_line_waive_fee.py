"""The dialog that waives fees."""

from odoo import api, fields, models


class AccountMoveLineWaiveFee(models.TransientModel):
    _name = "account.move.line.waive.fee"
    _inherit = "noshow.fee.dialog"
    _description = "Waive Fees"

    line_ids = fields.Many2many("account.move.line", string="Fees", required=True)
    currency_id = fields.Many2one("res.currency", compute="_compute_received")
    received = fields.Monetary(compute="_compute_received")
    refundable = fields.Monetary(compute="_compute_received")
    reason_id = fields.Many2one(
        "noshow.waiver.reason", string="Why", help="It stands in the fee's history."
    )
    needs_text = fields.Boolean(related="reason_id.needs_text", compute_sudo=False)
    reason = fields.Char(
        string="In Words",
        help="A billing reason: it stands on the appointment's and the invoice's log. "
        "Nothing clinical.",
    )
    still_counts = fields.Boolean(string="Still Counts as a Missed Visit", default=True)
    surplus = fields.Selection(
        [("credit", "Keep as the client's credit"), ("refund", "Back to the card")],
        string="Money Received",
        default="credit",
        required=True,
        help="Cash and checks never go back to a card.",
    )

    @api.depends("line_ids")
    def _compute_received(self):
        for dialog in self:
            lines = dialog.line_ids
            dialog.currency_id = lines.currency_id[:1]
            dialog.received = sum(lines.mapped("fee_received"))
            dialog.refundable = sum(line._get_refundable_to_card() for line in lines)

    def action_waive(self):
        """Credit these fees to zero.

        :raise AccessError: the user may not waive fees
        :raise UserError: no reason, a charge is running, or money that did not come
            from a card was to go back to one
        """
        self.ensure_one()
        self.line_ids._waive(
            self.reason,
            surplus=self.surplus,
            still_counts=self.still_counts,
            seen=self.seen,
            reason=self.reason_id,
        )
        return {"type": "ir.actions.act_window_close"}
