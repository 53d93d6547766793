"""Booking from the schedule: who is found, what is proposed, what is warned of."""

from datetime import datetime, timedelta

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from ..common import PracticeCommon


class BookingCommon(PracticeCommon):
    def _page(self, user=None, **vals):
        return (
            self.env["calendar.event.book"]
            .with_user(user or self.frontdesk)
            .create(vals)
        )

    def _find(self, text, user=None):
        partners = self.env["res.partner"].with_user(user or self.frontdesk)
        partners = partners.with_context(noshow_find_client=True)
        return [id_ for id_, _name in partners.name_search(text)]


@tagged("post_install", "-at_install")
class TestFindClients(BookingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client_1.phone = "+1 (212) 555-0148"
        cls.client_2.phone = "0171 2345678"
        cls.contact = cls.env["res.partner"].create(
            {"name": "Client in waiting", "phone": "212.555.0199"}
        )

    def test_by_phone_in_any_format(self):
        for typed in ("2125550148", "212-555-0148", "+1 212 555 0148", "555 0148"):
            with self.subTest(typed=typed):
                self.assertEqual(self._find(typed), self.client_1.ids)
        for typed in ("+49 171 2345678", "00491712345678", "01712345678"):
            with self.subTest(typed=typed):
                self.assertEqual(self._find(typed), self.client_2.ids)
        self.assertFalse(self._find("555-9999"))

    def test_who_pays_may_be_a_company(self):
        """From the menu *Clients*, whose search finds by phone."""
        insurer = self.env["res.partner"].create(
            {"name": "Insurer", "is_company": True}
        )
        partners = self.env["res.partner"].with_user(self.frontdesk)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "noshow_fees.res_partner_action_clients"
        )
        context = safe_eval(action["context"])
        views = [
            (self.env.ref(f"noshow_fees.res_partner_view_{name}_client").id, name)
            for name in ("form", "search")
        ]
        arch = {
            name: etree.fromstring(view["arch"])
            for name, view in partners.get_views(views)["views"].items()
        }

        def find(view, field, text, **flags):
            [node] = arch[view].iterfind(f".//field[@name='{field}']")
            flags |= safe_eval(node.get("context", "{}"))
            return partners.with_context(**context, **flags).name_search(text)

        self.assertTrue(find("form", "payer_id", "Insurer"))
        # The context of what was searched for goes along to what is opened.
        self.assertTrue(find("form", "payer_id", "Insurer", noshow_find_client=True))
        self.assertTrue(find("search", "payer_id", "Insurer"))
        [(found, _name)] = find("search", "name", "2125550148")
        self.assertEqual((found, insurer.is_client), (self.client_1.id, False))

    def test_by_name_and_e_mail_clients_first(self):
        self.assertEqual(self._find("c2@example.com"), self.client_2.ids)
        found = self._find("Client")
        self.assertEqual(found[-1], self.contact.id)
        self.assertLessEqual({*self.client_1.ids, *self.client_2.ids}, {*found[:-1]})

    def test_without_a_limit(self):
        partners = self.env["res.partner"].with_user(self.frontdesk)
        partners = partners.with_context(noshow_find_client=True)
        few = [id_ for id_, _name in partners.name_search("Client", limit=1)]
        self.assertEqual(len(few), 1)
        for limit in (None, 0):
            found = [id_ for id_, _name in partners.name_search("Client", limit=limit)]
            self.assertEqual(found, self._find("Client"))

    def test_what_is_shown_tells_them_apart(self):
        names = (
            self.env["res.partner"]
            .with_user(self.frontdesk)
            .with_context(noshow_find_client=True)
            .web_name_search("Client", {"display_name": {}})
        )
        shown = {row["id"]: row["__formatted_display_name"] for row in names}
        self.assertIn("212.555.0199 · not a client yet", shown[self.contact.id])
        self.assertIn("c1@example.com", shown[self.client_1.id])

    def test_without_a_role_the_search_is_stocks(self):
        self.assertFalse(self._find("2125550148", self.employee))
        self.assertTrue(self._find("c2@example.com", self.employee))


@tagged("post_install", "-at_install")
class TestFindByBirthDate(BookingCommon):
    """Odoo's contacts have no date of birth. Where another addon or the practice itself
    has added one, a client is found by it."""

    TYPED = ("03/05/1990", "3/5/1990", " 1990-03-05 ")

    def _add_field(self):
        self.addCleanup(self.registry.reset_changes)
        self.env["ir.model.fields"].create(
            {
                "name": "x_date_of_birth",
                "field_description": "Date of Birth",
                "model_id": self.env["ir.model"]._get("res.partner").id,
                "ttype": "date",
            }
        )

    def test_without_such_a_field_nobody_is_found(self):
        names = [name for name in self.env["res.partner"]._fields if "birth" in name]
        if not names:  # no other addon has one
            for typed in self.TYPED:
                self.assertFalse(self._find(typed))
        self.assertFalse(self._find("03/05/1890"))

    def test_by_the_practices_own_field(self):
        self._add_field()
        self.client_2.x_date_of_birth = "1990-03-05"
        self.client_3.x_date_of_birth = "1990-05-03"
        for typed in self.TYPED:
            with self.subTest(typed=typed):
                self.assertEqual(self._find(typed), self.client_2.ids)
        self.assertFalse(self._find("03/06/1990"))
        # As the user's language writes a day.
        self.env["res.lang"]._activate_lang("en_GB")
        self.frontdesk.lang = "en_GB"
        partners = self.env["res.partner"].with_user(self.frontdesk)
        partners = partners.with_context(noshow_find_client=True, lang="en_GB")
        found = [id_ for id_, _name in partners.name_search("03/05/1990")]
        self.assertEqual(found, self.client_3.ids)
        self.assertFalse(self._find("03/05/1990", self.employee))

    def test_not_by_what_the_user_may_not_read(self):
        self._add_field()
        self.client_2.x_date_of_birth = "1990-03-05"
        # As an addon declares it; a field made by hand has no groups.
        field = self.env["res.partner"]._fields["x_date_of_birth"]
        self.patch(field, "groups", "base.group_system")
        self.assertFalse(self._find("03/05/1990"))
        self.frontdesk.group_ids += self.env.ref("base.group_system")
        self.assertEqual(self._find("03/05/1990"), self.client_2.ids)


@tagged("post_install", "-at_install")
class TestBooking(BookingCommon):
    def test_in_the_hour_that_there_is_twice(self):
        """In New York the clocks go back on November 7, 2027, at two o'clock."""
        for hour in (5, 6):
            start = datetime(2027, 11, 7, hour, 30)
            page = self._page(
                client_id=self.client_2.id,
                provider_id=self.therapist.id,
                start=start,
                minutes=30,
            )
            page.action_book()
            booked = self.client_2.appointment_ids.filtered(
                lambda event, start=start: event.start == start
            )
            self.assertEqual(len(booked), 1)

    def test_proposals(self):
        with Form(self.env["calendar.event.book"].with_user(self.frontdesk)) as form:
            form.client_id = self.client_1
            self.assertEqual(form.provider_id, self.therapist)
            self.assertEqual(form.minutes, 60)  # as the client's last one
            form.client_id = self.client_2
            form.provider_id = self.financial
            self.assertEqual(form.minutes, 50)
            self.financial.noshow_session_minutes = 45
            form.provider_id = self.therapist
            form.provider_id = self.financial
            self.assertEqual(form.minutes, 45)
            form.start = self.tomorrow

    def test_nobody_is_guessed_for_a_new_client(self):
        # Two therapists: whoever has held some meeting is not the provider.
        self.env["calendar.event"].with_user(self.owner).create(
            {"name": "Team", "start": self.tomorrow, "stop": self.tomorrow}
        )
        with Form(self.env["calendar.event.book"].with_user(self.frontdesk)) as form:
            self.assertFalse(form.provider_id)
            self.assertFalse(form.client_summary)
            form.client_id = self.client_1
            self.assertIn("c1@example.com", form.client_summary)
            self.assertEqual(form.provider_id, self.therapist)
            form.start = self.tomorrow
        self.assertFalse(self._page(is_new_client=True).provider_id)

    def test_book_one(self):
        page = self._page(
            client_id=self.client_2.id,
            provider_id=self.therapist.id,
            start=self.tomorrow + timedelta(days=3),
        )
        notice = page.action_book()
        self.assertEqual(notice["tag"], "noshow_notice")
        booked = self.client_2.appointment_ids
        self.assertEqual(booked.user_id, self.therapist)
        self.assertEqual(booked.partner_ids, self.therapist.partner_id)
        self.assertEqual(booked.stop - booked.start, timedelta(minutes=50))
        self.assertEqual(booked.visit_state, "scheduled")
        self.assertEqual(booked.name, "Client 2")
        self.assertFalse(booked.recurrency)

    def test_book_a_weekly_series_by_the_practices_clock(self):
        page = self._page(
            client_id=self.client_2.id,
            provider_id=self.therapist.id,
            start="2027-10-19 14:00:00",
            repeat="week",
            repeat_count=4,
        )
        self.assertEqual(
            page.repeat_summary, "Every Tuesday, 4 times, until Nov 9, 2027"
        )
        page.action_book()
        starts = self.client_2.appointment_ids.sorted("start").mapped("start")
        # The clock of New York goes back on November 7.
        self.assertEqual(
            [str(start) for start in starts],
            [
                "2027-10-19 14:00:00",
                "2027-10-26 14:00:00",
                "2027-11-02 14:00:00",
                "2027-11-09 15:00:00",
            ],
        )
        self.assertEqual([start for start, _stop in page._get_slots()], list(starts))

    def test_every_other_week(self):
        page = self._page(
            client_id=self.client_2.id,
            provider_id=self.therapist.id,
            start="2027-02-02 14:00:00",
            repeat="two_weeks",
            repeat_count=3,
        )
        page.action_book()
        days = [str(event.start.date()) for event in self.client_2.appointment_ids]
        self.assertEqual(sorted(days), ["2027-02-02", "2027-02-16", "2027-03-02"])

    def test_an_overlap_is_named_and_does_not_block(self):
        page = self._page(
            client_id=self.client_2.id,
            provider_id=self.therapist.id,
            start=self.tomorrow + timedelta(minutes=30),
        )
        self.assertIn("Client 1", page.overlap_warning)
        form = Form(page)  # it stands in the pop-up
        self.assertEqual(form.overlap_warning, page.overlap_warning)
        page.action_book()
        self.assertTrue(self.client_2.appointment_ids.overlap_warning)
        # Touching is not overlapping; a cancelled one takes no time.
        page = self._page(
            client_id=self.client_3.id,
            provider_id=self.therapist.id,
            start=self.tomorrow - timedelta(minutes=50),
        )
        self.assertFalse(page.overlap_warning)
        self._cancel(self.client_2.appointment_ids, visit_state="cancelled")
        page.start = self.tomorrow + timedelta(minutes=70)
        self.assertFalse(page.overlap_warning)

    def test_a_client_is_in_one_place_at_a_time(self):
        page = self._page(
            client_id=self.client_1.id,
            provider_id=self.financial.id,
            start=self.tomorrow,
        )
        self.assertIn(self.therapist.name, page.overlap_warning)
        page.client_id = self.client_2
        page.write({"provider_id": self.financial.id, "start": self.tomorrow})
        self.assertFalse(page.overlap_warning)

    def test_an_overlap_later_in_a_series(self):
        page = self._page(
            client_id=self.client_2.id,
            provider_id=self.therapist.id,
            start=self.tomorrow - timedelta(weeks=2),
        )
        self.assertFalse(page.overlap_warning)
        page.write({"repeat": "week", "repeat_count": 3})
        self.assertIn("Client 1", page.overlap_warning)

    def test_nobody_elses_clients_are_named_to_a_therapist(self):
        self.appointment.partner_ids += self.financial.partner_id
        page = self._page(
            self.financial,
            client_id=self.client_2.id,
            provider_id=self.financial.id,
            start=self.tomorrow,
        )
        self.assertIn("something else", page.overlap_warning)
        self.assertNotIn("Client 1", page.overlap_warning)

    def test_next_free_slot(self):
        page = self._page(
            client_id=self.client_2.id,
            provider_id=self.therapist.id,
            start="2027-02-01 14:00:00",  # a Monday, 9:00 in New York
        )
        self._new_appointment(self.client_3, start=page.start)
        self.assertTrue(page.overlap_warning)
        page.action_next_free()
        self.assertEqual(str(page.start), "2027-02-01 15:00:00")
        page.start = "2027-02-05 22:30:00"  # Friday evening
        page.action_next_free()
        self.assertEqual(str(page.start), "2027-02-08 14:00:00")

    def test_a_new_client_needs_name_and_phone(self):
        vals = {"provider_id": self.therapist.id, "start": self.tomorrow}
        page = self._page(is_new_client=True, new_name="Nora New", **vals)
        with self.assertRaisesRegex(UserError, "name and a phone"):
            page.action_book()
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Nora New")]))
        page.new_phone = "212 555 0111"
        page.action_book()
        nora = self.env["res.partner"].search([("name", "=", "Nora New")])
        self.assertTrue(nora.is_client)
        self.assertEqual(len(nora.appointment_ids), 1)

    def test_who_is_there_already_is_named(self):
        self.client_1.phone = "212-555-0148"
        page = self._page(is_new_client=True, new_name="X", new_phone="(212) 5550148")
        self.assertIn("Client 1", page.known_summary)
        # To a therapist, who enters nobody, it would tell numbers and addresses.
        theirs = self._page(self.therapist, is_new_client=True, new_name="Client 1")
        self.assertFalse(theirs.known_summary)
        page.new_phone = "212-555-0000"
        self.assertFalse(page.known_summary)

    def test_a_contact_becomes_a_client_only_when_somebody_says_so(self):
        contact = self.env["res.partner"].create({"name": "Cara Contact"})
        page = self._page(
            client_id=contact.id, provider_id=self.therapist.id, start=self.tomorrow
        )
        self.assertTrue(page.is_contact)
        with self.assertRaisesRegex(UserError, "Make this contact a client"):
            page.action_book()
        self.assertFalse(contact.is_client)
        page.make_client = True
        page.action_book()
        self.assertTrue(contact.is_client)

    def test_therapists_make_no_clients(self):
        vals = {"provider_id": self.therapist.id, "start": self.tomorrow}
        page = self._page(
            self.therapist, is_new_client=True, new_name="N", new_phone="1", **vals
        )
        self.assertFalse(page.may_create_client)
        with self.assertRaises(AccessError):
            page.action_book()
        contact = self.env["res.partner"].create({"name": "Cara Contact"})
        page = self._page(
            self.therapist, client_id=contact.id, make_client=True, **vals
        )
        with self.assertRaises(AccessError):
            page.action_book()
        self._page(self.therapist, client_id=self.client_3.id, **vals).action_book()
        self.assertEqual(self.client_3.appointment_ids.user_id, self.therapist)

    def test_nobody_without_a_role(self):
        with self.assertRaises(AccessError):
            self._page(self.employee)
        page = self._page(client_id=self.client_2.id)
        with self.assertRaises(AccessError):
            page.with_user(self.manager).action_book()

    def test_a_day_of_the_month_view(self):
        page = (
            self.env["calendar.event.book"]
            .with_user(self.frontdesk)
            .with_context(noshow_day="2027-02-03")
            .create({"provider_id": self.therapist.id})
        )
        self.assertEqual(str(page.start), "2027-02-03 14:00:00")
