"""The dialog that waives fees."""

from odoo import fields, models


class AccountMoveLineWaiveFee(models.TransientModel):
    _name = "account.move.line.waive.fee"
    _description = "Waive Fees"

    line_ids = fields.Many2many("account.move.line", string="Fees", required=True)
    reason = fields.Char(
        required=True,
        help="A billing reason: it stands on the appointment's and the invoice's log. "
        "Nothing clinical.",
    )
    still_counts = fields.Boolean(
        string="Still Counts as a Missed Visit", default=True
    )
    surplus = fields.Selection(
        [("credit", "Keep as the client's credit"), ("refund", "Back to the card")],
        string="Money Received",
        default="credit",
        required=True,
    )

    def action_waive(self):
        """Credit these fees to zero.

        :raise AccessError: the user may not waive fees
        :raise UserError: a charge is running
        """
        self.ensure_one()
        self.line_ids._waive(
            self.reason, surplus=self.surplus, still_counts=self.still_counts
        )
        return {"type": "ir.actions.act_window_close"}
