"""Appointments that wait for their outcome: what the worklist proposes."""

from odoo import api, fields, models
from odoo.fields import Domain

from ...const import PRACTICE


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    is_outcome_missing = fields.Boolean(
        string="Outcome Missing",
        compute="_compute_is_outcome_missing",
        search="_search_is_outcome_missing",
        groups=PRACTICE,
        help="Still scheduled, but over or removed in an outside calendar: nobody has "
        "said what became of it.",
    )

    @api.depends("needs_outcome", "stop", "visit_state")
    def _compute_is_outcome_missing(self):
        now = fields.Datetime.now()
        for event in self:
            event.is_outcome_missing = event.visit_state == "scheduled" and (
                event.needs_outcome or event.stop < now
            )

    def _search_is_outcome_missing(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("visit_state", "=", "scheduled") & (
            Domain("needs_outcome", "=", True)
            | Domain("stop", "<", fields.Datetime.now())
        )
