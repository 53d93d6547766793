"""The practice's settings for card charges, the check button, and payouts."""

from datetime import UTC, date, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.payment_stripe.const import CURRENCY_DECIMALS

from ...tools import stripe_client
from ...tools.context import by_method
from .common_charge import ChargeCommon, StripeCommon


@tagged("post_install", "-at_install")
class TestCheckConnection(StripeCommon):
    def _check(self, user=None):
        page = self.env["noshow.settings"].with_user(user or self.manager).create({})
        page.action_check_charging()
        return page.charging_check

    def test_all_is_fine(self):
        self.stripe.write({"state": "test", "is_published": True})
        self.demo.state = "disabled"
        self.company.noshow_statement_suffix = "VISIT"
        self.env["ir.config_parameter"].sudo().set_param(
            "account_payment.enable_portal_payment", "True"
        )
        text = self._check()
        self.assertNotIn("alert-danger", text)
        self.assertIn("accepts the secret key", text)
        self.assertIn("The webhook secret is set", text)
        self.assertIn("PRACTICE* VISIT", text)
        self.assertIn("Test mode", text)
        for secret in (self.stripe.stripe_secret_key, "whsec", "acct_"):
            self.assertNotIn(secret, text)

    def test_what_is_wrong_is_said(self):
        self.stripe.write(
            {
                "stripe_secret_key": "sk_live_wrong",
                "stripe_webhook_secret": False,
                "allow_tokenization": False,
                "is_published": False,
            }
        )
        text = self._check()
        for sentence in (
            "does not accept the secret key",
            "real money, the mode for tests",
            "No webhook secret",
            "Cards cannot be saved",
            "not published",
        ):
            self.assertIn(sentence, text)

    def _new_endpoint(self, *events, path="/payment/stripe/webhook"):
        url = self.stripe.get_base_url() + path
        params = {"url": url, "enabled_events": dict(enumerate(events))}
        _status, made = self.fake.account.create_webhook(params)
        return self.fake.account.webhooks[made["id"]]

    def test_odoos_own_webhook_hears_of_money_that_goes_back(self):
        self.stripe.stripe_webhook_secret = False
        self.stripe.action_stripe_create_webhook()
        self.assertEqual(self.stripe.stripe_webhook_secret, "whsec_fake")
        [endpoint] = self.fake.account.webhooks.values()
        self.assertLessEqual(
            {
                "payment_intent.succeeded",
                "charge.refunded",
                "charge.dispute.created",
                "charge.dispute.funds_withdrawn",
                "refund.failed",
            },
            set(endpoint["enabled_events"]),
        )
        self.assertIn("Stripe tells at once", self._check())

    def test_webhook_of_before_lacks_events(self):
        # As Odoo makes it without this addon; one for somebody else beside it.
        self._new_endpoint("payment_intent.succeeded", "charge.refunded")
        self._new_endpoint("*", path="/shop")
        text = self._check()
        self.assertIn("charge.dispute.created", text)
        self.assertNotIn("payment_intent.succeeded", text)
        self.assertNotIn("Stripe tells at once", text)

    def test_webhook_is_gone(self):
        self.assertIn("no webhook", self._check())
        self._new_endpoint("*")["status"] = "disabled"
        self.assertIn("no webhook", self._check())
        self._new_endpoint("*")
        self.assertNotIn("no webhook", self._check())

    def test_nothing_connected(self):
        (self.stripe | self.demo).write({"state": "disabled"})
        self.assertIn("No card company is connected", self._check())

    def test_who_may(self):
        page = self.env["noshow.settings"].with_user(self.manager).create({})
        for user in (self.biller, self.frontdesk, self.therapist):
            with self.assertRaises(AccessError):
                page.with_user(user).action_check_charging()

    def test_saved(self):
        page = self.env["noshow.settings"].with_user(self.manager).create({})
        page.write({"noshow_statement_suffix": "VISIT", "noshow_charge_attempts": 2})
        page.action_save()
        self.assertEqual(self.company.noshow_statement_suffix, "VISIT")
        self.assertEqual(self.company.noshow_charge_attempts, 2)

    def test_statement_suffix(self):
        for good in ("VISIT", "A1", "Dr. Smith"):
            self.company.noshow_statement_suffix = good
        for bad in (
            "12345",
            "A*B",
            "A<B",
            "A'B",
            'A"B',
            "A\\B",
            "Säule",
            "TOO LONG BY",
        ):
            with self.subTest(bad), self.assertRaises(ValidationError):
                self.company.noshow_statement_suffix = bad

    def _fetch_payouts(self):
        with self.enter_registry_test_mode():
            self.env.ref("noshow_fees.ir_cron_fetch_payouts").method_direct_trigger()

    def test_payouts(self):
        charge = self._cancel_and_charge()
        self._commit()
        self._fetch_payouts()
        self.assertFalse(charge.payout_reference)
        payout = self.fake.account.create_payout()
        self._fetch_payouts()
        self.assertEqual(charge.payout_reference, payout["id"])
        self.assertIsInstance(charge.payout_date, date)
        asked = len(self.fake.account.requests)
        self._fetch_payouts()
        # Nothing waits for a payout; disputes and refunds are asked for every day.
        paths = [request["path"] for request in self.fake.account.requests[asked:]]
        self.assertEqual(paths, ["/v1/disputes", "/v1/refunds"])

    def test_what_was_declined_waits_for_no_payout(self):
        declined = self._cancel_and_charge()
        by_method(declined).provider_reference = "pi_declined"
        declined._set_error("Declined.")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE payment_transaction SET create_date = create_date"
            " - INTERVAL '60 days' WHERE id = %s",
            (declined.id,),
        )
        self.env.invalidate_all()
        charge = self._cancel_and_charge(self._new_appointment())
        self._commit()
        self._fetch_payouts()
        [asked] = [
            request["params"]
            for request in self.fake.account.requests
            if request["path"] == "/v1/payouts"
        ]
        since = charge.create_date.replace(tzinfo=UTC).timestamp()
        self.assertEqual(int(asked["created"]["gte"]), int(since))

    def test_bookings_have_a_time_of_their_own(self):
        """Not Odoo's ten seconds, which the whole job has."""
        charges = self._cancel_and_charge() | self._cancel_and_charge(
            self._new_appointment()
        )
        self._commit()
        by_method(charges).write({"balance_reference": False, "net_amount": 0.0})
        cron = type(self.env["ir.cron"])
        with patch.object(cron, "_commit_progress", return_value=0.0):
            charges.provider_id._fetch_bookings()
        self.assertEqual(charges.mapped("net_amount"), [72.52, 72.52])

    def test_one_that_gets_no_answer_stops_none_of_the_others(self):
        self._cancel_and_charge()
        self._commit()
        self._fault("error_before", method="GET", path="/v1/payouts", times=10)
        asked = len(self.fake.account.requests)
        with mute_logger("odoo.addons.noshow_fees.models.stripe.payment_provider"):
            self._fetch_payouts()
        paths = {request["path"] for request in self.fake.account.requests[asked:]}
        self.assertLessEqual({"/v1/disputes", "/v1/refunds", "/v1/payouts"}, paths)

    def test_payout_of_a_charge_and_its_refund(self):
        """What they come to is what is paid out."""
        charge = self._cancel_and_charge()
        self._commit()
        self.appointment.fee_line_ids.with_user(self.biller)._refund_fee(30.0, "Agreed")
        self._commit()
        payout = self.fake.account.create_payout()
        self._fetch_payouts()
        [came] = charge._read_group(
            [("payout_reference", "=", payout["id"])],
            [],
            ["amount:sum", "processing_fee:sum", "net_amount:sum"],
        )
        self.assertEqual(came, (45.0, 2.48, 42.52))
        self.assertEqual(payout["amount"], 4252)

    def test_booked_by_stripe_after_its_answer(self):
        """Or not told, as with a form of Odoo's own."""
        charge = self._cancel_and_charge()
        self._commit()
        by_method(charge).write(
            {"balance_reference": False, "net_amount": 0.0, "processing_fee": 0.0}
        )
        other = by_method(charge).copy(
            {"reference": "fee-other", "provider_reference": "pi_unknown"}
        )
        by_method(other).write(
            {
                "state": "done",
                "is_post_processed": True,
                "fee_line_id": charge.fee_line_id,
            }
        )
        payout = self.fake.account.create_payout()
        with mute_logger(
            "odoo.addons.noshow_fees.models.charge.payment_transaction_protocol"
        ):
            self._fetch_payouts()
        self.assertEqual(
            (charge.payout_reference, charge.net_amount), (payout["id"], 72.52)
        )


@tagged("post_install", "-at_install")
class TestAmounts(ChargeCommon):
    def _currency(self, name):
        currency = self.env["res.currency"].with_context(active_test=False)
        return currency.search([("name", "=", name)])

    def test_minor_units(self):
        dollar = self._currency("USD")
        for cents in range(50, 20000, 7):
            self.assertEqual(stripe_client.to_minor_units(cents / 100, dollar), cents)
        for name, amount, minor in (
            ("JPY", 7500, 7500),
            ("KWD", 7.5, 7500),
            ("ISK", 7500, 750000),
            ("EUR", 19.99, 1999),
        ):
            currency = self._currency(name)
            self.assertEqual(stripe_client.to_minor_units(amount, currency), minor)
            self.assertEqual(stripe_client.to_major_units(minor, currency), amount)
        self.assertEqual(CURRENCY_DECIMALS["ISK"], 2)

    def test_refusals(self):
        for name, amount, refused in (
            ("USD", 0.5, False),
            ("USD", 0.49, True),
            ("USD", 999999.99, False),
            ("USD", 1000000.0, True),
            ("JPY", 50, False),
            ("JPY", 49, True),
            ("GBP", 0.3, False),
            ("KWD", 7.5, False),
            ("KWD", 7.505, True),
        ):
            with self.subTest(currency=name, amount=amount):
                reason = stripe_client.check_amount(
                    self.env, amount, self._currency(name)
                )
                self.assertEqual(bool(reason), refused)


@tagged("post_install", "-at_install")
class TestByHand(ChargeCommon):
    def setUp(self):
        super().setUp()
        self.charge = self._cancel_and_charge(card=self._new_demo_card("pending"))
        self._commit()
        self.fee = self.appointment.fee_line_ids
        self.charge.sent_at -= timedelta(minutes=11)

    def test_not_before_it_had_time(self):
        self.charge.sent_at = fields.Datetime.now()
        fee = self.fee.with_user(self.biller)
        self.assertFalse(fee.charge_needs_person)
        with self.assertRaisesRegex(UserError, "by itself"):
            fee.action_was_not_charged()

    def test_it_was_charged(self):
        fee = self.fee.with_user(self.biller)
        self.assertTrue(fee.charge_needs_person)
        fee.action_was_charged()
        self.assertEqual(fee.fee_state, "paid")
        # Clients read that on Odoo's pages: whoever looked is in the history.
        self.assertFalse(self.charge.state_message)
        self.assertSaid("The card was charged. Looked up at the card company by ")
        with self.assertRaisesRegex(UserError, "settled meanwhile"):
            fee.action_was_not_charged()

    def test_it_was_not_charged(self):
        self.fee.with_user(self.biller).action_was_not_charged()
        self.assertEqual(self.fee.fee_state, "open")
        self.assertSaid("The card was not charged. Looked up at the card company by ")
        self.assertNotIn(self.biller.name, self.charge.state_message)

    def assertSaid(self, text):
        [row] = self.fee.fee_change_ids
        self.assertEqual((row.kind, row.new_amount), ("settled", 75.0))
        self.assertEqual(row.reason, f"{text}{self.biller.name}.")

    def test_who_may(self):
        for user in (self.frontdesk, self.therapist, self.financial, self.accountant):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.fee.with_user(user).action_was_charged()
