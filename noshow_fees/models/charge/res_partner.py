"""Getting a client's card on file, with their agreement to be charged."""

from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.tools.misc import hash_sign, verify_hash_signed

from ...const import LINK_DAYS

#: Not "card_link" as before: those links stood in logs, and do not work any more.
SCOPE = "noshow_fees.card_page"


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _is_client_or_payer(self):
        """Whether one of these, or whom they belong to, is or was treated here, or pays
        for somebody who is."""
        # In sudo: the answer must not depend on what the user may read.
        partners_sudo = self.sudo().with_context(active_test=False)
        return any(
            partner.is_client or partner.payer_for_ids
            for partner in partners_sudo | partners_sudo.commercial_partner_id
        )

    def _get_card_hint(self):
        """Why no card of this client, or of their payer, can be charged by the company
        of the environment."""
        self.ensure_one()
        if self not in self._filter_in_care(self.env.company):
            return self.env._(
                "Cannot be charged by you: the client is not in your care. Ask the "
                "front desk."
            )
        # In sudo: the client is in the user's care.
        if not self.sudo().card_authorized_on:
            return self.env._(
                "Cannot be charged: the client has not agreed to card charges for "
                "missed visits."
            )
        return self.env._("No card is saved for this client.")

    def action_ask_for_card(self):
        """Open the dialog with the link by which a client saves a card with the company
        of the environment."""
        self.ensure_one()
        self._check_may_ask_for_card()
        hint = self.env["payment.provider"]._get_no_card_company_hint(self.env.company)
        if hint:
            # A link would lead the client, who agrees there, to a dead end.
            raise UserError(hint)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ask for a card"),
            "res_model": "noshow.link",
            "view_mode": "form",
            "target": "new",
            "context": {"default_kind": "card", "default_client_id": self.id},
        }

    def action_open_cards(self):
        """Open the saved cards of this client and of who pays for them."""
        self.ensure_one()
        self._check_may_ask_for_card()
        owners = self | self._get_payer()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Saved cards"),
            "res_model": "payment.token",
            "view_mode": "list",
            "views": [
                (self.env.ref("noshow_fees.payment_token_view_list_client").id, "list")
            ],
            "domain": [("partner_id", "in", owners.ids)],
            "target": "new",
        }

    def _check_may_ask_for_card(self):
        """:raise AccessError: the client is not in the user's care
        :raise UserError: no client
        """
        self.check_access("read")
        self._check_record_companies()
        if not self.is_client:
            raise UserError(self.env._("%s is not a client.", self.display_name))
        self._check_in_care(self.env.company)

    def _get_card_link(self, holder):
        """An address at which `holder` agrees to card charges for missed visits of this
        client by the company of the environment, and saves a card, without logging in;
        it works for some days.

        :param holder: `res.partner`: the client, or who pays for them
        :raise AccessError: the client is not in the user's care
        """
        self.ensure_one()
        company = self.env.company
        self._check_in_care(company)
        # In sudo: the signature needs the database's secret.
        token = hash_sign(
            self.sudo().env,
            SCOPE,
            [self.id, holder.id, company.id],
            expiration=timedelta(days=LINK_DAYS),
        )
        return f"{company.get_base_url()}/noshow/card#{token}"

    def _find_card_link(self, token):
        """What a link stands for; call it in sudo, this is the only check.

        :return: (client, holder, company), or None for a wrong or old link
        """
        try:
            values = verify_hash_signed(self.env, SCOPE, token)
        except ValueError:
            return None
        if not values:
            return None
        client_id, holder_id, company_id = values
        client = self.browse(client_id).exists()
        holder = self.browse(holder_id).exists()
        company = self.env["res.company"].browse(company_id).exists()
        # The payer may have changed since the link was sent.
        if not client or not company or holder not in client | client._get_payer():
            return None
        return client, holder, company

    def _agree_to_card_charges(self):
        """Record that the client agrees today that saved cards may be charged for
        missed visits. Called by the page that asks them, in sudo. Who has agreed before
        has agreed since then; a day that is still to come was a slip of the keyboard.
        """
        today = self.env.company._get_practice_today()
        for client in self:
            if not client.card_authorized_on or client.card_authorized_on > today:
                client.card_authorized_on = today
