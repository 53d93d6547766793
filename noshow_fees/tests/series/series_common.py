"""Weekly appointments, and how a user edits some or all of them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from odoo import Command

from ..common import PracticeCommon

NEW_YORK = ZoneInfo("America/New_York")
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
COUNT = 10
MORNING = datetime(2027, 1, 4, 9)  # a Monday; wall time in New York
EVENING = datetime(2027, 1, 4, 21)  # already Tuesday in UTC
RULES = {
    "by_count": {"end_type": "count"},
    "by_date": {"end_type": "end_date"},
}


def local(moment):
    return moment.replace(tzinfo=UTC).astimezone(NEW_YORK).replace(tzinfo=None)


def utc(wall):
    return wall.replace(tzinfo=NEW_YORK).astimezone(UTC).replace(tzinfo=None)


class SeriesCommon(PracticeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "no_mail_to_attendees": True})

    def _new_series(self, wall=MORNING, rule="by_count", count=COUNT, **vals):
        """Create a weekly series of one hour; appointments where a client is given.

        :return: its occurrences
        """
        values = {
            "name": "Session",
            "user_id": self.therapist.id,
            "partner_ids": [Command.set(self.therapist.partner_id.ids)],
            "start": utc(wall),
            "stop": utc(wall) + HOUR,
            "recurrency": True,
            "rrule_type": "weekly",
            "interval": 1,
            wall.strftime("%a").lower(): True,
            "event_tz": NEW_YORK.key,
            **RULES[rule],
            "count": count,
            "until": wall.date() + (count - 1) * WEEK,
            **vals,
        }
        base = self.env["calendar.event"].with_context(tz=NEW_YORK.key).create(values)
        events = base.recurrence_id.calendar_event_ids.sorted("start")
        self.assertEqual(len(events), count)
        return events

    def _edit_series(self, event, user, scope, vals):
        event = event.with_user(user).with_context(tz=NEW_YORK.key)
        event.write({"recurrence_update": scope, **vals})

    def _set_outcome(self, events, outcome):
        events = events.with_user(self.frontdesk)
        if outcome in ("attended", "no_show"):
            # As if their day had come, of which the button makes sure.
            events._set_outcome(outcome, {})
        else:
            events._cancel_appointments(outcome)

    def _days(self, domain):
        """The local starts of the active events of a domain."""
        return sorted(
            map(local, self.env["calendar.event"].search(domain).mapped("start"))
        )


class SeriesCase(SeriesCommon):
    def setUp(self):
        super().setUp()
        self.events = self._new_series(client_id=self.client_2.id)
        self.mine = [("client_id", "=", self.client_2.id)]
        self.left = [*self.mine, ("visit_state", "=", "scheduled")]

    def _edit(self, event, scope="all_events", **vals):
        event.write({"recurrence_update": scope, **vals})

    def _move(self, event, delta, scope=False):
        self._edit(event, scope, start=event.start + delta, stop=event.stop + delta)

    def _weeks(self, *numbers, wall=MORNING):
        return [wall + number * WEEK for number in numbers]
