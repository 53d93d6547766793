"""Which fee codes are for missed visits."""

from odoo import models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _get_missed_visit_codes(self, company):
        """Those of the rules of the policy that is in force, or was last."""
        published = self.env["noshow.policy"]._get_published(company)
        policies_sudo = published.get(company.id, self.env["noshow.policy"].sudo())
        return policies_sudo[-1:].rule_ids.product_id.with_env(self.env)
