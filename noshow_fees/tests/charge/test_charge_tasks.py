"""The billers' tasks about charges: each once."""

from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...const import TOO_LONG
from ...tools.context import by_method
from .common_charge import StripeCommon

CHARGE_LOG = "odoo.addons.noshow_fees.models.charge.payment_transaction_protocol"


@tagged("post_install", "-at_install")
class TestChargeTasks(StripeCommon):
    def _leave_without_answer(self):
        """A charge that is too old, of which Stripe says nothing."""
        self._fault("drop_after", times=50)
        self._fault("error_before", method="GET", times=50)
        charge = self._cancel_and_charge()
        self._commit()
        self._age()
        return charge

    def _age(self):
        self.env.cr.execute(
            "UPDATE payment_transaction SET create_date = create_date - %(age)s,"
            " sent_at = sent_at - %(age)s WHERE state = 'pending'",
            {"age": TOO_LONG + timedelta(minutes=5)},
        )
        self.env.invalidate_all()

    def _tasks(self):
        """Those of the billers about the fee, done ones included."""
        move = self.appointment.fee_line_ids.move_id
        activities = self.env["mail.activity"].sudo().with_context(active_test=False)
        return activities.search(
            [
                ("res_model", "=", "account.move"),
                ("res_id", "=", move.id),
                ("user_id", "=", self.biller.id),
            ],
            order="id",
        )

    def _mark_done(self):
        self._tasks().filtered("active").with_user(self.biller).action_feedback()
        self.env.flush_all()
        self.env.invalidate_all()

    @mute_logger(CHARGE_LOG)
    def test_done_once_is_done(self):
        self._leave_without_answer()
        self._run_job()
        self.assertEqual(self._tasks().mapped("active"), [True])
        self._run_job()
        self._mark_done()
        self._run_job()
        self.assertEqual(self._tasks().mapped("active"), [False])

    @mute_logger(CHARGE_LOG)
    def test_dismissed_is_done_too(self):
        self._leave_without_answer()
        self._run_job()
        self._tasks().with_user(self.biller).unlink()
        self._run_job()
        self.assertFalse(self._tasks())

    @mute_logger(CHARGE_LOG)
    def test_another_matter(self):
        """It was charged, and cannot be booked."""
        charge = self._leave_without_answer()
        self._run_job()
        self._mark_done()
        self.fake.account.faults.clear()
        with patch.object(type(charge), "_post_process", side_effect=ValueError):
            self._run_job()
            self.assertEqual(charge.state, "done")
            self._run_job()
            self.assertEqual(self._tasks().mapped("active"), [False, True])
            self._mark_done()
            self._run_job()
        self.assertEqual(self._tasks().mapped("active"), [False, False])
        self._run_job()
        self.assertEqual(self.appointment.fee_state, "paid")

    @mute_logger(CHARGE_LOG)
    def test_another_one_settles_meanwhile(self):
        """The client's own form, say: the task is about the one without an answer."""
        charge = self._leave_without_answer()
        self._run_job()
        fee = self.appointment.fee_line_ids
        form = by_method(charge).copy({"reference": "fee-form", "charge_key": False})
        by_method(form).write(
            {"invoice_ids": [Command.set(fee.move_id.ids)], "fee_line_id": False}
        )
        form._set_error("Not paid.")
        self._run_job()
        self.assertEqual(self._tasks().mapped("active"), [True])
        charge._set_error("Asked by hand: nothing was charged.")
        self.assertFalse(self._tasks())

    @mute_logger(CHARGE_LOG)
    def test_another_charge_of_the_same_fee(self):
        charge = self._leave_without_answer()
        self._run_job()
        self._mark_done()
        charge._set_error("Asked by hand: nothing was charged.")
        self.env.flush_all()
        dialog = (
            self.env["account.move.line.charge"]
            .with_user(self.biller)
            .create(
                {
                    "line_id": self.appointment.fee_line_ids.id,
                    "payment_token_id": self.card.id,
                }
            )
        )
        dialog.action_charge()
        self._commit()
        self._age()
        self._run_job()
        self.assertEqual(self._tasks().mapped("active"), [False, True])
