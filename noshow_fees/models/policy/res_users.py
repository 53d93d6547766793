"""What a provider mostly gives."""

from odoo import fields, models

from ...const import PRACTICE


class ResUsers(models.Model):
    _inherit = "res.users"

    noshow_service_id = fields.Many2one(
        "product.product",
        string="Usual Service",
        domain=[("cpt_code", "!=", False)],
        groups=PRACTICE,
        help="Proposed for the first appointment of a client with this provider.",
    )
