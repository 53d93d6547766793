"""An outcome is set under a version of the policy, and leaves a decision."""

from odoo import models

from ...const import CANCELLED_STATES
from ...tools.context import by_method


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def _set_outcome(self, visit_state, vals, proposals=None):
        if visit_state == "scheduled":
            super()._set_outcome(visit_state, {**vals, "policy_id": False})
            decisions_sudo = self.env["noshow.fee.decision"]._get_live(self)
            by_method(decisions_sudo).write({"state": "undone"})
            # The unique index: the next one comes into the database at once.
            decisions_sudo.flush_recordset(["state"])
            return
        by_policy = {}
        for event, policy_sudo in self._get_policies(proposals).items():
            by_policy[policy_sudo] = by_policy.get(policy_sudo, self.browse()) | event
        first, *others = by_policy or [None]
        if first and not others:
            vals = {**vals, "policy_id": first.id}
        super()._set_outcome(visit_state, vals, proposals)
        for policy_sudo in by_policy if others else ():
            # In sudo: as the outcome itself.
            events_sudo = by_method(by_policy[policy_sudo].sudo())
            events_sudo.write({"policy_id": policy_sudo.id})

    def _undo_restore(self, former):
        super()._undo_restore(former)
        cancelled = self.filtered(lambda event: event.visit_state in CANCELLED_STATES)
        # In sudo: what the restore has undone, and the caller may take back.
        decisions_sudo = (
            self.env["noshow.fee.decision"]
            .sudo()
            .search([("appointment_id", "in", cancelled.ids)], order="id desc")
        )
        for decisions in decisions_sudo.grouped("appointment_id").values():
            by_method(decisions[:1]).write({"state": "decided"})

    def _get_listed_amount(self, product, proposal):
        """What `product` costs for this appointment without the right to change it:
        the proposal, or another code's price."""
        if proposal and product.id == proposal["proposed_product_id"]:
            return proposal["proposed_amount"]
        return super()._get_listed_amount(product, proposal)
