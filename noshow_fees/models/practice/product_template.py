"""Fee codes that several practices share: whose they are to change."""

from odoo import api, models
from odoo.exceptions import AccessError

#: What is nobody's fee: its chatter, its picture.
FREE_PREFIXES = ("activity_", "image_", "message_")


class ProductTemplate(models.Model):
    _inherit = "product.template"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_shared(self):
        self._check_code_companies({"active"})

    def _check_code_companies(self, names):
        """A code without a company is every practice's that bills by it.

        :param names: of the fields that are about to change
        :raise AccessError: a company where the user does not work uses this code
        """
        changed = {
            name
            for name in names
            if name in self._fields
            and not self._fields[name].company_dependent
            and not name.startswith(FREE_PREFIXES)
        }
        # In sudo: whether it is a fee code, and whose, does not depend on who asks.
        shared_sudo = self.sudo().filtered(
            lambda template: template.cpt_code and not template.company_id
        )
        if self.env.su or not changed or not shared_sudo:
            return
        own = self.env.user.company_ids
        for template_sudo, companies in shared_sudo._get_using_companies().items():
            if foreign := companies - own:
                raise AccessError(
                    self.env._(
                        "%(companies)s uses the fee code %(code)s, too: it is for "
                        "people who work at all of them to change. Make a code for "
                        "your own company instead.",
                        companies=", ".join(foreign.mapped("name")),
                        code=template_sudo.cpt_code,
                    )
                )

    def _get_using_companies(self):
        """:return: `{template: companies}` that bill by these, in sudo: that have done
        so, or would (models/policy)"""
        variants = self.with_context(active_test=False).product_variant_ids
        found = dict.fromkeys(self, self.env["res.company"])
        for product, company in self.env["account.move.line"]._read_group(
            [("product_id", "in", variants.ids), ("appointment_id", "!=", False)],
            ["product_id", "company_id"],
        ):
            found[product.product_tmpl_id] |= company
        return found
