"""Odoo's wizard that merges contacts, when one of them is a client."""

from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Merging clients joins two clinical records: the owner's decision, and logged
        on the contact that stays and in the log of charts. Odoo moves appointments,
        fees, charts and cards by SQL, past all rights and checks, signed chart entries
        included (base/wizard/base_partner_merge.py, _update_foreign_keys_generic).

        :raise AccessError: somebody else merges a client or a payer, or one with
            records at a company where the user does not work
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
        partners_sudo.with_env(self.env)._check_record_companies("all")
        names = {partner: partner.name for partner in partners_sudo}
        homes = {partner: partner.company_id for partner in partners_sudo}
        # Nobody is their own payer, which a merge with the payer would make of it.
        partners_sudo.filtered(lambda p: p.payer_id in partners_sudo).payer_id = False
        if clients_sudo:
            # People under one contact see each other's invoices; and Odoo goes on where
            # the kept one may not have the other's parent, half done (_update_values).
            partners_sudo.parent_id = False
        # Whose people are to read of the merge.
        companies = partners_sudo.with_env(self.env)._get_record_companies()
        agreed = self._get_agreements(partners_sudo)
        cards_sudo = self._keep_one_default(partners_sudo, dst_partner)
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        kept_sudo = partners_sudo.exists()
        if clients_sudo:
            kept_sudo.is_client = True
        for company, date in agreed.items():
            kept_sudo.with_company(company).card_authorized_on = date
        # To the log of charts, not to the contact, whose notes every employee reads.
        cards = [
            self.env._(
                "%s is not the card used by default any more.", card_sudo.display_name
            )
            for card_sudo in cards_sudo.exists()
        ]
        self.env["noshow.chart.access"]._append(
            [
                {
                    "action": "merge",
                    "client_id": kept_sudo.id,
                    "client_ref": client.id,
                    "client_name": names[client],
                    "company_id": company.id,
                    "ground": "owner",
                    "entry_count": counts.get(client, 0),
                    "detail": ". ".join([names[client], *cards]),
                }
                for client in clients_sudo - kept_sudo
                for company in companies[client.with_env(self.env)]
                or homes[client]
                or self.env.company
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

    def _get_agreements(self, partners_sudo):
        """:return: `{company: day}` on which one of these agreed to card charges; Odoo
        merges those of the current company only"""
        found = {}
        # In sudo: the agreements of every company are merged.
        # pylint: disable-next=no-search-all
        for company in self.env["res.company"].sudo().search([]):
            days = partners_sudo.with_company(company).mapped("card_authorized_on")
            if any(days):
                found[company] = max(filter(None, days))
        return found

    def _keep_one_default(self, partners_sudo, dst_partner):
        """Leave one default card a company: Odoo would delete the others, as an index
        allows one (base/wizard/base_partner_merge.py, _update_foreign_keys_generic).

        :return: those that are not the default any more, in sudo
        """
        defaults_sudo = (
            self.env["payment.token"]
            .sudo()
            .search(
                [("partner_id", "in", partners_sudo.ids), ("is_default", "=", True)]
            )
            .sorted(lambda card: (card.partner_id != dst_partner, -card.id))
        )
        others_sudo = defaults_sudo.browse()
        for cards_sudo in defaults_sudo.grouped("company_id").values():
            others_sudo |= cards_sudo[1:]
        others_sudo.is_default = False
        others_sudo.flush_recordset()
        return others_sudo
