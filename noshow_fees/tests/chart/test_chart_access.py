"""The access log: who opened whose chart, when, on what ground."""

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .chart_common import ChartCase


@tagged("post_install", "-at_install")
class TestChartAccess(ChartCase):
    def _read(self, user, note, method="read", *args):
        return self._rpc(
            user, "noshow.chart.entry", method, note.ids, *(args or [["body"]])
        )

    def test_a_reading(self):
        before = fields.Datetime.now()
        self._read(self.therapist, self.note | self.desk_note)
        row = self._log()
        self.assertEqual(len(row), 1)
        self.assertEqual(row.user_id, self.therapist)
        self.assertEqual(row.client_id, self.client_1)
        self.assertEqual(row.client_ref, self.client_1.id)
        self.assertEqual(row.company_id, self.company)
        self.assertEqual(row.action, "read")
        self.assertEqual(row.ground, "care")
        self.assertEqual(row.entry_count, 2)
        self.assertEqual(row.date_from, self.appointment.start)
        self.assertGreaterEqual(row.date, before)

    def test_whoever_reads_writes_nothing_into_it(self):
        """By a default value of their own, say."""
        self.env["ir.default"].with_user(self.therapist).set(
            "noshow.chart.access", "detail", "Nothing to see", user_id=True
        )
        self._read(self.therapist, self.note)
        self.assertFalse(self._log().detail)

    def test_every_way_of_reading(self):
        self.therapist.group_ids += self.env.ref("base.group_allow_export")
        note = self.note
        for call in (
            ("read", note.ids, ["body"]),
            ("read", note.ids),
            ("web_read", note.ids, {"body": {}}),
            ("search_read", [("id", "=", note.id)], ["body"]),
            ("web_search_read", [("id", "=", note.id)], {"body": {}}),
            ("export_data", note.ids, ["body"]),
            ("copy", note.ids),
        ):
            before = len(self._log())
            self._rpc(self.therapist, "noshow.chart.entry", *call)
            with self.subTest(call):
                self.assertEqual(len(self._log()), before + 1)
        before = len(self._log())
        self._read(self.therapist, note, "read", ["client_id", "date", "display_name"])
        self.assertEqual(len(self._log()), before, "no text, no line")

    def test_a_row_a_client(self):
        self._read(self.owner, self.note | self.foreign_note)
        rows = self._log()
        self.assertEqual(rows.client_id, self.client_1 | self.client_2)
        self.assertEqual(rows.mapped("ground"), ["owner", "owner"])

    def test_a_note_with_its_addenda_is_one_reading(self):
        self.note.with_user(self.owner)._add_addendum("<p>More</p>")
        before = self._log()
        self._read(self.therapist, self.note, "read", ["addenda"])
        self.assertEqual((self._log() - before).entry_count, 1)
        before = self._log()
        self._read(self.therapist, self.note, "read", ["body", "addenda"])
        self.assertEqual((self._log() - before).entry_count, 2)

    def test_grounds(self):
        self._read(self.frontdesk, self.desk_note)
        self.assertEqual(self._log().ground, "author")
        event = (
            self.env["calendar.event"]
            .with_user(self.financial)
            .create(
                {
                    "name": "Session",
                    "client_id": self.client_1.id,
                    "start": self.tomorrow,
                    "stop": self.tomorrow,
                }
            )
        )
        with self.assertRaises(AccessError):
            self._read(self.financial, self.note)
        self._let_begin(event)
        event.action_mark_attended()
        with self.assertRaises(AccessError):
            self._read(self.financial, self.note)
        self.client_1.with_user(self.frontdesk).therapist_ids += self.financial
        self._read(self.financial, self.note)
        row = self._log()[-1]
        self.assertEqual(row.ground, "care")
        self.assertIn(f"Named by the practice: {self.frontdesk.name}", row.fact)
        self._read(self.owner, self.note)
        self.assertEqual(self._log()[-1].ground, "owner")

    def test_only_owners_read_the_log(self):
        self._read(self.therapist, self.note)
        for user in self.users.values():
            if user == self.owner:
                self.assertTrue(self._rpc(user, "noshow.chart.access", "search", []))
                continue
            with self.assertRaises(AccessError):
                self._rpc(user, "noshow.chart.access", "search", [])

    def test_the_log_cannot_be_changed(self):
        self._read(self.therapist, self.note)
        row = self._log()
        vals = {
            "user_id": self.owner.id,
            "client_id": self.client_1.id,
            "action": "read",
        }
        for log in (row.with_user(self.owner), row.with_user(self.owner).sudo(), row):
            with self.assertRaises(UserError):
                log.write({"user_id": self.owner.id})
            with self.assertRaises(UserError):
                log.create(vals)
            with self.assertRaises(UserError):
                log.unlink()
            result = log.load(["action"], [["read"]])
            self.assertFalse(result["ids"])
        with self.assertRaises(AccessError):
            self._rpc(self.owner, "noshow.chart.access", "_append", [vals])
        self.assertEqual(self._log(), row)
        self.assertEqual(row.user_id, self.therapist)

    def test_the_client_and_the_user_in_the_log_are_kept(self):
        self._read(self.therapist, self.note)
        with self.assertRaises(UserError):
            self.client_1.unlink()

    def test_the_log_of_one_chart(self):
        entries = self.env["noshow.chart.entry"].with_user(self.owner)
        entries = entries.with_context(default_client_id=self.client_1.id)
        self._read(self.owner, self.note | self.foreign_note)
        self.assertEqual(len(self._log()), 2)
        action = entries.action_open_access_log()
        rows = (
            self.env[action["res_model"]].with_user(self.owner).search(action["domain"])
        )
        self.assertEqual(rows.client_id, self.client_1)
        with self.assertRaises(AccessError):
            entries.with_user(self.therapist).action_open_access_log()
