"""The edges of the design, each as the practice meets it."""

from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from ...tools.context import by_method
from .policy_common import PolicyCommon, begin

SECOND = timedelta(seconds=1)


@tagged("post_install", "-at_install")
class TestPolicyEdges(PolicyCommon):
    def _page(self, appointment, user=None, **vals):
        if vals.get("visit_state") == "no_show":
            begin(appointment)
        pages = self.env["calendar.event.cancel"].with_user(user or self.frontdesk)
        return pages.create({"event_ids": [Command.set(appointment.ids)], **vals})

    def test_exactly_at_a_tier(self):
        self._publish(
            {"outcome": "late_cancelled", "within_hours": 4.0, "amount": 75.0},
            {"outcome": "late_cancelled", "amount": 50.0},
        )
        event = self._new_appointment(self.client_2)
        for left, amount in (
            (timedelta(hours=4) + SECOND, 50.0),
            (timedelta(hours=4), 75.0),
            (timedelta(hours=4) - SECOND, 75.0),
        ):
            now = event.start - left
            self.assertEqual(self._amount(event, "late_cancelled", now), amount)

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

    def test_booked_just_before_and_absent(self):
        """Grace is for cancellations before the start."""
        policy = self._publish(
            {"outcome": "no_show", "amount": 75.0},
            {"outcome": "late_cancelled", "amount": 50.0},
            grace_minutes=10,
        )
        # In force when these were booked.
        by_method(policy).published_on -= timedelta(days=1)
        start = fields.Datetime.now() + timedelta(minutes=4)
        event = self._new_appointment(
            start=start, booked_on=start - timedelta(minutes=5)
        )
        for left, outcome in (
            (timedelta(minutes=1), "cancelled"),
            (timedelta(0), "no_show"),
            (timedelta(minutes=-1), "no_show"),
        ):
            self.assertEqual(event._get_outcome_by_notice(start - left), outcome)
        start = fields.Datetime.now() + timedelta(hours=1, minutes=59)
        longer = self._new_appointment(
            self.client_2, start=start, booked_on=start - timedelta(hours=2)
        )
        until = longer.booked_on + timedelta(minutes=10)
        self.assertEqual(longer._get_outcome_by_notice(until), "cancelled")
        self.assertEqual(
            longer._get_outcome_by_notice(until + SECOND), "late_cancelled"
        )

    def test_an_old_miss_entered_after_a_newer_one(self):
        """The earlier start ranks first; the newer fee stays."""
        self._publish({"outcome": "no_show", "from_miss": 2, "amount": 75.0})
        now = fields.Datetime.now()
        older = self._new_appointment(self.client_2, start=now - timedelta(days=20))
        newer = self._new_appointment(self.client_2, start=now - timedelta(days=10))
        self._missed(self.client_2, now - timedelta(days=15))
        self._cancel(newer, visit_state="no_show")
        self.assertEqual(newer.fee_amount, 75.0)
        self._cancel(older, visit_state="no_show")
        self.assertFalse(older.fee_line_ids)
        self.assertEqual(older.fee_decision_ids.proposed_amount, 0.0)
        self.assertEqual(newer.fee_decision_ids.taken_amount, 75.0)

    def test_the_first_miss_is_waived_later(self):
        """The second fee stays; the next count follows `counts_as_missed`."""
        self._publish(
            {"outcome": "no_show", "from_miss": 3, "amount": 90.0},
            {"outcome": "no_show", "amount": 50.0},
        )
        now = fields.Datetime.now()
        first, second, third = (
            self._new_appointment(self.client_2, start=now - timedelta(days=days))
            for days in (30, 20, 10)
        )
        self._cancel(first, visit_state="no_show")
        self._cancel(second, visit_state="no_show")
        self.assertEqual(self._amount(third), 90.0)
        first.fee_line_ids.with_user(self.biller)._waive("Goodwill", still_counts=False)
        self.assertEqual(second.fee_line_ids.fee_state, "open")
        self.assertEqual(second.fee_amount, 50.0)
        self.assertEqual(self._amount(third), 50.0)

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

    def test_merged_clients(self):
        """Misses of both count."""
        self._publish({"outcome": "no_show", "from_miss": 2, "amount": 75.0})
        self._missed(self.client_2, fields.Datetime.now() - timedelta(days=5))
        event = self._new_appointment(self.client_1)
        self.assertFalse(self._amount(event))
        self.client_2.email = self.client_1.email
        merge = self.env["base.partner.merge.automatic.wizard"]
        merge.with_user(self.owner).sudo()._merge(
            (self.client_1 + self.client_2).ids, self.client_1
        )
        self.assertEqual(self._amount(event), 75.0)

    def test_rows_of_one_batch_count(self):
        self._publish({"outcome": "no_show", "from_miss": 2, "amount": 75.0})
        now = fields.Datetime.now()
        events = self.env["calendar.event"].union(
            *(
                self._new_appointment(self.client_2, start=now - timedelta(days=days))
                for days in (3, 2, 1)
            )
        )
        page = self._page(events, visit_state="no_show")
        amounts = {row.event_id: row.amount for row in page.line_ids}
        self.assertEqual([amounts[event] for event in events], [0.0, 75.0, 75.0])
        page.action_cancel()
        self.assertEqual(events.mapped("fee_amount"), [0.0, 75.0, 75.0])

    def test_the_window(self):
        """Exactly so many days before counts, a second more does not."""
        self._publish(
            {"outcome": "no_show", "from_miss": 2, "window_days": 180, "amount": 75.0}
        )
        start = self.tomorrow
        for client, more, amount in (
            (self.client_2, timedelta(0), 75.0),
            (self.client_3, SECOND, None),
        ):
            self._missed(client, start - timedelta(days=180) - more)
            event = self._new_appointment(client, start=start)
            self.assertEqual(self._amount(event) or None, amount)

    def test_moving_is_not_a_way_out(self):
        """What was left when the client moved it late counts for a tier, too."""
        self._publish(
            {"outcome": "late_cancelled", "within_hours": 4.0, "amount": 75.0},
            {"outcome": "late_cancelled", "amount": 50.0},
        )
        event = self._new_appointment(
            self.client_2, start=self.tomorrow + timedelta(days=14)
        )
        now = event.start - timedelta(days=10)
        self.assertEqual(event._get_outcome_by_notice(now), "cancelled")
        by_method(event).late_move_notice = 3.0
        self.assertEqual(event._get_outcome_by_notice(now), "late_cancelled")
        self.assertEqual(self._amount(event, "late_cancelled", now), 75.0)
        by_method(event).late_move_notice = 0.0
        self.assertEqual(event._get_outcome_by_notice(now), "cancelled")

    def test_not_called_off_by_the_client(self):
        self._publish({"outcome": "cancelled", "amount": 20.0})
        event = self._new_appointment(self.client_2)
        for initiator, fee in (("client", 20.0), ("provider", 0.0), ("practice", 0.0)):
            proposal = self._propose(event, "cancelled", None, initiator)
            self.assertEqual(proposal["proposed_amount"], fee)

    def _open(self, event):
        """The page as a browser has it: nothing is saved before Continue."""
        action = event.with_user(self.frontdesk).action_open_cancel()
        pages = self.env[action["res_model"]].with_user(self.frontdesk)
        return Form(pages.with_context(**action["context"]))

    def _publish_tiers(self):
        self._publish(
            {"outcome": "late_cancelled", "within_hours": 4.0, "amount": 75.0},
            {"outcome": "late_cancelled", "amount": 50.0},
        )
        event = self._new_appointment(self.client_2, start=datetime(2026, 12, 1, 15))
        return event, event.start - timedelta(hours=4)

    def test_a_boundary_passes_while_the_page_is_open(self):
        """What the front desk saw is what it may charge; never an access error."""
        event, boundary = self._publish_tiers()
        with freeze_time(boundary - timedelta(minutes=1)):
            form = self._open(event)
            self.assertEqual((form.visit_state, form.amount), ("late_cancelled", 50.0))
        with freeze_time(boundary + timedelta(minutes=20)):
            form.reason = "Called"
            form.save().action_cancel()
        self.assertEqual(event.fee_amount, 50.0)
        self.assertEqual(event.visit_state, "late_cancelled")

    def test_a_page_open_for_more_than_half_an_hour_asks(self):
        event, boundary = self._publish_tiers()
        with freeze_time(boundary - timedelta(minutes=1)):
            form = self._open(event)
            form.reason = "Called"
        with freeze_time(boundary + timedelta(minutes=30)):
            page = form.save()
            action = page.action_cancel()
            self.assertEqual(event.visit_state, "scheduled")
            form = Form(page.browse().with_context(**action["context"]))
            self.assertEqual((form.amount, form.reason), (75.0, "Called"))
            self.assertTrue(form.is_proposed_anew)
            form.save().action_cancel()
        self.assertEqual(event.fee_amount, 75.0)

    def test_a_miss_comes_in_while_the_page_is_open(self):
        """It asks again instead of charging what nobody saw."""
        self._publish(
            {"outcome": "no_show", "from_miss": 2, "amount": 75.0},
            {"outcome": "no_show", "amount": 50.0},
        )
        now = fields.Datetime.now()
        event = self._new_appointment(self.client_2, start=now - timedelta(hours=1))
        form = self._open(event)
        self.assertEqual(form.amount, 50.0)
        self._missed(self.client_2, now - timedelta(days=3))
        page = form.save()
        action = page.action_cancel()
        self.assertEqual(event.visit_state, "scheduled")
        form = Form(page.browse().with_context(**action["context"]))
        self.assertEqual(form.amount, 75.0)
        form.save().action_cancel()
        self.assertEqual(event.fee_amount, 75.0)

    def test_when_the_page_was_opened_is_the_servers(self):
        long_ago = fields.Datetime.now() - timedelta(minutes=20)
        pages = self.env["calendar.event.cancel"].with_user(self.frontdesk)
        with freeze_time(long_ago):
            signed = pages.default_get(["opening"])["opening"]
        moment, mark = signed.rsplit(" ", 1)
        forged = f"{moment[:-1]}{(int(moment[-1]) + 1) % 10} {mark}"
        for vals in (
            {"opened_on": long_ago},
            {"opening": forged},
            {"opening": moment},
            {"opening": "x"},
        ):
            page = self._page(self.appointment, **vals)
            self.assertGreater(page.opened_on, long_ago + timedelta(minutes=10))
            page.write({"opened_on": long_ago, "opening": signed})
            self.assertGreater(page.opened_on, long_ago + timedelta(minutes=10))
        # Somebody else's is none of the user's.
        page = self._page(self.appointment, self.biller, opening=signed)
        self.assertGreater(page.opened_on, long_ago + timedelta(minutes=10))
        page = self._page(self.appointment, opening=signed)
        self.assertLess(page.opened_on, long_ago + timedelta(seconds=2))

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
