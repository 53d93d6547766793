"""Merging contacts when one of them is a client."""

from odoo import models
from odoo.exceptions import AccessError

from ...const import OWNER


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Let only owners merge clients, and log whose charts became one.

        Stock moves every row that points to the merged contacts by SQL, past all
        rights and checks, signed chart entries included
        (base/wizard/base_partner_merge.py, _update_foreign_keys_generic).
        """
        partners = self.env["res.partner"].browse(partner_ids).exists()
        # In sudo: who has a chart is not told to who may merge contacts; the answer
        # is the same for every client.
        counts = dict(
            self.env["noshow.chart.entry"]
            .sudo()
            ._read_group(
                [("client_id", "in", partners.ids)], ["client_id"], ["__count"]
            )
        )
        clients_sudo = partners.sudo().filtered(lambda p: p.is_client or p in counts)
        if clients_sudo and not self.env.user.has_group(OWNER):
            raise AccessError(
                self.env._("Clients are merged by an owner of the practice only.")
            )
        names = {partner.id: partner.display_name for partner in clients_sudo}
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        kept = partners.exists()
        self.env["noshow.chart.access"]._append(
            [
                {
                    "action": "merge",
                    "client_id": kept.id,
                    "client_ref": client.id,
                    "ground": "owner",
                    "entry_count": counts.get(client, 0),
                    "detail": names[client.id],
                }
                for client in clients_sudo - kept
            ]
        )
        return result
