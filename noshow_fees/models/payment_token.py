"""The saved card."""

from odoo import fields, models


class PaymentToken(models.Model):
    _inherit = "payment.token"

    # Stock shows it to the Invoicing role: with it, and a key, a card is charged.
    provider_ref = fields.Char(groups="base.group_system")

    def _get_chargeable(self, company, clients):
        """The saved cards that may be charged for missed visits of `clients`: the
        client's own and their payer's, of an enabled provider of the company, and only
        when the client agreed to such charges (`card_authorized_on`).

        Call it in sudo, after the right to cancel was checked: a card is readable by
        its owner only.

        :return: `{client: payment.token}`, newest card first
        """
        agreed = clients.filtered("card_authorized_on")
        owners = {client: client | client._get_payer() for client in agreed}
        tokens = self.search(
            [
                ("partner_id", "in", [p.id for group in owners.values() for p in group]),
                ("company_id", "parent_of", company.id),
                ("provider_id.state", "in", ("enabled", "test")),
            ],
            order="id desc",
        )
        return {
            client: tokens.filtered(
                lambda token, client=client: token.partner_id in owners.get(client, ())
            )
            for client in clients
        }
