"""The protocol with any provider: prepared with the invoice, sent after the commit."""

from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...tools.context import by_method
from .common_charge import ChargeCommon

CHARGE_LOG = "odoo.addons.noshow_fees.models.charge.payment_transaction_protocol"


@tagged("post_install", "-at_install")
class TestChargeDemo(ChargeCommon):
    def test_money_is_dated_by_the_practices_day(self):
        """Wherever whoever takes it is: these two never have the same day."""
        self.company.noshow_tz = "Pacific/Pago_Pago"
        self.frontdesk.tz = "Pacific/Kiritimati"
        self.company.noshow_staff_takes_payment = True
        charge = self._cancel_and_charge()
        self._commit()
        other = self._new_appointment(self.client_2)
        self._cancel(other, visit_state="no_show")
        cash = self.company_data["default_journal_cash"]
        fee = other.fee_line_ids.with_user(self.frontdesk)
        today = self.company._get_practice_today()
        for payment in (charge.payment_id, fee._take_payment(cash, 75.0)):
            self.assertEqual(payment.date, today)

    def test_charged_after_the_commit(self):
        charge = self._cancel_and_charge()
        fee = self.appointment.fee_line_ids
        self.assertEqual((charge.state, charge.sent_at), ("pending", False))
        self.assertEqual(self.appointment.fee_state, "charging")
        self._commit()
        self.assertEqual(charge.state, "done")
        self.assertEqual(self.appointment.fee_state, "paid")
        self.assertEqual(fee.move_id.amount_residual, 0.0)
        self.assertEqual(charge.payment_id.amount, 75.0)
        message = charge._get_charge_message()
        self.assertEqual(message["level"], "success")
        self.assertIn("75.00", message["text"])
        self.assertIn(charge.payment_id.name, message["text"])

    def test_tries_are_limited(self):
        self.company.noshow_charge_attempts = 1
        self._cancel_and_charge(card=self._new_demo_card("error"))
        self._commit()
        fee = self.appointment.fee_line_ids
        with self.assertRaisesRegex(UserError, "as often as it may be"):
            fee._charge({fee: self.card})

    def test_tries_of_an_appointment_count_on_when_it_is_billed_anew(self):
        self.company.noshow_charge_attempts = 2
        self._cancel_and_charge(card=self._new_demo_card("error"))
        self._commit()
        old = self.appointment.fee_line_ids
        fee, _note = old.sudo()._reissue_fee(self.code_late, 50.0, "Agreed")
        fee._charge({fee: self._new_demo_card("error")})
        self._commit()
        self.assertEqual(len(fee._get_card_payments().fee_line_id), 2)
        with self.assertRaisesRegex(UserError, "as often as it may be"):
            fee._charge({fee: self.card})
        self.company.noshow_charge_attempts = 3
        fee._charge({fee: self.card})
        self._commit()
        self.assertEqual(fee.fee_state, "paid")

    def test_no_second_charge_while_one_is_running(self):
        charge = self._cancel_and_charge(card=self._new_demo_card("pending"))
        self._commit()
        self.assertEqual(charge.state, "pending")
        fee = self.appointment.fee_line_ids
        with self.assertRaisesRegex(UserError, "being charged"):
            fee._charge({fee: self.card})

    def test_job_sends_what_was_never_sent(self):
        """The process died between its commit and its first question."""
        charge = self._cancel_and_charge()
        self.env.cr.postcommit.clear()
        self._run_job()
        self.assertEqual(charge.state, "done")
        self.assertEqual(self.appointment.fee_state, "paid")

    @contextmanager
    def _books_closed(self):
        """No payment can be booked."""
        transactions = self.registry["payment.transaction"]
        refusal = UserError("A lock date.")
        with (
            patch.object(transactions, "_create_payment", side_effect=refusal),
            mute_logger(CHARGE_LOG),
        ):
            yield

    def test_no_second_charge_before_the_first_is_in_the_books(self):
        """The money has moved, and the invoice still looks open."""
        charge = self._cancel_and_charge()
        with self._books_closed():
            self._commit()
        fee = self.appointment.fee_line_ids
        self.assertEqual((charge.state, fee.move_id.amount_residual), ("done", 75.0))
        self.assertEqual(fee.fee_state, "charging")
        self.env.flush_all()
        report = self.env["noshow.fee.report"].search(
            [("appointment_id", "=", self.appointment.id)]
        )
        self.assertEqual(report.fee_state, "charging")
        with self.assertRaisesRegex(UserError, "being charged"):
            fee.with_user(self.biller)._charge_later(self.card)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(IntegrityError, "one_live_charge_per_fee"),
            self.env.cr.savepoint(),
        ):
            by_method(charge).copy(
                {"fee_line_id": fee.id, "state": "pending", "reference": "second"}
            )
        self._run_job()
        self.assertEqual((fee.fee_state, charge.payment_id.amount), ("paid", 75.0))

    def test_what_cannot_be_booked_goes_to_the_billers(self):
        charge = self._cancel_and_charge()
        with self._books_closed():
            self._commit()
            self.env.cr.execute(
                "UPDATE payment_transaction SET create_date = create_date - interval"
                " '2 hours' WHERE id = %s",
                [charge.id],
            )
            self._run_job()
        move = charge.fee_line_id.move_id
        self.assertEqual(move.activity_ids.user_id, self.biller)
        with self.enter_registry_test_mode():
            charge.fee_line_id.with_user(self.biller).action_check_charge()
        self.assertFalse(move.activity_ids)

    def test_no_agreement_no_charge(self):
        self.client_1.card_authorized_on = False
        with self.assertRaisesRegex(UserError, "did not agree|not agree"):
            self._cancel_and_charge()

    def test_card_of_somebody_else(self):
        card = self._new_demo_card("done", partner=self.client_2)
        with self.assertRaisesRegex(UserError, "cannot be charged for"):
            self._cancel_and_charge(card=card)

    def test_card_of_the_payer(self):
        parent = self.env["res.partner"].create({"name": "Parent"})
        self.client_1.payer_id = parent
        card = self._new_demo_card("done", partner=parent)
        allowed = self.env["payment.token"]._get_chargeable(self.company, self.client_1)
        self.assertEqual(allowed[self.client_1], card | self.card)
        charge = self._cancel_and_charge(card=card)
        self._commit()
        self.assertEqual(charge.partner_id, parent)
        self.assertEqual(self.appointment.fee_state, "paid")

    def test_expired_card(self):
        self.card.card_expiry = fields.Date.today() - timedelta(days=40)
        self.assertIn("expired", self.card.display_name)
        with self.assertRaisesRegex(UserError, "expired"):
            self._cancel_and_charge()

    def test_batch_is_charged_by_the_job(self):
        appointments = self.env["calendar.event"]
        other = self._new_appointment(self.client_2)
        for hour in range(5):
            appointments |= self._new_appointment(
                start=self.tomorrow + timedelta(hours=hour)
            )
        self._let_begin(appointments | other)
        page = (
            self.env["calendar.event.cancel"]
            .with_user(self.frontdesk)
            .create(
                {
                    # The last one's client has no card.
                    "event_ids": [(6, 0, (appointments | other).ids)],
                    "visit_state": "no_show",
                    "charge_card": True,
                }
            )
        )
        page.action_cancel()
        charges = self._charges_of((appointments | other).fee_line_ids)
        self.assertEqual(charges.fee_line_id, appointments.fee_line_ids)
        self._commit()
        self.assertFalse(any(charges.mapped("sent_at")))
        self.assertTrue(page.is_charging)
        self.assertIn("0 of 5 cards", page.result)
        self._run_job()
        self.assertEqual(set(charges.mapped("state")), {"done"})
        self.assertEqual(set(appointments.mapped("fee_state")), {"paid"})
        page.invalidate_recordset()
        self.assertFalse(page.is_charging)
        self.assertNotIn("of 5 cards", page.result)

    def test_batch_uses_credit_first(self):
        self._receive_cash(30.0)
        other = self._new_appointment(self.client_2)
        both = self.appointment | other
        self._let_begin(both)
        page = (
            self.env["calendar.event.cancel"]
            .with_user(self.frontdesk)
            .create({"event_ids": [(6, 0, both.ids)], "visit_state": "no_show"})
        )
        self.assertEqual((page.client_credit, page.use_credit), (30.0, True))
        self.assertEqual(page.line_ids.mapped("amount_total"), [75.0, 75.0])
        page.line_ids.filtered(lambda row: row.client_id == self.client_1).write(
            {"charge_card": True, "payment_token_id": self.card.id}
        )
        page.action_cancel()
        self._commit()
        self.assertEqual(self._charges_of(both.fee_line_ids).amount, 45.0)
        self.assertEqual(
            (self.appointment.fee_state, other.fee_state), ("paid", "open")
        )

    def test_what_is_chosen_for_all_rows(self):
        other = self._new_appointment(self.client_2)
        third = self._new_appointment()
        self._let_begin(self.appointment | other | third)
        page = Form(
            self.env["calendar.event.cancel"]
            .with_user(self.biller)
            .with_context(default_event_ids=(self.appointment | other | third).ids)
        )
        page.visit_state = "no_show"
        self.assertTrue(page.has_cards)
        page.charge_card = True
        with page.line_ids.edit(0) as row:
            row.amount = 20.0
        with page.line_ids.edit(2) as row:
            row.charge_card = False
        # Neither forgets what was chosen for one.
        page.reason = "Ill"
        self.assertEqual(self._rows(page), [(20.0, True), (75.0, False), (75.0, False)])
        page.by_policy = False
        page.product_id = self.code_late
        self.assertEqual(self._rows(page), [(50.0, True), (50.0, False), (50.0, False)])
        page.amount = 30.0
        self.assertEqual(self._rows(page), [(30.0, True), (30.0, False), (30.0, False)])
        page.charge_card = False
        page.save().action_cancel()
        fees = (self.appointment | other | third).fee_line_ids
        self.assertEqual(fees.product_id, self.code_late)
        self.assertEqual(fees.mapped("fee_amount"), [30.0] * 3)
        self.assertFalse(self._charges_of(fees))

    def test_a_row_that_differs_stays_so(self):
        other = self._new_appointment(self.client_2)
        third = self._new_appointment(self.client_3)
        events = self.appointment | other | third
        self._let_begin(events)
        page = Form(
            self.env["calendar.event.cancel"]
            .with_user(self.biller)
            .with_context(default_event_ids=events.ids)
        )
        page.visit_state = "no_show"
        with page.line_ids.edit(0) as row:
            row.product_id = self.code_system
            self.assertEqual(row.amount, self.code_system.list_price)
            row.amount = 20.0
        with page.line_ids.edit(1) as row:
            row.product_id = self.env["product.product"]
        page.by_policy = False
        page.amount = 80.0
        self.assertEqual(self._rows(page), [(20.0, False), (0.0, False), (80.0, False)])
        page.visit_state = "late_cancelled"
        self.assertEqual(self._rows(page), [(20.0, False), (0.0, False), (50.0, False)])
        with page.line_ids.edit(0) as row:
            row.product_id = self.code_late
            self.assertEqual(row.amount, 50.0)
        page.save().action_cancel()
        self.assertEqual(sorted(events.mapped("fee_amount")), [0.0, 50.0, 50.0])

    def _rows(self, page):
        rows = page.line_ids._records
        return [(row["amount"], row["charge_card"]) for row in rows]
