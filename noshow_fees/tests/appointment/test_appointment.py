"""What makes a calendar event an appointment, and what it stays without a client."""

from datetime import timedelta

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from ..common import PracticeCommon

QUICK_CREATE = "calendar.view_calendar_event_form_quick_create"


@tagged("post_install", "-at_install")
class TestAppointment(PracticeCommon):
    def _event(self, *attendees, **vals):
        return (
            self.env["calendar.event"]
            .with_context(no_mail_to_attendees=True)
            .create(
                {
                    "name": "Meeting",
                    "partner_ids": [Command.set([p.id for p in attendees])],
                    **vals,
                }
            )
        )

    def test_the_only_client_among_the_attendees(self):
        event = self._event(self.env.user.partner_id, self.client_1)
        self.assertEqual(event.client_id, self.client_1)
        self.assertEqual(event.visit_state, "scheduled")
        self.assertEqual(event.company_id, self.company)

    def test_two_clients_are_for_a_person_to_decide(self):
        event = self._event(self.client_1, self.client_2)
        self.assertFalse(event.client_id)
        self.assertFalse(event.visit_state)
        event.client_id = self.client_2
        self.assertEqual(event.visit_state, "scheduled")

    def test_no_client(self):
        event = self._event(self.env.user.partner_id)
        self.assertFalse(event.client_id or event.visit_state or event.company_id)

    def test_no_client_any_more(self):
        self.appointment.client_id = False
        self.assertFalse(self.appointment.visit_state)
        self.assertFalse(self.appointment.company_id)

    def test_a_copy_is_scheduled_whatever_became_of_the_original(self):
        self._cancel(self.appointment, visit_state="no_show", reason="Forgot")
        start = self.tomorrow + timedelta(days=7)
        copy = self.appointment.with_user(self.frontdesk).copy(
            {"active": True, "start": start, "stop": start + timedelta(hours=1)}
        )
        self.assertEqual(copy.client_id, self.client_1)
        self.assertEqual(copy.visit_state, "scheduled")
        self.assertFalse(copy.cancel_reason or copy.cancelled_by_id)
        self.assertFalse(copy.fee_line_ids or copy.counts_as_missed)

    def _with_mother(self):
        """An appointment of `client_1` to which the mother comes along, who has since
        become a client herself."""
        mother = self.env["res.partner"].create({"name": "Mother"})
        people = self.therapist.partner_id + mother
        event = self._new_appointment(partner_ids=[Command.set(people.ids)])
        mother.is_client = True
        return event.with_user(self.frontdesk), mother

    def test_whose_appointment_it_is_stays(self):
        event, mother = self._with_mother()
        self.assertEqual(event.copy().client_id, self.client_1)
        event.partner_ids += self.env["res.partner"].create({"name": "Father"})
        self.assertEqual(event.client_id, self.client_1)
        with Form(event) as form:
            form.user_id = self.financial
            self.assertEqual(form.client_id, self.client_1)
        self.assertEqual(event.client_id, self.client_1)
        self.assertIn(self.financial.partner_id, event.partner_ids)
        # Who attends as the client is exchanged with their place in it.
        own = self._event(self.therapist.partner_id, self.client_2)
        self.assertEqual(own.client_id, self.client_2)
        own.with_user(self.frontdesk).partner_ids = self.therapist.partner_id + mother
        self.assertEqual(own.client_id, mother)

    def test_booked_again_for_the_same_client(self):
        event, mother = self._with_mother()
        self._cancel(event, visit_state="no_show", product_id=False)
        new = event._rebook_and_cancel({"product": self.code_noshow, "amount": 75.0})
        self.assertEqual(new.client_id, self.client_1)
        self.assertEqual(new.fee_line_ids.partner_id, self.client_1)
        self.assertEqual(self.client_1.missed_visit_count, 1)
        self.assertEqual(mother.missed_visit_count, 0)

    def test_an_employee_copies_a_plain_meeting(self):
        event = self._event(self.employee.partner_id, user_id=self.employee.id)
        copy = event.with_user(self.employee).copy()
        self.assertEqual(copy.name, event.name)

    def test_the_company_is_the_providers(self):
        other = self.setup_other_company(name="Other practice")["company"]
        provider = self._new_user("other_provider", "noshow_fees.group_therapist")
        provider.write(
            {"company_ids": [Command.link(other.id)], "company_id": other.id}
        )
        event = self._new_appointment(provider=provider)
        self.assertEqual(event.company_id, other)

    def test_the_company_is_fixed_once_billed(self):
        self._cancel(self.appointment, visit_state="no_show")
        other = self.setup_other_company(name="Other practice")["company"]
        self.therapist.write(
            {"company_ids": [Command.link(other.id)], "company_id": other.id}
        )
        self.appointment.invalidate_recordset()
        self.assertEqual(self.appointment.company_id, self.company)

    def test_a_client_belongs_to_no_other_contact(self):
        parent = self.env["res.partner"].create({"name": "Family"})
        with self.assertRaisesRegex(ValidationError, "Who Pays"):
            self.client_1.parent_id = parent
        with self.assertRaises(ValidationError):
            self.client_1.payer_id = self.client_1

    def test_booked_by_hand_on_the_form(self):
        with Form(self.env["calendar.event"].with_user(self.frontdesk)) as form:
            form.client_id = self.client_2
            form.user_id = self.therapist
        event = form.record
        self.assertEqual(event.name, "Client 2")
        self.assertEqual(event.visit_state, "scheduled")
        self.assertEqual(event.company_id, self.company)

    def test_who_books_is_not_the_provider(self):
        for view in (None, QUICK_CREATE):
            with self.subTest(view=view):
                events = self.env["calendar.event"].with_user(self.frontdesk)
                form = Form(events, view=view)
                self.assertEqual(form.user_id, self.frontdesk)
                # Who saw the client last.
                form.client_id = self.client_1
                self.assertEqual(form.user_id, self.therapist)
                self.assertEqual(form.partner_ids[:], self.therapist.partner_id)
                form.user_id = self.financial
                event = form.save()
                self.assertEqual(event.partner_ids, self.financial.partner_id)
                # It is booked, not offered.
                self.assertEqual(event.attendee_ids.state, "accepted")

    def test_nobody_is_guessed_for_a_new_client(self):
        events = self.env["calendar.event"].with_user(self.frontdesk)
        form = Form(events, view=QUICK_CREATE)
        form.client_id = self.client_2
        self.assertFalse(form.user_id)
        with self.assertRaisesRegex(AssertionError, "user_id is a required field"):
            form.save()

    def test_therapists_book_for_themselves(self):
        form = Form(self.env["calendar.event"].with_user(self.therapist))
        form.client_id = self.client_2
        self.assertEqual(form.save().user_id, self.therapist)

    def test_another_provider_takes_over(self):
        self.appointment.partner_ids += self.employee.partner_id
        with Form(self.appointment.with_user(self.frontdesk)) as form:
            form.user_id = self.financial
        self.assertEqual(
            self.appointment.partner_ids,
            self.employee.partner_id + self.financial.partner_id,
        )

    def test_a_plain_meeting_stays_its_organizers(self):
        with Form(self.env["calendar.event"].with_user(self.frontdesk)) as form:
            form.name = "Staff meeting"
        self.assertEqual(form.record.user_id, self.frontdesk)
        self.assertEqual(form.record.partner_ids, self.frontdesk.partner_id)

    def test_who_edits_it_on_the_form(self):
        for user, expected in ((self.frontdesk, True), (self.therapist, True)):
            self.assertEqual(self.appointment.with_user(user).user_can_edit, expected)
        self._cancel(self.appointment, visit_state="no_show")
        for user in (self.frontdesk, self.therapist, self.owner):
            self.assertFalse(self.appointment.with_user(user).user_can_edit)

    def test_settings_page(self):
        page = self.env["noshow.settings"].with_user(self.manager).create({})
        self.assertEqual(page.noshow_no_show_product_id, self.code_noshow)
        page.write({"noshow_notice_hours": 48.0, "noshow_tz": "America/Chicago"})
        page.action_save()
        self.assertEqual(self.company.noshow_notice_hours, 48.0)
        self.assertEqual(self.company._get_practice_tz().key, "America/Chicago")
