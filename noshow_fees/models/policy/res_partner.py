"""The client's coverage, on the client's page."""

from odoo import models

from ...const import PRACTICE
from ...tools.relations import AskingOne2many


class ResPartner(models.Model):
    _inherit = "res.partner"

    noshow_coverage_ids = AskingOne2many(
        "noshow.coverage", "client_id", string="Coverage", groups=PRACTICE
    )
