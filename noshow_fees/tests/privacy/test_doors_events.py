"""Appointments, their attendees and series, for people without a role."""

# pylint-odoo knows that texts of tests are not translated in tests/ only, not below.
# pylint: disable=translation-required

from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .doors_common import TITLE, DoorsCase

#: Fields of ours on shared models that everybody may read, and why.
OPEN_FIELDS = {
    # Odoo's mails read it as the sender (mail/models/mail_thread.py,
    # _notify_by_email_prepare_rendering_context); it is empty on plain meetings,
    # and nobody without a role sees an event on which it is not.
    "calendar.event.company_id",
    # Part of the masked name of a card, which its owner reads (portal payment page).
    "payment.token.card_expiry",
    # A box in one's own schedule: it says nothing about anybody.
    "res.users.settings.noshow_show_cancellations",
}


@tagged("post_install", "-at_install")
class TestFields(DoorsCase):
    def test_every_added_field_names_its_groups(self):
        readable = {
            name
            for user in (self.portal, self.employee, self.contact_manager)
            for name, model in self.env.items()
            if model._original_module != "noshow_fees"
            and not model._abstract
            and model.with_user(user).has_access("read")
        }
        ours = [
            field
            for name in readable
            for field in self.env[name]._fields.values()
            # Not a user's copy of a contact's field of stock's, which we only extend.
            if field._modules
            and field._modules[0] == "noshow_fees"
            and self._get_origin(field)._modules[0] == "noshow_fees"
        ]
        self.assertGreater(len(ours), 30)
        unguarded = {str(field) for field in ours if not field.groups}
        self.assertEqual(unguarded, OPEN_FIELDS)

    def _get_origin(self, field):
        """The field itself, or that of the record whose fields a model shows as its
        own: a user's of the contact, a product's of its template."""
        if not field.inherited:
            return field
        parent = self.env[field.model_name]._fields[field.related.split(".")[0]]
        return self.env[parent.comodel_name]._fields[field.name]

    def test_no_added_field_is_tracked_or_copied_to_others(self):
        for model in self.env.values():
            for field in model._fields.values():
                if field._modules and field._modules[0] == "noshow_fees":
                    self.assertFalse(getattr(field, "tracking", None), field)
                if field.comodel_name == "noshow.chart.entry":
                    # (one2many != False) is searched as superuser.
                    self.assertEqual(model._original_module, "noshow_fees", field)

    def test_outsiders_cannot_use_the_fields(self):
        for user in self.outsiders:
            with self.subTest(user=user.login):
                event = self.appointment.with_user(user)
                self.assertNotIn("visit_state", event.fields_get())
                for field in ("client_id", "cancel_reason", "visit_state"):
                    if field == "client_id" and user == self.administrator:
                        continue  # may name it (privacy look-up), sees no record
                    with self.assertRaises(AccessError):
                        event.search([(field, "!=", False)])
                    with self.assertRaises(AccessError):
                        event.search([], order=field)
                    with self.assertRaises(AccessError):
                        event._read_group([], [field])
                partner = self.client_1.with_user(user)
                with self.assertRaises(AccessError):
                    partner.search([("is_client", "=", True)])
                with self.assertRaises(AccessError):
                    partner.search([("appointment_ids.name", "ilike", "EMDR")])


@tagged("post_install", "-at_install")
class TestOutsiders(DoorsCase):
    def test_appointments_are_hidden(self):
        missed = self._new_appointment(
            self.env["res.partner"].create({"name": "Jane Roe", "is_client": True}),
            name=TITLE,
        )
        self._cancel(missed, visit_state="no_show", reason="Relapse")
        later = self.tomorrow + timedelta(days=3)
        for user in self.outsiders:
            for event in self.appointment + missed:
                with self.subTest(user=user.login, state=event.visit_state):
                    events = self.env["calendar.event"].with_user(user)
                    events = events.with_context(active_test=False)
                    appointment = event.with_user(user)
                    self.assertFalse(events.search([("id", "=", appointment.id)]))
                    self.assertFalse(events.search([("name", "ilike", "EMDR")]))
                    self.assertFalse(events.name_search("EMDR"))
                    self.assertFalse(
                        events._read_group([("name", "=", TITLE)], ["user_id"])
                    )
                    for call in (
                        lambda event: event.read(["name"]),
                        lambda event: event.web_read({"display_name": {}}),
                        lambda event: event.write({"name": "x"}),
                        lambda event: event.write({"start": later, "stop": later}),
                        # Right or wrong: both are the same refusal.
                        lambda event: event.write({"visit_state": "no_show"}),
                        lambda event: event.write({"cancel_reason": "Relapse"}),
                        lambda event: event.write({"cancel_reason": "Ill"}),
                        lambda event: event.copy(),
                        lambda event: event.action_archive(),
                        lambda event: event.action_unarchive(),
                        lambda event: event.unlink(),
                        lambda event: event.action_unlink_event(),
                        lambda event: event.action_open_cancel(),
                        lambda event: event.action_open_rebook(),
                        lambda event: event.action_open_correct(),
                        lambda event: event.action_mark_attended(),
                        lambda event: event.action_restore(),
                        lambda event: event.action_mass_deletion("all_events"),
                    ):
                        with self.assertRaises(AccessError) as refusal:
                            call(appointment)
                        self.assertNotIn("Jane Roe", str(refusal.exception))
        self.assertTrue(self.appointment.exists().active)
        self.assertEqual(missed.visit_state, "no_show")

    def test_other_therapists_are_outsiders(self):
        event = self.appointment.with_user(self.financial)
        self.assertFalse(event.search([("id", "=", event.id)]))
        with self.assertRaises(AccessError):
            event.read(["name"])
        with self.assertRaises(AccessError):
            event.write({"user_id": self.financial.id})

    def test_paths_from_other_models_tell_nothing(self):
        self._new_series()
        paths = {
            "res.partner": "meeting_ids.name",
            "calendar.attendee": "event_id.name",
            "calendar.recurrence": "calendar_event_ids.name",
            "mail.activity": "calendar_event_id.name",
        }
        for user in self.employees:
            for model, path in paths.items():
                with self.subTest(user=user.login, model=model):
                    found = self.env[model].with_user(user).search([(path, "=", TITLE)])
                    self.assertFalse(found)

    def test_attendees_are_hidden(self):
        attendees = self.appointment.attendee_ids
        self.assertEqual(len(attendees), 2)
        for user in self.outsiders:
            with self.subTest(user=user.login):
                as_user = attendees.with_user(user)
                for call in (
                    lambda records: records.read(["common_name", "access_token"]),
                    lambda records: records.do_decline(),
                    lambda records: records.write({"state": "declined"}),
                    lambda records: records.unlink(),
                    lambda records: records.create(
                        {
                            "event_id": self.appointment.id,
                            "partner_id": records.env.user.partner_id.id,
                        }
                    ),
                ):
                    with self.assertRaises(AccessError):
                        call(as_user)
                if user in self.employees:
                    domain = [("event_id", "=", self.appointment.id)]
                    self.assertFalse(as_user.search(domain))
        self.assertEqual(self.appointment.attendee_ids, attendees)
        self.assertTrue(
            self.meeting.attendee_ids.with_user(self.employee).read(["state"])
        )

    def test_series_are_hidden(self):
        series = self._new_series().recurrence_id
        self.assertEqual(len(series.calendar_event_ids), 3)
        for user in self.employees:
            with self.subTest(user=user.login):
                as_user = series.with_user(user)
                for call in (
                    lambda record: record.read(["base_event_id"]),
                    lambda record: record.write({"count": 1}),
                    lambda record: record.unlink(),
                ):
                    with self.assertRaises(AccessError):
                        call(as_user)
        # One whose occurrences are all cancelled stays hidden, too.
        series.calendar_event_ids.active = False
        self.assertFalse(
            series.with_user(self.employee).search([("id", "=", series.id)])
        )
        self.assertTrue(series.with_user(self.frontdesk).read(["base_event_id"]))
        self.assertTrue(series.with_user(self.therapist).read(["base_event_id"]))
        with self.assertRaises(AccessError):
            series.with_user(self.financial).read(["base_event_id"])

    def test_names_of_links_are_neutral(self):
        """A many2one's name is read as superuser: any record that links to the
        appointment would tell the title."""
        dialog = (
            self.env["calendar.popover.delete.wizard"]
            .with_user(self.employee)
            .create({"calendar_event_id": self.appointment.id})
        )
        self.assertSaysNothing(dialog.read(["calendar_event_id"]))
        self.assertSaysNothing(
            dialog.web_read({"calendar_event_id": {"fields": {"display_name": {}}}})
        )
        message = self.appointment.sudo().message_post(
            body="Hello", author_id=self.employee.partner_id.id
        )
        self.assertSaysNothing(message.with_user(self.employee).record_name)
        # Who may read the appointment reads its title.
        mine = dialog.with_user(self.frontdesk).create(
            {"calendar_event_id": self.appointment.id}
        )
        self.assertEqual(
            mine.read(["calendar_event_id"])[0]["calendar_event_id"][1], TITLE
        )

    def test_plain_meetings_are_untouched(self):
        """People without a role do with plain meetings what they always did."""
        events = self.env["calendar.event"].with_user(self.employee)
        with Form(events) as form:
            form.name = "Stand-up"
        event = form.record
        copied = event.copy()
        self.assertEqual(copied.name, "Stand-up")
        copied.write(
            {"start": self.tomorrow, "stop": self.tomorrow + timedelta(hours=1)}
        )
        copied.write(
            {"recurrency": True, "rrule_type": "daily", "end_type": "count", "count": 3}
        )
        self.assertEqual(len(copied.recurrence_id.calendar_event_ids), 3)
        copied.message_post(body="Hi", partner_ids=self.therapist.partner_id.ids)
        self.assertTrue(
            events.web_search_read([("id", "=", event.id)], {"display_name": {}})
        )
        event.action_archive()
        event.unlink()
        self.assertFalse(event.exists())

    def test_a_meeting_of_an_outsider_with_a_client_is_no_appointment(self):
        """Else inviting a contact would tell who is a client, and the meeting would
        vanish from the schedule of who made it."""
        meeting = (
            self.env["calendar.event"]
            .with_user(self.employee)
            .with_context(no_mail_to_attendees=True)
            .create(
                {
                    "name": "About the invoice",
                    "partner_ids": [
                        Command.set((self.employee.partner_id + self.client_1).ids)
                    ],
                }
            )
        )
        self.assertTrue(meeting.read(["name"]))
        self.assertFalse(meeting.sudo().client_id)
        meeting.write({"partner_ids": [Command.link(self.client_2.id)]})
        meeting.write({"partner_ids": [Command.unlink(self.client_1.id)]})
        self.assertFalse(meeting.sudo().client_id)

    def test_preset_values_in_the_context(self):
        events = self.env["calendar.event"]
        keys = {
            "default_visit_state": "no_show",
            "default_cancel_reason": "x",
            "default_counts_as_missed": True,
            "default_cancelled_by_id": self.owner.id,
        }
        event = (
            events.with_user(self.frontdesk)
            .with_context(**keys)
            .create(
                {
                    "name": "New",
                    "client_id": self.client_1.id,
                    "user_id": self.therapist.id,
                }
            )
        )
        self.assertEqual(event.visit_state, "scheduled")
        self.assertFalse(
            event.cancel_reason or event.counts_as_missed or event.cancelled_by_id
        )
        for user in self.employees:
            for key, value in {"default_client_id": self.client_1.id, **keys}.items():
                with (
                    self.subTest(user=user.login, key=key),
                    self.assertRaises(AccessError),
                ):
                    events.with_user(user).with_context(**{key: value}).create(
                        {"name": "New"}
                    )

    def test_providers_stay_busy_for_everybody(self):
        """Who may not see the appointment still sees that the provider has no time."""
        meeting = (
            self.env["calendar.event"]
            .with_user(self.employee)
            .create(
                {
                    "name": "Lunch",
                    "start": self.appointment.start,
                    "stop": self.appointment.stop,
                    "partner_ids": [
                        Command.set((self.employee + self.therapist).partner_id.ids)
                    ],
                }
            )
        )
        self.assertIn(self.therapist.partner_id, meeting.unavailable_partner_ids)
        (self.env["calendar.event"].search([]) - meeting).show_as = "free"
        meeting.invalidate_recordset()
        self.assertNotIn(self.therapist.partner_id, meeting.unavailable_partner_ids)

    def test_never_deleted(self):
        self._cancel(self.appointment, visit_state="no_show")
        event = self.appointment
        for user in (self.frontdesk, self.therapist, self.owner):
            for call in (
                lambda record: record.unlink(),
                lambda record: record.action_unarchive(),
                lambda record: record.write(
                    {"start": record.start - timedelta(hours=1)}
                ),
                lambda record: record.write({"user_id": self.owner.id}),
                lambda record: record.write({"client_id": False}),
            ):
                with self.subTest(user=user.login), self.assertRaises(UserError):
                    call(event.with_user(user))
        with self.assertRaises(UserError):
            self.env["calendar.popover.delete.wizard"].with_user(self.owner).create(
                {"calendar_event_id": event.id}
            ).action_delete()
        self.assertEqual(event.visit_state, "no_show")
