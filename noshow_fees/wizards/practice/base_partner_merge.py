"""Odoo's wizard that merges contacts."""

from markupsafe import Markup

from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Merging clients joins two clinical records: the owner's decision, and logged
        on the contact that stays. Odoo moves appointments, fees, charts and cards by
        SQL, past every guard (base/wizard/base_partner_merge.py).

        :raise AccessError: somebody else merges a client or a payer
        """
        # In sudo: whether a contact is a client must not depend on who merges.
        partners_sudo = self.env["res.partner"].sudo().browse(partner_ids).exists()
        clients_sudo = partners_sudo.filtered(lambda p: p.is_client or p.payer_for_ids)
        if not clients_sudo:
            return super()._merge(partner_ids, dst_partner, extra_checks)
        self.env.user._check_practice_right("merge_clients")
        names = {partner.id: partner.name for partner in partners_sudo}
        # Nobody is their own payer, which a merge with the payer would make of it.
        partners_sudo.filtered(lambda p: p.payer_id in partners_sudo).payer_id = False
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        for partner_sudo in partners_sudo.exists():
            merged = [name for id_, name in names.items() if id_ != partner_sudo.id]
            partner_sudo._message_log(
                body=Markup("<p>%s</p>")
                % self.env._("Merged with %(contacts)s.", contacts=", ".join(merged))
            )
        return result
