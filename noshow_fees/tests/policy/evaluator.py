"""What a missed visit costs, said a second time in plain Python.

Written from the design of the cancellation policy alone, before the addon's own code,
of which it shares not a line: the two have to agree on every generated case
(`test_policy_cases`). Moments are UTC, amounts the company's currency, net.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

MISSED = ("late_cancelled", "no_show")
#: The fields of a rule that take part in an answer.
FIELDS = (
    "sequence",
    "outcome",
    "within_hours",
    "services",
    "providers",
    "classes",
    "from_miss",
    "window_days",
    "charge",
    "code",
    "amount",
    "percent",
    "minimum",
    "maximum",
)


@dataclass(frozen=True)
class Rule:
    sequence: int
    outcome: str
    within_hours: float = 0.0  # 0: whatever the notice
    services: frozenset = frozenset()  # empty: any
    providers: frozenset = frozenset()
    classes: frozenset = frozenset()
    from_miss: int = 1
    window_days: int = 0  # 0: ever
    charge: str = "amount"
    code: str = ""
    amount: float = 0.0
    percent: float = 0.0
    minimum: float = 0.0  # 0: none
    maximum: float = 0.0


@dataclass(frozen=True)
class Version:
    number: int
    published_on: datetime
    notice_hours: float
    grace_minutes: int
    rules: tuple
    applies_from: object = None  # a date


@dataclass(frozen=True)
class Visit:
    id: int
    client: str
    start: datetime
    day: object  # the date of service, at the practice
    booked_on: datetime
    service: str = ""
    price: float = 0.0
    provider: str = ""
    classes: frozenset = frozenset()  # of the coverages in force on `day`
    late_move_notice: float | None = None


@dataclass(frozen=True)
class Answer:
    version: int = 0
    rule: int = 0  # its place from the top, 1 for the first
    code: str = ""
    amount: float = 0.0


def get_version(versions, visit):
    """In force when it was booked, or a later one that says it applies to that day.
    What was booked before the first version falls under that."""
    versions = sorted(versions, key=lambda version: version.number)
    if not versions:
        return None
    found = versions[0]
    for version in versions[1:]:
        if version.published_on <= visit.booked_on or (
            version.applies_from and version.applies_from <= visit.day
        ):
            found = version
    return found


def get_notice(visit, now):
    """The time between the cancellation and the start; a late move had used up all
    but so much of it."""
    notice = visit.start - now
    if visit.late_move_notice is not None:
        notice = min(notice, timedelta(hours=visit.late_move_notice))
    return notice


def get_outcome(versions, visit, now):
    version = get_version(versions, visit)
    if now >= visit.start:
        return "no_show"
    if version is None:
        return "cancelled"
    required = timedelta(hours=version.notice_hours)
    if get_notice(visit, now) > required:
        return "cancelled"
    booked_inside = visit.start - visit.booked_on <= required
    grace = timedelta(minutes=version.grace_minutes)
    if booked_inside and grace and now - visit.booked_on <= grace:
        return "cancelled"
    return "late_cancelled"


def get_rank(visit, misses, window_days):
    """Which miss this is: one more than the client's others in the window before."""
    since = visit.start - timedelta(days=window_days) if window_days else datetime.min
    earlier = [
        other
        for other in misses
        if other.id != visit.id
        and other.client == visit.client
        and since <= other.start
        and (other.start, other.id) < (visit.start, visit.id)
    ]
    return 1 + len(earlier)


def matches(rule, visit, outcome, notice, misses, ignored=""):
    def asks(field):
        return field != ignored

    return (
        (not asks("outcome") or rule.outcome == outcome)
        and (
            not rule.within_hours
            or not asks("within_hours")
            or notice <= timedelta(hours=rule.within_hours)
        )
        and (
            not rule.services or not asks("services") or visit.service in rule.services
        )
        and (
            not rule.providers
            or not asks("providers")
            or visit.provider in rule.providers
        )
        and (not rule.classes or not asks("classes") or rule.classes & visit.classes)
        and (
            rule.from_miss <= 1
            or not asks("from_miss")
            or get_rank(visit, misses, rule.window_days if asks("window_days") else 0)
            >= rule.from_miss
        )
    )


def get_amount(rule, visit, ignored=""):
    """:return: what the rule charges; None: nothing"""
    charge = "amount" if ignored == "charge" else rule.charge
    if charge == "none":
        return None
    if charge == "amount":
        return 0.0 if ignored == "amount" else rule.amount
    if not visit.service or not visit.price:
        return None
    percent = 100.0 if ignored == "percent" else rule.percent
    amount = Decimal(str(visit.price)) * Decimal(str(percent)) / 100
    amount = float(amount.quantize(Decimal("0.01"), ROUND_HALF_UP))
    if rule.minimum and ignored != "minimum":
        amount = max(amount, rule.minimum)
    if rule.maximum and ignored != "maximum":
        amount = min(amount, rule.maximum)
    return amount


def evaluate(versions, visit, outcome, initiator, now, misses, ignored=""):
    """:param misses: visits that count as missed, those cancelled along included
    :param str ignored: a field of `FIELDS` that says nothing, to see what it decides
    """
    version = get_version(versions, visit)
    if version is None:
        return Answer()
    if initiator != "client":
        return Answer(version.number)
    notice = get_notice(visit, now)
    rules = sorted(version.rules, key=lambda rule: rule.sequence)
    if ignored == "sequence":
        rules.reverse()
    for rule in rules:
        if not matches(rule, visit, outcome, notice, misses, ignored):
            continue
        place = sorted(version.rules, key=lambda rule: rule.sequence).index(rule) + 1
        amount = get_amount(rule, visit, ignored)
        if amount is None:
            return Answer(version.number, place)
        code = "" if ignored == "code" else rule.code
        return Answer(version.number, place, code, amount)
    return Answer(version.number)
