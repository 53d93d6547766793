"""Generated cases for the cancellation policy, in the evaluator's words.

A *world* is what a practice has published; the same visits are priced in each, and lie
a second before, on and after every boundary that a world has.
"""

import itertools
from datetime import datetime, timedelta

from .evaluator import Rule, Version, Visit

#: The cancellation is entered at this moment.
NOW = datetime(2026, 9, 15, 14, 0, 0)
SECOND = timedelta(seconds=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CLIENTS = tuple("abcdefghijklmnopqrst")
SERVICES = {"S45": 130.0, "S60": 165.5, "FREE": 0.0}
PROVIDERS = ("senior", "intern", "other")
CLASSES = ("self", "plan", "grant")
CODES = ("NOSHOW", "LATECX", "90834")
NOTICES = (12.0, 24.0, 36.5)
WITHIN = (2.0, 4.0, 8.5)
WINDOWS = (30, 180)
GRACES = (0, 15, 30)
#: Hours that were left when the client moved it.
LATE_MOVES = [
    hours + second / 3600 for hours in (*WITHIN, NOTICES[0]) for second in (-1, 0, 1)
]
OUTCOMES = ("late_cancelled", "no_show", "cancelled")


def get_offsets():
    """How long before its start each kind of visit is cancelled."""
    for hours in (*NOTICES, *WITHIN):
        for second in (-SECOND, timedelta(0), SECOND):
            yield timedelta(hours=hours) + second
    yield from (-SECOND, timedelta(0), SECOND, -HOUR, HOUR, 3 * DAY, 9 * DAY)


def make_visits(random, count):
    """Scheduled visits around `NOW`; ids from 1 on, by the order of time."""
    offsets = itertools.cycle(get_offsets())
    drafts = []
    for _ in range(count):
        start = NOW + next(offsets)
        booked = random.choice(
            [
                NOW - 400 * DAY,
                *(NOW - 60 * DAY + second for second in (-SECOND, 0 * SECOND, SECOND)),
                NOW - 20 * DAY,
                *(
                    NOW - timedelta(minutes=grace) + second
                    for grace in GRACES[1:]
                    for second in (-SECOND, timedelta(0), SECOND)
                ),
            ]
        )
        service = random.choice([*SERVICES, *SERVICES, ""])
        drafts.append(
            {
                "client": random.choice(CLIENTS),
                "start": start,
                "booked_on": min(booked, start - SECOND),
                "service": service,
                "price": SERVICES.get(service, 0.0),
                "provider": random.choice(PROVIDERS),
                "late_move_notice": random.choice([None] * 12 + LATE_MOVES),
            }
        )
    return drafts


def make_misses(random, visits):
    """Misses of the past on both sides of each window, and some that were forgiven."""
    drafts = []
    for client in CLIENTS:
        own = [visit for visit in visits if visit["client"] == client]
        for visit in random.sample(own, min(2, len(own))):
            window = random.choice(WINDOWS)
            second = random.choice([-SECOND, timedelta(0), SECOND])
            start = visit["start"] - window * DAY + second
            drafts.append({"client": client, "start": start, "counts": True})
        drafts.append(
            {
                "client": client,
                "start": NOW - random.choice([5, 50, 300]) * DAY,
                "counts": random.random() < 0.7,
            }
        )
    return drafts


def make_rule(random, sequence):
    charge = random.choice(["amount", "amount", "percent", "percent", "none"])
    bounds = random.choice([(0.0, 0.0), (90.0, 0.0), (0.0, 40.0), (60.0, 80.0)])
    from_miss = random.choice([1, 1, 1, 2, 2, 3])
    return Rule(
        sequence=sequence,
        outcome=random.choice(
            ["late_cancelled", "late_cancelled", "no_show", *OUTCOMES]
        ),
        within_hours=random.choice([0.0, 0.0, *WITHIN]),
        services=frozenset(
            random.sample(list(SERVICES), random.choice([0, 0, 0, 1, 2]))
        ),
        providers=frozenset(random.sample(PROVIDERS, random.choice([0, 0, 0, 1, 2]))),
        classes=frozenset(random.sample(CLASSES, random.choice([0, 0, 0, 0, 1, 2]))),
        from_miss=from_miss,
        window_days=random.choice([0, *WINDOWS]) if from_miss > 1 else 0,
        charge=charge,
        code=random.choice(CODES) if charge != "none" else "",
        amount=random.choice([25.0, 50.0, 75.0, 99.99]) if charge == "amount" else 0.0,
        percent=random.choice([33.3, 50.0, 100.0]) if charge == "percent" else 0.0,
        minimum=bounds[0] if charge == "percent" else 0.0,
        maximum=bounds[1] if charge == "percent" else 0.0,
    )


def make_world(random):
    """The versions of a practice: the last ones published between the bookings, one of
    them also for what was booked before."""
    moments = (NOW - 300 * DAY, NOW - 60 * DAY, NOW - 19 * DAY)
    versions = []
    for number in range(1, random.choice([1, 2, 3]) + 1):
        later = number > 1 and random.random() < 0.5
        versions.append(
            Version(
                number=number,
                published_on=moments[number - 1],
                notice_hours=random.choice(NOTICES),
                grace_minutes=random.choice(GRACES),
                rules=tuple(
                    make_rule(random, 10 * place)
                    for place in range(1, random.choice([3, 5, 8]) + 1)
                ),
                applies_from=(NOW + random.choice([0, 1, 2]) * DAY).date()
                if later
                else None,
            )
        )
    return tuple(versions)


def make_coverages(random):
    """Per client: which classes from when to when (either may be open)."""
    today = NOW.date()
    coverages = []
    for client in CLIENTS:
        for name in random.sample(CLASSES, random.choice([0, 1, 1, 2])):
            first, last = random.choice(
                [
                    (None, None),
                    (None, today - DAY),
                    (None, today),
                    (today, None),
                    (today + DAY, None),
                    (today - 30 * DAY, today + DAY),
                ]
            )
            coverages.append((client, name, first, last))
    return coverages


def get_classes(coverages, client, day):
    return frozenset(
        name
        for holder, name, first, last in coverages
        if holder == client
        and (first is None or first <= day)
        and (last is None or day <= last)
    )


def make_visit(draft, id_, day, coverages):
    return Visit(
        id=id_,
        day=day,
        classes=get_classes(coverages, draft["client"], day),
        **{name: value for name, value in draft.items() if name != "counts"},
    )
