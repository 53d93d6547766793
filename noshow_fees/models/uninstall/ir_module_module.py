"""A used practice is uninstalled only after an owner has agreed."""

from odoo import fields, models
from odoo.exceptions import UserError

ADDON = "noshow_fees"


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    def write(self, vals):
        # The one thing that all ways to uninstall write: the button in Apps, that of
        # an addon which this one builds on, and the command line
        # (base/models/ir_module.py, `button_uninstall`).
        if vals.get("state") == "to remove" and ADDON in self.mapped("name"):
            self._check_noshow_uninstall()
        return super().write(vals)

    def _check_noshow_uninstall(self):
        """:raise UserError: a practice has records, and no owner has agreed to lose
        them"""
        # In sudo: every practice in this database, whoever uninstalls.
        # pylint: disable-next=no-search-all
        companies_sudo = self.env["res.company"].sudo().search([])
        now = fields.Datetime.now()
        used = [
            company_sudo.name
            for company_sudo in companies_sudo
            if not (
                company_sudo.noshow_uninstall_until
                and company_sudo.noshow_uninstall_until > now
            )
            and company_sudo._count_noshow_records()
        ]
        if used:
            losses = companies_sudo._get_uninstall_losses()
            raise UserError(
                self.env._(
                    "Uninstalling deletes records for good:\n%(losses)s\n\nAn owner of "
                    "%(companies)s has to export them first, under Practice → "
                    "Configuration → Export everything.",
                    companies=", ".join(used),
                    losses="\n".join(f"• {loss}" for loss in losses),
                )
            )
