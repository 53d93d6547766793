"""The appointment in the schedule's pop-over."""

from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.fields import Datetime, Domain
from odoo.tools import SQL

from ...const import PRACTICE

#: No longer than this: found by its start. As in the condition of the index `_long`.
SHORT = timedelta(days=14)
DETAIL_FIELDS = [
    "client_id",
    "user_id",
    "visit_state",
    "cancel_reason",
    "cancelled_by_id",
    "cancelled_on",
    "cancel_initiator",
    "currency_id",
    "fee_amount",
    "fee_sentence",
    "fee_state",
    "has_come",
]


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def get_schedule_details(self):
        """What the schedule's pop-over says about this appointment.

        Asked for when the pop-over opens: as fields of the calendar view, these would
        be read for every event at every load.

        :return: the values of `DETAIL_FIELDS` in the format of `read`, `fee_code`: the
            live fee's, or the one proposed for `proposed_outcome` while the
            appointment is scheduled (`fee_amount` then is what it would be), and
            `may_restore`
        :raise AccessError: no role in the practice, or out of the user's reach
        """
        self.ensure_one()
        [details] = self.read(DETAIL_FIELDS)
        product = self._get_live_fees().product_id
        if self.visit_state == "scheduled":
            proposal = self._propose_fees()[self]
            details["proposed_outcome"] = proposal["outcome"]
            product = product.browse(proposal["proposed_product_id"])
            details["fee_amount"] = product and proposal["proposed_amount"]
            details["fee_sentence"] = proposal["sentence"]
        details["fee_code"] = product.cpt_code
        details["may_restore"] = self._may_restore()
        details["client_phone"] = self.client_id._filter_in_care().phone
        return details

    def _may_restore(self):
        """Whether “Restore” would let this user undo the outcome."""
        self.ensure_one()
        if not self._has_outcome() or self.rebooked_event_id:
            return False
        has_fee = bool(self._get_live_fees())
        right = "waive_fee" if has_fee else "schedule"
        return self.env.user._has_practice_right(right, self.user_id)

    # ------------------------------------------------------------
    # THE APPOINTMENT'S PAGE
    # ------------------------------------------------------------

    # Not related fields, which Odoo reads as superuser.
    client_phone = fields.Char(compute="_compute_client_info", groups=PRACTICE)
    client_email = fields.Char(compute="_compute_client_info", groups=PRACTICE)
    client_card = fields.Char(compute="_compute_client_info", groups=PRACTICE)
    client_missed_count = fields.Integer(
        string="Missed Visits", compute="_compute_client_info", groups=PRACTICE
    )

    @api.depends("client_id", "company_id")
    @api.depends_context("company", "uid")
    def _compute_client_info(self):
        own = self.env.user.company_ids
        for event in self:
            client = event.client_id._origin
            # Of the practice that bills: there the client has agreed, or has not.
            company = event.company_id or self.env.company
            there = client if company in own or self.env.su else client.browse()
            known = client._filter_in_care()
            event.client_phone = known.phone
            event.client_email = known.email
            event.client_card = there.with_company(company).card_summary
            event.client_missed_count = client.missed_visit_count

    def get_formview_id(self, access_uid=None):
        """An appointment opens in its own page, wherever one clicks on it."""
        if len(self) == 1 and self._sees_appointments() and self._filter_appointments():
            return self.env.ref("noshow_fees.calendar_event_view_form_appointment").id
        return super().get_formview_id(access_uid)

    # ------------------------------------------------------------
    # WORKLIST
    # ------------------------------------------------------------

    is_outcome_missing = fields.Boolean(
        string="Outcome Missing",
        compute="_compute_is_outcome_missing",
        search="_search_is_outcome_missing",
        groups=PRACTICE,
        help="Still scheduled, but over or removed in an outside calendar: nobody has "
        "said what became of it.",
    )

    # The worklist, and how many are in it: 0.2 ms instead of 241 among a million.
    _unmarked = models.Index(
        "(stop) WHERE active IS TRUE AND visit_state = 'scheduled'"
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

    # ------------------------------------------------------------
    # TODAY
    # ------------------------------------------------------------

    is_today = fields.Boolean(
        compute="_compute_is_today",
        search="_search_is_today",
        groups=PRACTICE,
        help="Begins today, on the practice's own day.",
    )

    @api.depends("allday", "start", "start_date")
    def _compute_is_today(self):
        for event in self:
            company = event.company_id or self.env.company
            event.is_today = (
                bool(event.start)
                and event._get_date_of_service() == company._get_practice_today()
            )

    def _search_is_today(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Each company's own day; “today” in a domain would be the user's.
        by_company = Domain.OR(
            Domain("company_id", "=", company.id) & self._get_day_domain(company)
            for company in self.env.companies
        )
        plain = Domain("company_id", "=", False)
        found = by_company | (plain & self._get_day_domain(self.env.company))
        # Whatever the zone, and all-day ones begin on their day (calendar, `_inverse_
        # dates`): by this, the index on the start finds them.
        now = fields.Datetime.now()
        return (
            Domain("start", ">=", now - timedelta(days=3))
            & Domain("start", "<", now + timedelta(days=3))
            & found
        )

    @api.model
    def _get_day_domain(self, company):
        """What begins today at the practice of `company`."""
        today = company._get_practice_today()
        since = company._get_practice_moment(today)
        until = company._get_practice_moment(today + timedelta(days=1))
        timed = (
            Domain("allday", "=", False)
            & Domain("start", ">=", since)
            & Domain("start", "<", until)
        )
        return timed | (Domain("allday", "=", True) & Domain("start_date", "=", today))

    # ------------------------------------------------------------
    # RANGE
    # ------------------------------------------------------------

    # Stock asks for what ends after a moment and begins before another, which no index
    # answers. Nearly all events are short: stock's index on `start` finds them once it
    # has a lower bound, and the few long ones have an index of their own. One of two
    # thousand years is one more row there, and costs nobody else anything.
    _long = models.Index("(stop) WHERE stop - start > INTERVAL '14 days'")
    # Tiny, and never read: by it PostgreSQL knows how few the long ones are, and takes
    # both indexes instead of neither (2 ms instead of 640 among a million events).
    _length = models.Index("USING brin ((stop - start))")

    @api.model
    def _search(self, domain, *args, **kwargs):
        return super()._search(
            Domain(domain).map_conditions(self._bound_start), *args, **kwargs
        )

    def _bound_start(self, condition):
        """Add to a lower bound of `stop` the one of `start` that follows from it: no
        other events are found, in whatever domain it stands."""
        moment = condition.field_expr == "stop" and condition.operator in (">", ">=")
        if not moment or not condition.value:
            return condition
        try:
            end = Datetime.to_datetime(condition.value)
        except ValueError:  # “now -1d”, say
            return condition
        # Below it there is no date, in Python and in PostgreSQL's own counting of days.
        since = max(end, datetime.min + SHORT) - SHORT

        def to_sql(model, alias, query):
            start = model._field_to_sql(alias, "start", query)
            stop = model._field_to_sql(alias, "stop", query)
            return SQL(
                # As the condition of the index says it, or PostgreSQL does not use it.
                "(%s >= %s OR %s - %s > INTERVAL '14 days')",
                *(start, since, stop, start),
            )

        return condition & Domain.custom(to_sql=to_sql)
