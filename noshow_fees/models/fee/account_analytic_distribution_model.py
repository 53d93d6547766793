"""Analytic distribution of fees by provider, with Odoo's own distribution models."""

from odoo import api, fields, models
from odoo.fields import Domain


class AccountAnalyticDistributionModel(models.Model):
    _inherit = "account.analytic.distribution.model"

    provider_id = fields.Many2one(
        "res.users",
        ondelete="cascade",
        help="The distribution is for missed-appointment fees of this provider.",
    )

    def _get_default_search_domain_vals(self):
        return super()._get_default_search_domain_vals() | {"provider_id": False}

    def _in_batch(self, records):
        """Return `records` with all models read once: what is billed with them asks for
        those that apply, a domain each, and finds them among these."""
        every = self.search(Domain.TRUE)
        return records.with_context(noshow_distribution_models=every)

    @api.model
    def search(self, domain, offset=0, limit=None, order=None):
        known = self.env.context.get("noshow_distribution_models")
        # A recordset, which no call from outside can bring along, in the order of all.
        if isinstance(known, models.BaseModel) and not (offset or limit or order):
            return known.with_env(self.env).filtered_domain(domain)
        return super().search(domain, offset=offset, limit=limit, order=order)
