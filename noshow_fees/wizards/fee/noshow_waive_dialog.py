"""What the dialogs share that bring fees to zero."""

from odoo import api, fields, models


class NoshowWaiveDialog(models.AbstractModel):
    """Fees in `line_ids`, the reason for all of them, and what becomes of the money."""

    _name = "noshow.waive.dialog"
    _inherit = "noshow.fee.dialog"
    _description = "Dialog that Waives Fees"

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
    surplus = fields.Selection(
        [("credit", "Keep as the payer's credit"), ("refund", "Back to the card")],
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
            dialog.received = sum(lines.mapped("fee_kept"))
            dialog.refundable = sum(line._get_refundable_to_card() for line in lines)

    def _waive(self, **options):
        """Credit these fees to zero, as this dialog says.

        :param options: of `account.move.line._waive`
        """
        self.ensure_one()
        self.line_ids._waive(
            self.reason,
            surplus=self.surplus,
            seen=self.seen,
            reason=self.reason_id,
            **options,
        )
