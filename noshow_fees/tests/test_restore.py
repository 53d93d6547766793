"""Restoring: scheduled again, and the fee reversed."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import PracticeCommon


@tagged("post_install", "-at_install")
class TestRestore(PracticeCommon):
    def test_without_a_fee(self):
        self._cancel(self.appointment, visit_state="no_show", product_id=False)
        self.assertTrue(self.appointment.with_user(self.frontdesk).action_restore())
        event = self.appointment
        self.assertEqual(event.visit_state, "scheduled")
        self.assertTrue(event.active)
        self.assertFalse(event.cancel_reason or event.cancelled_by_id or event.cancelled_on)
        self.assertEqual(self.client_1.missed_visit_count, 0)

    def test_attended_by_mistake(self):
        self.appointment.with_user(self.therapist).action_mark_attended()
        self.appointment.with_user(self.therapist).action_restore()
        self.assertEqual(self.appointment.visit_state, "scheduled")

    def test_with_a_fee(self):
        self._cancel(self.appointment, visit_state="no_show")
        fee = self.appointment.fee_line_ids
        for user in (self.frontdesk, self.therapist):
            with self.assertRaises(AccessError):
                self.appointment.with_user(user).action_restore()
        action = self.appointment.with_user(self.biller).action_restore()
        self.assertEqual(action["res_model"], "calendar.event.restore")
        self._restore()
        self.assertEqual(self.appointment.visit_state, "scheduled")
        self.assertTrue(self.appointment.active)
        self.assertEqual(fee.move_id.state, "posted")
        self.assertEqual(fee.move_id.payment_state, "reversed")
        self.assertEqual(self.appointment.fee_state, "none")
        self.assertEqual(self.appointment.fee_amount, 0.0)
        self.assertEqual(len(self.appointment.fee_line_ids), 2)

    def test_then_cancelled_again_with_a_new_fee(self):
        self._cancel(self.appointment, visit_state="no_show")
        self._restore()
        self._cancel(self.appointment, visit_state="late_cancelled")
        live = self.appointment.fee_line_ids.filtered("is_noshow_fee")
        self.assertEqual(len(live), 1)
        self.assertEqual(self.appointment.fee_amount, 50.0)
        self.assertEqual(self.client_1.missed_visit_count, 1)

    def test_nothing_to_restore(self):
        with self.assertRaisesRegex(UserError, "no outcome"):
            self.appointment.with_user(self.owner).action_restore()

    def test_booked_again(self):
        self._cancel(self.appointment, visit_state="no_show", product_id=False)
        self.appointment._rebook_and_cancel(
            {"product": self.code_noshow, "amount": 75.0}
        )
        with self.assertRaisesRegex(UserError, "booked again"):
            self.appointment.action_restore()

    def test_fee_left_behind(self):
        self._cancel(self.appointment, visit_state="no_show")
        with self.assertRaisesRegex(UserError, "Reverse the fee first"):
            self.appointment.with_user(self.owner)._restore_appointments()

    def _restore(self, user=None):
        dialog = self.env["calendar.event.restore"].with_user(user or self.biller).create(
            {"event_ids": [Command.set(self.appointment.ids)], "reason": "Booked wrongly"}
        )
        dialog.action_restore()
        return dialog
