"""Fee codes: what a practice charges for a missed appointment."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...const import PRACTICE

#: Fields by which Odoo's other apps offer a product: what they bill is in no report of
#: missed visits. Some are of addons that a practice may not have.
OFFERS = ("available_in_pos", "can_be_expensed", "purchase_ok", "sale_ok")


class ProductTemplate(models.Model):
    _inherit = "product.template"

    cpt_code = fields.Char(
        string="Code",
        copy=False,
        groups=f"{PRACTICE},account.group_account_readonly,account.group_account_invoice",
        help="The code that stands on the invoice, such as NOSHOW.",
    )
    cpt_source = fields.Selection(
        [("system", "System"), ("custom", "Custom")],
        string="Source",
        groups=f"{PRACTICE},account.group_account_readonly,account.group_account_invoice",
        help="System codes come with a code set; custom codes are the practice's own.",
    )

    # A code among 40,000 products is found by it, too: 0.01 ms instead of 20.
    _cpt_code_unique = models.UniqueIndex(
        "(cpt_code, COALESCE(company_id, 0)) WHERE cpt_code IS NOT NULL AND active",
        "This fee code exists already: change that one, or archive it first.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._prepare_fee_code(vals) for vals in vals_list])

    def write(self, vals):
        self._check_code_companies(vals)
        return super().write(self._clean_fee_code(vals))

    @api.model
    def _prepare_fee_code(self, vals):
        """A fee code is a service, offered nowhere, and carries no tax unless one is
        given with it: the company's default tax would be billed in silence."""
        vals = self._clean_fee_code(vals)
        if not vals.get("cpt_code"):
            return vals
        return {"taxes_id": [], **vals, "type": "service"}

    def _force_default_sale_tax(self, companies):
        # Stock gives a product without a company the default tax of every other
        # company when it is created, and when a chart of accounts is loaded
        # (account/models/product.py, chart_template.py).
        plain = self.filtered(lambda template: not template.cpt_code)
        return super(ProductTemplate, plain)._force_default_sale_tax(companies)

    @api.model
    def _clean_fee_code(self, vals):
        """One spelling of each code: they are compared by eye and by payers. And what
        becomes a fee code is not sold elsewhere any more."""
        if "cpt_code" not in vals:
            return vals
        code = (vals["cpt_code"] or "").strip().upper() or False
        offers = dict.fromkeys(self._get_offers() if code else (), False)
        return {**vals, **offers, "cpt_code": code}

    @api.model
    def _get_offers(self):
        """Those of `OFFERS` that there are here."""
        return [name for name in OFFERS if name in self._fields]

    @api.constrains(lambda self: ["cpt_code", *self._get_offers()])
    def _check_fee_code_is_not_offered(self):
        # In sudo: who edits products need not see which of them are fee codes.
        for template_sudo in self.sudo().filtered("cpt_code"):
            if any(template_sudo[name] for name in self._get_offers()):
                raise ValidationError(
                    self.env._(
                        "Fee code %s is billed for missed appointments only: sold, "
                        "bought or expensed, it would be in none of their reports.",
                        template_sudo.cpt_code,
                    )
                )

    @api.constrains("cpt_code", "type")
    def _check_fee_code(self):
        for template in self.filtered("cpt_code"):
            if template.type != "service":
                raise ValidationError(
                    self.env._("Fee code %s has to be a service.", template.cpt_code)
                )
            template._check_one_variant()

    def _create_variant_ids(self):
        # Attributes come by several ways; this is where they all lead.
        codes = self.filtered(
            lambda template: template.cpt_code and template.product_variant_ids
        )
        result = super()._create_variant_ids()
        for template in codes:
            template._check_one_variant()
        return result

    def _check_one_variant(self):
        """:raise ValidationError: this fee code has variants, or none is left"""
        self.ensure_one()
        if self.active and self.id and len(self.product_variant_ids) > 1:
            raise ValidationError(
                self.env._(
                    "Fee code %s cannot have variants: a fee code is one price. Make "
                    "another code instead.",
                    self.cpt_code,
                )
            )
