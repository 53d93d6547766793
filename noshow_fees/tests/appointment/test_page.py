"""What the cancellation page proposes and shows."""

from odoo import Command
from odoo.tests import Form, tagged

from ..common import PracticeCommon


@tagged("post_install", "-at_install")
class TestPage(PracticeCommon):
    def _page(self, appointment, user=None, **vals):
        return (
            self.env["calendar.event.cancel"]
            .with_user(user or self.frontdesk)
            .create({"event_ids": [Command.set(appointment.ids)], **vals})
        )

    def test_fee_by_outcome(self):
        page = self._page(self.appointment, visit_state="late_cancelled")
        self.assertEqual(page.product_id, self.code_late)
        self.assertEqual(page.amount, 50.0)
        page.visit_state = "no_show"
        self.assertEqual(page.product_id, self.code_noshow)
        self.assertEqual(page.amount, 75.0)
        page.visit_state = "cancelled"
        self.assertFalse(page.product_id)

    def test_the_practice_calls_off_free_of_charge(self):
        with Form(
            self.env["calendar.event.cancel"]
            .with_user(self.frontdesk)
            .with_context(default_event_ids=self.appointment.ids)
        ) as form:
            form.visit_state = "no_show"
            self.assertEqual(form.product_id, self.code_noshow)
            form.cancel_initiator = "provider"
            self.assertEqual(form.visit_state, "cancelled")
            self.assertFalse(form.product_id)

    def test_amount_is_editable_for_financial_roles(self):
        for user, expected in (
            (self.frontdesk, False),
            (self.therapist, False),
            (self.biller, True),
            (self.manager, True),
            (self.owner, True),
        ):
            with self.subTest(user=user.login):
                page = self._page(self.appointment, user)
                self.assertEqual(page.may_change_amount, expected)
        own = self._new_appointment(provider=self.financial)
        self.assertTrue(self._page(own, self.financial).may_change_amount)

    def test_total_with_tax(self):
        tax = self.env["account.tax"].create({"name": "10%", "amount": 10.0})
        self.code_noshow.taxes_id = tax
        self._let_begin(self.appointment)
        page = self._page(self.appointment, visit_state="no_show")
        self.assertEqual(page.amount, 75.0)
        self.assertEqual(page.amount_total, 82.5)
        page.action_cancel()
        self.assertEqual(self.appointment.fee_amount, 82.5)

    def test_open_credit_is_used_first(self):
        credit = self.env["account.payment"].create(
            {
                "amount": 30.0,
                "partner_id": self.client_1.id,
                "journal_id": self.company_data["default_journal_bank"].id,
                "company_id": self.company.id,
            }
        )
        credit.action_post()
        self._let_begin(self.appointment)
        page = self._page(self.appointment, visit_state="no_show")
        self.assertEqual(page.client_credit, 30.0)
        self.assertTrue(page.use_credit)
        self.assertEqual(page.amount_to_charge, 45.0)
        page.action_cancel()
        self.assertEqual(self.appointment.fee_state, "partial")
        self.assertEqual(self.appointment.fee_line_ids.fee_open, 45.0)

    def test_open_credit_is_left_alone_when_unticked(self):
        self.env["account.payment"].create(
            {
                "amount": 30.0,
                "partner_id": self.client_1.id,
                "journal_id": self.company_data["default_journal_bank"].id,
                "company_id": self.company.id,
            }
        ).action_post()
        self._cancel(self.appointment, visit_state="no_show", use_credit=False)
        self.assertEqual(self.appointment.fee_state, "open")

    def test_result_page(self):
        page = self._cancel(self.appointment, visit_state="no_show")
        invoice = self.appointment.fee_line_ids.move_id
        for text in (
            "Client 1",
            "No-show",
            "NOSHOW",
            invoice.name,
            "not been informed",
        ):
            self.assertIn(text, page.result)

    def test_future_occurrences_are_listed_before(self):
        series = self._new_appointment(
            recurrency=True,
            rrule_type="weekly",
            count=10,
            end_type="count",
            event_tz="America/New_York",
            **{self.tomorrow.strftime("%a").lower(): True},
        )
        events = series.recurrence_id.calendar_event_ids.sorted("start")
        page = self._page(events[2])
        self.assertEqual(page.future_count, 7)
        self.assertEqual(page.future_event_ids, events[3:])
        page.write({"cancel_future": True, "visit_state": "late_cancelled"})
        page.product_id = self.code_noshow
        page.action_cancel()
        self.assertEqual(events[2].visit_state, "late_cancelled")
        self.assertEqual(events[2].fee_amount, 75.0)
        self.assertEqual(set(events[3:].mapped("visit_state")), {"cancelled"})
        self.assertFalse(events[3:].fee_line_ids)
        self.assertEqual(set(events[:2].mapped("visit_state")), {"scheduled"})
        self.assertIn("7 later appointments", page.result)
        page.cancelled_future_count = 1
        self.assertIn("One later", page._get_result_values()["future_sentence"])
