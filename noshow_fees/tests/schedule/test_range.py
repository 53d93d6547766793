"""The bound of `start` finds what stock finds, and lets an index be used."""

import random
from datetime import timedelta
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
        cls.events = cls.env["calendar.event"].create(
            [
                {
                    "name": f"Event {number}",
                    "start": start,
                    "stop": start + timedelta(hours=rng.choice([1, 1, 8, 100, 700])),
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
        self.assertIn("MAX(stop - start)", query.code)
        self._find(domain)
        with self.assertQueryCount(1):
            self._find(domain)
