"""That the Owner charged a fee against a client's coverage stands in its history."""

from odoo import fields, models


class NoshowFeeChange(models.Model):
    _inherit = "noshow.fee.change"

    kind = fields.Selection(
        selection_add=[("overridden", "Coverage overridden by the owner")],
        ondelete={"overridden": "cascade"},
    )
