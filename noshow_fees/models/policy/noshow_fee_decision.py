"""Why a fee is what it is: what the policy proposed, beside what was taken; also where
nothing was."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...const import CANCELLED_STATES, DEVIATIONS, VISIT_STATES
from ...tools.context import by_method, is_by_method


class NoshowFeeDecision(models.Model):
    """One a cancellation. What happened to a posted fee later: `noshow.fee.change`."""

    _name = "noshow.fee.decision"
    _description = "Decision about a Fee"
    _order = "id desc"
    _rec_name = "sentence"

    # Indexed: those of 80 appointments in 0.03 ms instead of 75 among 240 thousand.
    appointment_id = fields.Many2one(
        "calendar.event", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    # Indexed: whether one names a version, 0.01 ms instead of 93.
    policy_id = fields.Many2one("noshow.policy", index=True, ondelete="restrict")
    rule_id = fields.Many2one("noshow.policy.rule", ondelete="restrict")
    outcome = fields.Selection(
        [state for state in VISIT_STATES if state[0] in CANCELLED_STATES],
        required=True,
    )
    notice_hours = fields.Float(
        string="Notice",
        help="Hours left when it was cancelled, a late move counted in.",
    )
    proposed_product_id = fields.Many2one(
        "product.product", string="Proposed Code", ondelete="restrict"
    )
    proposed_amount = fields.Monetary(string="Proposed", help="Without taxes.")
    taken_product_id = fields.Many2one(
        "product.product", string="Code Taken", ondelete="restrict"
    )
    taken_amount = fields.Monetary(string="Taken", help="Without taxes.")
    difference = fields.Monetary(
        compute="_compute_difference", help="Taken less proposed, without taxes."
    )
    deviation = fields.Selection(
        DEVIATIONS,
        compute="_compute_deviation",
        store=True,
        precompute=True,
        help="What was taken beside what was proposed.",
    )
    deviation_reason = fields.Char(string="Why Not as Proposed")
    sentence = fields.Char(string="Why", required=True)
    user_id = fields.Many2one("res.users", required=True, ondelete="restrict")
    decided_on = fields.Datetime(required=True)
    state = fields.Selection(
        [("decided", "Decided"), ("undone", "Undone with the cancellation")],
        default="decided",
        required=True,
    )

    _one_live = models.UniqueIndex(
        "(appointment_id) WHERE state != 'undone'",
        "The fee of this appointment is decided already.",
    )

    @api.depends("taken_amount", "proposed_amount")
    def _compute_difference(self):
        for decision in self:
            decision.difference = decision.taken_amount - decision.proposed_amount

    @api.depends(
        "proposed_product_id", "proposed_amount", "taken_product_id", "taken_amount"
    )
    def _compute_deviation(self):
        for decision in self:
            compare = decision.company_id.currency_id.compare_amounts
            differs = compare(decision.taken_amount, decision.proposed_amount)
            if not decision.proposed_product_id and decision.taken_product_id:
                decision.deviation = "not_proposed"
            elif decision.proposed_product_id and not decision.taken_product_id:
                decision.deviation = "let_go"
            elif differs:
                decision.deviation = "more" if differs > 0 else "less"
            elif decision.proposed_product_id != decision.taken_product_id:
                decision.deviation = "other_code"
            else:
                decision.deviation = "none"

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not is_by_method(self.env):
            raise UserError(self.env._("Decisions about fees write themselves."))
        return super().create(vals_list)

    def write(self, vals):
        if vals and not is_by_method(self.env):
            raise UserError(self.env._("A decision about a fee is never changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A decision about a fee is never deleted."))

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _record(self, events, proposals, fees, decided_on, deviation_reason=False):
        """Keep what was proposed for these appointments and what was taken. The caller
        has checked and done the cancellation.

        :param dict proposals: of `calendar.event._propose_fees`
        :param dict fees: as in `calendar.event._cancel_appointments`
        """
        # In sudo: part of the cancellation.
        vals_list = []
        for event in events:
            fee = fees.get(event.id) or {}
            product = fee.get("product")
            proposal = dict(proposals[event])
            # Who has no care of the client reads it, too: without what covers them.
            neutral = proposal.pop("neutral_sentence", None)
            vals_list.append(
                {
                    # First: Odoo rounds the amounts by its currency, and would ask the
                    # database for it (odoo/orm/models.py, `_create`).
                    "company_id": event.company_id.id,
                    **proposal,
                    "sentence": neutral or proposal["sentence"],
                    "appointment_id": event.id,
                    "taken_product_id": product and product.id,
                    "taken_amount": fee.get("amount", 0.0),
                    "user_id": self.env.uid,
                    "decided_on": decided_on,
                    "deviation_reason": deviation_reason,
                }
            )
        return by_method(self.sudo()).create(vals_list)

    @api.model
    def _get_live(self, events):
        """The decisions of these appointments that stand, in sudo."""
        # In sudo: the caller answers for the appointments.
        return self.sudo().search(
            [("appointment_id", "in", events.ids), ("state", "!=", "undone")]
        )

    def _get_proposal(self):
        """What was proposed, as `calendar.event._propose_fees` says it."""
        self.ensure_one()
        return {
            "policy_id": self.policy_id.id,
            "rule_id": self.rule_id.id,
            "outcome": self.outcome,
            "notice_hours": self.notice_hours,
            "proposed_product_id": self.proposed_product_id.id,
            "proposed_amount": self.proposed_amount,
            "sentence": self.sentence,
        }
