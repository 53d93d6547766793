"""No fee is made, changed or paid against a client's coverage: the ways of `fee`,
wrapped."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...const import PRACTICE


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    policy_sentence = fields.Char(
        string="Why",
        compute="_compute_policy_sentence",
        groups=PRACTICE,
        help="The rule of the cancellation policy that this fee follows from.",
    )
    coverage_refusal = fields.Char(
        compute="_compute_policy_sentence",
        groups=PRACTICE,
        help="Why this fee may not be charged, or not so much.",
    )

    @api.depends("appointment_id", "price_total")
    def _compute_policy_sentence(self):
        refused = self._get_refused()
        for line in self:
            # In sudo: who reads the fee learns why it is what it is.
            event_sudo = line.sudo().appointment_id
            line.policy_sentence = event_sudo.fee_sentence
            limit = line.is_noshow_fee and refused.get(event_sudo)
            line.coverage_refusal = bool(limit) and self.env[
                "noshow.coverage"
            ]._get_refusal(event_sudo, limit)

    def action_open_override_coverage(self):
        """Open the dialog by which the Owner lets this fee be charged."""
        self.ensure_one()
        self.env.user._check_practice_right("override_coverage")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Override coverage"),
            "res_model": "account.move.line.override.coverage",
            "view_mode": "form",
            "target": "new",
            "context": {"default_line_id": self.id},
        }

    @api.model
    def _create_fees(self, fees):
        """:param list fees: may have `override_reason`: the Owner charges this one
            against the client's coverage
        :raise UserError: what the coverage of a client allows
        """
        lines = super()._create_fees(
            [
                {
                    name: value
                    for name, value in fee.items()
                    if name != "override_reason"
                }
                for fee in fees
            ]
        )
        # By the result, taxes included; what was made is undone with the refusal.
        reasons = {
            line: fee.get("override_reason")
            for line, fee in zip(lines, fees, strict=True)
        }
        if refused := lines._filter_refused():
            for line in refused:
                if reasons[line]:
                    line._override_coverage(reasons[line])
            refused._check_coverage()
        return lines

    def _rewrite_fee(self, product, amount):
        result = super()._rewrite_fee(product, amount)
        self._check_coverage()
        return result

    def _get_refused(self):
        """:return: `{event: Limit}` of these fees, see `noshow.coverage`"""
        # In sudo: whoever acts on a fee, the answer is the same.
        return self.env["noshow.coverage"]._get_refused(
            {
                fee.appointment_id: fee.price_total
                for fee in self.sudo()
                if fee.is_noshow_fee
            }
        )

    def _filter_refused(self):
        refused = self._get_refused()
        return self.filtered(lambda fee: fee.sudo().appointment_id in refused)

    def _pay_with_credit(self, seen=None):
        super()._pay_with_credit(seen=seen)
        self._check_coverage()

    def _check_coverage(self):
        """The one guard: no fee is made, changed, charged or paid against a client's
        coverage, by nobody and also in sudo, unless the Owner has overridden it.

        :raise UserError: the coverage, and what it allows
        """
        for event, limit in self._get_refused().items():
            if not self.env.user._is_internal():
                raise UserError(self.env["account.move"]._get_not_here_message())
            raise UserError(self.env["noshow.coverage"]._get_refusal(event, limit))

    def _override_coverage(self, reason):
        """Let these fees be charged against their clients' coverage; it stands in their
        history.

        :param str reason: a billing reason
        :raise AccessError: unless the user is Owner
        :raise UserError: without a reason
        """
        self.env.user._check_practice_right("override_coverage")
        if not (reason or "").strip():
            raise UserError(
                self.env._("Say why this is charged against the client's coverage.")
            )
        # In sudo: the history writes itself; the right was checked above.
        self.sudo()._log_fee_changes(
            [
                {
                    "appointment_id": fee.appointment_id.id,
                    "invoice_id": fee.move_id.id,
                    "currency_id": fee.currency_id.id,
                    "old_product_id": fee.product_id.id,
                    "new_product_id": fee.product_id.id,
                    "old_amount": fee.price_unit,
                    "new_amount": fee.price_unit,
                    "reason": reason,
                    "kind": "overridden",
                }
                for fee in self.sudo()
            ]
        )
