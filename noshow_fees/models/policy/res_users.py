"""What a provider mostly gives."""

from odoo import api, fields, models

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

    @api.constrains("noshow_service_id")
    def _check_noshow_service(self):
        # In sudo: what it is does not depend on who asks.
        self.sudo().noshow_service_id._check_is_fee_code()
