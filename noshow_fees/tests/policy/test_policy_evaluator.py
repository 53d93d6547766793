"""The evaluator itself: by the design's edges, and by what its cases decide."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from odoo.tests import BaseCase, tagged

from .cases import (
    DAY,
    GRACES,
    HOUR,
    LATE_MOVES,
    NOTICES,
    NOW,
    OUTCOMES,
    SECOND,
    WINDOWS,
    WITHIN,
    make_coverages,
    make_misses,
    make_visit,
    make_visits,
    make_world,
)
from .evaluator import FIELDS, Answer, Rule, Version, Visit, evaluate, get_outcome

START = datetime(2026, 9, 15, 15, 0)
SEED, WORLDS, VISITS = 17, 25, 400


def generate():
    """:return: the visits with their misses and coverages, and the worlds"""
    random = Random(SEED)  # noqa: S311 - the same cases each time
    visits = make_visits(random, VISITS)
    misses = make_misses(random, visits)
    coverages = make_coverages(random)
    worlds = [make_world(random) for _ in range(WORLDS)]
    return visits, misses, coverages, worlds


def get_outcome_of(number, proposed):
    """Mostly what the notice says; now and then what somebody chose instead."""
    return OUTCOMES[number % 3] if number % 4 == 3 else proposed


@tagged("post_install", "-at_install")
class TestPolicyEvaluator(BaseCase):
    def _visit(self, **values):
        return Visit(
            **{
                "id": 1,
                "client": "a",
                "start": START,
                "day": START.date(),
                "booked_on": START - timedelta(days=30),
                **values,
            }
        )

    def _versions(self, *rules, **values):
        return [
            Version(
                **{
                    "number": 1,
                    "published_on": START - timedelta(days=90),
                    "notice_hours": 24.0,
                    "grace_minutes": 0,
                    "rules": rules,
                    **values,
                }
            )
        ]

    def test_exactly_at_the_boundary_is_late(self):
        second = timedelta(seconds=1)
        boundary = START - timedelta(hours=24)
        for now, outcome in (
            (boundary - second, "cancelled"),
            (boundary, "late_cancelled"),
            (START - second, "late_cancelled"),
            (START, "no_show"),
        ):
            found = get_outcome(self._versions(), self._visit(), now)
            self.assertEqual(found, outcome)

    def test_tiers_say_or_less(self):
        tier = Rule(1, "late_cancelled", within_hours=4.0, code="NOSHOW", amount=75.0)
        for seconds, answer in ((0, Answer(1, 1, "NOSHOW", 75.0)), (1, Answer(1))):
            now = START - timedelta(hours=4, seconds=seconds)
            found = evaluate(
                self._versions(tier), self._visit(), "late_cancelled", "client", now, []
            )
            self.assertEqual(found, answer)

    def test_the_practice_pays_for_its_own(self):
        rule = Rule(1, "cancelled", code="NOSHOW", amount=75.0)
        for initiator in ("provider", "practice"):
            found = evaluate(
                self._versions(rule), self._visit(), "cancelled", initiator, START, []
            )
            self.assertEqual(found, Answer(1))

    def _generate(self):
        """:return: the visits, the misses of the past, and the worlds"""
        visits, misses, coverages, worlds = generate()
        rows = [
            make_visit(draft, number, draft["start"].date(), coverages)
            for number, draft in enumerate(visits, start=1000)
        ]
        past = [
            make_visit(draft, number, draft["start"].date(), coverages)
            for number, draft in enumerate(
                ({**draft, "booked_on": draft["start"]} for draft in misses), start=1
            )
            if draft["counts"]
        ]
        return rows, past, worlds

    def test_a_second_before_and_after_each_boundary(self):
        """There are visits at each boundary, a second before and a second after, and
        that second decides what some of them cost."""
        visits, past, worlds = self._generate()
        hours = [HOUR * number for number in (0, *NOTICES, *WITHIN)]
        graces = [timedelta(minutes=minutes) for minutes in GRACES if minutes]
        windows = [DAY * days for days in WINDOWS]
        since_miss = {
            visit.start - miss.start
            for visit in visits
            for miss in past
            if miss.client == visit.client
        }
        for boundaries, found in (
            (hours, {visit.start - NOW for visit in visits}),
            (graces, {NOW - visit.booked_on for visit in visits}),
            (windows, since_miss),
            ([60 * DAY], {NOW - visit.booked_on for visit in visits}),
        ):
            for boundary in boundaries:
                for second in (-SECOND, 0 * SECOND, SECOND):
                    self.assertIn(boundary + second, found)
        moves = {visit.late_move_notice for visit in visits}
        self.assertLessEqual(set(LATE_MOVES), moves)

        def answer(versions, visit, now, misses):
            outcome = get_outcome(versions, visit, now)
            return outcome, evaluate(versions, visit, outcome, "client", now, misses)

        decided = Counter()
        earlier = [replace(miss, start=miss.start - SECOND) for miss in past]
        for versions in worlds:
            for visit in visits:
                said = answer(versions, visit, NOW, past)
                if answer(versions, visit, NOW - SECOND, past) != said:
                    decided[visit.start - NOW] += 1
                if answer(versions, visit, NOW + SECOND, past) != said:
                    decided[NOW - visit.booked_on] += 1
                if answer(versions, visit, NOW, earlier) != said:
                    decided["window"] += 1
        self.assertFalse(
            [one for one in (*hours, *graces, "window") if not decided[one]]
        )

    def test_ten_thousand_cases_decide_every_field(self):
        """Each field of a rule decides at least a hundred of them."""
        rows, past, worlds = self._generate()
        decided, count = Counter(), 0
        for versions in worlds:
            for number, visit in enumerate(rows):
                outcome = get_outcome_of(number, get_outcome(versions, visit, NOW))
                case = (versions, visit, outcome, "client", NOW, past)
                answer = evaluate(*case)
                count += 1
                decided.update(
                    field for field in FIELDS if evaluate(*case, field) != answer
                )
        self.assertGreaterEqual(count, 10_000)
        self.assertFalse(
            {field: decided[field] for field in FIELDS if decided[field] < 100}
        )
