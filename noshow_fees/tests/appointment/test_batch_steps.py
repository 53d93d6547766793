"""A long batch goes in steps: each whole, none twice, errors before the first."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import PracticeCommon


@tagged("post_install", "-at_install")
class TestBatchSteps(PracticeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.events = cls.env["calendar.event"].union(
            *(cls._new_appointment(cls.client_2) for _n in range(7))
        )
        cls._let_begin(cls.events)

    def _open_page(self, user=None, **vals):
        return (
            self.env["calendar.event.cancel"]
            .with_user(user or self.frontdesk)
            .create(
                {
                    "event_ids": [Command.set(self.events.ids)],
                    "visit_state": "no_show",
                    "reason": "Snow",
                    **vals,
                }
            )
        )

    def _count_cancelled(self):
        return len(self.events.filtered(lambda event: event.visit_state == "no_show"))

    def test_steps(self):
        page = self._open_page(chart_note="<p>Called</p>")
        self.assertEqual(page.action_cancel_some(3), 3)
        self.assertEqual((self._count_cancelled(), page.state), (3, "draft"))
        self.assertEqual(page.action_cancel_some(3), 6)
        self.assertEqual(page.action_cancel_some(3), 7)
        self.assertEqual((self._count_cancelled(), page.state), (7, "done"))
        self.assertEqual(set(self.events.mapped("cancel_reason")), {"Snow"})
        self.assertEqual(self.events.mapped("fee_amount"), [75.0] * 7)
        notes = self.env["noshow.chart.entry"].search(
            [("appointment_id", "in", self.events.ids)]
        )
        self.assertEqual(len(notes), 7)
        self.assertIn("7 appointments: ", page.result)
        with self.assertRaisesRegex(UserError, "done already"):
            page.action_cancel_some(3)

    def test_how_many_are_done_is_counted_by_the_page(self):
        """Not by who sends it along, and so passes over the first, and the checks."""
        for way in ("write", "create", "default"):
            page = self._open_page(
                **({"cancelled_count": 4} if way == "create" else {})
            )
            if way == "default":
                page = page.with_context(default_cancelled_count=4).create(
                    {"event_ids": [Command.set(self.events.ids)]}
                )
            if way == "write":
                page.cancelled_count = 4
                page.write({"cancelled_count": 4})
            page.invalidate_recordset()
            self.assertEqual(page.cancelled_count, 0, way)
        self.assertEqual(self._open_page().action_cancel_some(1), 1)

    def test_the_rows_are_kept_to(self):
        page = self._open_page(self.biller)
        page.line_ids[0].product_id = False
        page.line_ids[6].amount = 20.0
        for _n in range(3):
            page.action_cancel_some(3)
        self.assertEqual(
            sorted(self.events.mapped("fee_amount")), [0.0, 20.0, *[75.0] * 5]
        )

    def test_a_page_open_for_more_than_half_an_hour_asks(self):
        """Nothing is done; the new page (`test_policy_anew`) then goes on."""
        page = self._open_page()
        with freeze_time(fields.Datetime.now() + timedelta(minutes=31)):
            action = page.action_cancel_some(3)
            # What the browser wants where no button of Odoo's completes it.
            self.assertEqual(action["views"], [(False, "form")])
            self.assertEqual(action["name"], "Cancel 7 appointments")
            self.assertEqual((self._count_cancelled(), page.state), (0, "draft"))
            new = page.browse().with_context(**action["context"])
            new = new.create({})
            self.assertTrue(new.is_proposed_anew)
            self.assertEqual(new.event_ids, page.event_ids)
            self.assertEqual(new.action_cancel_some(7), 7)
        self.assertEqual((self._count_cancelled(), new.state), (7, "done"))

    def test_all_are_checked_before_the_first(self):
        last = self.events.sorted("id")[-1]
        self._cancel(last, visit_state="cancelled", product_id=False)
        with self.assertRaisesRegex(UserError, "cancelled already"):
            self._open_page().action_cancel_some(3)
        self.assertEqual(self._count_cancelled(), 0)

    def test_an_amount_in_a_late_row_is_checked_before_the_first(self):
        page = self._open_page()
        page.line_ids.sorted("event_id")[-1].amount = 1.0
        with self.assertRaises(AccessError):
            page.action_cancel_some(3)
        self.assertEqual(self._count_cancelled(), 0)

    def test_somebody_is_faster_in_between(self):
        page = self._open_page()
        page.action_cancel_some(3)
        self._cancel(
            self.events.sorted("id")[4], visit_state="cancelled", product_id=False
        )
        with self.assertRaisesRegex(UserError, "cancelled already"):
            page.action_cancel_some(3)
        self.assertEqual(page.cancelled_count, 3)

    def test_no_endless_steps_of_nothing(self):
        with self.assertRaises(UserError):
            self._open_page().action_cancel_some(0)

    def test_not_for_who_may_not(self):
        page = self._open_page()
        with self.assertRaises(AccessError):
            page.with_user(self.biller).action_cancel_some(3)
        with self.assertRaises(AccessError):
            self._open_page(self.financial).action_cancel_some(3)
