"""The dialog that writes fees off."""

from odoo import api, fields, models

from ...const import WRITE_OFF_ACCOUNT_TYPES


class AccountMoveLineWriteOffFee(models.TransientModel):
    _name = "account.move.line.write.off.fee"
    _inherit = "noshow.fee.dialog"
    _description = "Write Off Fees"

    line_ids = fields.Many2many("account.move.line", string="Fees", required=True)
    company_id = fields.Many2one("res.company", compute="_compute_open")
    currency_id = fields.Many2one("res.currency", compute="_compute_open")
    amount = fields.Monetary(
        string="To Write Off",
        compute="_compute_open",
        help="What is open, taxes included.",
    )
    account_id = fields.Many2one(
        "account.account",
        compute="_compute_account_id",
        compute_sudo=False,
        store=True,
        readonly=False,
        domain=lambda self: (
            f"[('account_type', 'in', {WRITE_OFF_ACCOUNT_TYPES}), "
            "('company_ids', 'parent_of', company_id)]"
        ),
        help="Where the loss goes: bad debts, say.",
    )
    reason = fields.Char(
        string="Why",
        help="A billing reason: it stands on the appointment's and the invoice's log. "
        "Nothing clinical.",
    )

    @api.depends("line_ids")
    def _compute_open(self):
        for dialog in self:
            lines = dialog.line_ids
            dialog.company_id = lines.company_id[:1]
            dialog.currency_id = lines.currency_id[:1]
            dialog.amount = sum(lines.mapped("fee_open"))

    @api.depends("line_ids")
    def _compute_account_id(self):
        """The account that the practice took last time."""
        for dialog in self:
            last = self.env["noshow.fee.change"].search(
                [
                    ("kind", "=", "written_off"),
                    ("company_id", "=", dialog.company_id.id),
                ],
                limit=1,
            )
            dialog.account_id = last.entry_id.line_ids.account_id.filtered(
                lambda account: account.account_type in WRITE_OFF_ACCOUNT_TYPES
            )[:1]

    def action_write_off(self):
        """Write off what is open of these fees.

        :raise AccessError: the user may not write fees off
        :raise UserError: what `account.move.line._write_off` refuses
        """
        self.ensure_one()
        self.line_ids._write_off(self.account_id, self.reason, seen=self.seen)
        return {"type": "ir.actions.act_window_close"}
