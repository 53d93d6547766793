"""A slip is undone in one click, and what it was before is what it is again."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ...tools.context import by_method
from ..common import PracticeCommon

UNTOUCHED = ["visit_state", "active", "start", "stop", "needs_outcome"]


@tagged("post_install", "-at_install")
class TestUndo(PracticeCommon):
    def setUp(self):
        super().setUp()
        self.now = fields.Datetime.now().replace(second=0)
        self.event = self._new_appointment(start=self.now - timedelta(minutes=5))
        self.desk_event = self.event.with_user(self.frontdesk)

    def _undo(self, notice, user=None):
        undo = self.env["calendar.event.undo"].browse(notice["params"]["undo_id"])
        return undo.with_user(user or self.frontdesk).action_undo()

    def _state(self, event=None):
        event = event or self.event
        event.invalidate_recordset()
        return [event[name] for name in UNTOUCHED]

    def test_attended(self):
        before = self._state()
        notice = self.desk_event.action_mark_attended()
        self.assertIn("Client 1", notice["params"]["message"])
        self.assertEqual(self.event.visit_state, "attended")
        self._undo(notice)
        self.assertEqual(self._state(), before)
        with self.assertRaisesRegex(UserError, "any more"):
            self._undo(notice)

    def test_attended_keeps_that_it_was_removed_outside(self):
        by_method(self.event).needs_outcome = True
        self._undo(self.desk_event.action_mark_attended())
        self.event.invalidate_recordset()
        self.assertTrue(self.event.needs_outcome)

    def test_several_at_once(self):
        other = self._new_appointment(self.client_2, start=self.event.start)
        notice = (self.event + other).with_user(self.frontdesk).action_mark_attended()
        self._undo(notice)
        self.assertEqual(set((self.event + other).mapped("visit_state")), {"scheduled"})

    def test_not_over_what_somebody_did_since(self):
        notice = self.desk_event.action_mark_attended()
        self.event.with_user(self.owner).action_restore()
        self._cancel(self.event, user=self.owner, visit_state="no_show")
        with self.assertRaisesRegex(UserError, "any more"):
            self._undo(notice)
        self.assertEqual(self.event.visit_state, "no_show")

    def test_a_restore_without_a_fee(self):
        self._cancel(
            self.event, visit_state="cancelled", reason="Flu", cancel_initiator="client"
        )
        before = self._state()
        kept = ["cancel_reason", "cancelled_by_id", "cancelled_on", "cancel_initiator"]
        kept += ["fee_sentence", "policy_id"]
        cancellation = self.event.read(kept)
        notice = self.desk_event.action_restore()
        self.assertEqual(self.event.visit_state, "scheduled")
        self.assertFalse(self.event.cancel_reason)
        self._undo(notice)
        self.assertEqual(self._state(), before)
        self.assertEqual(self.event.read(kept), cancellation)
        # The reason is not left behind.
        undo = self.env["calendar.event.undo"].browse(notice["params"]["undo_id"])
        self.assertFalse(undo.former)

    def test_only_ones_own(self):
        notice = self.desk_event.action_mark_attended()
        for user in (self.owner, self.therapist, self.employee, self.portal):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._undo(notice, user)
        self._undo(notice)

    def test_nobody_makes_one_by_hand(self):
        for user in (self.frontdesk, self.owner):
            undos = self.env["calendar.event.undo"].with_user(user)
            with self.assertRaises(AccessError):
                undos.create({"kind": "restored", "event_ids": self.event.ids})
        notice = self.desk_event.action_mark_attended()
        undo = undos.browse(notice["params"]["undo_id"]).with_user(self.frontdesk)
        with self.assertRaises(AccessError):
            undo.former = {}

    def test_the_role_is_asked_again(self):
        notice = self.desk_event.action_mark_attended()
        self.frontdesk.group_ids = self.env.ref("base.group_user")
        with self.assertRaises(AccessError):
            self._undo(notice)


@tagged("post_install", "-at_install")
class TestMove(PracticeCommon):
    def setUp(self):
        super().setUp()
        now = fields.Datetime.now().replace(second=0)
        self.late = self._new_appointment(start=now + timedelta(hours=5))
        self.early = self._new_appointment(start=now + timedelta(days=9))

    def _move(self, event, user=None, **delta):
        delta = timedelta(**delta)
        vals = {
            "start": fields.Datetime.to_string(event.start + delta),
            "stop": fields.Datetime.to_string(event.stop + delta),
        }
        return event.with_user(user or self.frontdesk).action_move(vals)

    def _undo(self, notice):
        return (
            self.env["calendar.event.undo"]
            .with_user(self.frontdesk)
            .browse(notice["undo_id"])
        )

    def test_a_drag_is_undone(self):
        start, stop = self.early.start, self.early.stop
        notice = self._move(self.early, days=1)
        self.assertFalse(notice["ask"])
        self.assertEqual(self.early.start, start + timedelta(days=1))
        self._undo(notice).action_undo()
        self.assertEqual((self.early.start, self.early.stop), (start, stop))

    def test_who_asked_is_asked_inside_the_notice(self):
        notice = self._move(self.late, days=7)
        self.assertTrue(notice["ask"])
        self.assertFalse(self.late.late_move_notice)
        self._undo(notice).set_moved_for("practice")
        self.assertFalse(self.late.late_move_notice)
        self._undo(notice).set_moved_for("client")
        self.assertAlmostEqual(self.late.late_move_notice, 5, delta=0.05)
        self._undo(notice).action_undo()
        self.assertFalse(self.late.late_move_notice)

    def test_not_over_what_somebody_did_since(self):
        changes = {
            "moved": {"start": self.late.start + timedelta(days=8)},
            "longer": {"stop": self.late.stop + timedelta(days=8)},
            "another provider": {"user_id": self.financial.id},
            "another client": {"client_id": self.client_2.id},
        }
        for change, vals in changes.items():
            with self.subTest(change), self.cr.savepoint() as savepoint:
                undo = self._undo(self._move(self.late, days=7))
                self.late.with_user(self.owner).write(vals)
                with self.assertRaisesRegex(UserError, "since"):
                    undo.action_undo()
                with self.assertRaisesRegex(UserError, "since"):
                    undo.set_moved_for("client")
                self.assertFalse(self.late.late_move_notice)
                savepoint.rollback()

    def test_a_shorter_length_is_no_move(self):
        vals = {"stop": fields.Datetime.to_string(self.late.stop + timedelta(hours=1))}
        notice = self.late.with_user(self.frontdesk).action_move(vals)
        self.assertFalse(notice["ask"])

    def test_the_form_asks_too(self):
        start = self.late.start + timedelta(days=7)
        vals = {"start": start, "stop": start + timedelta(hours=1)}
        draft = self.late.with_user(self.frontdesk).new(vals, origin=self.late)
        self.assertTrue(draft.is_late_move)
        self.late.with_user(self.frontdesk).write({**vals, "moved_for": "client"})
        self.assertAlmostEqual(self.late.late_move_notice, 5, delta=0.05)
        # Of two late moves the shorter notice counts; one of the practice's nothing.
        self.late.with_user(self.frontdesk).write(
            {"start": self.late.start + timedelta(days=1), "moved_for": "client"}
        )
        self.assertAlmostEqual(self.late.late_move_notice, 5, delta=0.05)

    def test_nothing_else_is_a_move_of_the_clients(self):
        start = self.late.start + timedelta(days=7)
        self.late.with_user(self.frontdesk).write({"start": start})
        self.assertFalse(self.late.late_move_notice)
        self.early.with_user(self.frontdesk).write(
            {"start": start, "moved_for": "client"}
        )
        self.assertFalse(self.early.late_move_notice)
        with self.assertRaises(UserError):
            self.early.with_user(self.owner).late_move_notice = 3
        self.assertFalse(self.late.copy().late_move_notice)

    def test_the_notice_names_an_overlap(self):
        other = self._new_appointment(self.client_2, start=self.early.start)
        notice = self._move(other, minutes=30)
        self.assertIn("Client 1", notice["message"])
        self.assertEqual(notice["type"], "warning")

    def test_only_own_appointments(self):
        with self.assertRaises(AccessError):
            self._move(self.early, self.financial, days=1)
        self._move(self.early, self.therapist, days=1)

    def test_one_of_a_series(self):
        self.early.write(
            {
                "recurrency": True,
                "rrule_type": "weekly",
                "end_type": "count",
                "count": 3,
                "interval": 1,
                **dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), 0),
                self.early.start.strftime("%a").lower(): True,
            }
        )
        events = self.early.recurrence_id.calendar_event_ids.sorted("start")
        one, former = events[1], events[1].start
        start = former + timedelta(hours=2)
        notice = one.with_user(self.frontdesk).action_move(
            {
                "start": fields.Datetime.to_string(start),
                "stop": fields.Datetime.to_string(start + timedelta(hours=1)),
                "recurrence_update": "self_only",
            }
        )
        self.assertEqual(one.start, start)
        self._undo(notice).action_undo()
        self.assertEqual(one.start, former)
        self.assertTrue(one.follow_recurrence)
        self.assertEqual(len(events.exists().filtered("active")), len(events))
