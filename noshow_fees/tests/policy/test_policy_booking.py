"""Service, price and day of booking stay with the appointment."""

from datetime import time, timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ...tools.context import by_method
from .policy_common import PolicyCommon, begin

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestPolicyBooking(PolicyCommon):
    def test_service_of_the_last_appointment(self):
        self.assertFalse(self.appointment.service_id)
        self._new_appointment(self.client_2, service_id=self.code_system.id)
        again = self._new_appointment(self.client_2, start=self.tomorrow + DAY)
        self.assertEqual(again.service_id, self.code_system)
        self.assertEqual(again.service_price, 130.0)

    def test_service_of_the_provider(self):
        self.therapist.noshow_service_id = self.code_system
        event = self._new_appointment(self.client_3)
        self.assertEqual(event.service_id, self.code_system)

    def test_a_meeting_to_which_a_client_is_invited_later(self):
        """Outside, say, where there is no field for the client."""
        self.therapist.noshow_service_id = self.code_system
        with freeze_time(fields.Datetime.now() - 90 * DAY):
            event = self._new_meeting()
        before = fields.Datetime.now().replace(microsecond=0)
        event.partner_ids += self.client_2
        self.assertEqual(event.client_id, self.client_2)
        self.assertGreaterEqual(event.booked_on, before)
        self.assertEqual(event.service_id, self.code_system)
        self.assertEqual(event.service_price, 130.0)

    def test_a_guest_of_an_appointment_of_which_nothing_is_known(self):
        """Nobody knows when those from before an update were booked."""
        unknown = dict.fromkeys(("booked_on", "service_id", "service_price"), False)
        event = begin(self._new_appointment(self.client_2))
        by_method(event).write(unknown)
        self.therapist.noshow_service_id = self.code_system
        event.partner_ids += self.env["res.partner"].create({"name": "Translator"})
        self.assertFalse(event.booked_on or event.service_id)

    def _new_meeting(self):
        return self.env["calendar.event"].create(
            {
                "name": "Meeting",
                "user_id": self.therapist.id,
                "partner_ids": [Command.set(self.therapist.partner_id.ids)],
                "start": self.tomorrow,
                "stop": self.tomorrow + timedelta(hours=1),
            }
        )

    def test_proposed_in_the_form(self):
        self._new_appointment(self.client_2, service_id=self.code_system.id)
        with Form(self.env["calendar.event"].with_user(self.frontdesk)) as form:
            form.client_id = self.client_2
            self.assertEqual(form.service_id, self.code_system)
            self.assertEqual(form.service_price, 130.0)
        self.assertEqual(form.record.service_price, 130.0)

    def test_proposed_in_the_booking_pop_up(self):
        """With its price; where nothing is proposed, a service can be chosen if fees
        depend on it."""
        pages = self.env["calendar.event.book"]
        self._new_appointment(self.client_2, service_id=self.code_system.id)
        for user in (self.frontdesk, self.therapist):
            page = pages.with_user(user).create(
                {"client_id": self.client_2.id, "provider_id": self.therapist.id}
            )
            self.assertEqual(page.service_id, self.code_system)
            self.assertEqual(page.service_price, 130.0)
            self.assertFalse(page.asks_service)
        self._publish({"outcome": "no_show", "charge": "percent", "percent": 50.0})
        page = pages.with_user(self.frontdesk).create(
            {"client_id": self.client_3.id, "provider_id": self.therapist.id}
        )
        self.assertFalse(page.service_id)
        self.assertTrue(page.asks_service)

    def test_price_stays_as_booked(self):
        event = self._new_appointment(self.client_2, service_id=self.code_system.id)
        self.code_system.list_price = 150.0
        self.assertEqual(event.service_price, 130.0)
        change = (
            self.env["product.product.change.price"]
            .with_user(self.manager)
            .create({"product_id": self.code_system.id, "price": 160.0})
        )
        self.assertEqual(change.booked_count, 1)
        change.action_change()
        self.assertEqual((event.service_price, self.code_system.list_price), (130, 160))
        change.booked_too = True
        change.action_change()
        self.assertEqual(event.service_price, 160.0)

    def test_a_price_in_the_practices_currency(self):
        """The list has its prices in the main company's."""
        listed, own = self.code_system.currency_id, self.env.ref("base.EUR")
        self.assertNotEqual(listed, own)
        own.active = True
        self.company.currency_id = own
        (listed | own).rate_ids.unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": own.id, "rate": 0.8, "company_id": self.company.id}
        )
        event = self._new_appointment(self.client_2, service_id=self.code_system.id)
        change = (
            self.env["product.product.change.price"]
            .with_user(self.manager)
            .create({"product_id": self.code_system.id, "booked_too": True})
        )
        self.assertEqual(change.price, 104.0)
        change.price = 80.0
        change.action_change()
        self.assertEqual(self.code_system.list_price, 100.0)
        self.assertEqual(self.code_system._get_list_fee(self.company), 80.0)
        self.assertEqual(event.service_price, 80.0)
        self.assertIn("USD: $\xa0100.00", change.list_hint)

    def test_booked_from_a_day_of_the_practice_on(self):
        """Whose zone is far from the user's."""
        self.company.noshow_tz = "Australia/Sydney"
        self.manager.tz = False
        day = self.company._get_practice_today() + timedelta(days=7)
        early, before = (
            self._new_appointment(
                self.client_2,
                start=self.company._get_practice_moment(on, time(8)),
                service_id=self.code_system.id,
            )
            for on in (day, day - timedelta(days=1))
        )
        change = (
            self.env["product.product.change.price"]
            .with_user(self.manager)
            .create(
                {
                    "product_id": self.code_system.id,
                    "price": 160.0,
                    "booked_too": True,
                    "date_from": day,
                }
            )
        )
        self.assertEqual(change.booked_count, 1)
        change.action_change()
        self.assertEqual((early.service_price, before.service_price), (160.0, 130.0))

    def test_who_sets_a_price(self):
        event = self._new_appointment(self.client_2, service_id=self.code_system.id)
        for user in (self.frontdesk, self.therapist):
            with self.assertRaises(AccessError):
                event.with_user(user).service_price = 1.0
        event.with_user(self.biller).service_price = 100.0
        self.assertEqual(event.service_price, 100.0)

    def test_frozen_with_the_outcome(self):
        event = self._new_appointment(self.client_2, service_id=self.code_system.id)
        self._cancel(begin(event), visit_state="no_show")
        for vals in (
            {"service_id": False},
            {"service_price": 1.0},
            {"booked_on": fields.Datetime.now() - 9 * DAY},
        ):
            with self.assertRaises(UserError):
                event.with_user(self.owner).write(vals)

    def test_a_series_keeps_the_day_of_booking(self):
        booked_on = fields.Datetime.now().replace(microsecond=0) - 30 * DAY
        first = self._new_appointment(
            self.client_2,
            booked_on=booked_on,
            service_id=self.code_system.id,
            recurrency=True,
            rrule_type="weekly",
            count=4,
            end_type="count",
            **{self.tomorrow.strftime("%a").lower(): True},
        )
        events = first.recurrence_id.calendar_event_ids
        self.assertEqual(len(events), 4)
        self.code_system.list_price = 150.0
        events[1].with_user(self.frontdesk).write(
            {
                "recurrence_update": "future_events",
                "start": events[1].start + timedelta(hours=1),
                "stop": events[1].stop + timedelta(hours=1),
            }
        )
        events = self.env["calendar.event"].search(
            [("client_id", "=", self.client_2.id)]
        )
        self.assertEqual(len(events), 4)
        self.assertEqual(set(events.mapped("booked_on")), {booked_on})
        self.assertEqual(set(events.mapped("service_price")), {130.0})

    def test_a_series_of_somebody_else_says_nothing(self):
        """Of when, and at which price, another client was booked."""
        booked_on = fields.Datetime.now().replace(microsecond=0) - 30 * DAY
        first = self._new_appointment(
            self.client_2,
            booked_on=booked_on,
            service_id=self.code_system.id,
            service_price=5.0,
            recurrency=True,
            rrule_type="weekly",
            count=4,
            end_type="count",
            **{self.tomorrow.strftime("%a").lower(): True},
        )
        for client, user, may in (
            (self.client_3, self.frontdesk, False),
            (self.client_3, self.biller, True),
        ):
            for vals in (
                {"booked_on": booked_on},
                {"service_id": self.code_system.id, "service_price": 5.0},
            ):
                vals = {
                    "name": "x",
                    "client_id": client.id,
                    "user_id": self.therapist.id,
                    "start": first.start + DAY,
                    "stop": first.stop + DAY,
                    "recurrence_id": first.recurrence_id.id,
                    **vals,
                }
                events = self.env["calendar.event"].with_user(user)
                with self.subTest(user=user.login, vals=vals):
                    if may:
                        self.assertTrue(events.create(vals))
                    else:
                        with self.assertRaises(AccessError):
                            events.create(vals)

    def test_a_default_is_no_price(self):
        """Neither one of the context nor a person's own, with a service or without:
        what is booked has the list's."""
        user = self.frontdesk
        service = {"service_id": self.code_system.id}
        price, defaults = {"service_price": 1.0}, self.env["ir.default"]
        for by_default, said, booked in (
            (price, {}, 0.0),
            (price, service, 130.0),
            (service, {}, 130.0),
            (service | price, {}, 130.0),
        ):
            context = {f"default_{name}": by_default[name] for name in by_default}
            for own in (False, True):
                with self.subTest(by_default=by_default, said=said, own=own):
                    for name, value in by_default.items() if own else ():
                        defaults.with_user(user).set(
                            "calendar.event", name, value, user_id=True
                        )
                    events = self.env["calendar.event"].with_user(user)
                    if not own:
                        events = events.with_context(**context)
                    event = events.create(
                        {
                            "name": "x",
                            "client_id": self.client_3.id,
                            "user_id": self.therapist.id,
                            "start": self.tomorrow + 2 * DAY,
                            "stop": self.tomorrow + 2 * DAY + DAY / 24,
                            **said,
                        }
                    )
                    self.assertEqual(event.service_price, booked)
                    self.assertEqual(bool(event.service_id), booked > 0)
                    event.unlink()
                    defaults.search([("user_id", "=", user.id)]).unlink()

    def test_a_move_keeps_where_it_was(self):
        start, booked_on = self.appointment.start, self.appointment.booked_on
        self.assertTrue(booked_on)
        for days in (1, 2):
            self.appointment.with_user(self.frontdesk).write(
                {"start": start + days * DAY, "stop": start + days * DAY + DAY / 24}
            )
        self.assertEqual(self.appointment.original_start, start)
        self.assertEqual(self.appointment.booked_on, booked_on)

    def test_every_form_asks_who_asked_for_a_late_move(self):
        for name in (
            "calendar.view_calendar_event_form",
            "noshow_fees.calendar_event_view_form_appointment",
        ):
            for moved_for, hours in (("client", 5.0), ("practice", 0.0)):
                start = fields.Datetime.now().replace(second=0) + timedelta(hours=5)
                event = self._new_appointment(self.client_2, start=start)
                form = Form(event.with_user(self.frontdesk), name)
                form.start = start + 7 * DAY
                form.stop = start + 7 * DAY + timedelta(hours=1)
                with (
                    self.subTest(view=name, moved_for=moved_for),
                    self.assertRaisesRegex(AssertionError, "moved_for"),
                ):
                    form.save()
                form.moved_for = moved_for
                form.save()
                self.assertAlmostEqual(event.late_move_notice, hours, delta=0.05)

    def test_a_duplicate_is_booked_now(self):
        booked_on = self.appointment.booked_on
        with freeze_time(booked_on + 3 * DAY):
            copy = self.appointment.copy()
        self.assertEqual(copy.booked_on, booked_on + 3 * DAY)

    def test_people_without_a_role_copy_plain_meetings(self):
        meeting = (
            self.env["calendar.event"]
            .with_user(self.employee)
            .create(
                {
                    "name": "Lunch",
                    "start": self.tomorrow,
                    "stop": self.tomorrow + timedelta(hours=1),
                    "partner_ids": [Command.set(self.employee.partner_id.ids)],
                }
            )
        )
        meeting.copy()
        meeting.write({"start": self.tomorrow - DAY, "stop": self.tomorrow})
        self.assertFalse(meeting.sudo().booked_on)
