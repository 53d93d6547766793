"""Nobody but the addon charges a fee's card, and nothing gets in a charge's way."""

from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tests.common import JsonRpcException
from odoo.tools import mute_logger

from ...tools.context import by_method
from .common_charge import ChargeCommon


@tagged("post_install", "-at_install")
class TestChargeGuards(ChargeCommon):
    def setUp(self):
        super().setUp()
        self.charge = self._cancel_and_charge(card=self._new_demo_card("pending"))
        self._commit()
        self.fee = self.appointment.fee_line_ids
        self.move = self.fee.move_id

    def _as(self, user, records=None):
        return (self.charge if records is None else records).with_user(user).sudo(False)

    def test_nobody_writes_a_charge(self):
        for user in (*self.users.values(), self.accountant):
            for vals in (
                {"state": "error"},
                {"state": "done"},
                {"amount": 1.0},
                {"fee_line_id": False},
                {"invoice_ids": [Command.clear()]},
            ):
                with (
                    self.subTest(user=user.login, vals=vals),
                    self.assertRaises(UserError),
                ):
                    self._as(user).write(vals)

    def test_nobody_settles_a_demo_charge_by_its_buttons(self):
        for name in (
            "action_demo_set_done",
            "action_demo_set_error",
            "action_demo_set_canceled",
        ):
            with self.assertRaises(UserError):
                getattr(self._as(self.owner), name)()
        self.assertEqual(self.charge.state, "pending")

    def test_nobody_creates_a_charge(self):
        vals = {
            "provider_id": self.demo.id,
            "payment_method_id": self.card.payment_method_id.id,
            "partner_id": self.client_1.id,
            "amount": 75.0,
            "currency_id": self.move.currency_id.id,
            "reference": "by-hand",
            "state": "done",
            "operation": "online_direct",
        }
        model = self.env["payment.transaction"].with_user(self.biller)
        for more in (
            {"fee_line_id": self.fee.id},
            {"invoice_ids": [Command.set(self.move.ids)]},
            {"invoice_ids": [Command.link(self.move.id)], "state": "draft"},
        ):
            with self.subTest(more), self.assertRaises(UserError):
                model.sudo(False).create({**vals, **more})
        with self.assertRaises(UserError):
            model.with_context(
                default_fee_line_id=self.fee.id, noshow_by_method=True
            ).create(vals)

    def test_nobody_takes_a_charge_off_its_invoice(self):
        with self.assertRaises(UserError):
            self.move.with_user(self.biller).write(
                {"transaction_ids": [Command.clear()]}
            )

    def test_nobody_deletes_a_charge(self):
        with self.assertRaises(UserError):
            self.charge.unlink()

    def test_two_live_charges_are_impossible_in_the_database(self):
        second = by_method(self.charge).copy({"reference": "second"})
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(IntegrityError, "one_live_charge_per_fee"),
        ):
            self.env.cr.execute(
                "UPDATE payment_transaction SET state = 'pending', fee_line_id = %s"
                " WHERE id = %s",
                [self.fee.id, second.id],
            )

    def test_payment_dialog_refuses_while_pending(self):
        register = (
            self.env["account.payment.register"]
            .with_user(self.biller)
            .with_context(active_model="account.move", active_ids=self.move.ids)
            .create({})
        )
        with self.assertRaisesRegex(UserError, "being charged"):
            register.action_create_payments()

    def test_payment_link_refuses_while_pending(self):
        with self.assertRaisesRegex(UserError, "being charged"):
            self.env["payment.link.wizard"].with_user(self.biller).with_context(
                active_model="account.move", active_id=self.move.id
            ).default_get(["amount"])

    def test_invoice_stays_while_pending(self):
        for name in ("button_draft", "button_cancel", "_reverse_moves"):
            with self.subTest(name), self.assertRaisesRegex(UserError, "being charged"):
                getattr(self.move, name)()

    def test_waive_refuses_while_pending(self):
        with self.assertRaisesRegex(UserError, "being charged"):
            self.fee.with_user(self.biller)._waive("Courtesy")

    def test_payment_dialog_never_charges_a_saved_card(self):
        self._finish_charge()
        lines = self.demo.journal_id.inbound_payment_method_line_ids
        register = (
            self.env["account.payment.register"]
            .with_user(self.biller)
            .with_context(active_model="account.move", active_ids=self.move.ids)
            .create(
                {
                    "journal_id": self.demo.journal_id.id,
                    "payment_method_line_id": lines.filtered(
                        lambda line: line.payment_provider_id == self.demo
                    ).id,
                    "payment_token_id": self.card.id,
                }
            )
        )
        self.assertEqual(register.payment_token_id, self.card)
        with self.assertRaisesRegex(UserError, "from the fee itself"):
            register.action_create_payments()

    def _finish_charge(self):
        self.charge._set_error("Settled for the test.")

    def test_card_references_are_hidden(self):
        for user in self.users.values():
            card = self.card.with_user(user).sudo(False)
            for name in ("provider_ref", "stripe_payment_method", "charge_key"):
                record = self._as(user) if name == "charge_key" else card
                with (
                    self.subTest(user=user.login, name=name),
                    self.assertRaises(AccessError),
                ):
                    record.read([name])

    def test_who_sees_the_masked_name(self):
        other = self._new_demo_card("done", partner=self.client_2)
        for user in (self.frontdesk, self.biller, self.owner, self.therapist):
            card = self.card.with_user(user).sudo(False)
            self.assertEqual(card.read(["display_name"])[0]["display_name"], "4242")
            found = card.search([("id", "in", (card + other).ids)])
            expected = card if user == self.therapist else card + other
            self.assertEqual(found, expected, user.login)
        self.assertFalse(
            self.card.with_user(self.employee)
            .sudo(False)
            .search([("id", "=", self.card.id)])
        )


@tagged("post_install", "-at_install")
class TestChargePortal(ChargeCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.env["ir.config_parameter"].sudo().set_param(
            "account_payment.enable_portal_payment", "True"
        )
        self.charge = self._cancel_and_charge(card=self._new_demo_card("pending"))
        self.env.cr.postcommit.run()
        self.move = self.appointment.fee_line_ids.move_id

    def _pay_in_portal(self):
        """What the portal's Pay button asks for."""
        return self.url_open(
            f"/invoice/transaction/{self.move.id}",
            json={
                "params": {
                    "access_token": self.move._portal_ensure_token(),
                    "provider_id": self.demo.id,
                    "payment_method_id": self.demo.payment_method_ids[:1].id,
                    "token_id": None,
                    "amount": 75.0,
                    "flow": "direct",
                    "tokenization_requested": False,
                    "landing_route": "/my",
                }
            },
        ).json()

    def test_nobody_settles_a_charge_by_the_address_of_the_demo_provider(self):
        for state in ("done", "error"):
            with (
                mute_logger("odoo.http"),
                self.assertRaisesRegex(JsonRpcException, "ValidationError"),
            ):
                self.make_jsonrpc_request(
                    "/payment/demo/simulate_payment",
                    {"reference": self.charge.reference, "simulated_state": state},
                )
            self.env.invalidate_all()
            self.assertEqual(self.charge.state, "pending")

    def _pay_form(self, outcome):
        """The client pays with Odoo's own form.

        :return: its transaction
        """
        self.charge._set_error("Settled for the test.")
        reference = self._pay_in_portal()["result"]["reference"]
        self.make_jsonrpc_request(
            "/payment/demo/simulate_payment",
            {
                "reference": reference,
                "payment_details": "4242",
                "simulated_state": outcome,
            },
        )
        self.env.invalidate_all()
        return self.move.sudo().transaction_ids.filtered_domain(
            [("reference", "=", reference)]
        )

    def test_paid_by_form_and_not_in_the_books(self):
        form = self._pay_form("done")
        fee = self.appointment.fee_line_ids
        self.assertEqual((form.state, fee.fee_state), ("done", "charging"))
        self.env.ref("noshow_fees.ir_cron_charge").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(fee.fee_state, "paid")

    def test_what_was_paid_by_form_stays_in_the_books(self):
        """As what the practice charged: the saved card is not charged on top."""
        form = self._pay_form("done")
        self.env.ref("noshow_fees.ir_cron_charge").method_direct_trigger()
        self.env.invalidate_all()
        payment = form.payment_id.with_user(self.accountant).sudo(False)
        for act in (payment.action_draft, payment.action_cancel, payment.unlink):
            with self.assertRaises(UserError), self.cr.savepoint():
                act()
        fee = self.appointment.fee_line_ids
        self.assertEqual(fee.fee_state, "paid")
        # However it has left the books.
        payment.with_env(self.env).sudo().action_draft()
        payment.with_env(self.env).sudo().action_cancel()
        self.assertEqual(fee.fee_state, "open")
        with self.assertRaisesRegex(UserError, "charged .* already"):
            fee.with_user(self.biller)._charge_later(self.card)

    def test_form_whose_provider_never_says_what_became_of_it(self):
        form = self._pay_form("pending")
        fee = self.appointment.fee_line_ids.with_user(self.biller)
        self.assertEqual(fee.fee_state, "charging")
        with self.assertRaisesRegex(UserError, "by itself"):
            fee.action_was_not_charged()
        form.last_state_change -= timedelta(minutes=11)
        self.env.invalidate_all()
        self.assertTrue(fee.charge_needs_person)
        fee.action_was_not_charged()
        self.assertEqual((form.state, fee.fee_state), ("error", "open"))

    def test_announced_wire_transfer_blocks_nothing(self):
        form = self._pay_form("pending")
        # As `payment_custom`, which is not installed here.
        form.provider_id = self.demo.copy({"code": "none", "name": "Wire transfer"})
        fee = self.appointment.fee_line_ids
        self.env.add_to_compute(fee._fields["fee_state"], fee)
        self.assertEqual(fee.fee_state, "open")
        self.card.demo_simulated_state = "done"
        fee._charge({fee: self.card})
        self.env.flush_all()
        self.env.cr.postcommit.run()
        self.env.invalidate_all()
        self.assertEqual(fee.fee_state, "paid")

    def test_portal(self):
        self.assertEqual(self.charge.state, "pending")
        self.assertFalse(self.move._has_to_be_paid())
        with mute_logger("odoo.http"):
            answer = self._pay_in_portal()
        self.assertIn("being charged", answer["error"]["data"]["message"])
        self.assertEqual(self.move.transaction_ids, self.charge)
        self.charge._set_error("Settled for the test.")
        self.assertTrue(self.move._has_to_be_paid())
        answer = self._pay_in_portal()
        self.assertTrue(answer["result"]["reference"].startswith("fee-"))
        first = self.move.transaction_ids - self.charge
        # Pressing Pay again takes the first form back.
        answer = self._pay_in_portal()
        self.assertTrue(answer["result"]["reference"].startswith("fee-"))
        self.env.invalidate_all()
        self.assertEqual(first.state, "cancel")
        # Somebody is paying right now: the card is not charged on top.
        fee = self.appointment.fee_line_ids
        with self.assertRaisesRegex(UserError, "paying this invoice online"):
            fee._charge({fee: self.card})
