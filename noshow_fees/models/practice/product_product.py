"""Fee codes that several practices share, as they are chosen."""

from odoo import api, models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def write(self, vals):
        if "active" not in vals or self.env.su:
            return super().write(vals)
        self.product_tmpl_id._check_code_companies({"active"})
        # In sudo: whether it is a fee code does not depend on who asks.
        codes = self.browse(self.sudo().filtered("cpt_code").ids)
        codes.check_access("write")
        # In sudo: beside the inventory, stock reads its reordering rules, which a
        # Manager need not (stock/models/product.py).
        super(ProductProduct, codes.sudo()).write({"active": vals["active"]})
        rest = {name: value for name, value in vals.items() if name != "active"}
        if rest:
            super(ProductProduct, codes).write(rest)
        return super(ProductProduct, self - codes).write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_shared(self):
        self.product_tmpl_id._check_code_companies({"active"})
