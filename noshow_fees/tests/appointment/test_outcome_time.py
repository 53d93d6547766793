"""No outcome before it can be known; days are the practice's."""

from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..common import PracticeCommon


@tagged("post_install", "-at_install")
class TestOutcomeTime(PracticeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # 22:30 on Monday in New York.
        cls.late = cls._new_appointment(start=datetime(2026, 1, 6, 3, 30))

    def _page(self, event, user=None, **vals):
        return (
            self.env["calendar.event.cancel"]
            .with_user(user or self.frontdesk)
            .create({"event_ids": [Command.set(event.ids)], **vals})
        )

    def test_attended_from_its_day_on(self):
        """The day is the practice's, whoever asks from wherever."""
        self.frontdesk.tz = "Asia/Tokyo"
        event = self.late.with_user(self.frontdesk)
        with (
            freeze_time("2026-01-05 04:59:59"),  # Sunday, 23:59:59
            self.assertRaisesRegex(UserError, "yet to come"),
        ):
            self.assertFalse(event.has_come)  # nor is the button there
            event.action_mark_attended()
        event.invalidate_recordset(["has_come"])
        with freeze_time("2026-01-05 05:00:00"):
            self.assertTrue(event.has_come)
            self.assertTrue(event.get_schedule_details()["has_come"])
            event.action_mark_attended()
        self.assertEqual(event.visit_state, "attended")

    def test_missed_from_its_start_on(self):
        with freeze_time("2026-01-06 03:29:59"):
            page = self._page(self.late, visit_state="no_show")
            with self.assertRaisesRegex(UserError, "has not begun"):
                page.action_cancel()
        with freeze_time("2026-01-06 03:30:00"):
            self._page(self.late, visit_state="no_show").action_cancel()
        self.assertEqual(self.late.visit_state, "no_show")

    def test_corrections_included(self):
        self._cancel(self.appointment, visit_state="late_cancelled", product_id=False)
        dialogs = self.env["calendar.event.correct"].with_user(self.owner)
        vals = {"event_id": self.appointment.id, "visit_state": "no_show"}
        with self.assertRaisesRegex(UserError, "has not begun"):
            dialogs.create(vals).action_correct()
        with freeze_time(self.appointment.start):
            dialogs.create(vals).action_correct()
        self.assertEqual(self.appointment.visit_state, "no_show")

    def test_called_off_by_the_practice(self):
        """The client has missed nothing, and a fee is not for the front desk to take
        (five months ahead, say)."""
        self._let_begin(self.appointment)
        for initiator in ("provider", "practice"):
            for outcome in ("no_show", "late_cancelled"):
                page = self._page(
                    self.appointment,
                    self.owner,
                    cancel_initiator=initiator,
                    visit_state=outcome,
                )
                with self.assertRaisesRegex(UserError, "has not missed"):
                    page.action_cancel()
            vals = {
                "cancel_initiator": initiator,
                "visit_state": "cancelled",
                "product_id": self.code_late.id,
            }
            for user in (self.frontdesk, self.therapist):
                with self.assertRaises(AccessError):
                    self._page(self.appointment, user, **vals).action_cancel()
        self._page(self.appointment, self.biller, **vals).action_cancel()
        self.assertEqual(self.appointment.fee_amount, 50.0)

    def test_nobody_else_called_it_off(self):
        with self.assertRaises(UserError):
            self.appointment.with_user(self.frontdesk)._cancel_appointments(
                "cancelled", initiator="nobody"
            )

    def test_the_zone_is_the_practices(self):
        """Not the user's, nor the company's contact's."""
        self.company.noshow_tz = False
        self.company.partner_id.tz = "Asia/Tokyo"
        for user in (self.frontdesk, self.owner):
            user.tz = "Pacific/Auckland"
            event = self.late.with_user(user)
            self.assertEqual(event._get_date_of_service(), datetime(2026, 1, 6).date())
        self.company.noshow_tz = "America/Los_Angeles"
        self.assertEqual(event._get_date_of_service(), datetime(2026, 1, 5).date())

    def test_sane_dates(self):
        """Of appointments, whoever books; a plain meeting is as Odoo lets it be."""
        hour = timedelta(hours=1)
        for start, stop in (
            (datetime(1, 1, 1, 10), datetime(1, 1, 1, 11)),
            (datetime(9999, 12, 31, 10), datetime(9999, 12, 31, 11)),
            (datetime(2026, 1, 1), datetime(2027, 1, 1)),
            (datetime(206, 1, 1), datetime(206, 1, 1) + hour),
        ):
            vals = {"name": "x", "start": start, "stop": stop}
            for user in (self.therapist, self.frontdesk, self.owner):
                events = self.env["calendar.event"].with_user(user)
                with self.subTest(start=start), self.assertRaises(ValidationError):
                    events.create({**vals, "client_id": self.client_1.id})
                meeting = events.create(vals)
                with self.assertRaises(ValidationError):
                    meeting.client_id = self.client_1
            with self.assertRaises(ValidationError):
                self.appointment.with_user(self.frontdesk).write(
                    {"start": start, "stop": stop}
                )
        old = self._new_appointment(start=datetime(1987, 5, 4, 10))
        self.assertEqual(old.visit_state, "scheduled")

    def test_reports_survive_any_date(self):
        """Rows that are there all the same, written past every check."""
        self.env.flush_all()
        for event, year in ((self.late, "0001"), (self.appointment, "9999")):
            self.env.cr.execute(
                "UPDATE calendar_event SET start = %s, stop = %s WHERE id = %s",
                [f"{year}-01-01 00:00:00", f"{year}-01-01 01:00:00", event.id],
            )
        self.env.invalidate_all()
        report = self.env["noshow.visit.report"].with_user(self.owner)
        for unit in ("year", "quarter", "month", "week", "day"):
            groups = report.formatted_read_group(
                [("id", "in", (self.late + self.appointment).ids)],
                [f"date:{unit}"],
                ["__count"],
            )
            self.assertEqual(sum(group["__count"] for group in groups), 2)

    def test_what_had_an_outcome_is_never_deleted(self):
        self._let_begin(self.appointment)
        event = self.appointment.with_user(self.therapist)
        event.action_mark_attended()
        event.action_restore()
        for delete in (
            event.unlink,
            event.action_unlink_event,
            self.appointment.sudo().unlink,
            self.appointment.with_user(self.owner).unlink,
        ):
            with self.assertRaisesRegex(UserError, "cannot be deleted"):
                delete()
        with self.assertRaises(UserError):
            event.had_outcome = False
        other = self._new_appointment()
        other.with_user(self.therapist).unlink()
        self.assertFalse(other.exists())
        self.assertLess(self.appointment.start, fields.Datetime.now())

    def test_a_series_edit_archives_it(self):
        """Stock archives what an edit replaces; so with this, its outcome undone."""
        self._let_begin(self.appointment)
        self.appointment.with_user(self.frontdesk).action_mark_attended()
        self.appointment.with_user(self.frontdesk).action_restore()
        self.appointment.with_context(archive_on_error=True).unlink()
        self.assertTrue(self.appointment.exists())
        self.assertFalse(self.appointment.active)
