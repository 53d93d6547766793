"""Where the loss of a fee may go."""

from odoo import models
from odoo.exceptions import UserError

from ...const import WRITE_OFF_ACCOUNT_TYPES


class AccountAccount(models.Model):
    _inherit = "account.account"

    def _check_write_off(self, company):
        """:raise UserError: unless a fee of this company may be written off to this
        account"""
        if (
            len(self) != 1
            or not self.active
            or self.account_type not in WRITE_OFF_ACCOUNT_TYPES
            or not self.filtered_domain(self._check_company_domain(company))
        ):
            raise UserError(
                self.env._(
                    "Choose an expense account of %s, such as the one for bad debts: "
                    "the loss goes there.",
                    company.display_name,
                )
            )
