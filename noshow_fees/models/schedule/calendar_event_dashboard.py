"""The dashboard: fees of this month and of the last weeks, what needs attention."""

from datetime import timedelta

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import get_lang

from ...const import FIGURES, LIVE_STATES, PRACTICE

WEEKS = 12


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    @api.model
    def retrieve_practice_dashboard(self):
        """All that the dashboard shows around the list of today's appointments, in one
        call (as `retrieve_dashboard` in purchase/models/purchase_order.py).

        :return: dict with `attention`, `{kind: count}` (see `action_open_attention`),
            and `figures`, None for who may not know the practice's money
        :raise AccessError: no role in the practice
        """
        self._check_dashboard_access()
        return {
            "attention": {
                "outcome": self.search_count([("is_outcome_missing", "=", True)]),
                **{
                    kind: self.env["account.move.line"].search_count(domain)
                    for kind, domain in self._get_charge_domains().items()
                },
            },
            "figures": self._get_dashboard_figures(),
        }

    @api.model
    def action_open_attention(self, kind):
        """Open what the dashboard counts.

        :param str kind: `outcome`, past appointments that nobody marked; `declined`
            or `unanswered`, fees whose charge did not succeed
        :raise AccessError: no role in the practice
        """
        self._check_dashboard_access()
        if kind == "outcome":
            return self.env["ir.actions.act_window"]._for_xml_id(
                "noshow_fees.calendar_event_action_worklist"
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "noshow_fees.account_move_line_action_fees"
        )
        names = {
            "declined": self.env._("Declined Cards"),
            "unanswered": self.env._("Charges Without an Answer"),
        }
        return {
            **action,
            "display_name": names[kind],
            "domain": list(self._get_charge_domains()[kind]),
        }

    @api.model
    def _check_dashboard_access(self):
        if not self.env.user.has_group(PRACTICE):
            raise AccessError(
                self.env._("The dashboard is for people of the practice.")
            )

    @api.model
    def _get_charge_domains(self):
        """:return: `{kind: domain}` of fees that are open though a card was charged"""
        # In sudo: which fees; who may see these is decided by the rules on fees.
        charges_sudo = self.env["payment.transaction"].sudo()
        unanswered_sudo = charges_sudo.search(
            [*charges_sudo._get_stuck_domain(), ("operation", "!=", "refund")]
        )
        tried_sudo = charges_sudo.search(
            [
                ("fee_line_id.move_id.payment_state", "in", ("not_paid", "partial")),
                ("operation", "!=", "refund"),
                ("state", "in", (*LIVE_STATES, "error", "cancel")),
            ]
        )
        running = tried_sudo.filtered(lambda charge: charge.state in LIVE_STATES)
        declined = tried_sudo.fee_line_id - running.fee_line_id
        live = Domain("is_noshow_fee", "=", True)
        return {
            "declined": live & Domain("id", "in", declined.ids),
            "unanswered": live & Domain("id", "in", unanswered_sudo.fee_line_id.ids),
        }

    @api.model
    def _get_dashboard_figures(self):
        """Fees by the day they were billed on, in the company's currency.

        :return: None for who may not know; else `own`: only the user's own fees,
            `currency_id`, `month`: the sums of this month, `weeks`: those of the last
            weeks, the current one included, each with its first day
        """
        user, company = self.env.user, self.env.company
        own = not user._has_practice_right("figures")
        if own and not user._has_practice_right("figures", user):
            return None
        companies = self.env.companies.filtered(
            lambda other: other.currency_id == company.currency_id
        )
        domain = Domain("company_id", "in", companies.ids)
        if own:
            domain &= Domain("provider_id", "=", user.id)
        today = company._get_practice_today()
        month = today.replace(day=1)
        week_start = int(get_lang(self.env).week_start) - 1
        this_week = today - timedelta(days=(today.weekday() - week_start) % 7)
        first_week = this_week - timedelta(weeks=WEEKS - 1)
        figures = self.env["account.move.line"]._get_fee_figures(
            domain, min(month, first_week)
        )
        days = figures.items()
        weeks = [
            {"start": first_week + timedelta(weeks=number)} for number in range(WEEKS)
        ]

        def add_up(selected):
            return {
                name: company.currency_id.round(sum(day[name] for day in selected))
                for name in FIGURES
            }

        for week in weeks:
            end = week["start"] + timedelta(weeks=1)
            week.update(
                add_up([sums for day, sums in days if week["start"] <= day < end])
            )
        return {
            "own": own,
            "currency_id": company.currency_id.id,
            "month": add_up([sums for day, sums in days if day >= month]),
            "weeks": weeks,
        }
