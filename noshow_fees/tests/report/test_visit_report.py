"""Outcome statistics: counted once, on the practice's days, for who may see them."""

from collections import Counter
from datetime import datetime, timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import PracticeCommon


@tagged("post_install", "-at_install")
class TestVisitReport(PracticeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A Tuesday, 03:30 UTC: still Monday, 22:30 in New York.
        late = datetime(2025, 1, 7, 3, 30)
        cls.appointments = cls.env["calendar.event"].union(
            *(
                cls._new_appointment(provider=cls.financial, start=late)
                for _n in range(4)
            )
        )
        cls.attended, cls.in_time, cls.billed, cls.free = cls.appointments
        cls.scheduled = cls._new_appointment(provider=cls.financial, start=late)

    def _decide(self):
        self.attended.with_user(self.frontdesk).action_mark_attended()
        self._cancel(self.in_time, visit_state="cancelled", product_id=False)
        self._cancel(self.billed, visit_state="no_show")
        self._cancel(self.free, visit_state="late_cancelled", product_id=False)

    def _read(self, user, groupby, *aggregates):
        return (
            self.env["noshow.visit.report"]
            .with_user(user)
            ._read_group(
                [("provider_id", "=", self.financial.id)], groupby, list(aggregates)
            )
        )

    def test_rates_by_weekday(self):
        self._decide()
        rates = [
            f"{name}_rate:avg"
            for name in ("attended", "cancelled", "late_cancelled", "no_show", "fee")
        ]
        self.assertEqual(
            self._read(
                self.owner, ["weekday", "hour"], "__count", "missed_count:sum", *rates
            ),
            # The scheduled one is counted, and is in no rate.
            [("1", 22, 5, 2, 0.25, 0.25, 0.25, 0.25, 0.5)],
        )

    def test_providers_are_in_the_order_of_their_names(self):
        """As Odoo has it, which joins the names to every appointment."""
        last, first = self.financial, self.therapist
        last.name, first.name = "Zoe", "Ann"
        start = self.appointments[0].start
        self._new_appointment(provider=first, start=start)
        self._new_appointment(provider=first, start=start.replace(year=2024))
        report = self.env["noshow.visit.report"].with_user(self.owner)
        domain = [
            ("provider_id", "in", (first + last).ids),
            ("date", "<", "2025-02-01"),
        ]

        def group(groupby, order=None):
            rows = report.formatted_read_group(
                domain, groupby, ["__count"], order=order
            )
            return [
                (*(row[name] and row[name][1] for name in groupby), row["__count"])
                for row in rows
            ]

        self.assertEqual(group(["provider_id"]), [("Ann", 2), ("Zoe", 5)])
        self.assertEqual(
            group(["provider_id"], "provider_id desc"), [("Zoe", 5), ("Ann", 2)]
        )
        self.assertEqual(
            group(["date:year", "provider_id"], "date:year, provider_id"),
            [("2024", "Ann", 1), ("2025", "Ann", 1), ("2025", "Zoe", 5)],
        )
        sums = report.formatted_read_grouping_sets(
            domain, [[], ["provider_id"]], ["__count"]
        )
        self.assertEqual(
            [[row["__count"] for row in rows] for rows in sums], [[7], [2, 5]]
        )

    def test_months_begin_when_they_do_at_the_practice(self):
        """Groups by month are found by the moments at which months begin: whatever the
        zone does at that moment, each row is in the month of its date."""
        report = self.env["noshow.visit.report"].with_user(self.owner)
        domain = [("id", "in", self.appointments.ids)]
        for zone, moment in (
            ("America/New_York", "2025-04-01 04:00"),
            ("America/New_York", "1950-01-01 05:00"),
            ("Asia/Kolkata", "2025-03-31 18:30"),
            ("Pacific/Kiritimati", "2099-12-31 10:00"),
            # Clocks went from midnight to one.
            ("America/Asuncion", "2017-10-01 04:00"),
            # And from midnight to eleven: the hour before it was there twice.
            ("America/Havana", "1998-11-01 05:00"),
        ):
            # In sudo: the practice's setting, past its own checks.
            self.company.sudo().noshow_tz = zone
            begin = datetime.fromisoformat(moment)
            for event, hours in zip(
                self.appointments, (-1, -1 / 60, 0, 1), strict=True
            ):
                start = begin + timedelta(hours=hours)
                self.env.flush_all()
                self.env.cr.execute(
                    "UPDATE calendar_event SET start = %s, stop = %s, start_date = %s,"
                    " allday = %s WHERE id = %s",
                    [
                        start,
                        start,
                        start,
                        zone.startswith("Asia") and not hours,
                        event.id,
                    ],
                )
            self.env.invalidate_all()
            dates = report.search(domain).mapped("date")
            for unit, first in (
                ("month", lambda day: day.replace(day=1)),
                (
                    "quarter",
                    lambda day: day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1),
                ),
                ("year", lambda day: day.replace(day=1, month=1)),
            ):
                with self.subTest(zone=zone, moment=moment, unit=unit):
                    groups = report._read_group(domain, [f"date:{unit}"], ["__count"])
                    self.assertEqual(dict(groups), Counter(first(day) for day in dates))

    def test_a_slot_booked_again_is_counted_once(self):
        self._decide()
        before = self._read(self.owner, [], "__count", "missed_count:sum")
        self.assertEqual(before, [(5, 2)])
        again = self._new_appointment(
            provider=self.financial, start=datetime(2025, 1, 7, 3, 30)
        )
        self.env.cr.execute(
            "UPDATE calendar_event SET rebooked_event_id = %s,"
            " counts_as_missed = false WHERE id = %s",
            (again.id, self.free.id),
        )
        self._cancel(again, visit_state="late_cancelled")
        self.env.invalidate_all()
        after = self._read(
            self.owner, [], "__count", "missed_count:sum", "fee_rate:avg"
        )
        self.assertEqual(after, [(5, 2, 1.0)])

    def test_who_sees_what(self):
        self._decide()
        for user in (self.biller, self.manager, self.owner, self.financial):
            self.assertEqual(self._read(user, [], "__count"), [(5,)])
        self.assertEqual(self._read(self.therapist, [], "__count"), [(0,)])
        for user in (self.frontdesk, self.accountant, self.employee, self.portal):
            with self.assertRaises(AccessError):
                self._read(user, [], "__count")
