"""Chart text and charts' existence through other models."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .chart_common import SECRET, ChartCase

STOCK_MODELS = (
    "account.move",
    "account.move.line",
    "calendar.attendee",
    "calendar.event",
    "mail.message",
    "payment.transaction",
    "res.partner",
    "res.users",
)


@tagged("post_install", "-at_install")
class TestChartDoors(ChartCase):
    def test_names_are_neutral(self):
        self.assertNotIn(SECRET, self.note.display_name)
        self.assertNotIn(self.client_1.name, self.note.display_name)
        self.assertFalse(
            self._rpc(self.owner, "noshow.chart.entry", "name_search", SECRET)
        )

    def test_no_title_of_anothers_appointment(self):
        """The name of a link is read as superuser: it must not say the title."""
        self._new_appointment(self.client_2, self.therapist)
        values = self._rpc(
            self.therapist,
            "noshow.chart.entry",
            "read",
            self.foreign_note.ids,
            ["appointment_id"],
        )
        self.assertEqual(values[0]["appointment_id"][0], self.foreign_appointment.id)
        self.assertNotIn("Session", values[0]["appointment_id"][1])

    def test_no_field_on_shared_models_leads_to_the_chart(self):
        """`(one2many != False)` would tell who has a chart: the comodel is searched
        as superuser."""
        for model in STOCK_MODELS:
            for field in self.env[model]._fields.values():
                self.assertFalse(
                    (field.comodel_name or "").startswith("noshow.chart"), str(field)
                )
        for name, model in self.env.items():
            if name.startswith(("noshow.chart", "report.noshow_fees")):
                continue
            for field in model._fields.values():
                self.assertFalse(
                    (field.comodel_name or "").startswith("noshow.chart"), str(field)
                )

    def test_no_chatter(self):
        for name in ("message_ids", "activity_ids", "message_post", "_message_log"):
            self.assertFalse(hasattr(self.note, name), name)

    def test_text_is_nowhere_else(self):
        """Neither on the appointment, nor in messages, mails or on the invoice, of a
        cancellation with a note and a fee."""
        appointment = self._new_appointment(start=self.tomorrow)
        self._cancel(
            appointment, visit_state="no_show", chart_note=f"<p>Again {SECRET}</p>"
        )
        self.assertTrue(appointment.fee_line_ids)
        self.env.flush_all()
        self.cr.execute(
            """
            SELECT table_name, column_name FROM information_schema.columns
             WHERE table_schema = current_schema()
               AND data_type IN ('text', 'character varying', 'jsonb')
            """
        )
        found = set()
        for table, column in self.cr.fetchall():
            self.cr.execute(
                f'SELECT 1 FROM "{table}" WHERE "{column}"::text ILIKE %s LIMIT 1',  # noqa: S608
                [f"%{SECRET}%"],
            )
            if self.cr.fetchone():
                found.add(f"{table}.{column}")
        self.assertEqual(found, {"noshow_chart_entry.body"})

    def test_attachments_of_an_entry(self):
        vals = {
            "name": "scan.txt",
            "raw": SECRET.encode(),
            "res_model": "noshow.chart.entry",
            "res_id": self.note.id,
        }
        attachments = self.env["ir.attachment"]
        with self.assertRaises(AccessError):
            attachments.with_user(self.therapist).create(vals)
        attachment = attachments.sudo().create(vals)
        for user in (self.colleague, self.frontdesk, self.employee, self.portal):
            with self.assertRaises(AccessError):
                self._rpc(user, "ir.attachment", "read", attachment.ids, ["raw"])
        for user in (self.therapist, self.owner):
            with self.assertRaises(AccessError):
                self._rpc(user, "ir.attachment", "write", attachment.ids, {"name": "x"})
            with self.assertRaises(AccessError):
                self._rpc(user, "ir.attachment", "unlink", attachment.ids)

    def test_a_client_with_a_chart_is_kept(self):
        """With the same words as a client with nothing but an appointment."""
        with_chart = self.env["res.partner"].create({"name": "A", "is_client": True})
        with_appointment = with_chart.copy()
        self._new_appointment(with_appointment)
        self._new_draft(self.frontdesk, with_chart, state="signed")
        errors = []
        for client in (with_chart, with_appointment):
            with self.assertRaises(UserError) as error:
                client.with_user(self.frontdesk).unlink()
            errors.append(str(error.exception))
        self.assertEqual(*errors)
        self.assertNotIn("hart", errors[0])
        with self.assertRaises(UserError):
            with_chart.sudo().unlink()
        with_chart.copy().with_user(self.frontdesk).unlink()

    # ------------------------------------------------------------
    # MERGES
    # ------------------------------------------------------------

    def _merge(self, user, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(user)
        wizard = wizard.create(
            {
                "state": "selection",
                "partner_ids": (source | target).ids,
                "dst_partner_id": target.id,
            }
        )
        wizard.action_merge()

    def test_a_merge_keeps_the_chart_and_is_logged(self):
        self.client_2.email = self.client_1.email
        note_sudo = self.foreign_note.sudo()
        body = note_sudo.body
        self._rpc(self.colleague, "noshow.chart.entry", "read", note_sudo.ids)
        read, merged_id, name = self._log(), self.client_2.id, self.client_2.name
        self._merge(self.owner, self.client_2, self.client_1)
        self.env.invalidate_all()
        self.assertFalse(self.client_2.exists())
        self.assertEqual(note_sudo.client_id, self.client_1)
        self.assertEqual(note_sudo.body, body)
        self.assertEqual(note_sudo.author_id, self.colleague)
        row = self._log(("action", "=", "merge"))
        self.assertEqual(row.user_id, self.owner)
        self.assertEqual(row.client_id, self.client_1)
        self.assertEqual((row.client_ref, row.detail), (merged_id, name))
        self.assertEqual(row.entry_count, 1)
        self.assertEqual((read.client_id, read.client_ref), (self.client_1, merged_id))
