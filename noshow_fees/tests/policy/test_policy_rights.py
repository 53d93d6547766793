"""Who may do what with the policy and coverage, as RPC would call."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..rights.rights_common import ALL, OWN, RightsCase
from .policy_common import begin

ROLES = ALL | OWN | {"therapist", "financial"}


@tagged("post_install", "-at_install")
class TestPolicyRights(RightsCase):
    def _try_policy(self, act):
        return self._try(lambda appointment: self.company._get_policy_in_force(), act)

    def test_read_the_policy(self):
        self.assertEqual(
            self._try_policy(
                lambda user, policy: (
                    policy.sudo(False).read(["notice_hours"])
                    and policy.sudo(False).rule_ids.mapped("sentence")
                )
            ),
            ROLES,
        )

    def test_write_and_publish_a_policy(self):
        def publish(user, policy):
            policy = policy.sudo(False)
            draft = policy.browse(policy.action_new_version()["res_id"])
            draft.notice_hours = 12.0
            draft.rule_ids[0].amount = 1.0
            draft.action_publish()

        def by_the_settings(user, policy):
            page = policy.env["noshow.settings"].create({"company_id": self.company.id})
            page.noshow_no_show_amount = 1.0
            page.action_save()

        def try_a_case(user, policy):
            case = policy.env["noshow.policy.try"].create({"policy_id": policy.id})
            case.read(["fee", "sentence"])

        for act in (publish, by_the_settings, try_a_case):
            with self.subTest(way=act.__name__):
                self.assertEqual(self._try_policy(act), {"manager", "owner"})

    def test_the_effect_of_a_draft_is_the_managers(self):
        """It says what the practice earned."""
        draft = self.env["noshow.policy"].create({"company_id": self.company.id})
        for user in self.users.values():
            effect = draft.with_user(user).effect
            self.assertEqual(bool(effect), user in (self.manager, self.owner))

    def test_override_a_coverage(self):
        kind = self.env.ref("noshow_fees.coverage_class_medicaid")
        self.env["noshow.coverage"].create(
            {"client_id": self.client_1.id, "coverage_class_id": kind.id}
        )

        def act(user, event):
            page = event.env["calendar.event.cancel"].create(
                {
                    "event_ids": [Command.set(event.ids)],
                    "visit_state": "no_show",
                    "product_id": self.code_noshow.id,
                    "override_reason": "Agreed",
                }
            )
            page.action_cancel()

        self.assertAllowed({"owner"}, act, begin)

    def test_read_decisions(self):
        def prepare(appointment):
            self._cancel(begin(appointment), self.owner, visit_state="no_show")
            return appointment

        def act(user, event):
            self.assertIn("Rule 1", event.read(["fee_sentence"])[0]["fee_sentence"])
            self.assertTrue(event.fee_decision_ids.read(["sentence"]))

        self.assertAllowed(ALL | OWN, act, prepare)

        def read_directly(user, event):
            decision = event.env["noshow.fee.decision"].search(
                [("appointment_id", "=", event.id)]
            )
            event.sudo().fee_decision_ids.sudo(False).read(["sentence"])
            self.assertTrue(decision)

        self.assertAllowed(ALL | OWN, read_directly, prepare)

    def test_another_companys_policy_and_prices(self):
        """Nor by a page that nobody saves."""
        other = self.env["res.company"].create({"name": "Other"})
        for user in (self.manager, self.owner):
            flags = {"default_company_id": other.id}
            names = ("policy_summary", "noshow_no_show_amount", "company_id")
            settings = self.env["noshow.settings"].with_user(user)
            spec = {name: {} for name in names}
            with self.assertRaises(AccessError):
                settings.with_context(**flags).onchange({}, [], spec)
            self.assertTrue(settings.onchange({}, [], spec)["value"]["policy_summary"])
            prices = self.env["product.product.change.price"].with_user(user)
            values = {"product_id": self.code_system.id}
            spec = {"product_id": {}, "price": {}, "company_id": {}}
            with self.assertRaises(AccessError):
                prices.with_context(
                    **flags, default_product_id=self.code_system.id
                ).onchange({}, [], spec)
            with self.assertRaises(AccessError):
                prices.create({**values, "company_id": other.id})
            self.assertEqual(prices.create(values).price, 130.0)
