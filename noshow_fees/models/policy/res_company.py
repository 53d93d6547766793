"""The practice's notice and its fees: what is in force of the cancellation policy, as
the one simple page has it."""

from odoo import Command, api, fields, models

from ...const import PRACTICE, SHIPPED_CODES

#: What is proposed for an outcome: the field of its code.
CODE_FIELDS = {
    "no_show": "noshow_no_show_product_id",
    "late_cancelled": "noshow_late_cancelled_product_id",
    "cancelled": "noshow_cancelled_product_id",
}
DEFAULT_NOTICE = 24.0


class ResCompany(models.Model):
    _inherit = "res.company"

    noshow_policy_ids = fields.One2many(
        "noshow.policy", "company_id", string="Cancellation Policies", groups=PRACTICE
    )
    # Writing one of these publishes a new version.
    noshow_notice_hours = fields.Float(
        string="Notice",
        compute="_compute_noshow_notice_hours",
        inverse="_inverse_noshow_policy",
        groups=PRACTICE,
        help="Hours of notice for a cancellation in time. A cancellation exactly at "
        "the boundary is late.",
    )
    noshow_cancelled_product_id = fields.Many2one(
        "product.product",
        string="Fee for a Cancellation in Time",
        compute="_compute_noshow_cancelled_code",
        inverse="_inverse_noshow_policy",
        groups=PRACTICE,
    )
    noshow_late_cancelled_product_id = fields.Many2one(
        "product.product",
        string="Fee for a Late Cancellation",
        compute="_compute_noshow_late_cancelled_code",
        inverse="_inverse_noshow_policy",
        groups=PRACTICE,
    )
    noshow_no_show_product_id = fields.Many2one(
        "product.product",
        string="Fee for a No-show",
        compute="_compute_noshow_no_show_code",
        inverse="_inverse_noshow_policy",
        groups=PRACTICE,
    )

    # One method a field: while one is written, those of the same method are empty
    # (odoo/orm/models.py, `write`), and the inverse asks for all.

    @api.depends("noshow_policy_ids.state", "noshow_policy_ids.notice_hours")
    def _compute_noshow_notice_hours(self):
        for company in self:
            policy_sudo = company._get_policy_in_force()
            company.noshow_notice_hours = (
                policy_sudo.notice_hours if policy_sudo else DEFAULT_NOTICE
            )

    @api.depends("noshow_policy_ids.state", "noshow_policy_ids.rule_ids")
    def _compute_noshow_cancelled_code(self):
        self._compute_code("cancelled")

    @api.depends("noshow_policy_ids.state", "noshow_policy_ids.rule_ids")
    def _compute_noshow_late_cancelled_code(self):
        self._compute_code("late_cancelled")

    @api.depends("noshow_policy_ids.state", "noshow_policy_ids.rule_ids")
    def _compute_noshow_no_show_code(self):
        self._compute_code("no_show")

    def _compute_code(self, outcome):
        for company in self:
            policy_sudo = company._get_policy_in_force()
            if policy_sudo:
                code_sudo = policy_sudo._get_plain_rule(outcome).product_id
            else:
                code_sudo = self._get_shipped_fee_code(SHIPPED_CODES.get(outcome))
            company[CODE_FIELDS[outcome]] = code_sudo.id

    def _inverse_noshow_policy(self):
        for company in self:
            wanted = {
                outcome: (company[name], 0.0) for outcome, name in CODE_FIELDS.items()
            }
            company._publish_simple_policy(company.noshow_notice_hours, wanted)

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._publish_first_policy()
        return companies

    def _get_policy_in_force(self):
        """The version in force, in sudo; none before one is published."""
        self.ensure_one()
        # In sudo: part of the company's settings, whose own groups are asked.
        return (
            self.env["noshow.policy"]
            .sudo()
            .search([("company_id", "=", self.id), ("state", "=", "published")])
        )

    def _get_named_codes(self):
        """What this practice would bill by, or gives: of every version, as who booked
        under a former one is charged by that, and of the draft. Call it in sudo."""
        self.ensure_one()
        codes = self.env["product.product"].union(
            *(self[n] for n in CODE_FIELDS.values())
        )
        rules = self.noshow_policy_ids.rule_ids
        providers = self.env["res.users"].search(
            [("company_id", "=", self.id), ("noshow_service_id", "!=", False)]
        )
        return (
            codes | rules.product_id | rules.service_ids | providers.noshow_service_id
        )

    def _publish_first_policy(self):
        """Version 1 of practices that have none: 24 hours, the codes that come with
        the addon at their price."""
        for company in self:
            if not company._get_policy_in_force():
                company._publish_rules(
                    DEFAULT_NOTICE,
                    {
                        outcome: (self._get_shipped_fee_code(xmlid), 0.0)
                        for outcome, xmlid in SHIPPED_CODES.items()
                    },
                )

    @api.model
    def _get_shipped_fee_code(self, xmlid):
        """A fee code that comes with the addon, while the practice keeps it, for all
        companies; none while the addon is being installed (`hooks.py` makes up for it).
        """
        found = xmlid and self.env.ref(xmlid, raise_if_not_found=False)
        # In sudo: the practice may have given it to a company of its own since.
        codes_sudo = (found or self.env["product.product"]).sudo()
        return codes_sudo.filtered(lambda code: code.active and not code.company_id)

    def _publish_simple_policy(self, notice_hours, fees, applies_from=False):
        """Publish a new version with this notice and these fees; what else the version
        in force says stays. Nothing changed, nothing published.

        :param dict fees: `{outcome: (code, amount)}`, an empty code for no fee; 0.0 is
            the code's price
        :raise AccessError: unless the user is Owner or Manager
        :raise UserError: what publishing refuses
        """
        self.ensure_one()
        if not self.env.su:
            self.env.user._check_practice_right("publish_policy")
        policy_sudo = self._get_policy_in_force()
        if not policy_sudo:
            self._publish_rules(notice_hours, fees)
            return
        earlier = applies_from and applies_from != policy_sudo.applies_from
        rules, changed = [], bool(earlier) or notice_hours != policy_sudo.notice_hours
        for outcome, (code, amount) in fees.items():
            rule_sudo = policy_sudo._get_plain_rule(outcome)
            if not amount and code == rule_sudo.product_id:
                amount = rule_sudo.amount
            elif not amount and code:
                amount = code.sudo()._get_list_fee(self)
            same_amount = not self.currency_id.compare_amounts(amount, rule_sudo.amount)
            if code == rule_sudo.product_id and same_amount:
                continue
            changed = True
            rules.append((rule_sudo, outcome, code, amount))
        if changed:
            vals = policy_sudo.copy_data()[0]
            vals.update(notice_hours=notice_hours, applies_from=applies_from)
            vals["rule_ids"] = policy_sudo._copy_rules(rules)
            self.env["noshow.policy"]._publish_values(
                self, vals, policy_sudo._get_text_terms()
            )

    def _publish_rules(self, notice_hours, fees):
        """Publish a version of plain rules; the caller has checked the right."""
        vals_list = [
            {"outcome": outcome, "product_id": code.id, "amount": amount}
            for outcome, (code, amount) in fees.items()
            if code
        ]
        return self.env["noshow.policy"]._publish_values(
            self,
            {
                "notice_hours": notice_hours,
                "rule_ids": [
                    Command.create({**vals, "sequence": 10 * place})
                    for place, vals in enumerate(vals_list, 1)
                ],
            },
        )
