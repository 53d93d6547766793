"""Who reads and writes charts, asked through each door."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .chart_common import SECRET, ChartCase


@tagged("post_install", "-at_install")
class TestChartRights(ChartCase):
    def test_who_reads_what(self):
        notes = self.note | self.foreign_note | self.desk_note
        own = self.note | self.desk_note
        for user, expected in (
            (self.therapist, own),
            (self.colleague, self.foreign_note),
            (self.financial, notes.browse()),
            (self.frontdesk, self.desk_note),
            (self.biller, notes.browse()),
            (self.manager, notes.browse()),
            (self.owner, notes),
        ):
            self.assertEqual(self._readable(user), expected, user.login)

    def test_outsiders(self):
        administrator = self._new_user("noshow_admin", "base.group_system")
        for user in (self.employee, self.accountant, self.portal, administrator):
            for call in (
                ("search", []),
                ("search_count", []),
                ("read", self.note.ids, ["body"]),
                ("web_search_read", [], {"body": {}}),
                ("formatted_read_group", [], ["client_id"], ["__count"]),
                ("name_search", ""),
                ("create", [{"client_id": self.client_1.id, "body": "<p>x</p>"}]),
                ("write", self.note.ids, {"body": "<p>x</p>"}),
                ("unlink", self.note.ids),
                ("action_sign", self.note.ids),
                ("copy", self.note.ids),
            ):
                with (
                    self.subTest(f"{user.login} {call}"),
                    self.assertRaises(AccessError),
                ):
                    self._rpc(user, "noshow.chart.entry", *call)
            for model in ("noshow.chart.access", "noshow.chart.entry.print"):
                with (
                    self.subTest(f"{user.login} {model}"),
                    self.assertRaises(AccessError),
                ):
                    self._rpc(user, model, "search", [])

    def test_a_client_with_a_login(self):
        """Reads nothing of their own chart through the portal."""
        client = self.portal.partner_id
        client.is_client = True
        note = self._new_note(self.therapist, self._new_appointment(client))
        with self.assertRaises(AccessError):
            self._rpc(self.portal, "noshow.chart.entry", "read", note.ids, ["body"])
        with self.assertRaises(AccessError):
            self._rpc(self.portal, "noshow.chart.entry", "search", [])

    def test_had_an_appointment(self):
        """A cancelled (archived) appointment counts, and so does an archived client."""
        self._cancel(self.appointment, visit_state="no_show")
        self.assertIn(self.note, self._readable(self.therapist))
        self.client_1.active = False
        self.assertIn(self.note, self._readable(self.therapist))

    def test_booking_an_appointment_opens_nothing(self):
        """Nor does anything that becomes of it."""
        event = (
            self.env["calendar.event"]
            .with_user(self.therapist)
            .create(
                {
                    "name": "Session",
                    "client_id": self.client_2.id,
                    "start": self.tomorrow,
                    "stop": self.tomorrow,
                }
            )
        )
        self.assertEqual(event.user_id, self.therapist)
        self.assertNotIn(self.foreign_note, self._readable(self.therapist))
        self._cancel(
            event,
            self.therapist,
            visit_state="no_show",
            product_id=False,
            chart_note="<p>Not there</p>",
        )
        self.assertNotIn(self.foreign_note, self._readable(self.therapist))
        event.action_restore()
        event.action_mark_attended()
        self.assertNotIn(self.foreign_note, self._readable(self.therapist))
        event.action_restore()
        with self.assertRaises(UserError):
            event.unlink()
        self.assertTrue(event.had_outcome)

    def test_taking_a_meeting_over_opens_nothing(self):
        """Neither the client of an own meeting, nor another's meeting, nor an attendee
        makes somebody else the one who booked."""
        meetings = (
            self.env["calendar.event"]
            .with_user(self.frontdesk)
            .create(
                [
                    {
                        "name": "Team",
                        "user_id": provider.id,
                        "start": self.tomorrow,
                        "stop": self.tomorrow,
                    }
                    for provider in (self.therapist, self.therapist, self.employee)
                ]
            )
        )
        own, own_2, other = meetings.with_user(self.therapist)
        own.write({"client_id": self.client_2.id})
        own_2.write({"partner_ids": [(4, self.client_2.id)]})
        other.write({"client_id": self.client_2.id, "user_id": self.therapist.id})
        for event in (own, own_2, other):
            self.assertEqual(event.client_id, self.client_2)
        self.assertNotIn(self.foreign_note, self._readable(self.therapist))

    def test_who_writes_about_whom(self):
        entries = self.env["noshow.chart.entry"]
        vals = {"client_id": self.client_2.id, "body": "<p>x</p>"}
        with self.assertRaisesRegex(AccessError, "not in your care"):
            entries.with_user(self.therapist).create(vals)
        with self.assertRaises(AccessError):
            entries.with_user(self.therapist).create(
                {**vals, "appointment_id": self.foreign_appointment.id}
            )
        nobody = self._new_user("noshow_nobody", "noshow_fees.group_practice")
        with self.assertRaises(AccessError):
            entries.with_user(nobody).create(vals)
        for user in (self.colleague, self.frontdesk, self.biller, self.owner):
            note = entries.with_user(user).create(vals)
            self.assertEqual(note.author_id, user)

    @mute_logger("odoo.sql_db")
    def test_the_text_in_sql(self):
        """Domains, orders, groups and aggregates would tell the text unlogged."""
        entry = "noshow.chart.entry"
        for call in (
            ("search", [("body", "ilike", SECRET)]),
            ("search_count", [("body", "=", False)]),
            ("search_count", [("parent_id.body", "ilike", SECRET)]),
            ("search_read", [("body", "!=", False)], ["date"]),
            ("search_read", [], ["date"], 0, 1, "body"),
            ("search", [], 0, 1, "body desc"),
            ("formatted_read_group", [], ["body"], ["__count"]),
            ("formatted_read_group", [], ["client_id"], ["body:array_agg"]),
            ("formatted_read_group", [], ["client_id"], ["body:max"]),
            ("formatted_read_group", [], [], ["body:count_distinct"]),
            ("formatted_read_grouping_sets", [], [["body"]], ["__count"]),
            ("web_read_group", [], ["body"]),
        ):
            for user in (self.therapist, self.owner):
                with self.subTest(call), self.assertRaises(AccessError):
                    self._rpc(user, entry, *call)
        self._rpc(
            self.owner, entry, "formatted_read_group", [], ["client_id"], ["__count"]
        )

    def test_context_keys_open_nothing(self):
        keys = dict.fromkeys(
            ("noshow_chart_reading", "noshow_by_method", "bypass_access", "su"), True
        )
        with self.assertRaises(AccessError):
            self._rpc(
                self.owner,
                "noshow.chart.entry",
                "search",
                [("body", "ilike", SECRET)],
                context=keys,
            )
        before = len(self._log())
        self._rpc(
            self.owner,
            "noshow.chart.entry",
            "read",
            self.note.ids,
            ["body"],
            context=keys,
        )
        self.assertEqual(len(self._log()), before + 1)
        with self.assertRaises(UserError):
            self._rpc(
                self.therapist,
                "noshow.chart.entry",
                "write",
                self.note.ids,
                {"body": "<p>x</p>"},
                context=keys,
            )

    def test_companies(self):
        """An owner of another company reads nothing of it."""
        company = self.env["res.company"].create({"name": "Other practice"})
        other = self._new_user("noshow_other_owner", "noshow_fees.group_owner")
        other.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
        self.assertFalse(self._readable(other))
        self._rpc(self.therapist, "noshow.chart.entry", "read", self.note.ids, ["body"])
        self.assertFalse(self._rpc(other, "noshow.chart.access", "search", []))
