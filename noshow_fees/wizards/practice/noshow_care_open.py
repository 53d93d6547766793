"""The dialog by which a therapist opens the chart of a client not in their care."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.chart_text import shows_anything
from ...tools.context import without_flags


class NoshowCareOpen(models.TransientModel):
    _name = "noshow.care.open"
    _description = "Open a Chart with a Reason"

    client_id = fields.Many2one("res.partner", required=True)
    reason = fields.Text(
        required=True, help="The Owner reads it, and ends your access if it is none."
    )

    @api.constrains("client_id")
    def _check_client_is_readable(self):
        # Odoo reads the dialog's own name of the client in sudo, and runs this so.
        self.sudo(False).client_id.check_access("read")

    @without_flags
    def action_open(self):
        """Take the client into the user's care; the Owner gets a task to look at it.

        :raise AccessError: no therapist, or a client of another company
        :raise UserError: no reason, or no Owner who could look at it
        """
        self.ensure_one()
        self.env.user._check_practice_right("open_with_reason")
        self.client_id.check_access("read")
        if not shows_anything(self.reason):
            raise UserError(self.env._("Say why you open this chart."))
        company = self.env.company
        cares_sudo = self.env["noshow.care"]._give(
            [(self.client_id, self.env.user, company)],
            "reason",
            reason=self.reason.strip(),
        )
        cares_sudo._ask_owners()
        # The reason stands on the care now, which is the Owner's to read.
        self.reason = "…"
        return {
            "type": "ir.actions.client",
            "tag": "soft_reload",
        }
