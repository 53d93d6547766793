"""The addon and the evaluator agree, on every generated case."""

from datetime import UTC
from zoneinfo import ZoneInfo

from odoo import Command
from odoo.tests import tagged

from ...tools.context import by_method
from .cases import CLASSES, CLIENTS, CODES, NOW, PROVIDERS, SERVICES, make_visit
from .evaluator import MISSED, Answer, evaluate, get_outcome
from .policy_common import PolicyCommon
from .test_policy_evaluator import generate, get_outcome_of

QUIET = {
    "dont_notify": True,
    "mail_create_nolog": True,
    "no_mail_to_attendees": True,
    "tracking_disable": True,
}
#: So many are cancelled along with each other.
BATCH = 40


@tagged("post_install", "-at_install")
class TestPolicyCases(PolicyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._forget_policies()
        create = cls.env["res.partner"].create
        clients = create([{"name": name, "is_client": True} for name in CLIENTS])
        cls.clients = dict(zip(CLIENTS, clients, strict=True))
        cls.providers = {
            name: cls._new_user(f"noshow_{name}", "noshow_fees.group_therapist")
            for name in PROVIDERS
        }
        products = cls.env["product.product"].create(
            [
                {"name": name, "cpt_code": name, "list_price": price}
                for name, price in SERVICES.items()
            ]
        )
        cls.services = dict(zip(SERVICES, products, strict=True))
        kinds = cls.env["noshow.coverage.class"].create(
            [{"name": name, "missed_fee": "allowed"} for name in CLASSES]
        )
        cls.kinds = dict(zip(CLASSES, kinds, strict=True))
        cls.codes = {
            name: cls.env["product.product"].search([("cpt_code", "=", name)])
            for name in CODES
        }
        cls.visits, cls.misses, cls.coverages, cls.worlds = generate()
        cls.env["noshow.coverage"].create(
            [
                {
                    "client_id": cls.clients[client].id,
                    "coverage_class_id": cls.kinds[name].id,
                    "date_from": first,
                    "date_to": last,
                }
                for client, name, first, last in cls.coverages
            ]
        )
        cls.past = cls._book(cls.misses)
        counting = [draft["counts"] for draft in cls.misses]
        for counts in (True, False):
            some = [e for e, counted in zip(cls.past, counting, strict=True)]
            same = cls.env["calendar.event"].union(
                *(e for e, c in zip(some, counting, strict=True) if c is counts)
            )
            by_method(same).write(
                {
                    "visit_state": "no_show",
                    "counts_as_missed": counts,
                    "active": False,
                }
            )
        cls.events = cls._book(cls.visits)

    @classmethod
    def _book(cls, drafts):
        events = by_method(cls.env["calendar.event"].with_context(**QUIET))
        return events.create(
            [
                {
                    "name": "Session",
                    "client_id": cls.clients[draft["client"]].id,
                    "user_id": cls.providers[draft.get("provider", "other")].id,
                    "partner_ids": [Command.clear()],
                    "start": draft["start"],
                    "stop": draft["start"],
                    "booked_on": draft.get("booked_on", draft["start"]),
                    "service_id": cls.services[draft["service"]].id
                    if draft.get("service")
                    else False,
                    "late_move_notice": draft.get("late_move_notice") or 0.0,
                }
                for draft in drafts
            ]
        ).with_context(**dict.fromkeys(QUIET, False))

    def _to_visits(self, drafts, events):
        zone = ZoneInfo("America/New_York")
        return [
            make_visit(
                {"booked_on": draft["start"], **draft},
                event.id,
                draft["start"].replace(tzinfo=UTC).astimezone(zone).date(),
                self.coverages,
            )
            for draft, event in zip(drafts, events, strict=True)
        ]

    def _make_versions(self, versions):
        by_method(self.company.noshow_policy_ids).unlink()
        policies = by_method(self.env["noshow.policy"])
        for version in versions:
            last = version.number == len(versions)
            policies |= policies.create(
                {
                    "company_id": self.company.id,
                    "version": version.number,
                    "state": "published" if last else "retired",
                    "published_on": version.published_on,
                    "applies_from": version.applies_from,
                    "notice_hours": version.notice_hours,
                    "grace_minutes": version.grace_minutes,
                    "rule_ids": [
                        Command.create(
                            {
                                "sequence": rule.sequence,
                                "outcome": rule.outcome,
                                "within_hours": rule.within_hours,
                                "service_ids": self._ids(self.services, rule.services),
                                "provider_ids": self._ids(
                                    self.providers, rule.providers
                                ),
                                "coverage_class_ids": self._ids(
                                    self.kinds, rule.classes
                                ),
                                "from_miss": rule.from_miss,
                                "window_days": rule.window_days,
                                "charge": rule.charge,
                                "product_id": self.codes[rule.code].id
                                if rule.code
                                else False,
                                "amount": rule.amount,
                                "percent": rule.percent,
                                "minimum": rule.minimum,
                                "maximum": rule.maximum,
                            }
                        )
                        for rule in version.rules
                    ],
                }
            )
        return policies

    def _ids(self, records, names):
        return [Command.set([records[name].id for name in names])]

    def _to_answer(self, proposal):
        policy = self.env["noshow.policy"].browse(proposal["policy_id"])
        rule = self.env["noshow.policy.rule"].browse(proposal["rule_id"])
        product = self.env["product.product"].browse(proposal["proposed_product_id"])
        return Answer(
            policy.version,
            rule.number if rule else 0,
            product.cpt_code or "",
            round(proposal["proposed_amount"], 2),
        )

    def test_ten_thousand_cases(self):
        past = [
            visit
            for visit, draft in zip(
                self._to_visits(self.misses, self.past), self.misses, strict=True
            )
            if draft["counts"]
        ]
        visits = self._to_visits(self.visits, self.events)
        count, differing = 0, []
        for versions in self.worlds:
            self._make_versions(versions)
            outcomes = self.events._get_outcomes_by_notice(NOW)
            groups = {}
            for number, (event, visit) in enumerate(
                zip(self.events, visits, strict=True)
            ):
                expected = get_outcome(versions, visit, NOW)
                if outcomes[event] != expected:
                    differing.append((visit, outcomes[event], expected))
                outcome = get_outcome_of(number, expected)
                groups.setdefault(outcome, []).append((event, visit))
            for outcome, rows in groups.items():
                for at in range(0, len(rows), BATCH):
                    batch = rows[at : at + BATCH]
                    count += len(batch)
                    differing += self._compare(versions, outcome, batch, past)
        self.assertGreaterEqual(count, 10_000)
        self.assertFalse(differing[:3])

    def _compare(self, versions, outcome, batch, past):
        events = self.env["calendar.event"].union(*(event for event, visit in batch))
        misses = list(past)
        if outcome in MISSED:
            misses += [visit for event, visit in batch]
        proposals = events._propose_fees(outcome, "client", NOW)
        for event, visit in batch:
            case = (versions, visit, outcome, "client", NOW, misses)
            answer, found = evaluate(*case), self._to_answer(proposals[event])
            if found != answer:
                yield versions, visit, outcome, found, answer
