"""Appointments that nobody makes by hand: superuser's code, and what it left behind."""

from datetime import timedelta
from pathlib import Path

from odoo import SUPERUSER_ID, Command
from odoo.exceptions import ValidationError
from odoo.modules.migration import load_script
from odoo.tests import tagged
from odoo.tools import SQL

from ..common import PracticeCommon

MIGRATION = (
    Path(__file__).parents[2] / "migrations" / "19.0.1.1.0" / "post-appointment.py"
)


@tagged("post_install", "-at_install")
class TestMadeBySuperuser(PracticeCommon):
    def _make(self, *attendees, user=None, **vals):
        """As a cron does: as superuser, without a client, flushed like any other."""
        events = self.env["calendar.event"].with_user(SUPERUSER_ID)
        event = events.with_context(no_mail_to_attendees=True).create(
            {
                "name": "Meeting",
                "partner_ids": [Command.set([p.id for p in attendees])],
                "start": self.tomorrow,
                "stop": self.tomorrow + timedelta(hours=1),
                "user_id": (user or self.therapist).id,
                **vals,
            }
        )
        event.flush_recordset()
        event.invalidate_recordset()
        return event

    def _whole(self, event):
        return event.client_id, event.visit_state, event.company_id

    def test_it_is_whole(self):
        scheduled = (self.client_1, "scheduled", self.company)
        nothing = (self.client_1.browse(), False, self.company.browse())
        provider = self.therapist.partner_id
        event = self._make(provider, self.client_1)
        self.assertEqual(self._whole(event), scheduled)
        later = self._make(provider)
        self.assertEqual(self._whole(later), nothing)
        later.partner_ids += self.client_1
        later.flush_recordset()
        later.invalidate_recordset()
        self.assertEqual(self._whole(later), scheduled)
        later.partner_ids = provider + self.client_2
        self.assertEqual(self._whole(later), (self.client_2, "scheduled", self.company))

    def test_whichever_field_is_asked_for_first(self):
        for name in ("client_id", "visit_state", "company_id", "uncharged_on"):
            with self.subTest(first=name):
                event = self._make(self.therapist.partner_id)
                event.partner_ids += self.client_1
                event[name]  # pylint: disable=pointless-statement
                event.flush_recordset()
                event.invalidate_recordset()
                self.assertEqual(
                    self._whole(event), (self.client_1, "scheduled", self.company)
                )

    def test_the_desk_goes_on_with_it(self):
        attended = self._make(
            self.therapist.partner_id,
            self.client_1,
            start=self.tomorrow - timedelta(days=1, hours=12),
            stop=self.tomorrow - timedelta(days=1, hours=11),
        )
        attended.with_user(self.frontdesk).action_mark_attended()
        self.assertEqual(attended.visit_state, "attended")
        event = self._make(self.therapist.partner_id, self.client_1)
        self._cancel(event, visit_state="late_cancelled", product_id=self.code_late.id)
        self.assertEqual(event.fee_state, "open")
        # What is on record stays, whoever adds attendees.
        event.with_user(SUPERUSER_ID).partner_ids = self.client_2
        self.assertEqual(
            self._whole(event), (self.client_1, "late_cancelled", self.company)
        )

    def test_a_series(self):
        event = self._make(
            self.therapist.partner_id,
            self.client_1,
            recurrency=True,
            rrule_type="daily",
            end_type="count",
            count=4,
        )
        events = event.recurrence_id.calendar_event_ids
        self.assertEqual(len(events), 4)
        for each in events:
            self.assertEqual(
                self._whole(each), (self.client_1, "scheduled", self.company)
            )

    def test_who_holds_the_meeting_is_not_its_client(self):
        self.therapist.partner_id.is_client = True
        lunch = self._make(self.therapist.partner_id, self.financial.partner_id)
        self.assertFalse(any(self._whole(lunch)))
        by_hand = (
            self.env["calendar.event"]
            .with_user(self.therapist)
            .create({"name": "Lunch", "start": self.tomorrow, "stop": self.tomorrow})
        )
        self.assertEqual(by_hand.partner_ids, self.therapist.partner_id)
        self.assertFalse(any(self._whole(by_hand)))
        # Treated by a colleague, a therapist is a client like any other.
        treated = self._make(
            self.financial.partner_id, self.therapist.partner_id, user=self.financial
        )
        self.assertEqual(treated.client_id, self.therapist.partner_id)
        # And a client whom the therapist who is one treats is the only one, too.
        both = self._make(self.therapist.partner_id, self.client_1)
        self.assertEqual(both.client_id, self.client_1)
        for event, vals in (
            (treated, {"user_id": self.therapist.id}),
            (both, {"client_id": self.therapist.partner_id.id}),
        ):
            with self.assertRaisesRegex(ValidationError, "cannot be its client"):
                event.with_user(self.frontdesk).write(vals)

    def test_a_client_whom_nobody_meets(self):
        """As the time off of an employee who is a client and has no user."""
        leave = self._make(self.client_1, user_id=False)
        self.assertFalse(any(self._whole(leave)))
        leave.partner_ids += self.therapist.partner_id
        self.assertEqual(self._whole(leave)[:2], (self.client_1, "scheduled"))
        self.assertTrue(leave.company_id)

    def test_those_made_before_are_healed(self):
        event = self._make(self.therapist.partner_id, self.client_1)
        gone = self._make(self.therapist.partner_id, self.client_1, active=False)
        lunch = self._make(self.therapist.partner_id, self.client_2)
        plain = self._make(self.therapist.partner_id)
        done = self._new_appointment()
        self._cancel(done, visit_state="no_show")
        client = self.therapist.partner_id
        client.is_client = True
        for records, column, value in (
            (event + gone, "visit_state", None),
            (lunch, "client_id", client.id),
            (gone, "company_id", None),
        ):
            column, ids = SQL.identifier(column), tuple(records.ids)
            self.env.cr.execute(
                SQL(
                    "UPDATE calendar_event SET %s = %s WHERE id IN %s",
                    column,
                    value,
                    ids,
                )
            )
        before = self._whole(done), self._whole(plain)
        load_script(str(MIGRATION), "post-appointment").migrate(self.env.cr, "19.0.1")
        self.env.invalidate_all()
        for each in event + gone:
            self.assertEqual(
                self._whole(each), (self.client_1, "scheduled", self.company)
            )
        self.assertFalse(any(self._whole(lunch)))
        self.assertEqual((self._whole(done), self._whole(plain)), before)
