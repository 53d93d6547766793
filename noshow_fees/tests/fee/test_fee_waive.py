"""Waiving: credited to zero, one fee or many; and who may."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .fee_common import FeeCase


@tagged("post_install", "-at_install")
class TestFeeWaive(FeeCase):
    def _waive(self, lines, **vals):
        self.env["account.move.line.waive.fee"].with_user(self.biller).create(
            {
                "line_ids": [Command.set(lines.ids)],
                "reason_id": self.env.ref("noshow_fees.waiver_reason_other").id,
                "reason": "Goodwill",
                **vals,
            }
        ).action_waive()
        self.env.invalidate_all()

    def test_who_may(self):
        """Billers and those above them; the dialogs stand in tests/rights."""
        for user in (self.frontdesk, self.therapist, self.financial):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.fee.with_user(user)._waive("Goodwill")
        self.assertEqual(self.fee.fee_state, "open")
        for user in (self.biller, self.manager, self.owner):
            with self.subTest(user.login), self.cr.savepoint() as savepoint:
                self.fee.with_user(user)._waive("Goodwill")
                self.assertEqual(self.fee.fee_state, "waived")
                savepoint.close(rollback=True)
            self.env.invalidate_all()

    def test_waived(self):
        self.fee.with_user(self.biller)._waive("Goodwill")
        with self.assertRaisesRegex(UserError, "is waived"):
            self._edit(amount=50.0)
        with self.assertRaisesRegex(UserError, f"{self.number} is waived already"):
            self.fee.with_user(self.biller)._waive("Again")

    def test_waive_does_not_count(self):
        self.fee.with_user(self.biller)._waive("Ill", still_counts=False)
        self.assertEqual(self.client_1.missed_visit_count, 0)

    def test_what_does_not_count_is_corrected_twice(self):
        for still_counts in (True, False):
            appointment = self._new_appointment(self.client_2)
            self._cancel(appointment, visit_state="no_show")
            fee = appointment.fee_line_ids.with_user(self.biller)
            fee._waive("Ill", still_counts=still_counts)
            for outcome in ("cancelled", "late_cancelled"):
                appointment._correct_cancellation(outcome, "client", "")
            self.assertEqual(appointment.counts_as_missed, still_counts)

    def test_many(self):
        """A credit note each, linked to its fee; what was charged is kept."""
        other = self._new_appointment(self.client_2)
        self._cancel(other, visit_state="no_show")
        fees = self.fee + other.fee_line_ids
        self._pay(25.0)
        self._waive(fees)
        for fee in fees:
            note = fee.move_id.reversal_move_ids
            self.assertEqual(note.invoice_line_ids.appointment_id, fee.appointment_id)
            self.assertEqual((note.amount_total, fee.price_unit), (75.0, 75.0))
            self.assertEqual((fee.fee_state, fee.fee_open), ("waived", 0.0))
            self.assertEqual(fee.fee_change_ids.mapped("kind"), ["waived"])
            for record in (fee.move_id, fee.appointment_id):
                self.assertIn("Goodwill", record.message_ids[0].body)
                self.assertTrue(record.message_ids[0].is_internal)
        self.assertCredit(25.0)
        self.assertNothingClinical(fees.move_id)

    def test_cash_never_goes_back_to_a_card(self):
        self._pay(75.0)
        with self.assertRaisesRegex(UserError, "cash"), self.cr.savepoint():
            self._waive(self.fee, surplus="refund")
        self.assertFee("paid", 75.0, 75.0, 0.0)

    def test_restored_and_cancelled_again_in_one_go(self):
        """An importer's transaction, or that of an addon: two fees for one appointment
        must not meet in the database (`one_live_fee_per_appointment`)."""
        self.fee.with_user(self.biller)._waive("Mistake", release=True)
        self.env.cr.execute(
            "SELECT is_noshow_fee FROM account_move_line WHERE id = %s", [self.fee.id]
        )
        self.assertEqual(self.env.cr.fetchone(), (False,))
        self.appointment.with_user(self.biller)._restore_appointments()
        self._cancel(self.appointment, visit_state="no_show")
        live = self.appointment.fee_line_ids.filtered("is_noshow_fee")
        self.assertEqual(len(live - self.fee), 1)
        self.assertEqual(live.fee_state, "open")

    def test_the_clients_open_balance(self):
        other = self._new_appointment()
        self._cancel(other, visit_state="no_show")
        client = self.client_1
        self.assertEqual(client.noshow_fee_open, 150.0)
        self._pay(25.0)
        self.assertEqual(client.noshow_fee_open, 125.0)
        self._edit(amount=100.0)
        self.assertEqual(client.noshow_fee_open, 150.0)
        self._waive(self.fee)
        self.assertEqual(client.noshow_fee_open, 75.0)

    def _dialog(self, **vals):
        return (
            self.env["account.move.line.waive.fee"]
            .with_user(self.biller)
            .create({"line_ids": [Command.set(self.fee.ids)], **vals})
        )

    def test_a_reason_is_required(self):
        """Without one, with a text alone, and with “other” alone: over RPC, too."""
        other = self.env.ref("noshow_fees.waiver_reason_other")
        for vals in (
            {},
            {"reason": "Goodwill"},
            {"reason_id": other.id},
            {"reason_id": other.id, "reason": "  "},
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                self._dialog(**vals).action_waive()
        self.assertFee("open", 75.0, 0.0, 75.0)
        self._dialog(reason_id=self.reason.id).action_waive()
        self.assertFee("waived", 0.0, 0.0, 0.0)
        change = self.fee.fee_change_ids
        self.assertEqual(change.reason_id, self.reason)
        self.assertEqual(change.reason, "First miss")

    def test_the_text_is_kept_beside_the_reason(self):
        self._dialog(reason_id=self.reason.id, reason="New client").action_waive()
        self.assertEqual(self.fee.fee_change_ids.reason, "First miss: New client")

    def test_the_list_is_the_practices_own(self):
        """Manager and Owner change it; what was written down stays as it was."""
        values = {"name": "Snow", "company_id": self.company.id}
        with self.assertRaises(AccessError):
            self.env["noshow.waiver.reason"].with_user(self.biller).create(values)
        snow = self.env["noshow.waiver.reason"].with_user(self.manager).create(values)
        self._dialog(reason_id=snow.id).action_waive()
        snow.name = "Storm"
        self.assertEqual(self.fee.fee_change_ids.reason, "Snow")
        with self.assertRaisesRegex(UserError, "archived"):
            snow.unlink()
        snow.active = False
        self.assertFalse(snow.active)

    def test_a_reason_of_all_companies_is_changed_by_who_is_in_all(self):
        self.setup_other_company(name="Other practice")
        reason = self.reason.with_user(self.manager)
        with self.assertRaises(AccessError):
            reason.name = "Mine"
        with self.assertRaises(AccessError):
            reason.create({"name": "For all", "company_id": False})
        self.manager.company_ids = self.env["res.company"].search([])
        reason.name = "First time"

    def test_a_reason_of_another_company_is_refused(self):
        company = self.setup_other_company(name="Other practice")["company"]
        theirs = self.env["noshow.waiver.reason"].create(
            {"name": "Theirs", "company_id": company.id}
        )
        with self.assertRaises(AccessError):
            self._dialog(reason_id=theirs.id).action_waive()
        theirs.company_id = self.company
        self._dialog(reason_id=theirs.id).action_waive()

    def test_a_restore_says_why(self):
        restore = self.env["calendar.event.restore"].with_user(self.biller)
        values = {"event_ids": [Command.set(self.appointment.ids)]}
        with self.assertRaisesRegex(UserError, "reason"), self.cr.savepoint():
            restore.create({**values, "reason_id": False}).action_restore()
        restore.create(values).action_restore()
        change = self.env["noshow.fee.change"].search(
            [("appointment_id", "=", self.appointment.id)]
        )
        self.assertEqual((change.kind, change.reason), ("restored", "Our mistake"))
