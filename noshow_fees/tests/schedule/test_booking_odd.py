"""Booking with what people really type, and with what has changed meanwhile."""

from datetime import date, timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .test_booking import BookingCommon


@tagged("post_install", "-at_install")
class TestFindOdd(BookingCommon):
    def test_phones_as_they_are_pasted(self):
        self.client_1.phone = "+1 (212) 555-0148"
        self.client_2.phone = "+49 (0)171 2345678"
        self.client_3.phone = "+44\u00a020\u00a07946\u20110958 ext. 12"
        for typed, client in (
            ("212\u2013555\u20130148", self.client_1),  # en dashes
            ("212\u2011555\u20110148", self.client_1),  # hyphens that do not break
            ("+1\u00a0212\u202f555\u202f0148", self.client_1),
            ("\u202a+1 212 555 0148\u202c", self.client_1),  # out of an address book
            ("tel:+12125550148", self.client_1),
            ("212-555-0148 x9", self.client_1),
            ("+49 171 2345678", self.client_2),
            ("0171/2345678", self.client_2),
            ("+49 (0) 171 2345678", self.client_2),
            ("020 7946 0958", self.client_3),
        ):
            with self.subTest(typed=typed):
                self.assertEqual(self._find(typed), client.ids)
        for typed in ("Room 2125", "x12", "()-- ()", "....", "0000"):
            with self.subTest(typed=typed):
                self.assertFalse(self._find(typed))

    def test_names_with_quotes_and_accents(self):
        names = ("Zoë O'Brien-Ünal", 'José "Pepe" Núñez', "100% Ana_Lú")
        for name in names:
            client = self.env["res.partner"].create({"name": name, "is_client": True})
            with self.subTest(name=name):
                self.assertEqual(self._find(name), client.ids)
                page = self._page(is_new_client=True, new_name=name)
                self.assertIn(name, page.known_summary)

    def test_what_is_typed_is_no_pattern(self):
        for typed in ("%", "_______%", "C%"):
            page = self._page(is_new_client=True, new_name=typed, new_email=typed)
            with self.subTest(typed=typed):
                self.assertFalse(page.known_summary)


@tagged("post_install", "-at_install")
class TestBirthDateForms(BookingCommon):
    def test_as_people_write_a_day(self):
        self.addCleanup(self.registry.reset_changes)
        self.env["ir.model.fields"].create(
            {
                "name": "x_date_of_birth",
                "field_description": "Date of Birth",
                "model_id": self.env["ir.model"]._get("res.partner").id,
                "ttype": "date",
            }
        )
        self.client_2.x_date_of_birth = "1990-03-05"
        self.client_3.x_date_of_birth = "1990-05-03"
        for typed in (
            "03-05-1990",
            "3.5.1990",
            "3 5 1990",
            "03/05/90",
            "03051990",
            "1990/3/5",
            "19900305",
        ):
            with self.subTest(typed=typed):
                self.assertEqual(self._find(typed), self.client_2.ids)
        for typed in ("13/13/1990", "3/5", "3/5/1990/1", "0/0/0", "3/5/19900"):
            with self.subTest(typed=typed):
                self.assertFalse(self._find(typed))
        # Two digits are a day that was, of this century or the last.
        self.client_3.x_date_of_birth = f"{date.today().year - 1}-05-03"
        self.assertEqual(
            self._find(f"5/3/{(date.today().year - 1) % 100:02}"), self.client_3.ids
        )


@tagged("post_install", "-at_install")
class TestBookOdd(BookingCommon):
    def _holiday(self, first="2027-02-03", last="2027-02-03", **vals):
        return (
            self.env["calendar.event"]
            .with_user(self.therapist)
            .create(
                {
                    "name": "Away",
                    "allday": True,
                    "start_date": first,
                    "stop_date": last,
                    "start": f"{first} 00:00:00",
                    "stop": f"{last} 00:00:00",
                    **vals,
                }
            )
        )

    def test_a_holiday_takes_the_whole_day(self):
        """Odoo stores an all-day event as 8:00 to 18:00 UTC: in New York, that would
        leave the afternoon."""
        self._holiday()
        vals = {"client_id": self.client_2.id, "provider_id": self.therapist.id}
        for start, taken in (
            ("2027-02-03 05:30:00", True),  # 0:30 in New York
            ("2027-02-03 14:00:00", True),
            ("2027-02-03 20:00:00", True),  # 15:00
            ("2027-02-04 04:30:00", True),  # 23:30
            ("2027-02-04 14:00:00", False),
            ("2027-02-02 22:00:00", False),
        ):
            page = self._page(start=start, **vals)
            with self.subTest(start=start):
                self.assertEqual(bool(page.overlap_warning), taken)
        page = self._page(start="2027-02-03 14:00:00", **vals)
        page.action_next_free()
        self.assertEqual(str(page.start), "2027-02-04 14:00:00")
        page.start = "2027-02-02 21:30:00"  # 16:30, nothing else fits that day
        page.action_next_free()
        self.assertEqual(str(page.start), "2027-02-04 14:00:00")

    def test_a_holiday_over_new_year(self):
        self._holiday("2027-12-24", "2028-01-05")
        page = self._page(
            client_id=self.client_2.id,
            provider_id=self.therapist.id,
            start="2027-12-24 14:00:00",
        )
        page.action_next_free()
        self.assertEqual(str(page.start), "2028-01-06 14:00:00")

    def test_a_free_all_day_event_takes_nothing(self):
        self._holiday(show_as="free")
        page = self._page(
            client_id=self.client_2.id,
            provider_id=self.therapist.id,
            start="2027-02-03 20:00:00",
        )
        self.assertFalse(page.overlap_warning)

    def test_a_series_over_new_year(self):
        page = self._page(
            client_id=self.client_2.id,
            provider_id=self.therapist.id,
            start="2026-12-22 15:00:00",
            repeat="week",
            repeat_count=3,
        )
        self.assertEqual(
            page.repeat_summary, "Every Tuesday, 3 times, until Jan 5, 2027"
        )
        page.action_book()
        starts = self.client_2.appointment_ids.sorted("start").mapped("start")
        self.assertEqual([slot for slot, _stop in page._get_slots()], list(starts))
        self.assertEqual(str(starts[-1]), "2027-01-05 15:00:00")

    def test_the_clock_of_whose_appointment_it_is(self):
        """Somebody books for two practices; the first of those ticked has a clock that
        is never changed."""
        other = self.env["res.company"].create(
            {"name": "Other practice", "noshow_tz": "America/Phoenix"}
        )
        self.frontdesk.write(
            {"company_ids": [Command.link(other.id)], "company_id": other.id}
        )
        start = "2027-10-19 14:00:00"
        page = self._page(
            client_id=self.client_2.id,
            provider_id=self.therapist.id,
            start=start,
            repeat="week",
            repeat_count=4,
        )
        self.assertEqual(page.env.company, other)
        page.action_book()
        booked = self.client_2.appointment_ids.sorted("start")
        self.assertEqual(booked[:1].event_tz, "America/New_York")
        # The clock of New York goes back on November 7.
        self.assertEqual(str(booked[0].start), start)
        self.assertEqual(str(booked[-1].start), "2027-11-09 15:00:00")
        # The first free hour of a day, 9:00 there.
        free = self._page(
            client_id=self.client_3.id,
            provider_id=self.therapist.id,
            start="2027-02-01 05:00:00",
        )
        free.action_next_free()
        self.assertEqual(str(free.start), "2027-02-01 14:00:00")
        clicked = self.env["calendar.event.book"].with_user(self.frontdesk)
        clicked = clicked.with_context(noshow_day="2027-02-02").create(
            {"client_id": self.client_3.id, "provider_id": self.therapist.id}
        )
        self.assertEqual(str(clicked.start), "2027-02-02 14:00:00")

    def test_a_series_at_an_hour_that_a_day_does_not_have(self):
        """On March 14, 2027, New York's clocks go from 2:00 to 3:00."""
        page = self._page(
            client_id=self.client_2.id,
            provider_id=self.therapist.id,
            start="2027-03-07 07:30:00",
            repeat="week",
            repeat_count=3,
        )
        page.action_book()
        starts = self.client_2.appointment_ids.sorted("start").mapped("start")
        self.assertEqual([slot for slot, _stop in page._get_slots()], list(starts))

    def test_a_night_across_midnight(self):
        page = self._page(
            client_id=self.client_2.id,
            provider_id=self.therapist.id,
            start="2027-02-04 04:30:00",  # 23:30
            minutes=60,
        )
        page.action_book()
        booked = self.client_2.appointment_ids
        self.assertEqual(booked.stop - booked.start, timedelta(hours=1))
        page = self._page(
            client_id=self.client_3.id,
            provider_id=self.therapist.id,
            start="2027-02-04 05:00:00",
        )
        self.assertIn("Client 2", page.overlap_warning)

    def test_length_zero(self):
        for minutes in (0, -30, 1441):
            page = self._page(
                client_id=self.client_2.id,
                provider_id=self.therapist.id,
                start="2027-02-04 14:00:00",
                minutes=minutes,
            )
            with self.subTest(minutes=minutes), self.assertRaises(UserError):
                page.action_book()
        self.assertFalse(self.client_2.appointment_ids)

    def test_a_time_that_has_passed_is_said(self):
        vals = {"client_id": self.client_2.id, "provider_id": self.therapist.id}
        page = self._page(start=self.tomorrow - timedelta(days=5), **vals)
        self.assertTrue(page.is_past)
        self.assertTrue(Form(page).is_past)
        page.start = self.tomorrow
        self.assertFalse(page.is_past)
        page.start -= timedelta(days=5)
        page.action_book()  # it is written down late: that is no mistake
        self.assertEqual(len(self.client_2.appointment_ids), 1)

    def test_who_was_archived_meanwhile(self):
        vals = {"provider_id": self.therapist.id, "start": self.tomorrow}
        page = self._page(client_id=self.client_2.id, **vals)
        self.client_2.active = False
        with self.assertRaisesRegex(UserError, "archived"):
            page.action_book()
        self.client_2.active = True
        page.action_book()
        self.assertEqual(len(self.client_2.appointment_ids), 1)

    def test_a_provider_who_has_left(self):
        page = self._page(
            client_id=self.client_2.id,
            provider_id=self.therapist.id,
            start=self.tomorrow,
        )
        self.therapist.active = False
        with self.assertRaisesRegex(UserError, "archived"):
            page.action_book()
        # Nor is who has left proposed for their client's next one.
        with Form(self.env["calendar.event.book"].with_user(self.frontdesk)) as form:
            form.client_id = self.client_1
            self.assertNotEqual(form.provider_id, self.therapist)
            form.provider_id = self.financial
            form.start = self.tomorrow

    def test_which_contacts_become_clients(self):
        vals = {"provider_id": self.therapist.id, "start": self.tomorrow}
        partners = self.env["res.partner"]
        company = partners.create({"name": "Acme", "is_company": True})
        archived = partners.create({"name": "Gone", "active": False})
        other = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = partners.create({"name": "Theirs", "company_id": other.id})
        for contact, error in (
            (company, UserError),
            (archived, UserError),
            (foreign, AccessError),
        ):
            with (
                self.subTest(contact=contact.name),
                self.assertRaises(error),
                self.cr.savepoint(),
            ):
                page = self._page(client_id=contact.id, make_client=True, **vals)
                page.action_book()
            self.assertFalse(contact.is_client)
        vendor = partners.create({"name": "Vendor", "supplier_rank": 1})
        page = self._page(client_id=vendor.id, make_client=True, **vals)
        page.action_book()
        self.assertTrue(vendor.is_client)
        self.assertEqual(len(vendor.appointment_ids), 1)
