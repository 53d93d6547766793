"""A record is a record: signed, dated, corrected by addenda only."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .chart_common import ChartCase


@tagged("post_install", "-at_install")
class TestChartEntry(ChartCase):
    def test_note_of_the_cancellation_page(self):
        appointment = self._new_appointment(start=self.tomorrow + timedelta(days=1))
        self._cancel(appointment, visit_state="no_show", chart_note="<p>No answer</p>")
        note = self.env["noshow.chart.entry"].search(
            [("appointment_id", "=", appointment.id)]
        )
        self.assertEqual(note.client_id, self.client_1)
        self.assertEqual(note.date, appointment.start)
        self.assertEqual(note.author_id, self.frontdesk)
        self.assertEqual(note.state, "signed")
        self.assertTrue(note.signed_on)
        self.assertEqual(note.company_id, self.company)
        self.assertEqual(note.body, "<p>No answer</p>")

    def test_note_of_an_attended_appointment(self):
        self._let_begin(self.appointment)
        self.appointment.with_user(self.therapist).action_mark_attended()
        action = self.appointment.with_user(self.therapist).action_open_chart_note()
        entries = self.env["noshow.chart.entry"].with_user(self.therapist)
        draft = entries.with_context(**action["context"]).create(
            {"body": "<p>Calm</p>"}
        )
        self.assertEqual(draft.state, "draft")
        self.assertEqual(draft.appointment_id, self.appointment)
        self.assertEqual(draft.client_id, self.client_1)
        self.assertEqual(draft.date, self.appointment.start)
        draft.action_sign()
        self.assertEqual(draft.state, "signed")

    def test_note_without_an_appointment_is_dated_now(self):
        before = fields.Datetime.now()
        note = self._new_draft(self.therapist)
        self.assertGreaterEqual(note.date, before)
        self.assertEqual(note.company_id, self.company)

    def test_signed_is_final(self):
        """Nobody changes or deletes a signed entry; sudo and imports neither."""
        for user in (self.therapist, self.owner):
            for values in ({"body": "<p>x</p>"}, {"date": "2020-01-01 10:00:00"}):
                with self.assertRaises(UserError):
                    self.note.with_user(user).write(values)
            with self.assertRaises(UserError):
                self.note.with_user(user).unlink()
        with self.assertRaisesRegex(UserError, "signed"):
            self.note.sudo().write({"body": "<p>x</p>"})
        with self.assertRaisesRegex(UserError, "signed"):
            self.note.sudo().unlink()
        with self.assertRaisesRegex(UserError, "signed"):
            self.note.with_user(self.owner).sudo().action_sign()
        with self.assertRaises(UserError):
            self.note.with_user(self.owner).sudo().write({"state": "draft"})
        self.assertIn("dysthymia", self.note.body)

    def test_import_cannot_change_an_entry(self):
        self.env["ir.model.data"].create(
            {
                "module": "chart",
                "name": "note",
                "model": "noshow.chart.entry",
                "res_id": self.note.id,
            }
        )
        entries = self.env["noshow.chart.entry"].with_user(self.therapist)
        result = entries.load(["id", "body"], [["chart.note", "<p>Changed</p>"]])
        self.assertFalse(result["ids"])
        self.assertIn("signed", result["messages"][0]["message"])
        self.env.invalidate_all()
        self.assertIn("dysthymia", self.note.body)
        created = entries.load(
            ["client_id/.id", "body", "author_id/.id"],
            [[str(self.client_1.id), "<p>Imported</p>", str(self.owner.id)]],
        )
        self.assertIn("signed by who writes", created["messages"][0]["message"])

    def test_no_archive(self):
        self.assertNotIn("active", self.note._fields)
        with self.assertRaises(Exception):  # noqa: B017
            self._rpc(self.owner, "noshow.chart.entry", "action_archive", self.note.ids)

    def test_nobody_writes_in_anothers_name(self):
        entries = self.env["noshow.chart.entry"].with_user(self.therapist)
        vals = {"client_id": self.client_1.id, "body": "<p>x</p>"}
        with self.assertRaises(AccessError):
            entries.create({**vals, "author_id": self.owner.id})
        entry = entries.with_context(
            default_author_id=self.owner.id,
            default_signed_on="2001-01-01 00:00:00",
        ).create({**vals, "signed_on": "2001-01-01 00:00:00", "create_uid": 1})
        self.assertEqual(entry.author_id, self.therapist)
        self.assertEqual(entry.create_uid, self.therapist)
        self.assertGreater(entry.signed_on.year, 2001)
        self.assertEqual(entry.company_id, self.company)

    def test_draft(self):
        draft = self._new_draft(self.therapist)
        self.assertFalse(draft.signed_on)
        draft.write({"body": "<p>Better</p>", "date": "2020-02-03 10:00:00"})
        self.assertEqual(draft.body, "<p>Better</p>")
        for values in (
            {"state": "signed"},
            {"author_id": self.colleague.id},
            {"client_id": self.client_2.id},
            {"signed_on": "2001-01-01 00:00:00"},
            {"parent_id": self.note.id},
            {"appointment_id": self.foreign_appointment.id},
        ):
            with self.subTest(values), self.assertRaises(UserError):
                draft.write(values)
        for other in (self.colleague, self.owner, self.frontdesk):
            for change in (
                lambda entry: entry.write({"body": "<p>x</p>"}),
                lambda entry: entry.action_sign(),
                lambda entry: entry.action_discard(),
            ):
                with self.subTest(other.login), self.assertRaises(AccessError):
                    change(draft.with_user(other))
                with self.subTest(other.login), self.assertRaises(AccessError):
                    change(draft.with_user(other).sudo())
        draft.action_sign()
        self.assertEqual(draft.date.year, 2020)
        with self.assertRaises(UserError):
            draft.action_discard()
        self._new_draft(self.therapist).action_discard()

    def test_a_draft_is_its_authors(self):
        draft = self._new_draft(self.frontdesk)
        domain = [("id", "=", draft.id)]
        for user, seen in (
            (self.frontdesk, 1),
            (self.owner, 1),
            (self.therapist, 0),
            (self.manager, 0),
        ):
            found = self._rpc(user, "noshow.chart.entry", "search_count", domain)
            self.assertEqual(found, seen, user.login)

    def test_addendum(self):
        addendum = self.note.with_user(self.therapist)._add_addendum("<p>Not so</p>")
        self.assertEqual(addendum.client_id, self.client_1)
        self.assertEqual(addendum.company_id, self.note.company_id)
        self.assertEqual(addendum.state, "signed")
        self.assertFalse(addendum.appointment_id)
        shown = self.note.with_user(self.therapist).addenda
        self.assertIn("Not so", shown)
        self.assertIn(self.therapist.name, shown)
        with self.assertRaises(UserError):
            addendum.write({"body": "<p>x</p>"})
        with self.assertRaisesRegex(ValidationError, "addendum belongs"):
            addendum._add_addendum("<p>To an addendum</p>")
        with self.assertRaisesRegex(ValidationError, "addendum belongs"):
            self._new_draft(self.therapist)._add_addendum("<p>To a draft</p>")

    def test_addendum_needs_the_note(self):
        """Also when the note's id comes through the context."""
        with self.assertRaises(AccessError):
            self.foreign_note.with_user(self.therapist)._add_addendum("<p>x</p>")
        entries = self.env["noshow.chart.entry"].with_user(self.therapist)
        with self.assertRaises(AccessError):
            entries.with_context(default_parent_id=self.foreign_note.id).create(
                {"client_id": self.client_1.id, "body": "<p>x</p>"}
            )
        dialog = self.note.with_user(self.therapist).action_open_addendum()
        addendum = entries.with_context(**dialog["context"]).create(
            {"body": "<p>Through the dialog</p>", "client_id": self.client_2.id}
        )
        self.assertEqual(addendum.parent_id, self.note)
        self.assertEqual(addendum.client_id, self.client_1)

    def test_others_addenda_stay_with_who_may_read_them(self):
        self.desk_note.with_user(self.therapist)._add_addendum("<p>Clinical</p>")
        self.assertFalse(self.desk_note.with_user(self.frontdesk).addenda)
        self.assertIn("Clinical", self.desk_note.with_user(self.owner).addenda)

    def test_links_match(self):
        entries = self.env["noshow.chart.entry"].with_user(self.frontdesk)
        with self.assertRaisesRegex(ValidationError, "another client"):
            entries.create(
                {
                    "client_id": self.client_2.id,
                    "appointment_id": self.appointment.id,
                    "body": "<p>x</p>",
                }
            )
        company = self.env["res.company"].create({"name": "Other practice"})
        self.frontdesk.company_ids += company
        with self.assertRaisesRegex(ValidationError, "another company"):
            entries.with_context(
                allowed_company_ids=self.frontdesk.company_ids.ids
            ).create(
                {
                    "client_id": self.client_1.id,
                    "appointment_id": self.appointment.id,
                    "company_id": company.id,
                    "body": "<p>x</p>",
                }
            )
        person = self.env["res.partner"].create({"name": "No client"})
        with self.assertRaisesRegex(ValidationError, "needs a client"):
            entries.create({"client_id": person.id, "body": "<p>x</p>"})

    def test_an_appointment_with_a_note_keeps_its_client(self):
        appointment = self.appointment.with_user(self.frontdesk)
        attendees = [(6, 0, (self.therapist.partner_id + self.client_2).ids)]
        for values in ({"client_id": self.client_2.id}, {"partner_ids": attendees}):
            with self.subTest(values), self.assertRaisesRegex(UserError, "its client"):
                appointment.write(values)
        appointment.write({"client_id": self.client_1.id, "name": "Session, moved"})

    def test_an_appointment_with_a_note_is_kept(self):
        with self.assertRaises(UserError):
            self.appointment.with_user(self.owner).unlink()
