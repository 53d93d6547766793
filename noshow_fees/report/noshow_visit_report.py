"""What became of the appointments: where the misses are."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..const import (
    DEVIATIONS,
    FIRST_DAY,
    INITIATORS,
    LAST_DAY,
    MISSED_STATES,
    VISIT_STATES,
)

WEEKDAYS = [
    ("1", "Monday"),
    ("2", "Tuesday"),
    ("3", "Wednesday"),
    ("4", "Thursday"),
    ("5", "Friday"),
    ("6", "Saturday"),
    ("7", "Sunday"),
]


class NoshowVisitReport(models.Model):
    """The appointments, one row each, on the practice's own days. One that was booked
    again to charge its fee is counted once, as what it became."""

    _name = "noshow.visit.report"
    _inherit = "noshow.group.order"
    _description = "Appointment Outcomes Analysis"
    _auto = False
    _rec_name = "date"
    _order = "date desc, id desc"

    date = fields.Date(string="Date of Service", readonly=True)
    weekday = fields.Selection(WEEKDAYS, readonly=True)
    hour = fields.Integer(
        readonly=True, aggregator=None, help="In which it starts, practice time."
    )
    client_id = fields.Many2one("res.partner", readonly=True)
    provider_id = fields.Many2one("res.users", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    visit_state = fields.Selection(VISIT_STATES, string="Outcome", readonly=True)
    cancel_initiator = fields.Selection(
        INITIATORS, string="Cancelled On Behalf Of", readonly=True
    )
    missed_count = fields.Integer(
        string="Missed Visits",
        readonly=True,
        help="Late cancellations and no-shows, the forgiven ones not counted.",
    )
    attended_rate = fields.Float(
        string="Attended (Rate)",
        readonly=True,
        aggregator="avg",
        help="Of the appointments whose outcome is known, as all rates.",
    )
    cancelled_rate = fields.Float(
        string="Cancelled in Time (Rate)", readonly=True, aggregator="avg"
    )
    late_cancelled_rate = fields.Float(
        string="Late Cancellations (Rate)", readonly=True, aggregator="avg"
    )
    no_show_rate = fields.Float(
        string="No-shows (Rate)", readonly=True, aggregator="avg"
    )
    fee_rate = fields.Float(
        string="Missed Visits with a Fee (Rate)",
        readonly=True,
        aggregator="avg",
        help="Of the late cancellations and no-shows; waived fees count as charged.",
    )

    policy_id = fields.Many2one("noshow.policy", readonly=True)
    policy_version = fields.Integer(
        related="policy_id.version", string="Version", aggregator=None
    )
    rule_id = fields.Many2one("noshow.policy.rule", readonly=True)
    decider_id = fields.Many2one("res.users", string="Decided By", readonly=True)
    deviation = fields.Selection(DEVIATIONS, string="Policy Followed", readonly=True)
    deviation_reason = fields.Char(string="Why Not as Proposed", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    proposed_amount = fields.Monetary(
        string="Proposed", readonly=True, help="By the policy, without taxes."
    )
    taken_amount = fields.Monetary(
        string="Taken", readonly=True, help="When it was cancelled, without taxes."
    )
    difference = fields.Monetary(
        readonly=True, help="Taken less proposed, without taxes."
    )
    deviated_rate = fields.Float(
        string="Not as Proposed (Rate)",
        readonly=True,
        aggregator="avg",
        help="Of the cancellations for which the policy was asked.",
    )

    _depends = {
        "noshow.fee.decision": [
            "appointment_id",
            "deviation",
            "deviation_reason",
            "policy_id",
            "proposed_amount",
            "rule_id",
            "state",
            "taken_amount",
            "user_id",
        ],
        "calendar.event": [
            "active",
            "allday",
            "cancel_initiator",
            "client_id",
            "company_id",
            "counts_as_missed",
            "rebooked_event_id",
            "start",
            "start_date",
            "uncharged_on",
            "user_id",
            "visit_state",
        ],
    }

    def action_open_appointment(self):
        """Open the appointment of this row."""
        self.ensure_one()
        return self.env["calendar.event"].browse(self.id)._get_records_action()

    @property
    def _table_query(self):
        rates = SQL(", ").join(
            SQL(
                "CASE WHEN event.visit_state != 'scheduled'"
                " THEN (event.visit_state = %s)::int::float END AS %s",
                state,
                SQL.identifier(f"{state}_rate"),
            )
            for state in ("attended", "cancelled", "late_cancelled", "no_show")
        )
        return SQL(
            """
            SELECT event.id,
                   local.start::date AS date,
                   -- For groups only, see `_read_group_groupby`.
                   %(month)s AS month,
                   EXTRACT(ISODOW FROM local.start)::int::text AS weekday,
                   EXTRACT(HOUR FROM local.start)::int AS hour,
                   event.client_id,
                   event.user_id AS provider_id,
                   event.company_id,
                   event.visit_state,
                   event.cancel_initiator,
                   CASE WHEN event.counts_as_missed THEN 1 ELSE 0 END AS missed_count,
                   %(rates)s,
                   CASE WHEN event.visit_state IN %(missed)s
                        THEN (event.uncharged_on IS NULL)::int::float
                        END AS fee_rate,
                   COALESCE(decision.policy_id, event.policy_id) AS policy_id,
                   decision.rule_id,
                   decision.user_id AS decider_id,
                   decision.deviation,
                   decision.deviation_reason,
                   company.currency_id,
                   decision.proposed_amount,
                   decision.taken_amount,
                   decision.taken_amount - decision.proposed_amount AS difference,
                   (decision.deviation != 'none')::int::float AS deviated_rate
              FROM calendar_event event
              JOIN %(zones)s ON zone.company_id = event.company_id
              LEFT JOIN res_company company ON company.id = event.company_id
              -- There is one (`_one_live`). PostgreSQL leaves the join out where nobody
              -- asks for it, if the query itself says so.
              LEFT JOIN (
                SELECT DISTINCT ON (appointment_id) *
                  FROM noshow_fee_decision
                 WHERE state != 'undone'
              ORDER BY appointment_id
              ) decision ON decision.appointment_id = event.id
              CROSS JOIN LATERAL (
                SELECT %(start)s AS start
              ) local
             WHERE event.client_id IS NOT NULL
               AND event.rebooked_event_id IS NULL
               -- Not what a change of a series has replaced (`const.ON_RECORD`).
               AND (event.active OR event.visit_state != 'scheduled')
            """,
            missed=MISSED_STATES,
            month=self._get_local_month(),
            rates=rates,
            start=self._get_local_start(),
            zones=self._get_zones_by_month(),
        )

    def _read_group_groupby(self, alias, groupby_spec, query):
        """Months, quarters and years begin with months, which are found without telling
        the practice's time of each row: 0.48 seconds of a processor instead of 0.79
        for a million."""
        name, _dot, granularity = groupby_spec.partition(":")
        if name != "date" or granularity not in ("month", "quarter", "year"):
            return super()._read_group_groupby(alias, groupby_spec, query)
        month = SQL.identifier(alias, "month")
        if granularity == "month":
            return month
        return SQL("date_trunc(%s, %s::timestamp)::date", granularity, month)

    @api.model
    def _get_local_start(self):
        """The start of `event` at the practice whose `zone` it is."""
        return SQL(
            "CASE WHEN event.allday THEN %(start_date)s::timestamp"
            " ELSE %(start)s AT TIME ZONE 'UTC' AT TIME ZONE zone.name END",
            **self._get_starts(),
        )

    @api.model
    def _get_starts(self):
        """The start and the first day of `event`, within the years that have months."""
        # Rows from before there were limits, or written past them: months before the
        # first year and after the last have no name (odoo/models.py, read_group).
        return {
            "start_date": SQL(
                "LEAST(GREATEST(event.start_date, %s), %s)", FIRST_DAY, LAST_DAY
            ),
            "start": SQL(
                "LEAST(GREATEST(event.start, %s::date), %s::date)", FIRST_DAY, LAST_DAY
            ),
        }

    @api.model
    def _get_local_month(self):
        """The first day of the month of `_get_local_start`, as quickly as it goes."""
        return SQL(
            "CASE WHEN event.allday"
            " THEN date_trunc('month', %(start_date)s::timestamp)::date"
            " ELSE zone.months[width_bucket(%(start)s, zone.moments)] END",
            **self._get_starts(),
        )

    @api.model
    def _get_zones_by_month(self):
        """As `_get_zones`, and the months of all years there may be, with the moments
        at which they begin there. PostgreSQL makes both lists once, and not at all
        where nobody asks for months."""
        series = SQL(
            "generate_series(date_trunc('month', %s::timestamp - interval '1 day'),"
            " %s::timestamp + interval '1 day', interval '1 month') month",
            FIRST_DAY,
            LAST_DAY,
        )
        return SQL(
            """
            (SELECT zone.company_id,
                    zone.name,
                    (SELECT array_agg(month::date ORDER BY month) FROM %(series)s)
                    AS months,
                    (SELECT array_agg(
                                month AT TIME ZONE zone.name AT TIME ZONE 'UTC'
                                ORDER BY month)
                       FROM %(series)s) AS moments
               FROM %(zones)s) zone
            """,
            series=series,
            zones=self._get_zones(),
        )

    @api.model
    def _get_zones(self):
        """The practice's time zone of each of the user's companies, as a table."""
        # In sudo: a zone of the company's own contact.
        companies = self.env.companies.sudo()
        rows = SQL(", ").join(
            SQL("(%s, %s)", company.id, company._get_practice_tz().key)
            for company in companies
        )
        return SQL("(VALUES %s) zone (company_id, name)", rows)
