"""Analytic distribution of fees by provider, with Odoo's own distribution models."""

from odoo import fields, models


class AccountAnalyticDistributionModel(models.Model):
    _inherit = "account.analytic.distribution.model"

    provider_id = fields.Many2one(
        "res.users",
        ondelete="cascade",
        help="The distribution is for missed-appointment fees of this provider.",
    )

    def _get_default_search_domain_vals(self):
        return super()._get_default_search_domain_vals() | {"provider_id": False}
