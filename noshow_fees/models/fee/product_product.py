"""Fee codes as the product that is billed: names, prices, what is absurd."""

import math

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

#: Nobody charges this for one missed visit; it is a slip of the keyboard.
ABSURD_AMOUNT = 100_000.0
#: So many times that where the unit of the currency is worth that little: by powers of
#: ten, roughly (rates may be missing, and are wrong by less).
SMALL_UNITS = {
    100: "AMD AOA ARS BDT BIF CDF CLP CRC CVE DJF DZD ETB GYD HTG HUF INR ISK JMD JPY "
    "KES KMF KPW KZT LKR LRD MZN NPR PKR RSD RUB SDG SSP VUV XAF XOF XPF YER ZWL",
    1000: "BIF COP GNF IQD KHR KRW LAK MGA MMK MNT MWK NGN PYG RWF SOS TZS UGX",
    10000: "GNF IDR IRR LAK LBP SLL STD SYP UZS VND",
}


def _get_absurd_amount(currency):
    """The amount from which on a fee in `currency` is a slip of the keyboard."""
    return ABSURD_AMOUNT * max(
        (factor for factor, codes in SMALL_UNITS.items() if currency.name in codes),
        default=1,
    )


class ProductProduct(models.Model):
    _inherit = "product.product"

    @api.model_create_multi
    def create(self, vals_list):
        # Here too: the template gets this model's defaults as if they were given.
        prepare = self.env["product.template"]._prepare_fee_code
        return super().create([prepare(vals) for vals in vals_list])

    @api.depends("cpt_code")
    @api.depends_context("noshow_fee_company")
    def _compute_display_name(self):
        super()._compute_display_name()
        # In sudo: the code is in the name of the product for whoever sees it.
        for product_sudo in self.sudo().filtered("cpt_code"):
            product_sudo.sudo(self.env.su).display_name = (
                f"{product_sudo.cpt_code} {product_sudo.name}"
                f"{product_sudo._get_choice_details()}"
            )

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Find fee codes by their code first, also with the name behind it, as they
        are shown; then whatever stock finds."""
        if self.env.context.get("noshow_fee_company"):
            return self._search_fee_choices(name, domain, limit)
        found = super().name_search(name, domain, operator, limit)
        code, *rest = name.split(maxsplit=1) if name else [""]
        if (
            not code
            or operator in Domain.NEGATIVE_OPERATORS
            or not self._has_field_access(self._fields["cpt_code"], "read")
        ):
            return found
        by_code = Domain("cpt_code", "=ilike", f"{code}%")
        for text in rest:
            by_code &= Domain("name", "ilike", text)
        codes = self.search_fetch(
            Domain(domain or Domain.TRUE) & by_code, ["display_name"], limit=limit
        )
        # In sudo: found as the user; the name may read more (product/models/
        # product_product.py, name_search).
        first = [(product.id, product.display_name) for product in codes.sudo()]
        return [*first, *(pair for pair in found if pair[0] not in codes.ids)][:limit]

    def _get_list_fee(self, company):
        """The list price of this fee code at `company`, in its currency at today's
        rate where the list is in another one."""
        self.ensure_one()
        # Not `lst_price`, which a unit in the context multiplies
        # (product/models/product_product.py); fee codes have no variants.
        product = self.with_company(company)
        # In sudo: the rates are for everybody who may see the price.
        return product.currency_id.sudo()._convert(
            product.list_price,
            company.currency_id,
            company,
            company._get_practice_today(),
        )

    def _to_list_price(self, company, amount):
        """What `_get_list_fee` takes back for `amount` in the company's currency: the
        list is in the product's, which is the main company's where the product has none
        of its own (product/models/product_template.py)."""
        self.ensure_one()
        product = self.with_company(company)
        # In sudo: as above. Not rounded: the list may have more decimals.
        return company.currency_id.sudo()._convert(
            amount,
            product.currency_id,
            company,
            company._get_practice_today(),
            round=False,
        )

    def _check_is_fee_code(self):
        """:raise UserError: one of these is something else"""
        for product in self:
            if not product.cpt_code:
                raise UserError(
                    self.env._(
                        "“%s” is not a fee code. Choose one from the list.",
                        product.name,
                    )
                )

    def _check_fee(self, company, amount):
        """Check that `amount` can be charged with this code at `company`.

        :param float amount: in the company's currency, taxes not included
        :raise UserError: no fee code, archived, another company's, or an amount
            that is negative, not a number, absurd or finer than the currency
        """
        self.ensure_one()
        self._check_is_fee_code()
        if not self.active:
            raise UserError(
                self.env._(
                    "Fee code %s is archived. Choose another one, or unarchive it "
                    "under Configuration → Fee codes.",
                    self.cpt_code,
                )
            )
        if not company._may_use(self.company_id):
            raise UserError(
                self.env._("Fee code %s belongs to another company.", self.cpt_code)
            )
        currency = company.currency_id
        if not math.isfinite(amount):
            raise UserError(self.env._("The amount has to be a number."))
        if currency.compare_amounts(amount, 0.0) < 0:
            raise UserError(self.env._("The amount of a fee cannot be negative."))
        if currency.compare_amounts(amount, _get_absurd_amount(currency)) >= 0:
            raise UserError(
                self.env._(
                    "%s for one missed appointment? Check the amount.",
                    currency.format(amount),
                )
            )
        if abs(currency.round(amount) - amount) > currency.rounding / 1000:
            raise UserError(
                self.env._(
                    "%(amount)s cannot be paid in %(currency)s: the smallest step is "
                    "%(step)s.",
                    amount=amount,
                    currency=currency.name,
                    step=currency.rounding,
                )
            )
