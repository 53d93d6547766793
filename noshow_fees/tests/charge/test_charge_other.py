"""A provider that Odoo cannot ask what became of a charge: no answer is no decline."""

from datetime import timedelta
from unittest.mock import patch

import requests

from odoo.exceptions import UserError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.payment_demo.models.payment_transaction import PaymentTransaction

from .common_charge import ChargeCommon

CHARGE_LOG = "odoo.addons.noshow_fees.models.charge.payment_transaction_protocol"
REQUEST = "odoo.addons.payment.models.payment_provider.requests.request"


def send_request(tx):
    """How the modules of most providers ask for money (`payment_flutterwave`)."""
    try:
        tx._send_api_request("POST", "charges", json={"amount": tx.amount})
    except ValidationError as error:
        tx._set_error(str(error))
    else:
        tx._set_done()


def answer(status):
    response = requests.Response()
    response.status_code = status
    response._content = b"{}"
    return response


class OtherProvider(ChargeCommon):
    """The demo provider, made to ask over the network as others do."""

    def setUp(self):
        super().setUp()
        for name in ("_send_payment_request", "_send_refund_request"):
            self.patch(PaymentTransaction, name, send_request)

    def _network(self, *outcomes):
        """What becomes of the next requests: an exception, or an HTTP status.

        :return: a context manager of the mock that counts them
        """
        return patch(
            REQUEST,
            side_effect=[
                outcome if isinstance(outcome, Exception) else answer(outcome)
                for outcome in outcomes
            ],
        )


@tagged("post_install", "-at_install")
class TestOtherProvider(OtherProvider):
    @mute_logger(CHARGE_LOG)
    def test_no_answer_is_no_decline(self):
        for outcome in (requests.Timeout(), requests.ConnectionError(), 500, 429):
            with self.subTest(outcome), self._network(outcome):
                appointment = self._new_appointment()
                charge = self._cancel_and_charge(appointment)
                self._commit()
                fee = appointment.fee_line_ids
                self.assertEqual((charge.state, fee.fee_state), ("pending", "charging"))
                with self.assertRaisesRegex(UserError, "being charged"):
                    fee.with_user(self.biller)._charge_later(self.card)

    def test_refusal_is_one(self):
        with self._network(402, 200) as network:
            charge = self._cancel_and_charge()
            self._commit()
            fee = self.appointment.fee_line_ids
            self.assertEqual((charge.state, fee.fee_state), ("error", "open"))
            fee.with_user(self.biller)._charge_later(self.card)
            self._commit()
        self.assertEqual((fee.fee_state, network.call_count), ("paid", 2))

    @mute_logger(CHARGE_LOG)
    def test_a_biller_looks_it_up(self):
        with self._network(requests.Timeout()) as network:
            charge = self._cancel_and_charge()
            self._commit()
            fee = self.appointment.fee_line_ids.with_user(self.biller)
            charge.sent_at -= timedelta(minutes=11)
            # The job does not ask for the money again.
            self._run_job()
        self.assertEqual((charge.state, network.call_count), ("pending", 1))
        self.assertTrue(fee.charge_needs_person)
        self.assertIn("a biller looks it up", fee.card_payments)
        fee.action_was_charged()
        self.assertEqual(fee.fee_state, "paid")

    @mute_logger(CHARGE_LOG)
    def test_refund(self):
        with self._network(200, requests.Timeout()):
            charge = self._cancel_and_charge()
            self._commit()
            fee = self.appointment.fee_line_ids
            fee.with_user(self.biller)._waive("Courtesy", surplus="refund")
            self._commit()
        refund = charge.child_transaction_ids
        self.assertEqual((charge.state, refund.state), ("done", "pending"))

    def test_refund_refused(self):
        with self._network(200, 400):
            charge = self._cancel_and_charge()
            self._commit()
            fee = self.appointment.fee_line_ids
            fee.with_user(self.biller)._waive("Courtesy", surplus="refund")
            self._commit()
        self.assertEqual(charge.child_transaction_ids.state, "error")


@tagged("post_install", "-at_install")
class TestOtherProviderPortal(OtherProvider, HttpCase):
    @mute_logger(CHARGE_LOG, "odoo.http")
    def test_saved_card_in_the_portal(self):
        self.env["ir.config_parameter"].sudo().set_param(
            "account_payment.enable_portal_payment", "True"
        )
        self._cancel(self.appointment, visit_state="no_show")
        fee = self.appointment.fee_line_ids
        move = fee.move_id
        self._log_in_as(self.client_1)
        params = {
            "access_token": move._portal_ensure_token(),
            "provider_id": self.demo.id,
            "payment_method_id": self.card.payment_method_id.id,
            "token_id": self.card.id,
            "amount": 75.0,
            "flow": "token",
            "tokenization_requested": False,
            "landing_route": "/my",
        }
        with self._network(requests.Timeout(), 200) as network:
            for _click in range(2):
                self.url_open(
                    f"/invoice/transaction/{move.id}", json={"params": params}
                )
                # In tests nothing is committed: the job sends it.
                self._run_job()
        self.env.invalidate_all()
        self.assertEqual(network.call_count, 1)
        self.assertEqual(self._charges_of(fee).state, "pending")
        self.assertEqual(fee.fee_state, "charging")
