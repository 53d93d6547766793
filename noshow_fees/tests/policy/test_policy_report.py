"""The outcome report: who deviates from the policy, how often, by how much and why."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .policy_common import PolicyCommon


@tagged("post_install", "-at_install")
class TestPolicyReport(PolicyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls._publish({"outcome": "no_show", "amount": 33.0})
        cls.events = cls.env["calendar.event"].union(
            *(
                cls._new_appointment(cls.client_2, provider=cls.financial)
                for _n in range(4)
            )
        )

    def _decide(self):
        """As proposed, let go, a higher amount, and one that no rule fits."""
        as_proposed, let_go, more, in_time = self.events
        self._cancel(in_time, visit_state="cancelled")
        self._cancel(as_proposed, visit_state="no_show")
        self._cancel(
            let_go,
            visit_state="no_show",
            product_id=False,
            deviation_reason="First visit",
        )
        self._cancel(more, self.biller, visit_state="no_show", amount=75.0)

    def _read(self, user, groupby, *aggregates):
        report = self.env["noshow.visit.report"].with_user(user)
        domain = [("provider_id", "=", self.financial.id)]
        return report._read_group(domain, groupby, list(aggregates))

    def test_columns_of_each_appointment(self):
        self._decide()
        rule = self.policy.rule_ids
        as_proposed, let_go, more, in_time = self.events
        expected = {
            as_proposed: (rule, 33.0, 33.0, 0.0, "none", False),
            let_go: (rule, 33.0, 0.0, -33.0, "let_go", "First visit"),
            more: (rule, 33.0, 75.0, 42.0, "more", False),
            in_time: (rule.browse(), 0.0, 0.0, 0.0, "none", False),
        }
        for event, values in expected.items():
            row = self.env["noshow.visit.report"].with_user(self.owner).browse(event.id)
            found = (
                row.rule_id,
                row.proposed_amount,
                row.taken_amount,
                row.difference,
                row.deviation,
                row.deviation_reason,
            )
            with self.subTest(values=values):
                self.assertEqual(found, values)
                self.assertEqual(row.policy_id, self.policy)
                self.assertEqual(row.policy_version, self.policy.version)

    def test_who_deviates_how_often_and_by_how_much(self):
        self._decide()
        found = self._read(
            self.owner,
            ["decider_id"],
            "__count",
            "proposed_amount:sum",
            "difference:sum",
            "deviated_rate:avg",
        )
        found = {user: (*sums, rate) for user, *sums, rate in found}
        self.assertEqual(set(found), {self.frontdesk, self.biller})
        self.assertEqual(found[self.biller], (1, 33.0, 42.0, 1.0))
        self.assertEqual(found[self.frontdesk][:3], (3, 66.0, -33.0))
        self.assertAlmostEqual(found[self.frontdesk][3], 1 / 3)

    def test_by_rule_and_version(self):
        self._decide()
        self.assertEqual(
            set(self._read(self.owner, ["policy_id", "rule_id"], "__count")),
            {
                (self.policy, self.policy.rule_ids, 3),
                (self.policy, self.policy.rule_ids.browse(), 1),
            },
        )

    def test_what_was_undone_is_not_counted(self):
        self._decide()
        let_go = self.events[1]
        let_go.with_user(self.frontdesk).action_restore()
        row = self.env["noshow.visit.report"].with_user(self.owner).browse(let_go.id)
        self.assertFalse(row.rule_id)
        self.assertFalse(row.deviation)
        self.assertFalse(row.decider_id)
        [(difference,)] = self._read(self.owner, [], "difference:sum")
        self.assertEqual(difference, 42.0)

    def test_who_sees_what_others_decided(self):
        self._decide()
        for user in (self.owner, self.manager, self.biller, self.financial):
            [(difference,)] = self._read(user, [], "difference:sum")
            self.assertEqual(difference, 9.0)
        self.assertEqual(self._read(self.therapist, [], "__count"), [(0,)])
        with self.assertRaises(AccessError):
            self._read(self.frontdesk, [], "difference:sum")
