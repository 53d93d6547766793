"""What Continue does, all at once."""

from odoo import Command, fields
from odoo.tests import tagged

from ..common import PracticeCommon


@tagged("post_install", "-at_install")
class TestCancel(PracticeCommon):
    def test_no_show_with_the_proposed_fee(self):
        page = self._cancel(
            self.appointment,
            visit_state="no_show",
            reason="Forgot",
            chart_note="<p>Called</p>",
        )
        self.assertEqual(page.state, "done")
        event = self.appointment
        self.assertEqual(event.visit_state, "no_show")
        self.assertFalse(event.active)
        self.assertEqual(event.cancel_reason, "Forgot")
        self.assertEqual(event.cancelled_by_id, self.frontdesk)
        self.assertEqual(event.cancel_initiator, "client")
        self.assertAlmostEqual(
            event.cancelled_on.timestamp(),
            fields.Datetime.now().timestamp(),
            delta=60,
        )
        fee = event.fee_line_ids
        self.assertEqual(len(fee), 1)
        self.assertTrue(fee.is_noshow_fee)
        self.assertEqual(fee.move_id.state, "posted")
        self.assertEqual(fee.move_id.amount_total, 75.0)
        self.assertEqual(fee.price_subtotal, -fee.balance)
        self.assertEqual(event.fee_state, "open")
        self.assertEqual(event.fee_amount, 75.0)
        self.assertEqual(self.client_1.missed_visit_count, 1)

    def test_the_note_is_in_the_chart_and_nowhere_else(self):
        self._cancel(
            self.appointment,
            visit_state="no_show",
            reason="Zzreason",
            chart_note="<p>Zznote</p>",
        )
        entry = self.env["noshow.chart.entry"].search(
            [("appointment_id", "=", self.appointment.id)]
        )
        self.assertEqual(entry.client_id, self.client_1)
        self.assertEqual(entry.author_id, self.frontdesk)
        self.assertEqual(entry.date, self.appointment.start)
        self.assertIn("Zznote", entry.body)
        invoice = self.appointment.fee_line_ids.move_id
        texts = " ".join(
            [
                *invoice.line_ids.mapped("name"),
                invoice.narration or "",
                invoice.ref or "",
                *invoice.message_ids.mapped("body"),
                *self.appointment.message_ids.mapped("body"),
                *self.env["mail.mail"].sudo().search([]).mapped("body_html"),
            ]
        )
        for word in ("Zznote", "Zzreason", self.appointment.name):
            self.assertNotIn(word, texts)

    def test_a_finished_page_keeps_nothing_clinical(self):
        """The appointment keeps the reason, the chart the note; the page, whose row
        stays for hours, neither."""
        page = self._cancel(
            self.appointment,
            visit_state="cancelled",
            reason="Zzreason",
            chart_note="<p>Zznote</p>",
        )
        self.assertEqual(self.appointment.cancel_reason, "Zzreason")
        page.flush_recordset()
        self.cr.execute("SELECT * FROM calendar_event_cancel WHERE id = %s", (page.id,))
        row = str(self.cr.dictfetchone())
        self.assertNotIn("Zzreason", row)
        self.assertNotIn("Zznote", row)

    def test_an_empty_editor_writes_no_chart_entry(self):
        self._cancel(
            self.appointment, visit_state="cancelled", chart_note="<p><br></p>"
        )
        self.assertFalse(
            self.env["noshow.chart.entry"].search(
                [("appointment_id", "=", self.appointment.id)]
            )
        )

    def test_cancelled_in_time_is_free_and_not_missed(self):
        self._cancel(self.appointment, visit_state="cancelled")
        self.assertFalse(self.appointment.fee_line_ids)
        self.assertEqual(self.appointment.fee_state, "none")
        self.assertEqual(self.client_1.missed_visit_count, 0)

    def test_product_false_means_no_fee(self):
        self._cancel(self.appointment, visit_state="no_show", product_id=False)
        self.assertFalse(self.appointment.fee_line_ids)
        self.assertEqual(self.client_1.missed_visit_count, 1)

    def test_the_log_says_who_and_which_invoice(self):
        self._cancel(self.appointment, visit_state="no_show")
        invoice = self.appointment.fee_line_ids.move_id
        note = self.appointment.message_ids[0]
        self.assertIn(invoice.name, note.body)
        self.assertEqual(note.author_id, self.frontdesk.partner_id)
        self.assertTrue(note.is_internal or note.subtype_id.internal)

    def test_the_slot_is_free_again(self):
        busy = self.therapist.partner_id._get_busy_calendar_events(
            self.appointment.start, self.appointment.stop
        )
        self.assertTrue(busy)
        self._cancel(self.appointment, visit_state="cancelled")
        busy = self.therapist.partner_id._get_busy_calendar_events(
            self.appointment.start, self.appointment.stop
        )
        self.assertFalse(busy)

    def test_batch_with_a_fee_of_its_own_per_row(self):
        other = self._new_appointment(self.client_2, self.financial)
        third = self._new_appointment(self.client_3)
        self._let_begin(self.appointment + other + third)
        page = (
            self.env["calendar.event.cancel"]
            .with_user(self.biller)
            .create(
                {
                    "event_ids": [Command.set((self.appointment + other + third).ids)],
                    "visit_state": "no_show",
                }
            )
        )
        self.assertEqual(len(page.line_ids), 3)
        rows = {row.event_id: row for row in page.line_ids}
        rows[other].amount = 20.0
        rows[third].product_id = False
        page.action_cancel()
        self.assertEqual(self.appointment.fee_amount, 75.0)
        self.assertEqual(other.fee_amount, 20.0)
        self.assertFalse(third.fee_line_ids)
        self.assertEqual(
            (self.appointment + other + third).mapped("visit_state"), ["no_show"] * 3
        )
        self.assertEqual(len((self.appointment + other).fee_line_ids.move_id), 2)

    def test_book_again_and_charge(self):
        self._cancel(
            self.appointment, visit_state="no_show", product_id=False, reason="Forgot"
        )
        mails = self.env["mail.mail"].sudo().search_count([])
        page = (
            self.env["calendar.event.cancel"]
            .with_user(self.frontdesk)
            .create({"rebook_event_id": self.appointment.id})
        )
        self.assertEqual(page.visit_state, "no_show")
        self.assertEqual(page.product_id, self.code_noshow)
        page.action_cancel()
        new = self.appointment.rebooked_event_id
        self.assertEqual(new.start, self.appointment.start)
        self.assertEqual(new.stop, self.appointment.stop)
        self.assertEqual(new.user_id, self.therapist)
        self.assertEqual(new.visit_state, "no_show")
        self.assertEqual(new.cancel_reason, "Forgot")
        self.assertEqual(new.fee_amount, 75.0)
        self.assertFalse(self.appointment.fee_line_ids)
        self.assertEqual(self.client_1.missed_visit_count, 1)
        self.assertEqual(self.env["mail.mail"].sudo().search_count([]), mails)

    def test_a_free_fee_uses_no_credit(self):
        self.env["account.payment"].create(
            {
                "partner_id": self.client_1.id,
                "amount": 25.0,
                "journal_id": self.company_data["default_journal_cash"].id,
            }
        ).action_post()
        page = self._cancel(
            self.appointment, self.biller, visit_state="no_show", amount=0.0
        )
        self.assertTrue(page.use_credit)
        self.assertEqual(self.appointment.fee_state, "open")
        self.assertEqual(self.appointment.fee_line_ids.fee_received, 0.0)
