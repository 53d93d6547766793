"""A page that is too old proposes anew, and nothing that was chosen by hand is lost."""

from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.tests import Form, tagged

from .policy_common import PolicyCommon

#: The page is opened more than four hours before the start, and continued within them.
START = datetime(2026, 12, 1, 15)
OPENED, CONTINUED = START - timedelta(hours=4, minutes=1), START - timedelta(hours=3)


@tagged("post_install", "-at_install")
class TestPolicyAnew(PolicyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users["biller"].tz = "UTC"
        with freeze_time(OPENED - timedelta(days=2)):
            cls._publish(
                {"outcome": "late_cancelled", "within_hours": 4.0, "amount": 75.0},
                {"outcome": "late_cancelled", "amount": 50.0},
                {"outcome": "no_show", "amount": 90.0},
                {"outcome": "cancelled", "amount": 10.0},
            )
            cls.events = cls.env["calendar.event"].union(
                *(cls._new_appointment(cls.client_2, start=START) for _n in range(4))
            )

    def _open(self, events, **context):
        """The page as a browser has it: nothing is saved before Continue."""
        pages = self.env["calendar.event.cancel"].with_user(self.biller)
        context = context or {"default_event_ids": events.ids}
        return Form(pages.with_context(**context))

    def _continue(self, form):
        """:return: the page that opens instead, as a browser has it"""
        with freeze_time(CONTINUED):
            page = form.save()
            action = page.action_cancel()
            self.assertEqual(page.state, "draft")
            self.assertTrue(action["context"]["default_is_proposed_anew"])
            return self._open(page.event_ids, **action["context"])

    def test_what_followed_the_policy_follows_it(self):
        with freeze_time(OPENED):
            form = self._open(self.events[0])
            self.assertEqual((form.visit_state, form.amount), ("late_cancelled", 50.0))
        form = self._continue(form)
        self.assertEqual((form.visit_state, form.amount), ("late_cancelled", 75.0))

    def test_what_was_chosen_by_hand_stays(self):
        event = self.events[0]
        with freeze_time(OPENED):
            form = self._open(event)
            form.reason, form.chart_note = "Called", "<p>Called</p>"
            form.visit_state = "cancelled"
            form.product_id = self.code_system
            form.amount = 20.0
            form.deviation_reason = "Storm"
        form = self._continue(form)
        self.assertEqual((form.reason, form.deviation_reason), ("Called", "Storm"))
        self.assertEqual((form.visit_state, form.amount), ("cancelled", 20.0))
        self.assertEqual(form.product_id, self.code_system)
        with freeze_time(CONTINUED):
            form.save().action_cancel()
        self.assertEqual((event.visit_state, event.fee_amount), ("cancelled", 20.0))
        decision = event.fee_decision_ids
        self.assertEqual(decision.deviation_reason, "Storm")
        self.assertEqual(decision.proposed_amount, 10.0)

    def test_rows_changed_by_hand_stay_and_the_others_follow(self):
        none, less, other, follows = self.events
        with freeze_time(OPENED):
            form = self._open(self.events)
            for place, vals in enumerate(
                (
                    {"product_id": self.code_noshow.browse()},
                    {"amount": 20.0},
                    {"product_id": self.code_system},
                )
            ):
                with form.line_ids.edit(place) as row:
                    for name, value in vals.items():
                        row[name] = value
        form = self._continue(form)
        self.assertTrue(form.by_policy)
        with freeze_time(CONTINUED):
            page = form.save()
            amounts = {row.event_id: row.amount for row in page.line_ids}
            self.assertEqual(
                amounts, {none: 0.0, less: 20.0, other: 130.0, follows: 75.0}
            )
            page.action_cancel()
        self.assertEqual(self.events.mapped("fee_amount"), [0.0, 20.0, 130.0, 75.0])
        self.assertFalse(none.fee_line_ids)

    def test_a_row_changed_by_hand_does_not_follow_another_outcome(self):
        with freeze_time(OPENED):
            form = self._open(self.events)
            with form.line_ids.edit(0) as row:
                row.amount = 20.0
        form = self._continue(form)
        form.visit_state = "no_show"
        page = form.save()
        self.assertEqual(page.line_ids.mapped("amount"), [20.0, 90.0, 90.0, 90.0])

    def test_one_fee_for_all_stays(self):
        with freeze_time(OPENED):
            form = self._open(self.events)
            form.by_policy = False
            form.product_id = self.code_system
            form.amount = 33.0
            with form.line_ids.edit(0) as row:
                row.amount = 20.0
        form = self._continue(form)
        self.assertFalse(form.by_policy)
        self.assertEqual((form.product_id, form.amount), (self.code_system, 33.0))
        page = form.save()
        self.assertEqual(page.line_ids.mapped("amount"), [20.0, 33.0, 33.0, 33.0])
        form.amount = 44.0
        page = form.save()
        self.assertEqual(page.line_ids.mapped("amount"), [20.0, 44.0, 44.0, 44.0])

    def test_future_and_credit_stay_as_ticked(self):
        series = self._new_appointment(
            self.client_3,
            start=START,
            recurrency=True,
            rrule_type="daily",
            count=3,
            end_type="count",
        )
        pay = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.client_3.id,
                "amount": 15.0,
            }
        )
        pay.action_post()
        with freeze_time(OPENED):
            form = self._open(series)
            self.assertTrue(form.use_credit)
            form.use_credit = False
            form.cancel_future = True
        form = self._continue(form)
        self.assertTrue(form.cancel_future)
        self.assertFalse(form.use_credit)
        with freeze_time(CONTINUED):
            form.save().action_cancel()
        self.assertEqual(
            self.env["calendar.event"].search_count(
                [("client_id", "=", self.client_3.id), ("active", "=", False)]
            ),
            3,
        )
