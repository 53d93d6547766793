"""What people change between the commit of a charge and its sending, or between the
money and the books. Payments counted at the fake."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_charge import StripeCommon

CHARGE_LOG = "odoo.addons.noshow_fees.models.charge.payment_transaction_protocol"


@tagged("post_install", "-at_install")
class TestChargeMeanwhile(StripeCommon):
    def _prepare(self):
        """A charge that is committed, and not sent yet."""
        self.charge = self._cancel_and_charge()
        self.fee = self.appointment.fee_line_ids
        return self.charge

    def _age(self, **time):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE payment_transaction SET sent_at = sent_at - %(age)s,"
            " retry_at = retry_at - %(age)s WHERE id = %(id)s",
            {"age": timedelta(**time), "id": self.charge.id},
        )
        self.env.invalidate_all()

    def _run(self):
        """The job, a few times over some hours of this machine and of Stripe."""
        for hours in range(3):
            self.fake.account.clock_offset = 3600 * hours
            self._age(hours=1)
            self._run_job()
        self.env.invalidate_all()

    def assertCharged(self, times, state):
        self.env.invalidate_all()
        self.assertEqual((len(self.succeeded), self.fee.fee_state), (times, state))

    def test_card_is_archived(self):
        """Taken back by the client in the portal before it is sent."""
        self._prepare()
        self.card.active = False
        with mute_logger(CHARGE_LOG):
            self._commit()
            self._run()
        self.assertCharged(0, "open")
        self.assertIn("removed", self.charge.state_message)

    def test_card_is_archived_after_a_failure_of_stripes(self):
        """What was sent may still arrive: "nothing was charged" is not said before."""
        for archived, sent, state in ((False, 1, "paid"), (True, 0, "open")):
            with self.subTest(archived=archived):
                self.fake.account.reset()
                self.appointment = self._new_appointment()
                self._prepare()
                self._fault("error_before", times=9)
                with mute_logger(CHARGE_LOG):
                    self._commit()
                    self.fake.account.faults.clear()
                    self.card.active = not archived
                    self._age(hours=1)
                    self._run_job()
                    self.assertCharged(sent, "charging" if archived else state)
                    self.fake.account.clock_offset = 660
                    self._age(hours=1)
                    self._run_job()
                self.assertCharged(sent, state)

    def test_key_of_another_account(self):
        """After the money has moved: no answer of that account tells anything."""
        self._prepare()
        self._fault("drop_after", times=9)
        with mute_logger(CHARGE_LOG):
            self._commit()
            self.fake.account.faults.clear()
            key = self.stripe.stripe_secret_key
            self.stripe.stripe_secret_key = "sk_test_other"
            self._run()
            self.assertCharged(1, "charging")
            self.stripe.stripe_secret_key = key
            self._run()
        self.assertCharged(1, "paid")

    def test_books_are_closed(self):
        """Between the money and the books."""
        self._prepare()
        self.company.fiscalyear_lock_date = fields.Date.today()
        self.addCleanup(setattr, self.company, "fiscalyear_lock_date", False)
        with mute_logger(CHARGE_LOG):
            self._commit()
        self.assertEqual((len(self.succeeded), self.charge.state), (1, "done"))
        self.company.fiscalyear_lock_date = False
        self._run()
        self.assertCharged(1, "paid")
        self.assertEqual(len(self.charge.payment_id), 1)

    def test_capture_by_hand(self):
        """It is a setting of Odoo's form: a fee's saved card is charged at once."""
        self.stripe.payment_method_ids = self.card_method
        self.stripe.capture_manually = True
        self._prepare()
        self._commit()
        [asked] = [r for r in self.fake.account.requests if r["method"] == "POST"]
        self.assertEqual(asked["params"]["capture_method"], "automatic")
        self.assertCharged(1, "paid")

    def test_key_is_in_use(self):
        """409: the first request is still running there."""
        self._prepare()
        self._fault("conflict", times=3)
        with mute_logger(CHARGE_LOG):
            self._commit()
            self.assertCharged(0, "charging")
            self.fake.account.faults.clear()
            self._run()
        self.assertCharged(1, "paid")

    def test_other_parameters_for_the_same_key(self):
        """The text on statements was changed between two tries."""
        for fault, times in (("drop_after", 1), ("error_before", 1)):
            with self.subTest(fault):
                self.fake.account.reset()
                self.appointment = self._new_appointment()
                self._prepare()
                self._fault(fault, times=9)
                with mute_logger(CHARGE_LOG):
                    self._commit()
                    self.fake.account.faults.clear()
                    self.company.noshow_statement_suffix = f"V{fault[:4].upper()}"
                    self._run()
                self.assertCharged(times, "paid")

    def test_clock_far_ahead(self):
        self._prepare()
        self._fault("drop_after", times=9)
        with mute_logger(CHARGE_LOG):
            self._commit()
            self.fake.account.faults.clear()
            self._age(days=400)
            self._run_job()
        self.assertCharged(1, "paid")
