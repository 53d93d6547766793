"""The practice's settings for missed appointments."""

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...const import PRACTICE


class ResCompany(models.Model):
    _inherit = "res.company"

    noshow_notice_hours = fields.Float(
        string="Notice",
        groups=PRACTICE,
        default=24.0,
        help="Hours of notice for a cancellation in time. A cancellation exactly at "
        "the boundary is late.",
    )
    noshow_cancelled_product_id = fields.Many2one(
        "product.product",
        string="Fee for a Cancellation in Time",
        domain=[("cpt_code", "!=", False)],
        check_company=True,
        groups=PRACTICE,
    )
    noshow_late_cancelled_product_id = fields.Many2one(
        "product.product",
        default=lambda self: self._get_shipped_fee_code("noshow_fees.product_latecx"),
        string="Fee for a Late Cancellation",
        domain=[("cpt_code", "!=", False)],
        check_company=True,
        groups=PRACTICE,
    )
    noshow_no_show_product_id = fields.Many2one(
        "product.product",
        default=lambda self: self._get_shipped_fee_code("noshow_fees.product_noshow"),
        string="Fee for a No-show",
        domain=[("cpt_code", "!=", False)],
        check_company=True,
        groups=PRACTICE,
    )
    noshow_journal_id = fields.Many2one(
        "account.journal",
        string="Journal for Missed-appointment Fees",
        domain=[("type", "=", "sale")],
        check_company=True,
        groups=PRACTICE,
        help="Empty: the first sales journal.",
    )
    noshow_income_account_id = fields.Many2one(
        "account.account",
        string="Income Account for Missed-appointment Fees",
        domain=[("account_type", "in", ("income", "income_other"))],
        check_company=True,
        groups=PRACTICE,
        help="Used for fee codes that have no income account of their own.",
    )
    noshow_staff_takes_payment = fields.Boolean(
        string="Front Desk Takes Payments",
        groups=PRACTICE,
        help="Staff may take cash and checks for a fee at the desk.",
    )

    _noshow_notice_hours_positive = models.Constraint(
        "CHECK (noshow_notice_hours >= 0)", "The notice cannot be negative."
    )

    @api.constrains("noshow_journal_id")
    def _check_noshow_journal_currency(self):
        for company in self:
            currency = company.noshow_journal_id.currency_id
            if currency and currency != company.currency_id:
                raise ValidationError(
                    self.env._(
                        "Fees are billed in %(currency)s: choose a journal in that "
                        "currency.",
                        currency=company.currency_id.name,
                    )
                )

    @api.model
    def _get_shipped_fee_code(self, xmlid):
        """A fee code that comes with the addon, while the practice keeps it, for all
        companies; none while the addon is being installed (`hooks.py` makes up for it).
        """
        found = self.env.ref(xmlid, raise_if_not_found=False)
        # In sudo: the practice may have given it to a company of its own since.
        codes_sudo = (found or self.env["product.product"]).sudo()
        return codes_sudo.filtered(lambda code: code.active and not code.company_id)

    def _get_practice_tz(self):
        """The practice's zone: its own contact's, else the user's, else UTC."""
        self.ensure_one()
        # In sudo: any employee may know in which zone the practice works; the
        # company's contact itself may be out of reach by a company rule.
        name = self.sudo().partner_id.tz or self.env.user.tz or "UTC"
        return pytz.timezone(name)

    def _get_practice_today(self):
        """Today's date at the practice."""
        self.ensure_one()
        now = pytz.utc.localize(fields.Datetime.now())
        return now.astimezone(self._get_practice_tz()).date()

    def _get_noshow_product(self, visit_state):
        """The fee code that the practice proposes for an outcome (or none)."""
        self.ensure_one()
        return self[f"noshow_{visit_state}_product_id"].filtered("active")
