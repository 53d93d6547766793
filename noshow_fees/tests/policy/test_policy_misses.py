"""Repeated misses: which of the client's misses this is, and what it costs."""

from datetime import timedelta

from odoo import fields
from odoo.tests import Form, tagged

from .policy_common import SECOND, PolicyCommon


@tagged("post_install", "-at_install")
class TestPolicyMisses(PolicyCommon):
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
