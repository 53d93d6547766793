"""Fee codes that several practices share, as they are chosen."""

from odoo import api, models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def write(self, vals):
        if "active" in vals:
            self.product_tmpl_id._check_code_companies({"active"})
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_shared(self):
        self.product_tmpl_id._check_code_companies({"active"})
