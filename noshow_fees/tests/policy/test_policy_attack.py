"""Values and contexts that nobody means: none of them makes, changes or hides a fee."""

from datetime import date, datetime, timedelta

from psycopg2.errors import CheckViolation

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .policy_common import PolicyCommon, begin

DAY = timedelta(days=1)
NOT_NUMBERS = (float("nan"), float("inf"), -float("inf"), 1e300, -1.0)


@tagged("post_install", "-at_install")
class TestPolicyAttack(PolicyCommon):
    def _assertRefused(self, name, act):
        """By words, by a constraint that has words, or by a number that is none."""
        with self.subTest(name), mute_logger("odoo.sql_db"):
            try:
                with self.env.cr.savepoint():
                    act()
                    self.env.flush_all()
            except (UserError, CheckViolation, ValueError, OverflowError):
                self.env.invalidate_all()
                return
            self.fail("not refused")

    def test_what_is_no_number(self):
        draft = self.env["noshow.policy"].create(
            {"rule_ids": self._rules({"outcome": "no_show", "amount": 75.0})}
        )
        event = self._new_appointment(self.client_2, service_id=self.code_system.id)
        kind = self.env["noshow.coverage.class"].create(
            {"name": "Plan", "missed_fee": "capped", "cap": 40.0}
        )
        changes = self.env["product.product.change.price"].with_user(self.owner)
        change = changes.create({"product_id": self.code_system.id})
        owned = [draft, draft.rule_ids, event, kind]
        draft, rule, event, kind = (one.with_user(self.owner) for one in owned)
        for number in NOT_NUMBERS:
            for record, name in (
                (draft, "notice_hours"),
                (rule, "amount"),
                (rule, "percent"),
                (rule, "minimum"),
                (rule, "maximum"),
                (rule, "within_hours"),
                (event, "service_price"),
                (kind, "cap"),
            ):
                self._assertRefused(
                    f"{record._name}.{name} {number}",
                    lambda record=record, name=name, number=number: record.write(
                        {name: number}
                    ),
                )

            def change_price(number=number):
                change.price = number
                change.action_change()

            self._assertRefused(f"price {number}", change_price)

    def test_a_case_that_is_no_number(self):
        policy = self._publish({"outcome": "late_cancelled", "amount": 75.0})
        for hours in NOT_NUMBERS:
            case = (
                self.env["noshow.policy.try"]
                .with_user(self.manager)
                .new({"policy_id": policy.id, "hours": hours})
            )
            self.assertTrue(case.fee)

    def test_far_days(self):
        """On the first and last days that there are, too."""
        self._publish(
            {"outcome": "no_show", "from_miss": 2, "window_days": 3660, "amount": 75.0},
            {"outcome": "late_cancelled", "within_hours": 8784.0, "amount": 50.0},
        )
        self.env["noshow.coverage"].create(
            {
                "client_id": self.client_2.id,
                "coverage_class_id": self.env["noshow.coverage.class"]
                .create({"name": "Plan"})
                .id,
                "date_from": date(1, 1, 1),
                "date_to": date(9999, 12, 31),
            }
        )
        for start in (datetime(1950, 1, 2), datetime(2099, 12, 30)):
            event = self._new_appointment(self.client_2, start=start)
            proposal = self._propose(event)
            self.assertTrue(proposal["sentence"])
        draft = self.env["noshow.policy"].create({"applies_from": date(9999, 12, 31)})
        draft.action_publish()
        self._publish({"outcome": "no_show", "amount": 75.0})

    def test_booked_long_ago_by_who_may_not_say_so(self):
        """An older version may be cheaper: by an import, a copy, a series, a flag."""
        event = self.appointment
        long_ago = fields.Datetime.now() - 400 * DAY
        text = fields.Datetime.to_string(long_ago)
        events = self.env["calendar.event"].with_user(self.frontdesk)
        vals = {
            "name": "Session",
            "client_id": self.client_1.id,
            "user_id": self.therapist.id,
            "start": self.tomorrow,
            "stop": self.tomorrow + timedelta(hours=1),
        }
        flags = {"noshow_by_method": True, "default_booked_on": text}
        ways = {
            "create": lambda: events.create({**vals, "booked_on": long_ago}),
            "default": lambda: events.with_context(**flags).create(vals),
            "write": lambda: event.with_user(self.frontdesk).write(
                {"booked_on": long_ago}
            ),
            "copy": lambda: event.with_user(self.frontdesk).copy(
                {"booked_on": long_ago}
            ),
            "series": lambda: events.create(
                {
                    **vals,
                    "booked_on": long_ago,
                    "recurrency": True,
                    "rrule_type": "daily",
                    "end_type": "count",
                    "count": 3,
                }
            ),
        }
        for name, way in ways.items():
            with self.subTest(way=name), self.assertRaises(AccessError):
                way()
        result = events.load(
            ["name", "client_id/.id", "user_id/.id", "start", "stop", "booked_on"],
            [
                [
                    "Session",
                    str(self.client_1.id),
                    str(self.therapist.id),
                    fields.Datetime.to_string(self.tomorrow),
                    fields.Datetime.to_string(self.tomorrow + timedelta(hours=1)),
                    text,
                ]
            ],
        )
        self.assertFalse(result["ids"])
        # Who may change amounts imports it.
        event.with_user(self.biller).booked_on = long_ago
        self.assertEqual(event.booked_on, long_ago.replace(microsecond=0))

    def test_flags_of_a_context_change_no_amount(self):
        policy = self._publish({"outcome": "no_show", "amount": 33.0})
        other = self.env["res.company"].create({"name": "Other"})
        for n, flags in enumerate(
            (
                {"default_amount": 1.0, "default_product_id": self.code_noshow.id},
                {"default_seen_amount": 1.0, "default_by_policy": True},
                {"default_opened_on": "2020-01-01 00:00:00"},
                {"default_policy_id": 1, "default_proposed_amount": 1.0},
                {"noshow_by_method": True, "active_test": False},
                {"allowed_company_ids": (self.company + other).ids},
                {"lang": "xx_XX", "tz": "Nowhere/Land"},
            )
        ):
            event = begin(self._new_appointment(self.client_2, start=None))
            event.write({"start": event.start - n * DAY, "stop": event.stop - n * DAY})
            pages = self.env["calendar.event.cancel"].with_user(self.frontdesk)
            with self.subTest(flags=flags):
                try:
                    page = pages.with_context(**flags).create(
                        {
                            "event_ids": [Command.set(event.ids)],
                            "visit_state": "no_show",
                        }
                    )
                    page.action_cancel()
                except (AccessError, UserError):
                    self.assertEqual(event.visit_state, "scheduled")
                    continue
                self.assertEqual(event.fee_amount, 33.0)
                decision = event.fee_decision_ids
                self.assertEqual(decision.policy_id, policy)
                self.assertEqual(decision.proposed_amount, 33.0)
