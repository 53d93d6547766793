"""The client's page: upcoming and past appointments, and their counts."""

from datetime import timedelta

from lxml import etree

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from ..common import PracticeCommon


@tagged("post_install", "-at_install")
class TestClientPage(PracticeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.later, cls.earlier, cls.before = cls.env["calendar.event"].union(
            *(
                cls._new_appointment(start=cls.tomorrow + timedelta(days=days))
                for days in (30, -10, -20)
            )
        )

    def _page(self, user):
        client = self.client_1.with_user(user)
        client.env.invalidate_all()
        return client

    def test_upcoming_ahead_past_backwards(self):
        self._cancel(self.later, visit_state="cancelled")
        self._cancel(self.before, visit_state="no_show")
        for user in (self.frontdesk, self.therapist, self.owner):
            with self.subTest(user=user.login):
                page = self._page(user)
                self.assertEqual(
                    list(page.upcoming_appointment_ids), [self.appointment, self.later]
                )
                self.assertEqual(
                    list(page.past_appointment_ids), [self.earlier, self.before]
                )

    def test_cards_on_a_phone_keep_that_order(self):
        """They come from a list that sorts by the start."""
        view = self.env.ref("noshow_fees.calendar_event_view_kanban_client")
        model = self.env["calendar.event"].with_user(self.frontdesk)
        card = etree.fromstring(model.get_view(view.id, "kanban")["arch"])
        self.assertFalse(card.get("default_order"))

    def test_counts(self):
        self._cancel(self.before, visit_state="no_show")
        page = self._page(self.frontdesk)
        self.assertEqual((page.appointment_count, page.missed_visit_count), (4, 1))
        new = self.env["res.partner"].create({"name": "New", "is_client": True})
        self.assertEqual((new.appointment_count, new.missed_visit_count), (0, 0))

    def test_the_front_desk_enters_coverage(self):
        kind = self.env["noshow.coverage.class"].create(
            {"name": "Plan B", "missed_fee": "forbidden"}
        )
        view = "noshow_fees.res_partner_view_form_client"
        with (
            Form(self._page(self.frontdesk), view) as page,
            page.noshow_coverage_ids.new() as coverage,
        ):
            coverage.coverage_class_id = kind
        self.assertEqual(self.client_1.noshow_coverage_ids.coverage_class_id, kind)

    def test_therapists_see_their_own(self):
        page = self._page(self.financial)
        self.assertFalse(page.upcoming_appointment_ids)
        self.assertFalse(page.past_appointment_ids)
        self.assertEqual(page.appointment_count, 0)

    def test_the_button_opens_what_it_counts(self):
        self._cancel(self.before, visit_state="no_show")
        page = self._page(self.frontdesk)
        action = page.action_open_appointments()
        shown = page.env["calendar.event"].with_context(active_test=False)
        self.assertEqual(shown.search_count(action["domain"]), page.appointment_count)

    def test_what_a_series_edit_has_replaced_is_no_appointment(self):
        first = self._new_appointment(
            self.client_2, start=self.tomorrow + timedelta(days=60)
        )
        first.write(
            {
                "recurrency": True,
                "rrule_type": "weekly",
                "interval": 1,
                "end_type": "count",
                "count": 5,
                **dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), 0),
                first.start.strftime("%a").lower(): True,
            }
        )
        events = first.recurrence_id.calendar_event_ids.sorted("start")
        attended = self._new_appointment(self.client_2, start=self.earlier.start)
        attended.with_user(self.frontdesk).action_mark_attended()
        report = self.env["noshow.visit.report"]
        mine = [("client_id", "=", self.client_2.id)]
        day = first.start.strftime("%a").lower()
        other_day = (first.start + timedelta(days=2)).strftime("%a").lower()

        def move(event, scope, **delta):
            delta = timedelta(**delta)
            event.write(
                {
                    "recurrence_update": scope,
                    "start": event.start + delta,
                    "stop": event.stop + delta,
                }
            )

        def edit(**vals):
            events[0].write({"recurrence_update": "all_events", **vals})

        ways = {
            "an hour later": (lambda: move(events[0], "all_events", hours=1), 6),
            "this and following": (
                lambda: move(events[2], "future_events", hours=1),
                6,
            ),
            "another weekday": (lambda: edit(**{day: False, other_day: True}), 6),
            "three instead of five": (lambda: edit(count=3), 4),
            "three archived": (lambda: events[2:].action_archive(), 3),
        }
        for way, (do, left) in ways.items():
            with self.subTest(way=way):
                savepoint = self.cr.savepoint()
                do()
                self.env.flush_all()
                self.env.invalidate_all()
                page = self.client_2.with_user(self.frontdesk)
                shown = page.upcoming_appointment_ids | page.past_appointment_ids
                self.assertEqual(len(shown), left)
                self.assertEqual(page.appointment_count, left)
                events_as = page.env["calendar.event"].with_context(active_test=False)
                domain = page.action_open_appointments()["domain"]
                self.assertEqual(events_as.search_count(domain), left)
                self.assertEqual(report.search_count(mine), left)
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def test_booked_again_counts_and_shows_once(self):
        self._cancel(self.earlier, visit_state="no_show", product_id=False)
        self.assertEqual(self._page(self.frontdesk).missed_visit_count, 1)
        action = self.earlier.with_user(self.frontdesk).action_open_rebook()
        page = (
            self.env["calendar.event.cancel"]
            .with_user(self.frontdesk)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual(page.missed_visit_count, 0)
        page.action_cancel()
        client = self._page(self.frontdesk)
        self.assertEqual(client.missed_visit_count, 1)
        self.assertNotIn(self.earlier, client.past_appointment_ids)
        self.assertIn(self.earlier.rebooked_event_id, client.past_appointment_ids)
        self.assertEqual(client.appointment_count, 4)

    def test_after_booking_again_the_first_one_says_which_one_bills(self):
        """And does not go on to say that it could be booked again."""
        self._cancel(self.earlier, visit_state="no_show", product_id=False)
        view = self.env.ref("noshow_fees.calendar_event_view_form_appointment")
        arch = self.env["calendar.event"].with_user(self.frontdesk)
        arch = etree.fromstring(arch.get_view(view.id, "form")["arch"])
        button = arch.find(".//button[@name='action_open_rebook']")
        [hint] = arch.xpath("//p[contains(., 'Cancelled without a fee')]")
        [where] = arch.xpath("//div[contains(., 'The fee is on the appointment')]")

        def shown(node):
            names = ("fee_line_ids", "rebooked_event_id", "visit_state")
            values = {name: self.earlier[name] for name in names}
            return not safe_eval(node.get("invisible"), values)

        self.assertEqual(list(map(shown, (button, hint, where))), [True, True, False])
        self.earlier.with_user(self.frontdesk)._rebook_and_cancel(
            {"product": self.code_noshow, "amount": 75.0}
        )
        self.assertEqual(list(map(shown, (button, hint, where))), [False, False, True])
        [link] = where.iter("field")
        self.assertEqual(link.get("name"), "rebooked_event_id")
        self.assertTrue(self.earlier.rebooked_event_id.fee_line_ids)

    def test_next_and_last_visit(self):
        page = self._page(self.frontdesk)
        self.assertEqual(page.next_start, self.appointment.start)
        self.assertFalse(page.last_start)
        (self.earlier + self.before).with_user(self.frontdesk).action_mark_attended()
        page = self._page(self.frontdesk)
        self.assertEqual(page.last_start, self.earlier.start)
        self._cancel(self.appointment, visit_state="cancelled")
        self.assertEqual(self._page(self.frontdesk).next_start, self.later.start)


@tagged("post_install", "-at_install")
class TestWhoIsAClient(PracticeCommon):
    def test_who_has_records_stays_one(self):
        self._new_appointment(self.client_2).active = False
        for client in (self.client_1, self.client_2):
            for user in (self.frontdesk, self.owner):
                page = client.with_user(user)
                self.assertTrue(page.has_client_records)
                with self.assertRaises(ValidationError):
                    page.is_client = False
                with self.assertRaises(ValidationError):
                    page.action_unmake_client()
            # Nor by code that may do everything, or an import.
            with self.assertRaises(ValidationError):
                client.sudo().write({"is_client": False})
            result = client.load([".id", "is_client"], [[str(client.id), "0"]])
            self.assertIn("stays a client", str(result["messages"]))
        self.env.invalidate_all()
        self.assertTrue(self.client_1.is_client)

    def test_who_has_none_may_go_and_come_back(self):
        page = self.client_3.with_user(self.frontdesk)
        self.assertFalse(page.has_client_records)
        page.action_unmake_client()
        self.assertFalse(page.is_client)
        action = page.action_make_client()
        self.assertTrue(page.is_client)
        form = self.env.ref("noshow_fees.res_partner_view_form_client")
        self.assertEqual(action["views"], [(form.id, "form")])
        with self.assertRaises(AccessError):
            self.client_3.with_user(self.therapist).action_unmake_client()
        company = self.env["res.partner"].create({"name": "Inc", "is_company": True})
        with self.assertRaisesRegex(UserError, "a person"):
            company.with_user(self.frontdesk).action_make_client()

    def test_no_form_has_a_toggle(self):
        """A click in passing would make somebody a client, or nobody any more."""
        forms = self.env["ir.ui.view"].search(
            [
                ("model", "=", "res.partner"),
                ("type", "=", "form"),
                ("mode", "=", "primary"),
            ]
        )
        self.assertIn(self.env.ref("noshow_fees.res_partner_view_form_client"), forms)
        for user in (self.frontdesk, self.owner):
            partners = self.env["res.partner"].with_user(user)
            for form in forms:
                arch = etree.fromstring(partners.get_view(form.id, "form")["arch"])
                for field in arch.iterfind(".//field[@name='is_client']"):
                    self.assertTrue(
                        field.get("invisible") in ("1", "True")
                        or field.get("column_invisible") in ("1", "True"),
                        form.name,
                    )

    def test_which_form_opens(self):
        form = self.env.ref("noshow_fees.res_partner_view_form_client")
        for user in (self.frontdesk, self.therapist, self.owner):
            client = self.client_1.with_user(user)
            self.assertEqual(client.get_formview_id(), form.id)
            appointment = self.appointment.with_user(self.frontdesk)
            view = self.env["ir.ui.view"].browse(appointment.get_formview_id())
            self.assertEqual(view.name, "calendar.event.view.form.appointment")
        self.assertNotEqual(
            self.client_1.with_user(self.accountant).get_formview_id(), form.id
        )
        contact = self.env["res.partner"].create({"name": "Contact"})
        self.assertNotEqual(
            contact.with_user(self.frontdesk).get_formview_id(), form.id
        )

    def test_each_role_reads_the_page(self):
        """The whole page, as the browser reads it; nothing of it needs another role."""
        form = self.env.ref("noshow_fees.res_partner_view_form_client")
        event_form = self.env.ref("noshow_fees.calendar_event_view_form_appointment")
        for user in (self.frontdesk, self.therapist, self.biller, self.owner):
            with self.subTest(user=user.login):
                client = Form(self.client_1.with_user(user), form)
                self.assertEqual(client.name, "Client 1")
                self.assertTrue(client.card_summary)
                event = Form(self.appointment.with_user(user), event_form)
                self.assertEqual(event.client_email, "c1@example.com")
                self.assertFalse(event.overlap_warning)
