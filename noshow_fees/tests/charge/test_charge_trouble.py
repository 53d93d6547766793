"""Clocks that differ, customers that Stripe does not know, restored backups, a Stripe
that is too busy. Findings E3, E5, E6, E8."""

from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.charge import payment_transaction_protocol as protocol
from .common_charge import StripeCommon

CHARGE_LOG = "odoo.addons.noshow_fees.models.charge.payment_transaction_protocol"


@tagged("post_install", "-at_install")
class TestChargeTrouble(StripeCommon):
    def _charge(self, *faults):
        for kind in faults:
            self._fault(kind, times=30)
        charge = self._cancel_and_charge()
        self._commit()
        self.fake.account.faults.clear()
        self.fee = self.appointment.fee_line_ids
        return charge

    def _age(self, charge, **time):
        """Let time pass for this machine, and not for Stripe."""
        self.env.cr.execute(
            "UPDATE payment_transaction SET create_date = create_date - %(age)s,"
            " sent_at = sent_at - %(age)s, retry_at = retry_at - %(age)s"
            " WHERE id = %(id)s",
            {"age": timedelta(**time), "id": charge.id},
        )
        charge.invalidate_recordset()

    # -- clocks ------------------------------------------------------------

    @mute_logger(CHARGE_LOG)
    def test_stripes_clock_is_behind(self):
        """Ours was ten minutes ahead (E3), or half a day."""
        for minutes in (10, 12 * 60):
            with self.subTest(minutes):
                self.fake.account.reset()
                self.fake.account.clock_offset = -60 * minutes
                self.appointment = self._new_appointment()
                charge = self._charge("drop_after")
                self._age(charge, minutes=2)
                self._run_job()
                self.assertEqual((charge.state, self.fee.fee_state), ("done", "paid"))
                self.assertEqual(len(self.succeeded), 1)

    @mute_logger(CHARGE_LOG)
    def test_our_clock_was_set_back(self):
        charge = self._charge("drop_after")
        self._age(charge, days=-400)
        self._run_job()
        self.assertEqual((charge.state, len(self.succeeded)), ("done", 1))

    @mute_logger(CHARGE_LOG)
    def test_not_charged_by_stripes_clock_only(self):
        charge = self._charge("drop_before")
        self._age(charge, days=3)
        for _time in range(2):
            self._run_job()
            self.assertEqual(charge.state, "pending")
        self.fake.account.clock_offset = 9 * 60
        self._run_job()
        self.assertEqual(charge.state, "pending")
        self.fake.account.clock_offset = 11 * 60
        self._run_job()
        self.assertEqual((charge.state, self.fee.fee_state), ("error", "open"))
        self.assertIn("Nothing was charged", charge.state_message)

    # -- a restored backup -------------------------------------------------

    def test_unsent_and_old_is_asked_about_first(self):
        """A backup of the moment between commit and sending, restored a day later."""
        charge = self._charge()
        intent = self.succeeded[0]
        intent_id = charge.provider_reference
        payment = charge.payment_id
        payment.action_draft()
        payment.action_cancel()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE payment_transaction SET state = 'pending', sent_at = NULL,"
            " provider_reference = NULL, payment_id = NULL, is_post_processed = false,"
            " create_date = create_date - interval '1 day' WHERE id = %s",
            [charge.id],
        )
        self.env.cr.execute(
            "UPDATE account_payment SET payment_transaction_id = NULL WHERE id = %s",
            [payment.id],
        )
        self.env.invalidate_all()
        # Stripe keeps keys for a day.
        self.fake.account.answers.clear()
        self._run_job()
        self.assertEqual((charge.state, charge.provider_reference), ("done", intent_id))
        self.assertEqual(self.succeeded, [intent])

    def test_unsent_and_old_that_stripe_does_not_know(self):
        """The twin: it is sent."""
        charges = self.env["payment.transaction"].sudo()
        with patch.object(type(charges), "_send_after_commit"):
            charge = self._charge()
        self._age(charge, hours=5)
        self._run_job()
        self.assertEqual((charge.state, len(self.succeeded)), ("done", 1))
        self.assertEqual(
            [r["method"] for r in self.fake.account.requests], ["GET", "POST"]
        )

    # -- a customer that Stripe does not know ------------------------------

    @mute_logger(CHARGE_LOG)
    def test_unknown_customer_is_no_answer(self):
        charge = self._charge("drop_before")
        self.fake.account.unknown_customers = {"cus_fake"}
        self._age(charge, minutes=30)
        for minutes in (0, 30):
            self.fake.account.clock_offset = 60 * minutes
            self._run_job()
            self.assertEqual(charge.state, "pending")
        # After a day, a person looks there.
        self.assertFalse(charge._needs_person())
        with self.assertRaisesRegex(UserError, "settle by itself"):
            self.fee.with_user(self.biller).action_was_not_charged()
        self._age(charge, days=1)
        self.env.invalidate_all()
        self.assertTrue(self.fee.charge_needs_person)
        self.fee.with_user(self.biller).action_was_not_charged()
        self.assertEqual((charge.state, self.fee.fee_state), ("error", "open"))
        self.assertIn("settled", self.fee.fee_change_ids.mapped("kind"))
        self.assertFalse(self.succeeded)

    @mute_logger(CHARGE_LOG)
    def test_unknown_customer_but_charged(self):
        charge = self._charge("drop_after")
        self.fake.account.unknown_customers = {"cus_fake"}
        self._age(charge, minutes=2)
        self._run_job()
        self.assertEqual((charge.state, self.fee.fee_state), ("done", "paid"))
        self.assertEqual(len(self.succeeded), 1)

    # -- a Stripe that is too busy -----------------------------------------

    @mute_logger(CHARGE_LOG)
    def test_too_many_requests_once(self):
        charge = self._charge("rate_limit")
        self.assertEqual((charge.state, charge.sent_at), ("pending", False))
        first = charge.retry_at
        self._run_job()
        self.assertEqual(charge.state, "pending")  # the pause is not over
        self._age(charge, seconds=20)
        self._run_job()
        self.assertEqual((charge.state, self.fee.fee_state), ("done", "paid"))
        self.assertTrue(first)
        self.assertEqual(len(self.succeeded), 1)

    @mute_logger(CHARGE_LOG)
    def test_pauses_grow(self):
        charge = self._charge("rate_limit")
        pauses = []
        with patch.object(protocol, "RUN_PAUSE", 0.0):
            for _time in range(4):
                pauses.append(charge.retry_at - charge.write_date)
                self._fault("rate_limit", times=1)
                self._age(charge, seconds=600)
                self._run_job()
        self.assertEqual(sorted(pauses), pauses)
        self.assertGreater(pauses[3], 4 * pauses[0])
        self.assertEqual(charge.state, "pending")

    @mute_logger(CHARGE_LOG)
    def test_stripe_fails_and_is_asked_before_it_is_sent_again(self):
        for kind in ("error_before", "error_after"):
            with self.subTest(kind):
                self.fake.account.reset()
                self.appointment = self._new_appointment()
                charge = self._charge(kind)
                self.assertEqual(charge.state, "pending")
                self._age(charge, minutes=2)
                self._run_job()
                self.assertEqual((charge.state, self.fee.fee_state), ("done", "paid"))
                self.assertEqual(len(self.succeeded), 1)

    @mute_logger(CHARGE_LOG)
    def test_stripe_repeats_its_failure(self):
        """It keeps the answer for a key, a failure, too: another key is needed."""
        charge = self._charge("error_before")
        self.fake.account.keep_failure(charge.charge_key)
        with patch.object(protocol, "RUN_PAUSE", 0.0):
            for minutes in (0, 5, 12):
                self.fake.account.clock_offset = 60 * minutes
                self._age(charge, hours=2)
                self._run_job()
        self.assertEqual((charge.state, self.fee.fee_state), ("done", "paid"))
        self.assertEqual(len(self.succeeded), 1)

    def test_batch_at_so_many_requests_a_second(self):
        self.fake.account.per_second = 4
        appointments = self.env["calendar.event"]
        for _n in range(8):
            appointments |= self._new_appointment(self.client_1)
        appointments._cancel_appointments(
            "late_cancelled",
            fees={
                event: {"product": self.code_noshow, "amount": 75.0, "token": self.card}
                for event in appointments.ids
            },
        )
        with mute_logger(CHARGE_LOG):
            self._run_job()
        fees = appointments.fee_line_ids
        self.assertEqual(fees.mapped("fee_state"), ["paid"] * 8)
        self.assertEqual(len(self.succeeded), 8)
