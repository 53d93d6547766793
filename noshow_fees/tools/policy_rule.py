"""The rules of a cancellation policy as plain values: a worklist is priced without
asking the ORM for each rule of each appointment."""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

#: What is proposed where no fee is.
NO_FEE = {"rule_id": False, "proposed_product_id": False, "proposed_amount": 0.0}


class Case(NamedTuple):
    """The facts of one cancellation. Ids; amounts in the company's currency, net."""

    outcome: str
    #: Time left before the start, a late move counted in.
    notice: timedelta
    service: int = 0
    price: float = 0.0
    provider: int = 0
    classes: frozenset = frozenset()
    #: Which of the client's misses this is, within so many days (0: ever).
    get_rank: Callable[[int], int] = lambda days: 1


class FeeRule(NamedTuple):
    """A rule, with the number that people know it by."""

    id: int
    number: int
    outcome: str
    within_hours: float
    services: frozenset
    providers: frozenset
    classes: frozenset
    from_miss: int
    window_days: int
    charge: str
    product: int
    amount: float
    percent: float
    minimum: float
    maximum: float

    def matches(self, case):
        """Whether all that this rule asks for is so. Exactly at a boundary counts as
        less notice, as everywhere (“or less”)."""
        return (
            self.outcome == case.outcome
            and (
                not self.within_hours
                or case.notice <= timedelta(hours=self.within_hours)
            )
            and (not self.services or case.service in self.services)
            and (not self.providers or case.provider in self.providers)
            and (not self.classes or bool(self.classes & case.classes))
            and (
                self.from_miss <= 1 or case.get_rank(self.window_days) >= self.from_miss
            )
        )

    def covers(self, other):
        """Whether this fits every case that `other` fits: below this, that one is never
        reached."""
        return (
            self.outcome == other.outcome
            and (not self.within_hours or 0 < other.within_hours <= self.within_hours)
            and all(
                not own or (theirs and theirs <= own)
                for own, theirs in (
                    (self.services, other.services),
                    (self.providers, other.providers),
                    (self.classes, other.classes),
                )
            )
            and (
                self.from_miss <= 1
                or (
                    self.from_miss <= other.from_miss
                    and (
                        not self.window_days
                        or 0 < other.window_days <= self.window_days
                    )
                )
            )
        )

    def get_amount(self, case, rounded):
        """What this rule charges.

        :param rounded: rounds an amount as its currency does
        :return: None where it is a share of a price that nobody knows
        """
        if self.charge != "percent":
            return self.amount
        if not case.service or not case.price:
            return None
        amount = rounded(case.price * self.percent / 100.0)
        if self.minimum:
            amount = max(amount, self.minimum)
        return min(amount, self.maximum) if self.maximum else amount


def find_rule(rules, case):
    """The first of these rules that is for this case, or None."""
    return next((rule for rule in rules if rule.matches(case)), None)
