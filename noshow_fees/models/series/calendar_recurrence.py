"""The rule of a repeating appointment: which of its slots are taken.

A slot is a calendar day in the series' time zone; no rule gives two a day.
"""

from datetime import UTC, datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from odoo.addons.calendar.models.calendar_recurrence import weekday_to_field

from ...const import LAST_DAY, PRACTICE
from ...tools.context import by_method


class CalendarRecurrence(models.Model):
    _inherit = "calendar.recurrence"

    series_ref = fields.Integer(
        # Copies get it from copy_data(), see `client_id` of calendar.event.
        copy=False,
        readonly=True,
        # One of 50,000 series: 0.02 ms instead of 11.
        index="btree_not_null",
        groups=PRACTICE,
        help="Shared by all recurrences that Odoo made out of one series: every edit "
        "makes new ones (calendar/models/calendar_event.py, _rewrite_recurrence).",
    )

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._check_base_event()
        return rules

    def write(self, vals):
        result = super().write(vals)
        if "base_event_id" in vals:
            self._check_base_event()
        return result

    def _check_base_event(self):
        """:raise AccessError: somebody else's appointment that is not of the series"""
        # Not a constraint: Odoo runs these in sudo.
        if self.env.su:
            return
        # In sudo: whose it is does not depend on who asks.
        for rule_sudo in self.sudo():
            base = rule_sudo.base_event_id
            if base.recurrence_id != rule_sudo:
                base.with_env(self.env)._filter_appointments().check_access("write")

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        # In sudo: see calendar.event, copy_data().
        for rule_sudo, vals in zip(self.sudo(), vals_list, strict=True):
            if rule_sudo.base_event_id.client_id:
                vals["series_ref"] = rule_sudo._get_series_ref()
        return vals_list

    def _get_series_ref(self):
        # In sudo: the number tells nothing.
        return self.sudo().series_ref or self.id

    # ------------------------------------------------------------
    # SLOTS
    # ------------------------------------------------------------

    def _get_wall_time(self, start, allday=False):
        """A moment (UTC) as clocks and calendars show it to the people of the series.
        An all-day event stores its date, not a moment."""
        if allday:
            return start
        zone = self._get_timezone()
        return start.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)

    def _get_day(self, event, start=None):
        """The day of an occurrence, or what it would be at another start."""
        return self._get_wall_time(start or event.start, event.allday).date()

    def _get_slot(self, event):
        """The day that the rule gave this occurrence, wherever it was moved."""
        # In sudo: who edits the series need not be of the practice's roles.
        return event.sudo().series_slot or self._get_day(event)

    def _get_left_events(self):
        """The occurrences that left the series and keep their slot."""
        # In sudo: a slot is taken whether or not the user may read by what.
        events_sudo = self.env["calendar.event"].sudo().with_context(active_test=False)
        return events_sudo.search([("series_ref", "=", self._get_series_ref())])

    def _get_slots(self):
        """All days that the rule gives, in order, those taken included."""
        counted_sudo = self._get_left_events().filtered(
            lambda event: event.left_recurrence_id == self
        )
        slots = map(self._get_slot, self.sudo().calendar_event_ids | counted_sudo)
        first = min(slots, default=None)
        rule = self._get_rrule(datetime.combine(first, time.min)) if first else []
        return [day.date() for day in rule]

    def _get_slots_near(self, day):
        """The days that the rule would give in the week or month of `day`."""
        start = datetime.combine(self._get_start_of_period(day), time.min)
        lengths = {"weekly": relativedelta(weeks=1), "monthly": relativedelta(months=1)}
        end = start + lengths.get(self.rrule_type, relativedelta(days=1))
        rule = self._get_rrule(start).replace(count=None, until=None)
        return [
            slot.date() for slot in rule.between(start, end - timedelta(1), inc=True)
        ]

    def _get_starts(self, start, allday=False):
        """The moments (UTC) that the rule gives, at the wall time of `start` and from
        then on, by their day.

        Stock's _get_occurrences() counts from the start of the week in UTC. For a
        Monday evening in New York that is the week before, and "every two weeks" begins
        in the wrong one (calendar/models/calendar_recurrence.py).
        """
        walls = list(self._get_rrule(self._get_wall_time(start, allday)))
        if self.end_type == "forever":
            # Stock makes 720 of them, which is too far if they are three months apart.
            walls = [wall for wall in walls if wall.date() <= LAST_DAY]
        if allday:
            return {wall.date(): wall for wall in walls}
        # Stock's zone, by its own way: in the hour that there is twice, it means the
        # second one.
        localize = self._get_timezone().localize
        return {
            wall.date(): localize(wall).astimezone(UTC).replace(tzinfo=None)
            for wall in walls
        }

    def _range_calculation(self, event, duration):
        if not event.sudo().client_id:
            return super()._range_calculation(event, duration)
        starts = self._get_starts(event.start, event.allday).values()
        return {(start, start + duration) for start in starts}

    def _reconcile_events(self, ranges):
        """Create nothing in the slots that are taken."""
        events, missing = super()._reconcile_events(ranges)
        base = self.base_event_id
        if not base.sudo().client_id:
            return events, missing
        taken = set(map(self._get_slot, self._get_left_events()))
        return events, {
            (start, stop)
            for start, stop in missing
            if self._get_day(base, start) not in taken
        }

    def _filter_fitting(self, events):
        """Those that left this series, and have exactly a slot of its rule."""

        def get_time(event):
            wall = self._get_wall_time(event.start, event.allday)
            return event.allday, wall.time(), event.stop - event.start

        slots, times = self._get_slots(), set(map(get_time, self.base_event_id))
        return events.filtered(
            lambda event: (
                event.series_ref == self._get_series_ref()
                and not event.series_slot
                and self._get_day(event) in slots
                and times <= {get_time(event)}
            )
        )

    def _select_base(self):
        """Choose the occurrence that edits of the whole series copy.

        Not `_select_new_base_event`: it finds none when the first one was moved.
        """
        for rule in self:
            events = rule.calendar_event_ids.sorted("start")
            rule.base_event_id = (events.filtered("follow_recurrence") or events)[:1]

    # ------------------------------------------------------------
    # EDITS
    # ------------------------------------------------------------

    def _split_from(self, event, recurrence_values=None):
        if event.sudo().client_id:
            # Stock counts the occurrences that are left, not the slots.
            slots = [
                slot for slot in self._get_slots() if slot >= self._get_slot(event)
            ]
            recurrence_values = {"count": len(slots), **(recurrence_values or {})}
        return super()._split_from(event, recurrence_values)

    def _release_strays(self, first, whole):
        """Let those go by themselves that were moved across the occurrence from which
        on the series is edited: stock would delete them, or make them twice."""
        if whole:
            self.base_event_id = first

        def is_stray(event):
            is_before = self._get_slot(event) < self._get_slot(first)
            return is_before if whole else is_before != (event.start < first.start)

        # In sudo: nobody's appointment may get lost.
        self.sudo().calendar_event_ids.filtered(is_stray)._leave_series()

    def _get_edited_values(self, event, start, rule_values, first, whole):
        """What the rule becomes by an edit.

        Stock takes weekdays from UTC dates, and compares those of two different
        occurrences (calendar/models/calendar_event.py, _get_updated_recurrence_values).

        :param event: the occurrence on which somebody edits the series
        :param datetime start: when that one is to start
        :param dict rule_values: what the user changes of the rule
        :param first: the first occurrence concerned
        :param bool whole: it is the first of the series
        """
        # Where the first was moved by itself, the others are to be as that one.
        old = self._get_slot(event) if event == first else self._get_day(event)
        new = self._get_day(event, start)
        day = self._get_day(event, first.start + (start - event.start))
        weekdays = {weekday.weekday for weekday in self._get_week_days()}
        if self.rrule_type != "weekly":
            weekdays = {day.weekday()}
        elif old.weekday() != new.weekday():
            weekdays = weekdays - {old.weekday()} | {new.weekday()}
        slots = self._get_slots()
        gone = len([slot for slot in slots if slot < self._get_slot(first)])
        count = rule_values.get("count") or len(slots)
        if whole or not rule_values.get("count"):
            # Slots before are none of the new rule's.
            count = max(count - gone, 1)
        return {
            **event._get_recurrence_params_by_date(day),
            **{weekday_to_field(index): index in weekdays for index in range(7)},
            **rule_values,
            "count": count,
        }

    def _move_slots(self, rule, since):
        """Move the taken slots along where the series moves to another day of the week
        or month, as `rule`; any other change leaves them on their date."""
        slots = {slot for slot in self._get_slots() if slot >= since}
        for event in self._get_left_events():
            slot = self._get_slot(event)
            if slot in slots and rule.rrule_type == self.rrule_type:
                before, after = self._get_slots_near(slot), rule._get_slots_near(slot)
                if len(before) == len(after) and before != after:
                    by_method(event).series_slot = after[before.index(slot)]
