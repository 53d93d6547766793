"""The practice's settings: a page that Owner and Manager may save.

Odoo's own settings form needs the system administrator.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.base.models.res_partner import _tz_get

from ...const import FEE_CODE_DOMAIN

SETTINGS = (
    "noshow_tz",
    "noshow_journal_id",
    "noshow_income_account_id",
    "noshow_staff_takes_payment",
    "noshow_therapists_take_clients",
    "noshow_statement_suffix",
    "noshow_charge_attempts",
)


class NoshowSettings(models.TransientModel):
    _name = "noshow.settings"
    _description = "Practice Settings"

    def _default(name):
        return lambda self: self.env.company[name]

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    noshow_notice_hours = fields.Float(
        string="Notice (hours)", default=_default("noshow_notice_hours")
    )
    noshow_cancelled_product_id = fields.Many2one(
        "product.product",
        string="Cancelled in time",
        domain=FEE_CODE_DOMAIN,
        default=_default("noshow_cancelled_product_id"),
    )
    noshow_late_cancelled_product_id = fields.Many2one(
        "product.product",
        string="Late cancellation",
        domain=FEE_CODE_DOMAIN,
        default=_default("noshow_late_cancelled_product_id"),
    )
    noshow_no_show_product_id = fields.Many2one(
        "product.product",
        string="No-show",
        domain=FEE_CODE_DOMAIN,
        default=_default("noshow_no_show_product_id"),
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    noshow_cancelled_amount = fields.Monetary(
        compute="_compute_cancelled_amount",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    noshow_late_cancelled_amount = fields.Monetary(
        compute="_compute_late_cancelled_amount",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    noshow_no_show_amount = fields.Monetary(
        compute="_compute_no_show_amount",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    noshow_applies_from = fields.Date(
        string="Earlier bookings from",
        help="A new notice or fee is for what is booked from now on. Appointments that "
        "are booked already fall under it from this day on, two weeks ahead or later; "
        "empty: never.",
    )
    policy_summary = fields.Html(
        string="Rules", compute="_compute_policy_summary", sanitize=False
    )
    noshow_journal_id = fields.Many2one(
        "account.journal",
        string="Journal",
        domain="[('type', '=', 'sale'), ('company_id', 'parent_of', company_id)]",
        default=_default("noshow_journal_id"),
    )
    noshow_income_account_id = fields.Many2one(
        "account.account",
        string="Income account",
        domain="[('account_type', 'in', ('income', 'income_other')), "
        "('company_ids', 'parent_of', company_id)]",
        default=_default("noshow_income_account_id"),
    )
    noshow_staff_takes_payment = fields.Boolean(
        string="The front desk takes payments",
        default=_default("noshow_staff_takes_payment"),
    )
    noshow_therapists_take_clients = fields.Boolean(
        string="Therapists take their own clients",
        default=_default("noshow_therapists_take_clients"),
        help="A therapist who books a client in nobody's care has them in their care: "
        "chart and saved cards are theirs to open. For practices without a front desk.",
    )
    noshow_statement_suffix = fields.Char(
        string="On card statements",
        default=_default("noshow_statement_suffix"),
        help="Stands behind the practice's name on the client's card statement. Choose "
        "something that tells nothing about health.",
    )
    noshow_charge_attempts = fields.Integer(
        string="Tries per fee in 30 days", default=_default("noshow_charge_attempts")
    )
    advises_taking = fields.Boolean(
        compute="_compute_advises_taking",
        help="Nobody books for the therapists of this practice.",
    )
    charging_check = fields.Html(readonly=True)
    noshow_tz = fields.Selection(
        _tz_get, string="Time zone", default=_default("noshow_tz")
    )

    @api.constrains("company_id")
    def _check_own_company(self):
        """Before anything of the company is told, too: a page need not be saved."""
        for page in self:
            if page.company_id not in self.env.user.company_ids:
                raise AccessError(
                    self.env._("These are the settings of a company of others.")
                )

    @api.depends("company_id")
    def _compute_advises_taking(self):
        self._check_own_company()
        cares = self.env["noshow.care"]
        for page in self:
            page.advises_taking = not cares._is_desk_staffed(page.company_id)

    # One method a field: what is left out of create() is not computed where a field of
    # the same method is given.

    @api.depends("noshow_cancelled_product_id")
    def _compute_cancelled_amount(self):
        for page in self:
            page.noshow_cancelled_amount = page._get_fee_amount("cancelled")

    @api.depends("noshow_late_cancelled_product_id")
    def _compute_late_cancelled_amount(self):
        for page in self:
            page.noshow_late_cancelled_amount = page._get_fee_amount("late_cancelled")

    @api.depends("noshow_no_show_product_id")
    def _compute_no_show_amount(self):
        for page in self:
            page.noshow_no_show_amount = page._get_fee_amount("no_show")

    def _get_fee_amount(self, outcome):
        """What is in force for this code; another one's price."""
        self._check_own_company()
        code = self[f"noshow_{outcome}_product_id"]
        rule_sudo = self.company_id._get_policy_in_force()._get_plain_rule(outcome)
        if code and code == rule_sudo.product_id:
            return rule_sudo.amount
        return code._get_list_fee(self.company_id) if code else 0.0

    @api.depends("company_id")
    def _compute_policy_summary(self):
        self._check_own_company()
        for page in self:
            policy_sudo = page.company_id._get_policy_in_force()
            page.policy_summary = bool(policy_sudo) and self.env["ir.qweb"]._render(
                "noshow_fees.noshow_policy_summary",
                {"policy": policy_sudo, "is_simple": policy_sudo._is_simple()},
            )

    def action_open_policy(self):
        """Open the rules: tiers, repeat misses, services, providers."""
        return self.env["noshow.policy"].action_open_policy()

    def action_check_charging(self):
        """Check whether saved cards can be charged, and say it in words.

        :raise AccessError: unless the user is Owner or Manager
        """
        self.ensure_one()
        self.env.user._check_practice_right("configure")
        # In sudo: providers are the administrator's; no key or secret is told.
        company_sudo = self.company_id.sudo()
        findings = self.env["payment.provider"].sudo()._check_charging(company_sudo)
        self.charging_check = self.env["ir.qweb"]._render(
            "noshow_fees.card_payments",
            {"payments": [{"date": False, **finding} for finding in findings]},
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Practice settings"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_save(self):
        """Save the settings of the practice.

        :raise AccessError: unless the user is Owner or Manager
        """
        self.ensure_one()
        self.env.user._check_practice_right("configure")
        # In sudo: companies are the administrator's; these fields of one's own
        # company are the Manager's.
        company_sudo = self.company_id.sudo()
        if company_sudo not in self.env.companies:
            company_sudo.with_env(self.env).check_access("write")
        company_sudo.write(
            {
                name: self._fields[name].convert_to_write(self[name], self)
                for name in SETTINGS
            }
        )
        company_sudo._publish_simple_policy(
            self.noshow_notice_hours,
            {
                outcome: (
                    self[f"noshow_{outcome}_product_id"],
                    self[f"noshow_{outcome}_amount"],
                )
                for outcome in ("no_show", "late_cancelled", "cancelled")
            },
            applies_from=self.noshow_applies_from,
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The practice's settings are saved."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
