"""The dialog that waives fees."""

from odoo import fields, models


class AccountMoveLineWaiveFee(models.TransientModel):
    _name = "account.move.line.waive.fee"
    _inherit = "noshow.waive.dialog"
    _description = "Waive Fees"

    still_counts = fields.Boolean(string="Still Counts as a Missed Visit", default=True)

    def action_waive(self):
        """Credit these fees to zero.

        :raise AccessError: the user may not waive fees
        :raise UserError: no reason, a charge is running, or money that did not come
            from a card was to go back to one
        """
        self._waive(still_counts=self.still_counts)
        return {"type": "ir.actions.act_window_close"}
