"""The protocol with Stripe: sent after the commit, settled by the job."""

from datetime import timedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_charge import StripeCommon

CHARGE_LOG = "odoo.addons.noshow_fees.models.charge.payment_transaction_protocol"


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

    def test_a_branchs_own_text_on_statements(self):
        """Its parent's provider charges for it."""
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id, "noshow_tz": "UTC"}
        )
        # Odoo gives it the accounts of its parent before the commit.
        self.env.cr.precommit.run()
        (self.env.user | self.frontdesk | self.biller).company_ids |= branch
        self.therapist.write(
            {"company_ids": [Command.link(branch.id)], "company_id": branch.id}
        )
        self.client_1.with_company(branch)._agree_to_card_charges()
        self.company.noshow_statement_suffix = "PARENT"
        for own, sent in ((False, "PARENT"), ("BRANCH", "BRANCH")):
            branch.noshow_statement_suffix = own
            self.fake.account.reset()
            appointment = self._new_appointment()
            self.assertEqual(appointment.company_id, branch)
            charge = self._cancel_and_charge(appointment)
            self._commit()
            self.assertEqual((charge.state, charge.company_id), ("done", self.company))
            [asked] = self.fake.account.requests
            self.assertEqual(asked["params"]["statement_descriptor_suffix"], sent)
            findings = self.stripe._check_charging(branch)
            self.assertIn(f"PRACTICE* {sent}", str(findings))

    def test_processing_fee(self):
        charge = self._cancel_and_charge()
        # Not empty before: Odoo's list would sum up neither.
        self.assertEqual(charge.settlement_currency_id, charge.currency_id)
        self._commit()
        self.assertEqual(charge.settlement_currency_id.name, "USD")
        # 2.9 % of 75.00 and 0.30
        self.assertEqual((charge.processing_fee, charge.net_amount), (2.48, 72.52))

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
        # It may still arrive, however much time this machine says has passed.
        charge.sent_at -= timedelta(days=2)
        self._run_job()
        self.assertEqual(charge.state, "pending")
        self.fake.account.clock_offset += 11 * 60
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
        self.code_system.list_price = 0.49
        with self.assertRaises(UserError) as refusal:
            self._cancel_and_charge(product_id=self.code_system.id)
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
