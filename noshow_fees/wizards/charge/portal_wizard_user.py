"""Who gives a client, or who pays for one, a login of their own."""

from odoo import models
from odoo.exceptions import AccessError


class PortalWizardUser(models.TransientModel):
    _inherit = "portal.wizard.user"

    def _update_partner_email(self):
        """What giving, repeating and taking away access begin with.

        :raise AccessError: who logs in there reads what was missed and charges the
            card, and the user is not of the practice's front desk
        """
        partners = self.partner_id
        if not self.env.su and partners._is_client_or_payer():
            if not self.env.user._has_practice_right("schedule"):
                raise AccessError(
                    self.env._(
                        "The front desk of the practice gives %s access to the portal.",
                        partners[:1].display_name,
                    )
                )
            (partners | partners.commercial_partner_id)._check_record_companies("first")
        return super()._update_partner_email()
