"""Booking an appointment: what is proposed, and what stands in its way."""

from datetime import UTC, datetime, time, timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ...const import FIRST_DAY, LAST_DAY, PRACTICE
from ...tools.when import format_day, format_when

#: Minutes, where neither client nor provider tells.
USUAL_MINUTES = 50
DAY = timedelta(days=1)
DAY_MINUTES = 24 * 60
#: So far back a provider's appointments tell when they work, and so far ahead a free
#: slot is looked for.
HABIT = timedelta(days=90)
HORIZON = timedelta(days=60)
#: Where nothing is known: weekdays (Monday is 0) and hours at the practice.
WORK_DAYS, WORK_HOURS = range(5), (time(9), time(17))
#: A free slot begins at a full so many minutes.
STEP = timedelta(minutes=15)


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    overlap_warning = fields.Char(
        compute="_compute_overlap_warning",
        groups=PRACTICE,
        help="What else provider or client have at this time. It warns only: several "
        "clients may share a session.",
    )

    @api.depends("allday", "client_id", "start", "stop", "user_id", "visit_state")
    def _compute_overlap_warning(self):
        for event in self:
            event.overlap_warning = (
                event.visit_state == "scheduled"
                and event.start
                and event.stop
                and not event.allday
                and self._describe_overlaps(
                    event.user_id,
                    event.client_id._origin,
                    [(event.start, event.stop)],
                    event._origin,
                )
            )

    # ------------------------------------------------------------
    # PROPOSALS
    # ------------------------------------------------------------

    @api.model
    def _propose_minutes(self, client, provider):
        """How long an appointment is: the client's last one, else what the provider
        says is usual."""
        last = self.with_context(active_test=False).search(
            [
                ("client_id", "=", client.id),
                ("allday", "=", False),
                ("duration", ">", 0),
            ],
            order="start desc",
            limit=1,
        )
        if client and last:
            return round(last.duration * 60)
        return provider.noshow_session_minutes or USUAL_MINUTES

    @api.model
    def _find_free_start(self, provider, since, minutes):
        """The next time at which `provider` has so many minutes free, in the hours in
        which they have usually worked lately.

        :param datetime since: UTC
        :return: UTC; False when nothing is free for two months
        """
        length = timedelta(minutes=min(max(minutes, 1), DAY_MINUTES))
        if since.date() >= LAST_DAY - HORIZON:
            return False
        until = since + HORIZON
        busy = self._get_busy_times(provider, since, until)
        # The practice's that will bill, whichever is the first of those ticked. In
        # sudo: which company a colleague works for.
        company = provider.sudo().company_id or self.env.company
        zone = company._get_practice_tz()
        days, (opens, closes) = self._get_work_habit(provider, zone)
        local = since.replace(tzinfo=UTC).astimezone(zone)
        for number in range(HORIZON.days):
            day = local.date() + timedelta(days=number)
            if day.weekday() not in days:
                continue
            begin = company._get_practice_moment(day, opens)
            end = company._get_practice_moment(day, closes)
            start = _round_up(max(begin, since))
            for busy_start, busy_stop in busy:
                if start + length <= busy_start:
                    break
                if busy_stop > start:
                    start = _round_up(busy_stop)
            if start + length <= end:
                return start
        return False

    @api.model
    def _get_busy_times(self, provider, since, until):
        """:return: sorted list of (start, stop) in UTC"""
        # In sudo: that a provider has no time is no secret, and whoever books needs it;
        # of these only the times are told.
        events_sudo = self.sudo().search(
            self._get_taken_domain(provider, self.env["res.partner"], since, until)
        )
        # A meeting of any year may reach into these.
        return sorted(
            (max(start, since), min(stop, until))
            for start, stop in map(self._get_time_taken, events_sudo)
            if start < until and stop > since
        )

    @api.model
    def _get_time_taken(self, event):
        """From when to when `event` takes time, in UTC. Of an all-day one Odoo stores
        8:00 to 18:00 UTC (calendar/models/calendar_event.py, `_inverse_dates`), which
        is no day of the practice's clock.

        :return: start, stop
        """
        if not event.allday:
            return event.start, event.stop
        company = event.company_id or event.user_id.company_id or self.env.company
        first, last = (
            min(max(day, FIRST_DAY), LAST_DAY)
            for day in (event.start_date, event.stop_date)
        )
        moment = company._get_practice_moment
        return moment(first), moment(last + DAY)

    @api.model
    def _get_work_habit(self, provider, zone):
        """:return: weekdays, and the hours between which appointments were held"""
        now = fields.Datetime.now()
        # In sudo: as in `_get_busy_times`.
        events_sudo = self.sudo().search_fetch(
            [
                ("user_id", "=", provider.id),
                ("client_id", "!=", False),
                ("allday", "=", False),
                ("start", ">=", now - HABIT),
                ("start", "<", now),
            ],
            ["start", "stop"],
        )
        spans = [
            [moment.replace(tzinfo=UTC).astimezone(zone) for moment in span]
            for span in events_sudo.mapped(lambda event: (event.start, event.stop))
        ]
        spans = [(start, stop) for start, stop in spans if start.date() == stop.date()]
        if len(spans) < 5:  # too few to tell a habit
            return WORK_DAYS, WORK_HOURS
        return (
            {start.weekday() for start, _stop in spans},
            (
                min(start.time() for start, _stop in spans),
                max(stop.time() for _start, stop in spans),
            ),
        )

    # ------------------------------------------------------------
    # OVERLAPS
    # ------------------------------------------------------------

    @api.model
    def _get_taken_domain(self, provider, client, since, until):
        """What may take the time of `provider`, or of `client`, between two moments
        (`_get_time_taken` says whether it does): of a provider all, which is no secret,
        of a client what the user may read. Search it in sudo."""
        # With a day around: an all-day one takes more than what is stored of it.
        when = (
            Domain("show_as", "=", "busy")
            & Domain("start", "<", min(until, datetime.max - DAY) + DAY)
            & Domain("stop", ">", max(since, datetime.min + DAY) - DAY)
        )
        people = Domain.FALSE
        # In sudo: who works here, whatever else may be read of them.
        if provider and not provider.sudo().share:
            partner_ids = provider.sudo().partner_id.ids
            # Nobody learns when a provider is treated.
            people = Domain("client_id", "not in", partner_ids) & (
                Domain("user_id", "=", provider.id)
                | Domain("partner_ids", "in", partner_ids)
            )
        if client:
            own = Domain("client_id", "=", client.id) & when
            people |= Domain("id", "in", self.sudo(False)._search(own))
        return people & when

    @api.model
    def _describe_overlaps(self, provider, client, slots, event=None):
        """Name what else is at these times.

        :param list slots: (start, stop) in UTC, in their order
        :param event: the appointment itself, which does not overlap with itself
        :return: a sentence, or False
        """
        # In sudo: busy is busy; only those are named that the user may read.
        found_sudo = (
            self.sudo().search(
                self._get_taken_domain(provider, client, slots[0][0], slots[-1][1]),
                order="start",
            )
            - (event or self).sudo()
        )
        found_sudo = found_sudo.filtered(
            lambda other: _overlaps(self._get_time_taken(other), slots)
        )
        if not found_sudo:
            return False
        readable = found_sudo.sudo(False)._filtered_access("read")
        names = [
            self._name_overlap(other) if other in readable else self._name_busy(other)
            for other in found_sudo[:2].sudo(False)
        ]
        if len(found_sudo) > 2:
            names.append(self.env._("%s more", len(found_sudo) - 2))
        return self.env._("It overlaps with %s.", "; ".join(names))

    def _name_overlap(self, other):
        return self.env._(
            "%(name)s (%(start)s, %(provider)s)",
            name=other.client_id.name or other.display_name,
            start=self._format_start(other),
            provider=other.user_id.name or "",
        )

    def _name_busy(self, other):
        # In sudo: its time only.
        return self.env._("something else at %s", self._format_start(other.sudo()))

    def _format_start(self, other):
        if other.allday:
            return self.env._("all day, %s", format_day(self.env, other.start_date))
        return format_when(self.env, other.start)


def _overlaps(taken, slots):
    """:param tuple taken: start, stop
    :param list slots: of the same"""
    return any(taken[0] < stop and taken[1] > start for start, stop in slots)


def _round_up(moment):
    rest = (moment - datetime.min) % STEP
    return moment + (STEP - rest) if rest else moment
