"""The rule's sentence is what people read, from the page to the fee."""

from odoo import Command
from odoo.tests import Form, tagged

from .policy_common import PolicyCommon, begin


@tagged("post_install", "-at_install")
class TestPolicySentence(PolicyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls._publish({"outcome": "no_show", "amount": 33.0})
        cls.event = begin(cls._new_appointment(cls.client_2))
        cls.said = f"version {cls.policy.version}: {cls.policy.rule_ids.sentence}"

    def test_from_the_page_to_the_fee(self):
        """One sentence: before it is decided, on the result page, on the appointment,
        in the pop-over and on the fee."""
        event = self.event.with_user(self.frontdesk)
        page = self.env["calendar.event.cancel"].with_user(self.frontdesk)
        page = page.create(
            {"event_ids": [Command.set(event.ids)], "visit_state": "no_show"}
        )
        sentence = page.sentence
        self.assertIn(self.said, sentence)
        page.action_cancel()
        [result] = page._get_result_values()["results"]
        self.assertIn(sentence, result["sentences"])
        self.assertEqual(event.fee_sentence, sentence)
        self.assertEqual(event.get_schedule_details()["fee_sentence"], sentence)
        fee = self.event.fee_line_ids.with_user(self.biller)
        self.assertEqual(fee.policy_sentence, sentence)

    def test_where_no_fee_was_taken(self):
        page = self._cancel(self.event, visit_state="no_show", product_id=False)
        [result] = page._get_result_values()["results"]
        self.assertEqual(result["sentences"][1:], [self.event.fee_sentence])
        self.assertIn(self.said, self.event.fee_sentence)

    def test_the_pop_over_says_what_a_miss_would_cost(self):
        details = self.event.with_user(self.frontdesk).get_schedule_details()
        self.assertEqual(details["proposed_outcome"], "no_show")
        self.assertEqual(details["fee_amount"], 33.0)
        self.assertIn(self.said, details["fee_sentence"])

    def test_the_forms_show_it(self):
        self._cancel(self.event, visit_state="no_show")
        sentence = self.event.fee_sentence
        event = self.event.with_user(self.frontdesk)
        self.assertEqual(Form(event).fee_sentence, sentence)
        fee = self.event.fee_line_ids.with_user(self.biller)
        form = Form(fee, "noshow_fees.account_move_line_view_form_fee")
        self.assertEqual(form.policy_sentence, sentence)

    def test_the_lists_show_it(self):
        """The client's Billing tab and the appointment's, on a phone too; the fees of
        the practice, which build on the same."""
        self._cancel(self.event, visit_state="no_show")
        fees = self.event.fee_line_ids
        for user in (self.frontdesk, self.biller, self.owner):
            for kind, name in (
                ("list", "fee_tab"),
                ("kanban", "fee_tab"),
                ("list", "fee"),
                ("kanban", "fee"),
            ):
                view = self.env.ref(f"noshow_fees.account_move_line_view_{kind}_{name}")
                arch = fees.with_user(user).get_view(view.id, kind)["arch"]
                with self.subTest(user=user.login, view=view.name):
                    self.assertIn('name="policy_sentence"', arch)
            [row] = fees.with_user(user).web_read({"policy_sentence": {}})
            self.assertEqual(row["policy_sentence"], self.event.fee_sentence)
        # Accountants have no part in it, and see the list without.
        view = self.env.ref("noshow_fees.account_move_line_view_list_fee")
        arch = fees.with_user(self.accountant).get_view(view.id, "list")["arch"]
        self.assertNotIn("policy_sentence", arch)
