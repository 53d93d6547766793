"""Sharing a record with somebody outside."""

from odoo import models


class PortalShare(models.TransientModel):
    _inherit = "portal.share"

    def _send_signup_link(self, partners=None):
        """The token by which a client makes a login stands in the record's notes: who
        may not give them one sends a link without it."""
        if partners is None:
            partners = self.partner_ids.filtered(lambda partner: not partner.user_ids)
        invited = partners._filter_may_invite()
        if others := partners - invited:
            self._send_public_link(others)
        return super()._send_signup_link(invited)
