"""Restoring: scheduled again, and the fee reversed."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import PracticeCommon


@tagged("post_install", "-at_install")
class TestRestore(PracticeCommon):
    def test_without_a_fee(self):
        self._cancel(self.appointment, visit_state="no_show", product_id=False)
        self.assertTrue(self.appointment.with_user(self.frontdesk).action_restore())
        event = self.appointment
        self.assertEqual(event.visit_state, "scheduled")
        self.assertTrue(event.active)
        self.assertFalse(
            event.cancel_reason or event.cancelled_by_id or event.cancelled_on
        )
        self.assertEqual(self.client_1.missed_visit_count, 0)

    def test_attended_by_mistake(self):
        self._let_begin(self.appointment)
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
        with self.assertRaisesRegex(UserError, "no outcome") as refused:
            self.appointment.with_user(self.owner).action_restore()
        self.assertIn("with noshow_therapist", str(refused.exception))
        self.assertNotIn(self.client_1.name, str(refused.exception))

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
        dialog = (
            self.env["calendar.event.restore"]
            .with_user(user or self.biller)
            .create(
                {
                    "event_ids": [Command.set(self.appointment.ids)],
                    "reason": "Booked wrongly",
                }
            )
        )
        dialog.action_restore()
        return dialog


@tagged("post_install", "-at_install")
class TestCorrect(PracticeCommon):
    def _open(self, user=None, **vals):
        return (
            self.env["calendar.event.correct"]
            .with_user(user or self.frontdesk)
            .create({"event_id": self.appointment.id, **vals})
        )

    def _correct(self, user=None, **vals):
        self._open(user, **vals).action_correct()

    def test_the_fee_that_stays_is_named(self):
        self._cancel(self.appointment, visit_state="late_cancelled")
        for user in (self.frontdesk, self.therapist, self.biller):
            hint = self._open(user).fee_hint
            self.assertIn("LATECX, $\xa050.00: Open. The fee stays. A biller can", hint)
        with self.assertRaises(AccessError):
            self._open(self.financial).read(["fee_hint"])
        self.appointment.fee_line_ids.with_user(self.biller)._waive("Ill")
        self.env.invalidate_all()
        self.assertEqual(self._open().fee_hint, "Fee LATECX, $\xa00.00: Waived.")

    def test_no_word_about_a_fee_that_is_none(self):
        self._cancel(self.appointment, visit_state="no_show", product_id=False)
        self.assertFalse(self._open().fee_hint)

    def test_outcome_and_reason_leave_the_fee_alone(self):
        self._cancel(self.appointment, visit_state="no_show", reason="Zzold")
        self._correct(visit_state="late_cancelled", reason="Zznew")
        event = self.appointment
        self.assertEqual(event.visit_state, "late_cancelled")
        self.assertEqual(event.cancel_reason, "Zznew")
        self.assertEqual(event.fee_amount, 75.0)
        self.assertTrue(event.counts_as_missed)
        note = event.message_ids[0]
        self.assertIn("No-show → Late cancellation", note.body)
        self.assertNotIn("Zz", note.body)
        self.assertEqual(note.author_id, self.frontdesk.partner_id)

    def test_in_time_after_all_does_not_count(self):
        self._cancel(self.appointment, visit_state="no_show")
        self._correct(visit_state="cancelled")
        self.assertEqual(self.client_1.missed_visit_count, 0)
        self._correct(visit_state="no_show")
        self.assertEqual(self.client_1.missed_visit_count, 1)

    def test_what_is_left_out_stays(self):
        self._cancel(self.appointment, visit_state="no_show", reason="Ill")
        self._correct(visit_state="cancelled")
        self._correct(reason="Very ill")
        event = self.appointment
        self.assertEqual(
            (event.visit_state, event.cancel_initiator, event.cancel_reason),
            ("cancelled", "client", "Very ill"),
        )

    def test_party(self):
        self._cancel(self.appointment, visit_state="no_show")
        with self.assertRaisesRegex(UserError, "has not missed"):
            self._correct(cancel_initiator="practice")
        with self.assertRaises(AccessError):
            # The fee stays, and is the biller's to decide then.
            self._correct(visit_state="cancelled", cancel_initiator="practice")
        self._correct(self.biller, visit_state="cancelled", cancel_initiator="practice")
        self.assertIn(
            "The party on whose behalf it was cancelled was corrected.",
            self.appointment.message_ids[0].body,
        )

    def test_forgiven_stays_forgiven(self):
        self._cancel(self.appointment, visit_state="no_show")
        self.appointment.fee_line_ids.with_user(self.biller)._waive(
            "Ill", still_counts=False
        )
        self._correct(visit_state="late_cancelled")
        self.assertEqual(self.client_1.missed_visit_count, 0)

    def test_refused(self):
        with self.assertRaisesRegex(UserError, "Only a cancellation"):
            self.appointment._correct_cancellation("no_show", "client", "x")
        self._cancel(self.appointment, visit_state="no_show")
        with self.assertRaisesRegex(UserError, "Only a cancellation"):
            self.appointment._correct_cancellation("attended", "client", "x")
        with self.assertRaises(AccessError):
            self._correct(self.financial, visit_state="cancelled")
        with self.assertRaisesRegex(UserError, "Nothing was changed"):
            self._correct()
