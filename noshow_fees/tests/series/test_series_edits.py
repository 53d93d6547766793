"""What a later edit of a repeating appointment does to the occurrence whose outcome
is known, and to the others.

Every case makes two series: appointments, of which one occurrence gets an outcome,
and plain meetings as their twin. Both are then edited alike. What stock makes of the
twin, without the slot that is taken, is what has to be left. The twin meets in the
morning, because stock goes wrong where the date in UTC is another one; and without
the first occurrence a series is one that begins with its second.

A case is named by what stands in the tables below, to be searched for:
`test_<time>_<edit>_<scope>_<position>_<rule>_<outcome>`.
"""

from datetime import datetime
from itertools import product

from odoo import Command
from odoo.tests import tagged

from .series_common import (
    COUNT,
    DAY,
    EVENING,
    HOUR,
    MORNING,
    RULES,
    WEEK,
    SeriesCommon,
    local,
)

EDITED = 4  # the occurrence on which somebody edits the series
POSITIONS = {"first": 0, "before": 2, "after": 6, "last": COUNT - 1}
SCOPES = ("all_events", "future_events")
SPRING = datetime(2027, 2, 8, 9)  # the clocks change before the sixth occurrence


def shift(delta):
    return lambda event: {"start": event.start + delta, "stop": event.stop + delta}


#: what: (values to write on the edited occurrence, days by which slots move along)
EDITS = {
    "an_hour_later": (shift(HOUR), 0),
    "dragged_to_the_next_day": (shift(DAY), 1),
    "another_weekday_by_its_box": (lambda event: {"mon": False, "wed": True}, 2),
    "a_second_weekday": (lambda event: {"thu": True}, 0),
    "longer": (lambda event: {"count": 13, "until": MORNING.date() + 12 * WEEK}, 0),
    "every_two_weeks": (lambda event: {"interval": 2}, 0),
    "title": (lambda event: {"name": "Renamed"}, 0),
}


def edit_case(edit, scope, position, rule, wall, outcome):
    make_vals, slot_days = EDITS[edit]

    def test(self):
        appointments = self._new_series(wall, rule, client_id=self.client_2.id)
        known = appointments[POSITIONS[position]]
        known_start = known.start
        self._set_outcome(known, outcome)
        event = appointments[EDITED]
        self._edit_series(event, self.frontdesk, scope, make_vals(event))
        # The occurrence itself stays as it was.
        self.assertEqual(known.exists(), known)
        self.assertEqual(known.visit_state, outcome)
        self.assertEqual((known.start, known.name), (known_start, "Session"))
        self.assertEqual(known.active, outcome == "attended")
        # The others are where stock puts the twin's.
        slot = local(known_start).date()
        if scope == "all_events" or POSITIONS[position] >= EDITED:
            slot += slot_days * DAY
        late = int(position == "first")
        twin = self._get_twin(edit, scope, rule, wall.date() + late * WEEK, late)
        expected = [
            start + (wall - MORNING) % DAY for start in twin if start.date() != slot
        ]
        mine = [("client_id", "=", self.client_2.id), ("visit_state", "=", "scheduled")]
        self.assertEqual(self._days(mine), expected)
        self.assertFalse(
            self.env["calendar.event"].search([*mine, ("recurrence_id", "=", False)])
        )

    return test


@tagged("post_install", "-at_install")
class TestSeriesEdits(SeriesCommon):
    #: what stock made of the twins: the same for many cases
    twins = {}

    def _get_twin(self, edit, scope, rule, day, late):
        """Edit plain meetings as an employee without a role does.

        :param int late: how many occurrences the twin has less, at its beginning
        :return: their local starts
        """
        key = (edit, scope, rule, day, late)
        if key not in self.twins:
            wall = datetime.combine(day, MORNING.time())
            owner = {
                "user_id": self.employee.id,
                "partner_ids": [Command.set(self.employee.partner_id.ids)],
            }
            twin = self._new_series(wall, rule, COUNT - late, location="twin", **owner)
            event = twin[EDITED - late]
            vals = EDITS[edit][0](event)
            if "count" in vals and scope == "all_events":
                vals["count"] -= late
            self._edit_series(event, self.employee, scope, vals)
            # Stock makes two series of "this and following" on another weekday.
            self.twins[key] = sorted(set(self._days([("location", "=", "twin")])))
        return self.twins[key]


def add_cases(prefix, **table):
    axes = {
        "edit": EDITS,
        "scope": SCOPES,
        "position": POSITIONS,
        "rule": RULES,
        "wall": [MORNING],
        "outcome": ["cancelled"],
        **table,
    }
    for values in product(*axes.values()):
        case = dict(zip(axes, values, strict=True))
        name = "_".join(
            str(case[axis]) for axis in ("edit", "scope", "position", "rule", "outcome")
        )
        setattr(
            TestSeriesEdits,
            f"test_{prefix}_{name}",
            edit_case(**case),
        )


add_cases("morning")
add_cases("evening", wall=[EVENING], position=["first", "after"], outcome=["attended"])
add_cases("spring", wall=[SPRING], position=["first", "after"], rule=["by_count"])
