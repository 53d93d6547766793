"""What is told to Stripe, and what the log holds."""

import json
import logging
from datetime import date

from psycopg2 import IntegrityError

from odoo.tests import tagged

from .common_charge import StripeCommon
from .fake_stripe import KEY


class Collector(logging.Handler):
    def __init__(self):
        super().__init__(logging.DEBUG)
        self.lines = []

    def emit(self, record):
        line = record.getMessage() + str(record.exc_info or "")
        self.lines.append((record.name, line))


@tagged("post_install", "-at_install")
class TestPrivacy(StripeCommon):
    def setUp(self):
        super().setUp()
        self.client_1.write(
            {
                "name": "Dora O'Keefe",
                "street": "1 Secret Street",
                "phone": "555-0199",
                "zip": "10001",
                "email": "dora@example.com",
            }
        )
        # The lines of Odoo's tests themselves and of its SQL are not ours to change.
        self.collector = Collector()
        for name in ("odoo.addons", "stripe", "urllib3"):
            logger = logging.getLogger(name)
            level = logger.level
            logger.setLevel(logging.DEBUG)
            logger.addHandler(self.collector)
            self.addCleanup(logger.setLevel, level)
            self.addCleanup(logger.removeHandler, self.collector)
        # The SDK prints whole requests at DEBUG, as Odoo prints calls.
        logging.getLogger("stripe").setLevel(logging.INFO)

    def _assert_nothing_personal(self, text):
        for secret in (
            "Dora",
            "Keefe",
            "Secret Street",
            "555-0199",
            "dora@example.com",
            "NOSHOW",
            "Missed appointment",
            "Session",
            "Forgot",
            self.appointment.fee_line_ids.move_name or "INV/",
        ):
            self.assertNotIn(secret, text)

    def _assert_log_is_clean(self):
        log = "\n".join(line for _name, line in self.collector.lines)
        self._assert_nothing_personal(log)
        for secret in (KEY, "whsec_fake", "4242"):
            self.assertNotIn(secret, log)
        # At DEBUG urllib3 prints the addresses asked, with Stripe's references in them.
        ours = "\n".join(
            line
            for name, line in self.collector.lines
            if not name.startswith("urllib3")
        )
        for reference in ("cus_fake", "pm_ok"):
            self.assertNotIn(reference, ours)

    def test_charge(self):
        self._cancel_and_charge(reason="Forgot")
        self._commit()
        self.assertEqual(self.appointment.fee_state, "paid")
        self._assert_nothing_personal(json.dumps(self.fake.account.requests))
        self._assert_log_is_clean()

    def test_declines_and_faults(self):
        self._fault("error_after", times=10)
        self._cancel_and_charge(reason="Forgot")
        self._commit()
        self.fake.account.reset()
        appointment = self._new_appointment()
        self._cancel_and_charge(
            appointment, self._new_stripe_card("pm_declined_lost_card"), reason="Forgot"
        )
        self._commit()
        self.assertEqual(appointment.fee_state, "open")
        self._assert_nothing_personal(json.dumps(self.fake.account.requests))
        self._assert_log_is_clean()

    def test_failed_statement(self):
        """Odoo prints one with all its values (odoo/sql_db.py)."""
        charge = self._cancel_and_charge()
        with self.assertLogs("odoo.sql_db") as log, self.assertRaises(IntegrityError):
            charge.copy({"reference": charge.reference})
        self._assert_nothing_personal("\n".join(log.output))

    def test_saving_a_card(self):
        """Stock sends and logs the client's name, address, e-mail and phone."""
        validation = (
            self.env["payment.transaction"]
            .sudo()
            .create(
                {
                    "provider_id": self.stripe.id,
                    "payment_method_id": self.card_method.id,
                    "reference": "V-1",
                    "amount": 0.0,
                    "currency_id": self.company.currency_id.id,
                    "operation": "validation",
                    "tokenize": True,
                    "partner_id": self.client_1.id,
                }
            )
        )
        values = validation._get_processing_values()
        self.assertTrue(values["client_secret"])
        card = {"id": "pm_1", "type": "card", "card": {"last4": "4242"}}
        card["card"] |= {"exp_month": 2, "exp_year": 2032}
        data = {"payment_method": card, "setup_intent": {"customer": "cus_1"}}
        token_values = validation._extract_token_values(data)
        self.assertEqual(token_values["card_expiry"], date(2032, 2, 29))
        self.assertEqual(
            [r["path"] for r in self.fake.account.requests],
            ["/v1/customers", "/v1/setup_intents"],
        )
        self._assert_nothing_personal(json.dumps(self.fake.account.requests))
        form = json.loads(
            self.stripe._stripe_get_inline_form_values(
                0,
                self.company.currency_id,
                self.client_1.id,
                True,
                payment_method_sudo=self.card_method.sudo(),
            )
        )
        self.assertEqual(
            form["billing_details"],
            {"address": {"country": "", "postal_code": "10001"}},
        )
        self._assert_log_is_clean()
