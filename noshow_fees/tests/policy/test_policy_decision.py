"""What was proposed, and what was taken: codes, prices, who may take what."""

from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .policy_common import PolicyCommon, begin


@tagged("post_install", "-at_install")
class TestPolicyDecision(PolicyCommon):
    def test_book_again_is_as_it_was(self):
        """Booking, outcome and decision are the original's, whatever applies now."""
        self._publish({"outcome": "no_show", "amount": 40.0})
        event = self._new_appointment(self.client_2)
        booked_on = event.booked_on
        self._cancel(begin(event), visit_state="no_show", product_id=False)
        self._publish({"outcome": "no_show", "amount": 90.0})
        page = (
            self.env["calendar.event.cancel"]
            .with_user(self.frontdesk)
            .create({"rebook_event_id": event.id})
        )
        self.assertEqual((page.product_id, page.amount), (self.code_noshow, 40.0))
        page.action_cancel()
        new = event.rebooked_event_id
        self.assertEqual(new.booked_on, booked_on)
        self.assertEqual(new.visit_state, "no_show")
        first, again = event.fee_decision_ids, new.fee_decision_ids
        self.assertEqual(again.policy_id, first.policy_id)
        self.assertEqual(again.sentence, first.sentence)
        self.assertEqual((first.taken_amount, again.taken_amount), (0.0, 40.0))

    def test_percent_of_a_service_without_a_price(self):
        self._publish({"outcome": "no_show", "charge": "percent", "percent": 50.0})
        event = self._new_appointment(self.client_2, service_id=self.code_system.id)
        self.assertEqual(self._amount(event), 65.0)
        event.with_user(self.biller).service_price = 0.0
        self.assertFalse(self._amount(event))
        self.assertIn("No price", self._propose(event, "no_show")["sentence"])
        without = self._new_appointment(self.client_3)
        self.assertFalse(without.service_id)
        self.assertFalse(self._amount(without))

    def test_a_code_is_archived_later(self):
        policy = self._publish({"outcome": "no_show", "amount": 75.0})
        event = self._new_appointment(self.client_2)
        self.code_noshow.active = False
        proposal = self._propose(event, "no_show")
        self.assertEqual(proposal["policy_id"], policy.id)
        self.assertFalse(proposal["proposed_product_id"])
        self.assertIn("NOSHOW is archived", proposal["sentence"])
        page = self._page(event, visit_state="no_show")
        self.assertFalse(page.product_id)
        self.assertIn("archived", page.sentence)

    def test_no_published_version(self):
        """The desk is told who can publish one, and may go on."""
        self._forget_policies()
        page = self._page(self.appointment, visit_state="no_show")
        self.assertFalse(page.product_id)
        self.assertIn("a manager can publish one", page.sentence)
        page.action_cancel()
        self.assertEqual(self.appointment.visit_state, "no_show")

    def test_not_called_off_by_the_client(self):
        self._publish({"outcome": "cancelled", "amount": 20.0})
        event = self._new_appointment(self.client_2)
        for initiator, fee in (("client", 20.0), ("provider", 0.0), ("practice", 0.0)):
            proposal = self._propose(event, "cancelled", None, initiator)
            self.assertEqual(proposal["proposed_amount"], fee)

    def test_front_desk_takes_the_proposal_or_another_code_at_its_price(self):
        self._publish({"outcome": "no_show", "amount": 33.0})
        for vals in ({}, {"product_id": self.code_system.id}):
            event = begin(self._new_appointment(self.client_2))
            self._cancel(event, visit_state="no_show", **vals)
            expected = 130.0 if vals else 33.0
            self.assertEqual(event.fee_amount, expected)
        event = self._new_appointment(self.client_3)
        page = self._page(event, visit_state="no_show", amount=75.0)
        with self.assertRaises(AccessError):
            page.action_cancel()
        self._cancel(event, self.biller, visit_state="no_show", amount=75.0)
        self.assertEqual(event.fee_decision_ids.difference, 42.0)

    def test_what_was_proposed_beside_what_was_taken(self):
        """Also where nothing was."""
        policy = self._publish({"outcome": "no_show", "amount": 33.0})
        event = begin(self._new_appointment(self.client_2))
        self._cancel(
            event,
            visit_state="no_show",
            product_id=False,
            deviation_reason="First visit",
        )
        decision = event.fee_decision_ids
        self.assertEqual(decision.policy_id, policy)
        self.assertEqual(decision.rule_id, policy.rule_ids)
        self.assertEqual(decision.proposed_amount, 33.0)
        self.assertFalse(decision.taken_product_id)
        self.assertEqual(decision.deviation, "let_go")
        self.assertEqual(decision.deviation_reason, "First visit")
        self.assertEqual(decision.user_id, self.frontdesk)
        self.assertIn(f"version {policy.version}: No-show", decision.sentence)
        self.assertEqual(event.policy_id, policy)

    def test_what_is_decided_is_never_priced_again(self):
        """By whatever has changed since: a version, a price, a miss before it."""
        self._publish(
            {"outcome": "no_show", "from_miss": 2, "amount": 90.0},
            {"outcome": "no_show", "amount": 33.0},
        )
        event = begin(self._new_appointment(self.client_2))
        self._cancel(event, visit_state="no_show")
        before = self._propose(event)
        self.assertEqual(before["proposed_amount"], 33.0)
        self._missed(self.client_2, event.start - timedelta(days=3))
        self._publish({"outcome": "no_show", "amount": 99.0})
        self.code_noshow.list_price = 1.0
        event.sudo().fee_line_ids.with_user(self.biller)._waive("Goodwill")
        self.assertEqual(self._propose(event, "late_cancelled"), before)
        self.assertEqual(self._propose(event, initiator="practice"), before)

    def test_undoing_the_cancellation_undoes_the_decision(self):
        self._publish({"outcome": "no_show", "amount": 33.0})
        self._cancel(begin(self.appointment), visit_state="no_show", product_id=False)
        action = self.appointment.with_user(self.frontdesk).action_restore()
        self.assertEqual(self.appointment.fee_decision_ids.state, "undone")
        undo = self.env["calendar.event.undo"].with_user(self.frontdesk)
        undo.browse(action["params"]["undo_id"]).action_undo()
        self.assertEqual(self.appointment.fee_decision_ids.state, "decided")
        self.assertTrue(self.appointment.policy_id)
        self.appointment.with_user(self.frontdesk).action_restore()
        self.assertFalse(self.appointment.policy_id)
        self.assertFalse(self.appointment.fee_sentence)
        self._cancel(self.appointment, visit_state="no_show")
        self.assertEqual(len(self.appointment.fee_decision_ids), 2)

    def test_the_form_shows_the_sentence(self):
        policy = self._publish({"outcome": "no_show", "amount": 33.0})
        event = self._new_appointment(self.client_2)
        form = Form(
            self.env["calendar.event.cancel"]
            .with_user(self.frontdesk)
            .with_context(default_event_ids=event.ids)
        )
        form.visit_state = "no_show"
        self.assertEqual(form.amount, 33.0)
        self.assertIn(f"version {policy.version}", form.sentence)
