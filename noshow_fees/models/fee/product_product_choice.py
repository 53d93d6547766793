"""Choosing a fee code: what the list shows, and in which order."""

from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain

#: So long a code that was charged comes before others of its kind.
RECENT = timedelta(days=90)


class ProductProduct(models.Model):
    _inherit = "product.product"

    # Fields that choose a fee put `noshow_fee_company` into their context: the company
    # that bills, whose prices are shown.

    @api.model
    def _search_fee_choices(self, name, domain, limit):
        """The fee codes that fit what was typed: those for missed visits first, then
        what was charged lately, the practice's own, and codes of a code set last.

        :return: as `name_search`
        """
        company = self._get_choice_company()
        matching = Domain.AND(
            Domain("cpt_code", "ilike", word) | Domain("name", "ilike", word)
            for word in (name or "").split()
        )
        codes = self.search_fetch(
            Domain(domain or Domain.TRUE) & Domain("cpt_code", "!=", False) & matching,
            ["cpt_code", "cpt_source", "display_name"],
        )
        proposed = self._get_missed_visit_codes(company)
        since = company._get_practice_today() - RECENT
        used = dict(
            self.env["account.move.line"]._read_group(
                [
                    ("is_noshow_fee", "=", True),
                    ("company_id", "=", company.id),
                    ("date", ">=", fields.Date.to_string(since)),
                ],
                ["product_id"],
                ["__count"],
            )
        )
        codes = codes.sorted(
            lambda code: (
                code not in proposed,
                -used.get(code, 0),
                code.cpt_source != "custom",
                code.cpt_code,
            )
        )
        # In sudo: found as the user; the name may read more (product/models/
        # product_product.py, name_search).
        return [(code.id, code.display_name) for code in codes[:limit].sudo()]

    def _get_missed_visit_codes(self, company):
        """What `company` bills for missed visits. The policy says it."""
        return self.browse()

    def _get_choice_company(self):
        # A browser says which one.
        asked = self.env["res.company"].browse(self.env.context["noshow_fee_company"])
        own = self.env.user.company_ids.with_env(self.env)
        return (
            asked if self.env.uid == SUPERUSER_ID or asked in own else self.env.company
        )

    def _get_choice_details(self):
        """Price and source of a code, as they stand behind its name in a drop-down:
        in grey (web/static/src/core/utils/html.js, `odoomark`)."""
        context = self.env.context
        if not (
            context.get("noshow_fee_company") and context.get("formatted_display_name")
        ):
            return ""
        company = self._get_choice_company()
        sources = dict(self._fields["cpt_source"]._description_selection(self.env))
        price = company.currency_id.format(self._get_list_fee(company))
        return f"\t--{price} · {sources.get(self.cpt_source, '')}--"
