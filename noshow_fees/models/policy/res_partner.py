"""The client's coverage, on the client's page."""

from odoo import fields, models

from ...const import PRACTICE


class ResPartner(models.Model):
    _inherit = "res.partner"

    noshow_coverage_ids = fields.One2many(
        "noshow.coverage", "client_id", string="Coverage", groups=PRACTICE
    )
