"""Clients with saved cards: of the demo provider, and of a fake Stripe."""

import os
from unittest.mock import patch

from odoo import fields
from odoo.tests import new_test_user

from odoo.addons.payment.tests.common import PaymentCommon

from ...tools import stripe_client
from ..common import PracticeCommon
from .fake_stripe import KEY, FakeStripe, Fault


class ChargeCommon(PracticeCommon, PaymentCommon):
    """`client_1` has agreed to card charges and has a demo card that works."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.demo = cls._enable_provider("demo", {})
        cls.card_method = cls.env.ref("payment.payment_method_card")
        cls.client_1.card_authorized_on = fields.Date.today()
        cls.card = cls._new_demo_card("done")

    def setUp(self):
        # Stock's common patches account_payment's post-processing away otherwise, and
        # invoices would never be matched (account_payment/tests/common.py).
        self.enable_post_process_patcher = False
        super().setUp()

    @classmethod
    def _enable_provider(cls, code, vals):
        """A provider of the practice in test mode, paid into its bank journal."""
        # Odoo makes one for the first company only.
        provider = (
            cls.env.ref(f"payment.payment_provider_{code}")
            .sudo()
            .copy({"company_id": cls.company.id})
        )
        provider.write({"state": "test", "allow_tokenization": True, **vals})
        provider.journal_id = cls.company_data["default_journal_bank"]
        return provider

    @classmethod
    def _new_demo_card(cls, outcome, partner=None, **vals):
        """A saved card of the demo provider whose charges will end as `outcome`."""
        return (
            cls.env["payment.token"]
            .sudo()
            .create(
                {
                    "provider_id": cls.demo.id,
                    "payment_method_id": cls.demo.payment_method_ids[:1].id,
                    "payment_details": "4242",
                    "partner_id": (partner or cls.client_1).id,
                    "provider_ref": "demo",
                    "demo_simulated_state": outcome,
                    **vals,
                }
            )
        )

    def _log_in_as(self, partner):
        """In a browser (of an `HttpCase`), by a portal login that is made for it."""
        login = f"noshow_portal_{partner.id}"
        new_test_user(
            self.env,
            login,
            "base.group_portal",
            context={"no_reset_password": True},
            partner_id=partner.id,
            name=partner.name,
            email=partner.email or "holder@example.com",
            company_id=self.company.id,
        )
        self.authenticate(login, login)

    def _commit(self):
        """Run what waits for the commit: the charges are sent."""
        with self.enter_registry_test_mode():
            self.env.cr.postcommit.run()

    def _run_job(self):
        with self.enter_registry_test_mode():
            self.env.ref("noshow_fees.ir_cron_charge").method_direct_trigger()

    def _receive_cash(self, amount):
        """A payment of `client_1` that is matched with nothing: open credit."""
        payment = self.env["account.payment"].create(
            {
                "amount": amount,
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.client_1.id,
                "journal_id": self.company_data["default_journal_cash"].id,
            }
        )
        payment.action_post()
        return payment

    def _cancel_and_charge(self, appointment=None, card=None, user=None, **vals):
        """Cancel as a no-show, charging the card.

        :return: the charge, in sudo
        """
        appointment = appointment or self.appointment
        self._cancel(
            appointment,
            user,
            visit_state="no_show",
            charge_card=True,
            payment_token_id=(card or self.card).id,
            **vals,
        )
        return self._charges_of(appointment.fee_line_ids)[:1]

    def _charges_of(self, fee):
        return (
            self.env["payment.transaction"]
            .sudo()
            .search([("fee_line_id", "in", fee.ids)])
        )


class StripeCommon(ChargeCommon):
    """The same with Stripe, played by a fake in this process."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fake = FakeStripe().start()
        cls.addClassCleanup(cls.fake.stop)
        cls.startClassPatcher(
            patch.dict(os.environ, {stripe_client.API_BASE_VARIABLE: cls.fake.address})
        )
        cls.stripe = cls._enable_provider(
            "stripe",
            {
                "stripe_publishable_key": "pk_test_fake",
                "stripe_secret_key": KEY,
                "stripe_webhook_secret": "whsec_fake",
            },
        )
        cls.card = cls._new_stripe_card("pm_ok")

    def setUp(self):
        super().setUp()
        self.fake.account.reset()

    @classmethod
    def _new_stripe_card(cls, behaviour, partner=None, **vals):
        """A saved card that behaves as the fake knows by its name."""
        return (
            cls.env["payment.token"]
            .sudo()
            .create(
                {
                    "provider_id": cls.stripe.id,
                    "payment_method_id": cls.card_method.id,
                    "payment_details": "4242",
                    "partner_id": (partner or cls.client_1).id,
                    "provider_ref": "cus_fake",
                    "stripe_payment_method": behaviour,
                    **vals,
                }
            )
        )

    def _fault(self, kind, **options):
        self.fake.account.faults.append(Fault(kind, **options))

    @property
    def succeeded(self):
        return self.fake.account.summary()["succeeded"]
