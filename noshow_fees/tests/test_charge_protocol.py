"""Prepared with the invoice, sent after the commit, settled by the job."""

from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..tools import by_method
from .common_charge import ChargeCommon, StripeCommon

CHARGE_LOG = "odoo.addons.noshow_fees.models.payment_transaction_charge"


@tagged("post_install", "-at_install")
class TestChargeDemo(ChargeCommon):
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

    def test_decline_leaves_the_cancellation(self):
        charge = self._cancel_and_charge(card=self._new_demo_card("error"))
        self._commit()
        self.assertEqual(charge.state, "error")
        self.assertEqual(self.appointment.visit_state, "no_show")
        self.assertEqual(self.appointment.fee_state, "open")
        message = charge._get_charge_message()
        self.assertEqual(message["level"], "danger")
        self.assertIn(
            "the bank declined it and gives no reason. The fee", message["text"]
        )

    def test_tries_are_limited(self):
        self.company.noshow_charge_attempts = 1
        self._cancel_and_charge(card=self._new_demo_card("error"))
        self._commit()
        fee = self.appointment.fee_line_ids
        with self.assertRaisesRegex(UserError, "as often as it may be"):
            fee._charge({fee: self.card})

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
        for hour in range(5):
            appointments |= self._new_appointment(
                start=self.tomorrow + timedelta(hours=hour)
            )
        page = (
            self.env["calendar.event.cancel"]
            .with_user(self.frontdesk)
            .create({"event_ids": [(6, 0, appointments.ids)], "visit_state": "no_show"})
        )
        page.line_ids.write({"charge_card": True, "payment_token_id": self.card.id})
        page.action_cancel()
        charges = self._charges_of(appointments.fee_line_ids)
        self.assertEqual(len(charges), 5)
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
        payment = self.env["account.payment"].create(
            {
                "amount": 30.0,
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.client_1.id,
                "journal_id": self.company_data["default_journal_cash"].id,
            }
        )
        payment.action_post()
        other = self._new_appointment(self.client_2)
        both = self.appointment | other
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


@tagged("post_install", "-at_install")
class TestChargeStripe(StripeCommon):
    def test_charged_once_with_nothing_personal(self):
        self.company.noshow_statement_suffix = "VISIT"
        charge = self._cancel_and_charge()
        self._commit()
        self.assertEqual(self.appointment.fee_state, "paid")
        self.assertEqual([i["amount"] for i in self.succeeded], [7500])
        [asked] = self.fake.account.requests
        self.assertEqual(
            asked["params"],
            {
                "amount": "7500",
                "currency": "usd",
                "customer": "cus_fake",
                "payment_method": "pm_ok",
                "payment_method_types": {"0": "card"},
                "capture_method": "automatic",
                "confirm": "true",
                "off_session": "true",
                "description": charge.reference,
                "expand": {"0": "latest_charge.balance_transaction"},
                "metadata": {"reference": charge.reference, "key": charge.charge_key},
                "statement_descriptor_suffix": "VISIT",
            },
        )
        self.assertEqual(asked["key"], charge.charge_key)
        self.assertNotIn(self.appointment.fee_line_ids.move_name, charge.reference)

    def test_processing_fee(self):
        charge = self._cancel_and_charge()
        self._commit()
        self.assertEqual(charge.settlement_currency_id.name, "USD")
        # 2.9 % of 75.00 and 0.30
        self.assertEqual((charge.processing_fee, charge.net_amount), (2.48, 72.52))

    def test_decline_keeps_code_and_intent(self):
        charge = self._cancel_and_charge(
            card=self._new_stripe_card("pm_declined_insufficient_funds")
        )
        self._commit()
        self.assertEqual(charge.state, "error")
        self.assertEqual(charge.decline_code, "insufficient_funds")
        self.assertFalse(charge.decline_is_final)
        self.assertTrue(charge.provider_reference.startswith("pi_"))
        text = charge._get_charge_message()["text"]
        self.assertIn("not enough money", text)
        fee = self.appointment.fee_line_ids
        self.assertEqual(fee.fee_state, "open")
        # A retry is a new attempt with a new key.
        fee._charge({fee: self.card})
        self._commit()
        self.assertEqual(fee.fee_state, "paid")
        keys = {r["key"] for r in self.fake.account.requests if r["key"]}
        self.assertEqual(len(keys), 2)
        self.assertEqual(len(self.succeeded), 1)

    def test_final_decline_is_never_tried_again(self):
        card = self._new_stripe_card("pm_declined_stolen_card")
        charge = self._cancel_and_charge(card=card)
        self._commit()
        self.assertTrue(charge.decline_is_final)
        fee = self.appointment.fee_line_ids
        with self.assertRaisesRegex(UserError, "must not be tried again"):
            fee._charge({fee: card})

    def test_tries_are_limited(self):
        self.company.noshow_charge_attempts = 2
        card = self._new_stripe_card("pm_declined_insufficient_funds")
        self._cancel_and_charge(card=card)
        self._commit()
        fee = self.appointment.fee_line_ids
        fee._charge({fee: card})
        self._commit()
        with self.assertRaisesRegex(UserError, "as often as it may be"):
            fee._charge({fee: card})

    def test_authentication_required(self):
        page = self._cancel(
            self.appointment,
            visit_state="no_show",
            charge_card=True,
            payment_token_id=self._new_stripe_card("pm_authenticate").id,
        )
        self._commit()
        charge = self._charges_of(self.appointment.fee_line_ids)
        self.assertEqual(
            (charge.state, charge.decline_code), ("error", "authentication_required")
        )
        self.assertIn("link", charge._get_charge_message()["text"])
        page.invalidate_recordset()
        self.assertTrue(page.needs_payment_link)
        action = page.action_open_payment_link()
        self.assertEqual(action["context"]["default_line_id"], charge.fee_line_id.id)

    def test_intent_that_waits_for_the_client_is_withdrawn(self):
        charge = self._cancel_and_charge(card=self._new_stripe_card("pm_action"))
        self._commit()
        self.assertEqual(
            (charge.state, charge.decline_code), ("error", "authentication_required")
        )
        [intent] = self.fake.account.intents.values()
        self.assertEqual(intent["status"], "canceled")

    def test_line_cut_once(self):
        for kind in ("drop_before", "drop_after", "error_before", "error_after"):
            with self.subTest(kind):
                self.fake.account.reset()
                appointment = self._new_appointment()
                self._fault(kind)
                self._cancel_and_charge(appointment)
                self._commit()
                self.assertEqual(appointment.fee_state, "paid")
                self.assertEqual(len(self.succeeded), 1)

    @mute_logger(CHARGE_LOG)
    def test_no_answer_settles_by_the_job(self):
        self._fault("drop_after", times=10)
        charge = self._cancel_and_charge()
        self._commit()
        self.assertEqual(charge.state, "pending")
        self.assertIn("do not charge again", charge._get_charge_message()["text"])
        self.assertEqual(len(self.succeeded), 1)
        charge.sent_at -= timedelta(minutes=2)
        self._run_job()
        self.assertEqual((charge.state, self.appointment.fee_state), ("done", "paid"))
        self.assertEqual(len(self.succeeded), 1)
        self.assertTrue(charge.processing_fee)

    @mute_logger(CHARGE_LOG)
    def test_never_arrived(self):
        self._fault("drop_before", times=10)
        charge = self._cancel_and_charge()
        self._commit()
        charge.sent_at -= timedelta(minutes=2)
        self._run_job()
        # It may still arrive.
        self.assertEqual(charge.state, "pending")
        charge.sent_at -= timedelta(minutes=9)
        self._run_job()
        self.assertEqual((charge.state, self.appointment.fee_state), ("error", "open"))
        self.assertIn("Nothing was charged", charge.state_message)
        self.fake.account.faults.clear()
        fee = self.appointment.fee_line_ids
        fee._charge({fee: self.card})
        self._commit()
        self.assertEqual(fee.fee_state, "paid")
        self.assertEqual(len(self.succeeded), 1)

    @mute_logger(CHARGE_LOG)
    def test_stripe_down_while_asking(self):
        self._fault("drop_after", times=10)
        charge = self._cancel_and_charge()
        self._commit()
        self._fault("error_before", method="GET", times=3)
        charge.sent_at -= timedelta(minutes=30)
        self._run_job()
        self.assertEqual(charge.state, "pending")
        self._run_job()
        self.assertEqual(charge.state, "done")

    @mute_logger(CHARGE_LOG)
    def test_disabled_provider_is_left_alone(self):
        self._fault("drop_after", times=10)
        charge = self._cancel_and_charge()
        self._commit()
        charge.sent_at -= timedelta(minutes=30)
        self.stripe.state = "disabled"
        asked = len(self.fake.account.requests)
        self._run_job()
        self.assertEqual(charge.state, "pending")
        self.assertEqual(len(self.fake.account.requests), asked)

    def test_wrong_key_is_final(self):
        self.stripe.stripe_secret_key = "sk_test_wrong"
        charge = self._cancel_and_charge()
        self._commit()
        self.assertEqual(charge.state, "error")
        self.assertNotIn("sk_test", charge.state_message)

    def test_amounts_that_stripe_refuses(self):
        self.code_noshow.list_price = 0.49
        with self.assertRaises(UserError) as refusal:
            self._cancel_and_charge()
        self.assertIn("0.50", str(refusal.exception))
        self.assertEqual(self.appointment.visit_state, "scheduled")

    @mute_logger(CHARGE_LOG)
    def test_unknown_for_an_hour_goes_to_the_billers(self):
        self._fault("drop_after", times=10)
        charge = self._cancel_and_charge()
        self._commit()
        move = self.appointment.fee_line_ids.move_id
        self._fault("error_before", method="GET", times=3)
        charge.sent_at -= timedelta(hours=2)
        self.env.cr.execute(
            "UPDATE payment_transaction SET create_date = create_date - interval '2 "
            "hours' WHERE id = %s",
            [charge.id],
        )
        charge.invalidate_recordset()
        self._run_job()
        self.assertEqual(move.activity_ids.user_id, self.biller)
        self._run_job()
        self.assertEqual(charge.state, "done")
        self.assertFalse(move.activity_ids)
