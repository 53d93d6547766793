"""Try a case: what a version of the policy would ask for."""

from datetime import timedelta

from odoo import api, fields, models

from ...const import FEE_CODE_DOMAIN
from ...tools.policy_rule import Case

#: No rule asks for more hours.
LONGEST = 8784.0


class NoshowPolicyTry(models.TransientModel):
    _name = "noshow.policy.try"
    _description = "Try a Case"

    policy_id = fields.Many2one("noshow.policy", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="policy_id.company_id")
    currency_id = fields.Many2one(related="policy_id.currency_id")
    outcome = fields.Selection(
        [
            ("late_cancelled", "Late cancellation"),
            ("no_show", "No-show"),
            ("cancelled", "Cancellation in time"),
        ],
        required=True,
        default="late_cancelled",
    )
    hours = fields.Float(string="Hours Before the Start", default=3.0)
    miss = fields.Integer(string="Which Miss of the Client", default=1)
    service_id = fields.Many2one("product.product", domain=FEE_CODE_DOMAIN)
    service_price = fields.Monetary(
        compute="_compute_service_price",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    provider_id = fields.Many2one("res.users", domain=[("share", "=", False)])
    coverage_class_ids = fields.Many2many("noshow.coverage.class", string="Coverage")
    sentence = fields.Char(string="Why", compute="_compute_answer")
    fee = fields.Char(compute="_compute_answer")

    @api.depends("service_id")
    def _compute_service_price(self):
        for case in self:
            case.service_price = (
                case.service_id._get_list_fee(case.company_id)
                if case.service_id
                else 0.0
            )

    @api.depends(
        "coverage_class_ids",
        "hours",
        "miss",
        "outcome",
        "policy_id",
        "provider_id",
        "service_id",
        "service_price",
    )
    def _compute_answer(self):
        for case in self:
            policy = case.policy_id
            policy.check_access("read")
            # In sudo: the codes' names, once the policy is the user's to read.
            policy_sudo = policy.sudo()
            fee, case.sentence = policy_sudo._answer(
                policy_sudo.rule_ids._to_fee_rules(),
                Case(
                    outcome=case.outcome,
                    notice=case._get_notice(),
                    service=case.service_id.id,
                    price=case.service_price,
                    provider=case.provider_id.id,
                    classes=frozenset(case.coverage_class_ids.ids),
                    get_rank=lambda days, case=case: case.miss,
                ),
                case.coverage_class_ids.sudo()._get_limit(
                    case.company_id, fields.Date.context_today(case)
                ),
                case._get_fee_total,
            )
            product = self.env["product.product"].browse(fee["proposed_product_id"])
            case.fee = (
                f"{product.sudo().cpt_code} "
                f"{case.currency_id.format(fee['proposed_amount'])}"
                if product
                else self.env._("No fee")
            )

    def _get_notice(self):
        if self.outcome == "no_show":
            return timedelta()
        # In this order, what is no number ends as one.
        return timedelta(hours=min(LONGEST, max(0.0, self.hours)))

    def _get_fee_total(self, product, amount):
        """What a payer without a fiscal position would owe, taxes included."""
        # In sudo: taxes are the accountants'.
        lines_sudo = self.env["account.move.line"].sudo()
        position_sudo = lines_sudo.env["account.fiscal.position"].browse()
        payer_sudo = lines_sudo.env["res.partner"].browse()
        return lines_sudo._get_fee_total(
            product.sudo(), amount, position_sudo, payer_sudo, self.company_id
        )
