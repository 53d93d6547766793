"""The bound of `start` finds what stock finds, and lets an index be used."""

import random
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..common import PracticeCommon


@tagged("post_install", "-at_install")
class TestRange(PracticeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = fields.Datetime.now().replace(microsecond=0)
        rng = random.Random(7)  # noqa: S311
        starts = [
            cls.now + timedelta(hours=rng.randrange(-900, 900)) for _n in range(60)
        ]
        lengths = [1, 1, 8, 100, 335, 336, 337, 700]
        cls.events = cls.env["calendar.event"].create(
            [
                {
                    "name": f"Event {number}",
                    "start": start,
                    "stop": start + timedelta(hours=rng.choice(lengths)),
                }
                for number, start in enumerate(starts)
            ]
        )

    def _find(self, domain):
        return self.env["calendar.event"].search(
            [("id", "in", self.events.ids), *domain]
        )

    def test_what_stock_finds(self):
        week = self.now + timedelta(days=7)
        for domain in (
            [("start", "<", week), ("stop", ">=", self.now)],
            [("start", "<", week), ("stop", ">", str(self.now))],
            ["!", ("stop", ">=", self.now)],
            ["|", ("stop", ">=", self.now), ("start", "<", self.now)],
            [
                "|",
                ("name", "=", "Event 3"),
                "&",
                ("start", "<", week),
                ("stop", ">", week),
            ],
            [("stop", ">=", "now -1d")],
            [("stop", ">=", False)],
        ):
            with self.subTest(domain=domain):
                found = self._find(domain)
                with patch.object(
                    type(self.events), "_bound_start", lambda self, condition: condition
                ):
                    self.assertEqual(found, self._find(domain))

    def test_what_was_just_made_longer(self):
        event = self.events.sorted("start")[0]
        day = self.now + timedelta(days=300)
        self.assertFalse(self._find([("stop", ">=", day)]))
        event.stop = day
        self.assertEqual(self._find([("stop", ">=", day)]), event)

    def test_one_query(self):
        domain = [("start", "<", self.now), ("stop", ">=", self.now)]
        query = self.env["calendar.event"]._search(domain).select()
        self.assertIn("INTERVAL '14 days'", query.code)
        self._find(domain)
        with self.assertQueryCount(1):
            self._find(domain)

    def test_an_outlier_costs_nobody_anything(self):
        """Somebody mistypes a year in a plain meeting: the week of everybody else is
        found as before, and so is what lies in the far years."""
        domain = [("start", "<", self.now), ("stop", ">=", self.now)]
        before = self._find(domain)
        for start, stop in (
            (datetime(2026, 1, 1), datetime(9026, 1, 1)),
            (datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)),
            (datetime(9999, 12, 31), datetime(9999, 12, 31, 12)),
        ):
            outlier = (
                self.env["calendar.event"]
                .with_user(self.employee)
                .create({"name": "Typo", "start": start, "stop": stop})
            )
            with self.subTest(start=start, stop=stop):
                self.assertEqual(self._find(domain), before)
                for user in (self.therapist, self.frontdesk, self.employee):
                    events = self.env["calendar.event"].with_user(user)
                    for moment in (start, stop, self.now, datetime(1, 1, 2)):
                        found = events.search([("stop", ">=", moment)])
                        self.assertEqual(moment <= stop, outlier in found)
