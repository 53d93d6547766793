"""Contacts as a way to appointments, and what a contact may not take with it."""

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..privacy.doors_common import DoorsCase


@tagged("post_install", "-at_install")
class TestContacts(DoorsCase):
    def test_meetings_of_a_contact(self):
        """The field “Meetings” is the other side of an event's attendees."""
        self._cancel(self.appointment, visit_state="cancelled", product_id=False)
        scheduled = self._new_clinical()
        before = {event: event.partner_ids for event in (self.appointment, scheduled)}
        me = self.contact_manager.partner_id
        for event in before:
            for command in (
                Command.link(event.id),
                Command.set(event.ids),
                Command.update(event.id, {"name": "x"}),
            ):
                with self.subTest(command=command), self.assertRaises(AccessError):
                    me.with_user(self.contact_manager).write({"meeting_ids": [command]})
            values = {"name": "Me", "meeting_ids": [Command.link(event.id)]}
            partners = self.env["res.partner"].with_user(self.contact_manager)
            with self.assertRaises(AccessError):
                partners.create(values)
            with self.assertRaises(AccessError):
                partners.with_context(
                    default_meeting_ids=[Command.link(event.id)]
                ).create({"name": "Me"})
            client = self.client_login.with_user(self.contact_manager)
            for command in (Command.unlink(event.id), Command.clear(), Command.set([])):
                with self.subTest(command=command), self.assertRaises(AccessError):
                    client.write({"meeting_ids": [command]})
        self.env.invalidate_all()
        self.assertEqual({event: event.partner_ids for event in before}, before)
        self.assertFalse(client.meeting_ids)
        # Plain meetings as ever.
        me.with_user(self.contact_manager).write(
            {"meeting_ids": [Command.link(self.meeting.id)]}
        )
        self.assertIn(me, self.meeting.partner_ids)

    def test_contact_editors_without_a_role(self):
        """They edit contacts as ever, clients included, and do not make them
        children."""
        partners = self.env["res.partner"].with_user(self.contact_manager)
        family = partners.create({"name": "Family", "is_company": True})
        child = partners.create({"name": "Child", "parent_id": family.id})
        child.write({"parent_id": False, "phone": "1"})
        for call in (
            lambda: self.client_1.with_user(self.contact_manager).write(
                {"parent_id": family.id}
            ),
            lambda: family.write({"child_ids": [Command.link(self.client_1.id)]}),
        ):
            with self.assertRaises(ValidationError):
                call()
        for field, value in (("is_client", True), ("payer_id", child.id)):
            with self.assertRaises(AccessError):
                child.write({field: value})
            with self.assertRaises(AccessError):
                partners.create({"name": "New", field: value})
            with self.assertRaises(AccessError):
                partners.with_context(**{f"default_{field}": value}).create(
                    {"name": "N"}
                )

    def test_no_two_clients_under_one_parent(self):
        parent = self.env["res.partner"].create({"name": "Parent"})
        siblings = self.client_1 + self.client_2
        with self.assertRaises(ValidationError):
            siblings.with_user(self.frontdesk).parent_id = parent
        with self.assertRaises(ValidationError):
            parent.with_user(self.frontdesk).child_ids = siblings
        child = self.env["res.partner"].create({"name": "C", "parent_id": parent.id})
        with self.assertRaises(ValidationError):
            child.with_user(self.frontdesk).is_client = True
        siblings.with_user(self.frontdesk).payer_id = parent
        self.assertEqual(self.client_1.commercial_partner_id, self.client_1)

    def test_who_stays(self):
        """Whoever has appointments, fees or a chart, or pays for a client, cannot be
        deleted, and the sentence says what to do."""
        charted, payer, charged = self.env["res.partner"].create(
            [
                {"name": name, "is_client": True}
                for name in ("Charted", "Payer", "Charged")
            ]
        )
        self.env["noshow.chart.entry"].with_user(self.frontdesk).create(
            {"client_id": charted.id, "body": "<p>Called</p>"}
        )
        self.client_3.payer_id = payer
        self._cancel(self._new_appointment(charged), visit_state="no_show")
        self.env.flush_all()
        for partner in (self.client_1, charted, payer, charged):
            for user in (self.frontdesk, self.owner, self.contact_manager):
                with (
                    self.subTest(partner=partner.name, user=user.login),
                    self.assertRaisesRegex(UserError, "Archive the contact"),
                ):
                    partner.with_user(user).unlink()
        self.client_2.with_user(self.frontdesk).unlink()
        self.assertFalse(self.client_2.exists())

    def test_providers_stay(self):
        with self.assertRaisesRegex(UserError, "Archive the user"):
            self.therapist.unlink()
        self.assertEqual(self.appointment.user_id, self.therapist)
