"""What covers a client is told to whom the client's chart is open; others learn what it
means for the fee, which they need."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..charge.common_charge import ChargeCommon
from .policy_common import begin


@tagged("post_install", "-at_install")
class TestCoverageTold(ChargeCommon):
    """A therapist's own appointment with a client who is in nobody's care."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # What a therapist books gives them no care.
        cls.event = (
            cls.env["calendar.event"]
            .with_user(cls.financial)
            .create(
                {
                    "name": "Session",
                    "client_id": cls.client_2.id,
                    "start": cls.tomorrow,
                    "stop": cls.tomorrow,
                }
            )
            .with_env(cls.env)
        )
        begin(cls.event)

    def _cover(self, **kind):
        kind = self.env["noshow.coverage.class"].create(
            {"name": "Plan Secret", "why": "Secret says so.", **kind}
        )
        self.env["noshow.coverage"].create(
            {"client_id": self.client_2.id, "coverage_class_id": kind.id}
        )
        return kind

    def _page(self, user, **vals):
        return (
            self.env["calendar.event.cancel"]
            .with_user(user)
            .create(
                {
                    "event_ids": [Command.set(self.event.ids)],
                    "visit_state": "no_show",
                    **vals,
                }
            )
        )

    def _collect(self, user):
        """All that is said of an appointment, its page, and why a fee is refused."""
        event = self.event.with_user(user)
        event.invalidate_recordset()
        page = self._page(user)
        said = [event.get_schedule_details()["fee_sentence"], page.sentence]
        dear = self._page(user, product_id=self.code_late.id)
        with self.assertRaises(UserError) as refusal, self.cr.savepoint():
            dear.action_cancel()
        return [*said, str(refusal.exception)]

    def _assert_told(self):
        for user, told in ((self.financial, False), (self.frontdesk, True)):
            for text in self._collect(user):
                with self.subTest(user=user.login, text=text):
                    self.assertEqual("Secret" in text, told)
                    self.assertTrue(told or "coverage" in text)
        # In their care, they are told.
        self.env["noshow.care"].with_user(self.frontdesk).create(
            {"client_id": self.client_2.id, "therapist_id": self.financial.id}
        )
        self.env.invalidate_all()
        for text in self._collect(self.financial):
            self.assertIn("Secret", text)

    def test_no_fee(self):
        self._cover(missed_fee="forbidden")
        self._assert_told()

    def test_less(self):
        self._cover(missed_fee="capped", cap=40.0)
        self._assert_told()

    def test_what_is_kept(self):
        """The front desk cancels; the therapist reads it afterwards."""
        self._cover(missed_fee="capped", cap=40.0)
        self._page(self.frontdesk).action_cancel()
        [fee] = self.event.fee_line_ids
        self.assertEqual(fee.price_total, 40.0)
        for record, names in (
            (self.event, ["fee_sentence"]),
            (fee, ["policy_sentence", "coverage_refusal"]),
            (self.event.fee_decision_ids, ["sentence"]),
        ):
            [values] = record.with_user(self.financial).read(names)
            self.assertNotIn("Secret", str(values))
            self.assertIn("coverage", str(values))

    def test_kinds_of_another_company_in_a_try(self):
        """What is theirs, and what it says, is not told by trying a case."""
        other = self.setup_other_company(name="Other practice")["company"]
        kind = self._cover(missed_fee="capped", cap=33.0)
        policies = self.env["noshow.policy"].with_user(self.manager)
        policy = policies._get_published(self.company)[self.company.id][-1:]
        vals = {
            "policy_id": policy.id,
            "outcome": "no_show",
            "coverage_class_ids": [Command.set(kind.ids)],
        }
        tries = self.env["noshow.policy.try"].with_user(self.manager)
        self.assertIn("Secret", tries.create(vals).sentence)
        kind.company_id = other
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            self.assertNotIn("Secret", tries.create(vals).sentence)
