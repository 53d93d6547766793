"""The Owner lets a fee be charged against the client's coverage, and says why."""

from odoo import fields, models


class AccountMoveLineOverrideCoverage(models.TransientModel):
    _name = "account.move.line.override.coverage"
    _description = "Override a Coverage"

    line_id = fields.Many2one(
        "account.move.line", string="Fee", required=True, ondelete="cascade"
    )
    # As the user: the fee may be another company's.
    refusal = fields.Char(related="line_id.coverage_refusal", compute_sudo=False)
    reason = fields.Char(
        required=True,
        help="A billing reason: it stands in the history of the fee.",
    )

    def action_override(self):
        """:raise AccessError: unless the user is Owner"""
        self.ensure_one()
        self.line_id.check_access("read")
        self.line_id._override_coverage(self.reason)
        return {"type": "ir.actions.act_window_close"}
