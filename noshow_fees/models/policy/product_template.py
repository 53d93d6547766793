"""The price of a service is changed with the question what becomes of bookings; and who
names a code is asked about it."""

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

    def _get_using_companies(self):
        """Also those that have booked these; and of those that have appointments, whose
        policy or providers name them."""
        found = super()._get_using_companies()
        variants = self.with_context(active_test=False).product_variant_ids
        events = self.env["calendar.event"].with_context(active_test=False)
        for product, company in events._read_group(
            [("service_id", "in", variants.ids), ("company_id", "!=", False)],
            ["service_id", "company_id"],
        ):
            found[product.product_tmpl_id] |= company
        for (company,) in events._read_group(
            [("company_id", "!=", False)], ["company_id"]
        ):
            for template in company._get_named_codes().product_tmpl_id & self:
                found[template] |= company
        return found
