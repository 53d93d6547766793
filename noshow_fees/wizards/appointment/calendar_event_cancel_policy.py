"""What the cancellation page proposes, and why: the policy's answer as of the moment at
which the page was opened."""

from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.tools import consteq
from odoo.tools.misc import hmac

from ...tools.context import is_by_method

#: A proposal holds so long; then the page proposes anew, and asks.
VALID = timedelta(minutes=30)


class CalendarEventCancel(models.TransientModel):
    _inherit = "calendar.event.cancel"

    # When the page was opened, signed by the server: a browser only carries it. Not a
    # page that is made on opening: of a saved one it would send changes only, and what
    # somebody has unticked again would follow what is chosen above.
    opening = fields.Char(default=lambda self: self._sign_opening())
    opened_on = fields.Datetime(readonly=True)
    is_proposed_anew = fields.Boolean(readonly=True)
    by_policy = fields.Boolean(
        string="Each Fee as the Policy Says",
        default=True,
        help="Of several appointments: each its own. Otherwise the fee chosen here is "
        "for all.",
    )
    sentence = fields.Char(
        string="Why",
        compute="_compute_sentence",
        help="The rule of the cancellation policy that this fee follows from.",
    )
    # What `_get_proposals` says, for all that is computed from it.
    proposals = fields.Json(compute="_compute_proposals")
    # What was proposed when the user looked.
    seen_product_id = fields.Many2one(
        "product.product",
        compute="_compute_seen",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    seen_amount = fields.Monetary(
        compute="_compute_seen", compute_sudo=False, store=True, readonly=False
    )
    deviation_reason = fields.Char(
        string="Why Not as Proposed",
        help="A billing reason, kept with the decision: the owner sees how often the "
        "policy is not followed, and why.",
    )
    may_override = fields.Boolean(compute="_compute_may_override")
    override_reason = fields.Char(
        string="Override Coverage",
        help="Only the owner charges against a client's coverage. A billing reason: it "
        "stands in the history of the fee.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends(
        "appointment_ids", "cancel_initiator", "opened_on", "opening", "visit_state"
    )
    @api.depends_context("uid")
    def _compute_proposals(self):
        for page in self:
            proposals = page._ask_policy(page._get_opened_on())
            page.proposals = {event.id: values for event, values in proposals.items()}

    def _get_proposals(self):
        """What the policy proposes for each appointment of this page, as of its
        opening; asked once for the page and all its rows.

        :return: `{event: values of a noshow.fee.decision}`
        """
        events = self.env["calendar.event"]
        return {
            events.browse(int(id_)): values
            for id_, values in (self.proposals or {}).items()
        }

    def _ask_policy(self, now):
        """:param datetime now: UTC, the moment of the cancellation
        :return: as `_get_proposals`
        """
        events = self._get_checked_appointments()
        if not events or not self.visit_state:
            return {}
        return events._propose_fees(self.visit_state, self.cancel_initiator, now)

    def _get_opened_on(self):
        return self.opened_on or self._read_opening(self.opening)

    @api.model
    def _sign_opening(self, moment=None):
        """The current moment, as only this server can have written it for this user."""
        moment = moment or fields.Datetime.to_string(fields.Datetime.now())
        # In sudo: the database's secret, of which nothing is told.
        env_sudo = self.sudo().env
        mark = hmac(env_sudo, "noshow_fees-opening", f"{self.env.uid} {moment}")
        return f"{moment} {mark}"

    @api.model
    def _read_opening(self, opening):
        """:return: the moment that `_sign_opening` wrote; now, if it did not"""
        moment = (opening or "").rpartition(" ")[0]
        if moment and consteq(self._sign_opening(moment), opening):
            return fields.Datetime.to_datetime(moment)
        return fields.Datetime.now()

    @api.depends("appointment_ids", "visit_state", "cancel_initiator", "opened_on")
    @api.depends_context("uid")
    def _compute_sentence(self):
        for page in self:
            proposals = page._get_proposals().values()
            sentences = {proposal["sentence"] for proposal in proposals}
            page.sentence = sentences.pop() if len(sentences) == 1 else False

    @api.depends("appointment_ids", "visit_state", "cancel_initiator", "opened_on")
    def _compute_seen(self):
        for page in self:
            [*proposals] = page._get_proposals().values()
            single = proposals[0] if len(proposals) == 1 else {}
            page.seen_product_id = single.get("proposed_product_id")
            page.seen_amount = single.get("proposed_amount", 0.0)

    @api.depends(
        "appointment_ids", "cancel_initiator", "company_id", "opened_on", "visit_state"
    )
    def _compute_product_id(self):
        for page in self:
            proposals = page._get_proposals().values()
            codes = {proposal["proposed_product_id"] for proposal in proposals}
            page.product_id = codes.pop() if len(codes) == 1 else False

    @api.depends("product_id", "company_id", "visit_state", "cancel_initiator")
    def _compute_amount(self):
        for page in self:
            page.amount = page._get_listed_amount()

    def _get_listed_amount(self):
        """The proposal, or another code's price."""
        product = self.product_id
        if not product:
            return 0.0
        proposals = self._get_proposals()
        if len(proposals) == 1:
            [(event, proposal)] = proposals.items()
            return event.sudo()._get_listed_amount(product, proposal)
        amounts = {
            proposal["proposed_amount"]
            for proposal in proposals.values()
            if proposal["proposed_product_id"] == product.id
        }
        if len(amounts) == 1:
            return amounts.pop()
        return product._get_list_fee(self.company_id)

    @api.depends("appointment_ids")
    @api.depends_context("uid")
    def _compute_may_override(self):
        right = self.env.user._has_practice_right("override_coverage")
        for page in self:
            events = page._get_checked_appointments() if right else page.event_ids[:0]
            limits = self.env["noshow.coverage"]._get_limits(events)
            page.may_override = any(limit.by for limit in limits.values())

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        by_policy = self.env.context.get("default_by_policy", True)
        return super().create(
            [
                {
                    # A fee that is named, or named as none, is for all.
                    "by_policy": by_policy and "product_id" not in vals,
                    **vals,
                    "cancelled_count": 0,
                    "opened_on": self._read_opening(vals.get("opening")),
                }
                for vals in vals_list
            ]
        )

    def write(self, vals):
        kept = {"opened_on", "opening"}
        if not is_by_method(self.env):
            kept.add("cancelled_count")
        return super().write(
            {name: value for name, value in vals.items() if name not in kept}
        )

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _is_outdated(self):
        """Whether what the user has seen has to be proposed anew: after half an hour,
        or when something came in between, an earlier miss, say."""
        self.ensure_one()
        if self.opened_on + VALID < fields.Datetime.now():
            return True
        # As it is now, whatever was asked before.
        self.invalidate_recordset(["proposals"])
        proposals = self._get_proposals()
        sources = self.line_ids or self
        return any(
            source._follows_proposal() and not source._is_proposed(proposals)
            for source in sources
        )

    def _follows_proposal(self):
        """Whether the fee on this page is what was proposed when the user looked."""
        return self.product_id == self.seen_product_id and not (
            self.currency_id.compare_amounts(self.amount, self.seen_amount)
        )

    def _is_proposed(self, proposals):
        """Whether the policy still proposes what is on this page."""
        return all(
            proposal["proposed_product_id"] == self.product_id.id
            and not self.currency_id.compare_amounts(
                proposal["proposed_amount"], self.amount
            )
            for proposal in proposals.values()
        )

    def _propose_anew(self):
        """Propose as of now, and let the user look at it.

        :return: a new page with all that was chosen by hand; what followed the policy
            follows it as it is now
        """
        self.ensure_one()
        if self.rebook_event_id:
            action = self.rebook_event_id.action_open_rebook()
        else:
            action = self.event_ids.action_open_cancel()
        chosen = {
            f"default_{name}": value
            for name, value in self._get_chosen_values().items()
        }
        return {
            **action,
            # A batch in steps opens it without Odoo's button, which adds this.
            "views": [(False, "form")],
            "context": {**action["context"], **chosen},
        }

    def _get_chosen_values(self):
        """What the user has chosen on this page, for another one."""
        chosen = {
            "event_ids": self.event_ids.ids,
            "rebook_event_id": self.rebook_event_id.id,
            "cancel_initiator": self.cancel_initiator,
            "reason": self.reason,
            "chart_note": self.chart_note,
            "cancel_future": self.cancel_future,
            "use_credit": self.use_credit,
            "charge_card": self.charge_card,
            "payment_token_id": self.payment_token_id.id,
            "deviation_reason": self.deviation_reason,
            "override_reason": self.override_reason,
            "is_proposed_anew": True,
        }
        if self.visit_state != self._get_proposed_outcome():
            chosen["visit_state"] = self.visit_state
        if self.line_ids:
            proposals = self._ask_policy(fields.Datetime.now())
            chosen["by_policy"] = self.by_policy
            chosen["line_ids"] = [
                Command.create(row._get_chosen_values(proposals))
                for row in self.line_ids
            ]
        by_hand = not (self.by_policy if self.line_ids else self._follows_proposal())
        if by_hand:
            chosen.update(product_id=self.product_id.id, amount=self.amount)
        return chosen
