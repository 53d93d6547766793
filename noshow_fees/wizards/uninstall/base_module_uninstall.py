"""Odoo's dialog before uninstalling: what is lost, and who has to agree."""

from odoo import api, fields, models

from ...models.uninstall.ir_module_module import ADDON


class BaseModuleUninstall(models.TransientModel):
    _inherit = "base.module.uninstall"

    noshow_losses = fields.Text(
        string="Records of the Practice", compute="_compute_noshow_losses"
    )

    @api.depends("module_ids")
    def _compute_noshow_losses(self):
        for dialog in self:
            losses = []
            if ADDON in dialog._get_modules().mapped("name"):
                # In sudo: counts, of every practice in this database.
                # pylint: disable-next=no-search-all
                companies_sudo = self.env["res.company"].sudo().search([])
                losses = companies_sudo._get_uninstall_losses()
            dialog.noshow_losses = "\n".join(losses)
