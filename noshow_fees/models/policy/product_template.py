"""The price of a service is changed with the question what becomes of bookings."""

from odoo import models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    def action_change_fee_price(self):
        """Open the dialog that changes the price of this service."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Change the price"),
            "res_model": "product.product.change.price",
            "view_mode": "form",
            "target": "new",
            "context": {"default_product_id": self.product_variant_id.id},
        }
