"""When others are busy, and what a time or a series makes of a fee."""

from datetime import datetime, timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .doors_common import DoorsCase, TwoPractices


@tagged("post_install", "-at_install")
class TestTimesOfOthers(TwoPractices):
    def _ask(self, user, client, provider=None, **context):
        """What the two forms say of two years in which `client` was booked."""
        start = self.tomorrow - timedelta(days=300)
        answers = []
        for model, values in (
            ("calendar.event.book", {"minutes": 60 * 24 * 600}),
            ("calendar.event.book", {"minutes": 60 * 24, "repeat": "once"}),
            ("calendar.event", {"stop": start + timedelta(days=600)}),
        ):
            name = "user_id" if model == "calendar.event" else "provider_id"
            values = {
                "client_id": client.id,
                name: provider and provider.id,
                "start": self.tomorrow - timedelta(hours=3)
                if values.get("repeat")
                else start,
                **values,
            }
            said = (
                self.env[model]
                .with_user(user)
                .onchange(values, list(values), {"overlap_warning": {}})
            )
            answers.append(said["value"].get("overlap_warning") or "")
        return answers

    def test_of_clients(self):
        """Who may not read an appointment learns neither when it is nor that it is."""
        for user in (self.financial, self.their_desk, self.their_therapist):
            with self.subTest(user.login):
                self.assertEqual(set(self._ask(user, self.client_1)), {""})
        for user in (self.frontdesk, self.therapist):
            said = self._ask(user, self.client_1)
            self.assertTrue(said[1] and said[2], said)
        # That a provider has no time is no secret.
        said = self._ask(self.financial, self.client_2, self.therapist)
        self.assertTrue(said[1], said)

    def test_of_a_client_who_has_a_login(self):
        login = self.portal.partner_id
        login.is_client = True
        self._new_appointment(login, partner_ids=[Command.link(login.id)])
        self.assertEqual(
            set(self._ask(self.financial, self.client_2, self.portal)), {""}
        )
        colleague = self.biller.partner_id
        colleague.is_client = True
        self._new_appointment(colleague, partner_ids=[Command.link(colleague.id)])
        self.assertEqual(
            set(self._ask(self.financial, self.client_2, self.biller)), {""}
        )

    def test_an_outlier_stops_nobody(self):
        """A plain meeting of an employee, from or to the ends of the calendar."""
        for start, stop in (
            ("2026-11-27 10:00:00", "9999-12-31 23:58:00"),
            ("0001-01-01 00:00:00", fields.Datetime.to_string(self.tomorrow)),
            ("0001-01-01 00:00:00", "9999-12-31 23:58:00"),
        ):
            with self.subTest(start=start, stop=stop), self.cr.savepoint() as point:
                self.env["calendar.event"].with_user(self.employee).create(
                    {
                        "name": "x",
                        "start": start,
                        "stop": stop,
                        "partner_ids": [Command.set(self.therapist.partner_id.ids)],
                    }
                )
                for user in (self.frontdesk, self.therapist):
                    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
                        user.tz = zone
                        page = Form(self.env["calendar.event.book"].with_user(user))
                        page.client_id = self.client_1
                        page.provider_id = self.therapist
                        page.start = self.tomorrow
                        page.save().action_book()
                        event = self.appointment.with_user(user)
                        event.invalidate_recordset(["overlap_warning"])
                        self.assertTrue(event.overlap_warning)
                        page.save()._find_free_start(fields.Datetime.now())
                point.rollback()

    def test_own_outliers_are_refused_in_words(self):
        for start, minutes in (
            (datetime(1, 1, 1), 50),
            (datetime(9999, 12, 31, 23, 59), 50),
            (self.tomorrow, 2**30),
        ):
            page = self.env["calendar.event.book"].with_user(self.frontdesk)
            page = page.create(
                {
                    "client_id": self.client_1.id,
                    "provider_id": self.therapist.id,
                    "start": start,
                    "minutes": minutes,
                }
            )
            with self.assertRaises(UserError):
                page.action_book()
            if minutes == 50:
                try:
                    page.action_next_free()
                except UserError:
                    continue


@tagged("post_install", "-at_install")
class TestAmountsByBooking(TwoPractices):
    def test_when_it_was_booked(self):
        """The version of the policy goes by it, so who may not change amounts does not
        say when it was."""
        own = self.therapist
        past = fields.Datetime.now() - timedelta(days=400)
        vals = {
            "name": "Session",
            "client_id": self.client_1.id,
            "user_id": own.id,
            "start": self.tomorrow,
            "stop": self.tomorrow,
        }
        events = self.env["calendar.event"]
        for user in (own, self.frontdesk):
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    self.appointment.with_user(user).booked_on = past
                with self.assertRaises(AccessError):
                    events.with_user(user).create({**vals, "booked_on": past})
                with self.assertRaises(AccessError):
                    events.with_user(user).with_context(default_booked_on=past).create(
                        vals
                    )
                now = fields.Datetime.now()
                event = events.with_user(user).create({**vals, "booked_on": now})
                self.assertEqual(event.booked_on, now)
                event.write({"booked_on": now, "name": "Same"})
                self.assertNotEqual(event.copy().booked_on, past)
        self.appointment.with_user(self.biller).booked_on = past
        self.assertEqual(self.appointment.booked_on, past)
        for absurd in (datetime(9999, 12, 31), datetime(1, 1, 1)):
            with self.assertRaises(ValidationError):
                self.appointment.with_user(self.biller).booked_on = absurd

    def test_a_series_keeps_it(self):
        series = (
            self.env["calendar.event"]
            .with_user(self.therapist)
            .create(
                {
                    "name": "Session",
                    "client_id": self.client_1.id,
                    "user_id": self.therapist.id,
                    "start": self.tomorrow,
                    "stop": self.tomorrow + timedelta(hours=1),
                    "recurrency": True,
                    "rrule_type": "weekly",
                    "end_type": "count",
                    "count": 3,
                    self.tomorrow.strftime("%a").lower(): True,
                }
            )
        )
        past = fields.Datetime.now() - timedelta(days=40)
        events = series.recurrence_id.calendar_event_ids
        events.sudo().booked_on = past
        later = series.start + timedelta(hours=2)
        series.write(
            {
                "recurrence_update": "all_events",
                "start": later,
                "stop": later + timedelta(hours=1),
            }
        )
        events = self.env["calendar.event"].search(
            [("client_id", "=", self.client_1.id), ("recurrence_id", "!=", False)]
        )
        self.assertEqual(len(events), 3)
        self.assertEqual(set(events.mapped("booked_on")), {past})

    def test_what_a_service_is(self):
        chair = self.env["product.product"].create({"name": "Chair", "list_price": 750})
        with self.assertRaises(UserError):
            self.appointment.with_user(self.therapist).service_id = chair
        with self.assertRaises(UserError):
            self.therapist.noshow_service_id = chair
        self.appointment.with_user(self.therapist).service_id = self.code_system
        self.therapist.noshow_service_id = self.code_system


@tagged("post_install", "-at_install")
class TestSeriesOfOthers(DoorsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.series = cls._new_series()
        cls.rule = cls.series.recurrence_id
        cls.colleague = cls._new_user("noshow_colleague", "noshow_fees.group_therapist")

    def _new_meeting(self, user, **vals):
        start = self.tomorrow + timedelta(days=1)
        return (
            self.env["calendar.event"]
            .with_user(user)
            .create(
                {
                    "name": "Mine",
                    "start": start,
                    "stop": start + timedelta(hours=1),
                    **vals,
                }
            )
        )

    def _join(self, event):
        event.write(
            {
                "recurrence_id": self.rule.id,
                "recurrency": True,
                "follow_recurrence": True,
            }
        )

    def test_nobody_joins(self):
        for user in (self.employee, self.colleague, self.therapist):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._join(self._new_meeting(user))
            with self.assertRaises(AccessError):
                self._new_meeting(user, recurrence_id=self.rule.id, recurrency=True)
        own = self._new_meeting(self.colleague, client_id=self.client_2.id)
        with self.assertRaises(AccessError):
            self._join(own)
        self.assertFalse(own.recurrence_id)
        # Whose series it is does, and edits it as before.
        self._join(self._new_meeting(self.therapist, client_id=self.client_login.id))
        later = self.series.start + timedelta(hours=2)
        self.series.with_user(self.therapist).write(
            {
                "recurrence_update": "all_events",
                "start": later,
                "stop": later + timedelta(hours=1),
            }
        )
        self.assertEqual(self.series.start, later)

    def test_nobody_names_its_first(self):
        meeting = self._new_meeting(
            self.employee,
            recurrency=True,
            rrule_type="daily",
            end_type="count",
            count=2,
        )
        rule = meeting.recurrence_id.with_user(self.employee)
        with self.assertRaises(AccessError):
            rule.base_event_id = self.appointment.id
        rule.base_event_id = rule.calendar_event_ids[-1]

    def test_whether_it_is_an_appointment(self):
        dialogs = self.env["calendar.popover.delete.wizard"].with_user(self.employee)
        for event in (self.appointment, self.series):
            dialog = dialogs.create({"calendar_event_id": event.id})
            with self.assertRaises(AccessError):
                dialog.action_send_mail_and_delete()
        dialog = dialogs.with_user(self.therapist).create(
            {"calendar_event_id": self.appointment.id}
        )
        with self.assertRaisesRegex(UserError, "title"):
            dialog.action_send_mail_and_delete()
