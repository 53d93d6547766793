"""An update turns the settings' notice and codes into version 1 of the policy, with the
same proposal for every appointment (on a whole practice: `tests/test_upgrade.py`)."""

import runpy
from datetime import timedelta
from pathlib import Path

from odoo.tests import tagged

from .policy_common import PolicyCommon

SCRIPT = Path(__file__).parents[2] / "migrations" / "19.0.1.1.0" / "post-policy.py"
HOURS = (-1, 0, 1, 35.9, 36, 36.1)


@tagged("post_install", "-at_install")
class TestPolicyMigration(PolicyCommon):
    def _migrate(self, notice_hours, no_show, late_cancelled, cancelled):
        """Update a company that has these in its settings."""
        self._forget_policies()
        self.env.flush_all()
        self.cr.execute(
            """
            ALTER TABLE res_company
                ADD noshow_notice_hours float,
                ADD noshow_no_show_product_id int,
                ADD noshow_late_cancelled_product_id int,
                ADD noshow_cancelled_product_id int
            """
        )
        self.cr.execute(
            """
            UPDATE res_company
               SET noshow_notice_hours = %s, noshow_no_show_product_id = %s,
                   noshow_late_cancelled_product_id = %s,
                   noshow_cancelled_product_id = %s
             WHERE id = %s
            """,
            [
                notice_hours,
                *(code.id or None for code in (no_show, late_cancelled, cancelled)),
                self.company.id,
            ],
        )
        migrate = runpy.run_path(str(SCRIPT))["migrate"]
        migrate(self.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        migrate(self.cr, "19.0.1.0.0")  # what is done stays done

    def test_the_same_is_proposed(self):
        self.code_late.list_price = 0.0
        none = self.code_late.browse()
        self._migrate(36.0, self.code_system, self.code_late, none)
        policy = self.company._get_policy_in_force()
        self.assertEqual((policy.version, policy.notice_hours), (1, 36.0))
        expected = {
            "no_show": (self.code_system.id, 130.0),
            "late_cancelled": (self.code_late.id, 0.0),
            "cancelled": (False, 0.0),
        }
        for outcome, (code, amount) in expected.items():
            proposal = self._propose(self.appointment, outcome)
            self.assertEqual(proposal["proposed_product_id"], code)
            self.assertEqual(proposal["proposed_amount"], amount)
        outcomes = [
            self.appointment._get_outcome_by_notice(
                self.appointment.start - timedelta(hours=hours)
            )
            for hours in HOURS
        ]
        self.assertEqual(
            outcomes, ["no_show"] * 2 + ["late_cancelled"] * 3 + ["cancelled"]
        )

    def test_an_archived_code_was_not_proposed(self):
        self.code_noshow.active = False
        self._migrate(24.0, self.code_noshow, self.code_late, self.code_system)
        policy = self.company._get_policy_in_force()
        self.assertEqual(
            {rule.outcome: rule.product_id for rule in policy.rule_ids},
            {"late_cancelled": self.code_late, "cancelled": self.code_system},
        )
