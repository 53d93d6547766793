"""Odoo's wizard that merges contacts, when one of them is a client."""

from markupsafe import Markup

from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Merging clients joins two clinical records: the owner's decision, and logged
        on the contact that stays and in the log of charts. Odoo moves appointments,
        fees, charts and cards by SQL, past all rights and checks, signed chart entries
        included (base/wizard/base_partner_merge.py, _update_foreign_keys_generic).

        :raise AccessError: somebody else merges a client or a payer
        """
        # In sudo: whether a contact is a client, pays for one or has a chart must not
        # depend on who merges, and the answer is the same for all of these.
        partners_sudo = self.env["res.partner"].sudo().browse(partner_ids).exists()
        counts = dict(
            self.env["noshow.chart.entry"]
            .sudo()
            ._read_group(
                [("client_id", "in", partners_sudo.ids)], ["client_id"], ["__count"]
            )
        )
        clients_sudo = partners_sudo.filtered(lambda p: p.is_client or p in counts)
        if not clients_sudo and not partners_sudo.payer_for_ids:
            return super()._merge(partner_ids, dst_partner, extra_checks)
        self.env.user._check_practice_right("merge_clients")
        names = {partner: partner.name for partner in partners_sudo}
        # Nobody is their own payer, which a merge with the payer would make of it.
        partners_sudo.filtered(lambda p: p.payer_id in partners_sudo).payer_id = False
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        kept_sudo = partners_sudo.exists()
        for partner_sudo in kept_sudo:
            merged = [name for one, name in names.items() if one != partner_sudo]
            partner_sudo._message_log(
                body=Markup("<p>%s</p>")
                % self.env._("Merged with %(contacts)s.", contacts=", ".join(merged))
            )
        self.env["noshow.chart.access"]._append(
            [
                {
                    "action": "merge",
                    "client_id": kept_sudo.id,
                    "client_ref": client.id,
                    "client_name": names[client],
                    "ground": "owner",
                    "entry_count": counts.get(client, 0),
                    "detail": names[client],
                }
                for client in clients_sudo - kept_sudo
            ]
        )
        return result

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        if self.env.user._has_practice_right("merge_clients"):
            # In sudo: who merges clients need not be one who reads the website's
            # visitors, which are merged along (website/models/base_partner_merge.py).
            src_partners, dst_partner = src_partners.sudo(), dst_partner.sudo()
        super()._update_foreign_keys(src_partners, dst_partner)
