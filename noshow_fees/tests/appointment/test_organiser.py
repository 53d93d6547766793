"""Who holds a meeting is nobody's client in it, however it comes about: a therapist who
is also a client of the practice has lunch with the team."""

from datetime import timedelta

from odoo import Command
from odoo.tests import Form, tagged

from ..common import PracticeCommon


@tagged("post_install", "-at_install")
class TestOrganiser(PracticeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.me = cls.therapist.partner_id
        cls.me.is_client = True
        cls.lunch = cls._make_lunch(cls.me)
        cls.twin = cls._make_lunch(cls.client_1)

    @classmethod
    def _get_vals(cls, guest, **vals):
        """Of a meeting that the therapist holds, with a colleague and perhaps somebody
        who is a client and does not work here."""
        people = cls.me + cls.financial.partner_id + guest
        return {
            "name": "Team lunch",
            "user_id": cls.therapist.id,
            "partner_ids": [Command.set(people.ids)],
            "start": cls.tomorrow,
            "stop": cls.tomorrow + timedelta(hours=1),
            **vals,
        }

    @classmethod
    def _make_lunch(cls, guest, **vals):
        return (
            cls.env["calendar.event"]
            .with_user(cls.therapist)
            .with_context(no_mail_to_attendees=True)
            .create(cls._get_vals(guest, **vals))
        )

    def _assert_lunch(self, events, guest):
        """Plain meetings; with `guest`, their appointments."""
        self.env.flush_all()
        events.invalidate_recordset()
        for event in events.sudo():
            if guest == self.me:
                self.assertFalse(event.client_id)
                self.assertFalse(event.visit_state)
                self.assertFalse(event.company_id)
            else:
                self.assertEqual(event.client_id, guest)
                self.assertEqual(event.visit_state, "scheduled")
        self.assertTrue(events)

    def _for_both(self, make):
        for guest in (self.me, self.client_1):
            with self.subTest(guest=guest.name):
                self._assert_lunch(make(guest), guest)

    def test_by_hand(self):
        self._for_both(self._make_lunch)
        self.assertFalse(
            self.lunch.with_user(self.owner).action_open_attention("outcome")
            and self.lunch.is_outcome_missing
        )

    def test_by_a_synchronisation(self):
        """Odoo's calendar crons write as superuser, for the user or for nobody."""
        events = self.env["calendar.event"].with_context(
            dont_notify=True, no_mail_to_attendees=True
        )
        for events_sudo in (
            events.sudo(),
            events.with_user(self.therapist).sudo(),
            events.with_user(self.env.ref("base.user_root")),
        ):
            self._for_both(
                lambda guest, model=events_sudo: model.create(self._get_vals(guest))
            )

    def test_invited_by_somebody_outside(self):
        """Who holds it is not known here: those who work here are not treated in it."""
        events = self.env["calendar.event"].sudo().with_context(dont_notify=True)
        guest = self.env["res.partner"].create({"name": "Somebody outside"})
        people = self.me + guest
        event = events.create(
            self._get_vals(guest, user_id=False, partner_ids=[Command.set(people.ids)])
        )
        self._assert_lunch(event, self.me)
        event.partner_ids += self.client_1
        self._assert_lunch(event, self.client_1)

    def test_by_import(self):
        def load(guest):
            people = self.me + self.financial.partner_id + guest
            result = (
                self.env["calendar.event"]
                .with_user(self.owner)
                .load(
                    ["name", "start", "stop", "user_id/.id", "partner_ids/.id"],
                    [
                        [
                            "Team lunch",
                            str(self.tomorrow),
                            str(self.tomorrow + timedelta(hours=1)),
                            str(self.therapist.id),
                            ",".join(str(id_) for id_ in people.ids),
                        ]
                    ],
                )
            )
            self.assertFalse(result["messages"])
            return self.env["calendar.event"].browse(result["ids"])

        self._for_both(load)

    def test_in_a_form(self):
        def fill(guest):
            with Form(self.env["calendar.event"].with_user(self.therapist)) as form:
                form.name = "Team lunch"
                form.partner_ids.add(self.financial.partner_id)
                form.partner_ids.add(guest)
            return form.record

        self._for_both(fill)

    def test_by_duplicating(self):
        self._assert_lunch(self.lunch.copy(), self.me)
        self._assert_lunch(self.twin.copy(), self.client_1)

    def test_in_a_series(self):
        def repeat(guest):
            event = self._make_lunch(
                guest, recurrency=True, rrule_type="daily", end_type="count", count=3
            )
            events = event.recurrence_id.calendar_event_ids
            self.assertEqual(len(events), 3)
            return events

        self._for_both(repeat)

    def test_later(self):
        """They become a client, or bring one, after it was made."""
        lunch = self._make_lunch(self.me)
        self.me.is_client = False
        self.me.is_client = True
        self._assert_lunch(lunch, self.me)
        lunch.with_user(self.therapist).partner_ids += self.client_1
        self._assert_lunch(lunch, self.client_1)
