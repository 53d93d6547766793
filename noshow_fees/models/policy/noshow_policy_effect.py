"""What a draft would have done to the last quarter's misses, beside what was."""

from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain

from ...const import MISSED_STATES

QUARTER = timedelta(days=91)


class NoshowPolicy(models.Model):
    _inherit = "noshow.policy"

    def _get_effect(self):
        """:return: of the misses of the last quarter at this practice: `count`, what
        `was` charged and `would` be, without taxes, `fees_was` and `fees_would`: how
        many, and `unknown`: how many depend on a service that is not on record
        """
        self.ensure_one()
        # In sudo: the sums of the practice are the Manager's, who alone writes drafts.
        misses_sudo = self._get_quarter()
        outcomes = {event: event.visit_state for event in misses_sudo}
        moments = {event: event.cancelled_on or event.start for event in misses_sudo}
        policy_sudo = self.sudo()
        proposals = misses_sudo._price(
            outcomes, "client", moments, dict.fromkeys(misses_sudo, policy_sudo)
        )
        asking = {
            outcome for outcome in MISSED_STATES if policy_sudo._asks_service(outcome)
        }
        unknown = {
            event
            for event in misses_sudo
            if outcomes[event] in asking and not event.service_id
        }
        known = misses_sudo.filtered(lambda event: event not in unknown)
        # Sums: of thousands of fees, all that Odoo reads of a line would be read.
        charged = dict(
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                [("appointment_id", "in", known.ids), ("is_noshow_fee", "=", True)],
                ["appointment_id"],
                ["price_unit:sum"],
            )
        )
        currency = self.company_id.currency_id
        would = [
            proposals[event]["proposed_amount"]
            for event in known
            if proposals[event]["proposed_product_id"]
        ]
        return {
            "count": len(misses_sudo),
            "unknown": len(unknown),
            "known": len(known),
            "was": currency.format(sum(charged.values())),
            "fees_was": len(charged),
            "would": currency.format(sum(would)),
            "fees_would": len(would),
        }

    def _get_quarter(self):
        """The misses of the last quarter at this practice, in sudo."""
        since = fields.Datetime.now() - QUARTER
        domain = Domain(
            [
                ("company_id", "=", self.company_id.id),
                ("client_id", "!=", False),
                ("visit_state", "in", MISSED_STATES),
                ("cancel_initiator", "=", "client"),
                ("rebooked_event_id", "=", False),
                ("start", ">=", since),
            ]
        )
        events_sudo = self.env["calendar.event"].sudo().with_context(active_test=False)
        return events_sudo.search(domain)

    def _asks_service(self, outcome=None):
        """Whether what an outcome costs, any without one, depends on the service."""
        return any(
            rule.service_ids or rule.charge == "percent"
            for rule in self.rule_ids
            if outcome in (None, rule.outcome)
        )
