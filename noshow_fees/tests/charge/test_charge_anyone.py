"""Whoever starts it: several fees by one press in the portal, Odoo's own payments, jobs
and automations. Findings E1, E2, A6."""

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.payment.controllers.post_processing import PaymentPostProcessing

from ...tools.context import by_method
from .common_charge import StripeCommon

CHARGE_LOG = "odoo.addons.noshow_fees.models.charge.payment_transaction_protocol"


@tagged("post_install", "-at_install")
class TestPortalSeveral(StripeCommon, HttpCase):
    """A parent pays three overdue fees at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].sudo().set_param(
            "account_payment.enable_portal_payment", "True"
        )
        cls.parent = new_test_user(
            cls.env,
            "parent",
            "base.group_portal",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.stripe.is_published = True
        cls.payer = cls.parent.partner_id
        cls.client_1.payer_id = cls.payer
        cls.card = cls._new_stripe_card("pm_ok", cls.payer)
        appointments = cls.appointment
        for _n in range(2):
            appointments |= cls._new_appointment(cls.client_1)
        for appointment in appointments:
            cls._cancel(cls, appointment, visit_state="no_show")
        cls.fees = appointments.fee_line_ids
        # The invoice of a fee is under a seal; time passes for it, too.
        by_method(cls.fees.move_id).invoice_date_due = "2020-01-01"
        by_method(cls.fees.move_id.line_ids).filtered(
            lambda line: line.display_type == "payment_term"
        ).date_maturity = "2020-01-01"

    def setUp(self):
        super().setUp()
        self.authenticate("parent", "parent")

    def _press(self, amount=225.0, flow="token"):
        answer = self.url_open(
            "/invoice/transaction/overdue",
            json={
                "params": {
                    "payment_reference": "BATCH/2026/0001",
                    "provider_id": self.stripe.id,
                    "payment_method_id": self.card_method.id,
                    "token_id": self.card.id if flow == "token" else None,
                    "amount": amount,
                    "flow": flow,
                    "tokenization_requested": False,
                    "landing_route": "/my/invoices/",
                }
            },
        ).json()
        # In tests nothing is committed: the job sends it, as if the server had died.
        self._run_job()
        self.env.invalidate_all()
        return answer

    def _charges(self):
        return self._charges_of(self.fees).sorted("id")

    def test_a_transaction_a_fee(self):
        self.assertEqual(self._press()["result"]["state"], "pending")
        charges = self._charges()
        self.assertEqual(charges.mapped("state"), ["done"] * 3)
        self.assertEqual(charges.fee_line_id, self.fees)
        self.assertEqual(self.fees.mapped("fee_state"), ["paid"] * 3)
        self.assertEqual([i["amount"] for i in self.succeeded], [7500] * 3)
        # Opaque, and none is another's.
        references = {intent["description"] for intent in self.succeeded}
        self.assertEqual(len(references), 3)
        self.assertTrue(all(name.startswith("fee-") for name in references))

    @mute_logger(CHARGE_LOG)
    def test_line_cut_and_pressed_again(self):
        self._fault("drop_after", times=30)
        self._press()
        self.assertEqual(self._charges().mapped("state"), ["pending"] * 3)
        self.fake.account.faults.clear()
        with mute_logger("odoo.http"):
            self.assertIn("error", self._press())
        self.assertEqual(len(self._charges()), 3)
        for charge in self._charges():
            charge._settle_charge()
        self.env.invalidate_all()
        self.assertEqual(self.fees.mapped("fee_state"), ["paid"] * 3)
        self.assertEqual(len(self.succeeded), 3)

    def test_the_page_tells_what_became_of_each(self):
        second = self.fees[1]
        self._press()
        self._charges()[1]._set_error("x", extra_allowed_states=("done",))
        self.env.flush_all()
        page = self.url_open("/payment/status").text
        for fee in self.fees:
            self.assertIn(fee.move_name, page)
        self.assertEqual((page.count("fa-check"), page.count("Not paid:")), (2, 1))
        self.assertIn("/my/invoices/", page)
        self.assertTrue(second)

    def test_the_page_of_something_else_since(self):
        self._press()
        self.session[PaymentPostProcessing.MONITORED_TX_ID_KEY] = 0
        http.root.session_store.save(self.session)
        page = self.url_open("/payment/status").text
        self.assertNotIn(self.fees[0].move_name, page)

    @mute_logger("odoo.http")
    def test_another_amount_than_the_page_showed(self):
        self.assertIn("error", self._press(amount=150.0))
        self.assertFalse(self._charges() or self.fake.account.requests)

    @mute_logger("odoo.http")
    def test_a_new_card_pays_one_at_a_time(self):
        answer = self._press(flow="direct")
        self.assertIn("one by one", answer["error"]["data"]["message"])
        self.assertFalse(self.fake.account.requests)

    def test_the_overdue_page(self):
        page = self.url_open("/my/invoices/overdue").text
        self.assertIn("225.00", page)
        self.assertIn("one by", page)
        self.assertIn("4242", page)

    def test_beside_another_invoice(self):
        """What is not a fee goes together with the fees: in two phases."""
        other = self.init_invoice(
            "out_invoice", self.payer, "2020-01-01", amounts=[10.0], post=True
        )
        other.invoice_date_due = "2020-01-01"
        self.assertNotIn("error", self._press(amount=225.0 + other.amount_total))
        self.assertEqual(len(self.succeeded), 4)
        [charge] = other.transaction_ids
        self.assertEqual((charge.state, charge.fee_line_id.ids), ("done", []))
        self.assertIn(other.payment_state, ("paid", "in_payment"))


@tagged("post_install", "-at_install")
class TestChargeAnyone(StripeCommon):
    """Nobody charges a client's saved card past its fee."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = new_test_user(
            cls.env,
            "accountant",
            "account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.method_line = cls.company_data[
            "default_journal_bank"
        ].inbound_payment_method_line_ids.filtered(
            lambda line: line.payment_provider_id == cls.stripe
        )

    def _new_payment(self, card=None, env=None, **vals):
        card = card or self.card
        return (env or self.env)["account.payment"].create(
            {
                "amount": 499.0,
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": card.partner_id.id,
                "journal_id": self.company_data["default_journal_bank"].id,
                "payment_method_line_id": self.method_line.id,
                "payment_token_id": card.id,
                **vals,
            }
        )

    def _assert_refused(self, action):
        with self.assertRaisesRegex(UserError, "from the fee itself"):
            action()
        self.assertFalse(self.fake.account.requests)

    def test_payment_with_a_saved_card(self):
        as_accountant = self.env(user=self.accountant)
        payment = self._new_payment(env=as_accountant)
        self._assert_refused(payment.action_post)

    def test_payment_by_an_automation(self):
        payment = self._new_payment().sudo()
        self._assert_refused(payment.action_post)

    def test_card_written_on_a_draft(self):
        payment = self._new_payment(payment_token_id=False)
        payment.payment_token_id = self.card
        self._assert_refused(payment.action_post)

    def test_card_of_who_pays(self):
        self.client_1.payer_id = payer = self.env["res.partner"].create({"name": "P"})
        payment = self._new_payment(self._new_stripe_card("pm_ok", payer))
        self._assert_refused(payment.action_post)

    def test_card_of_a_client_for_somebody_else(self):
        other = self.env["res.partner"].create({"name": "Supplier"})
        payment = self._new_payment(partner_id=other.id, payment_token_id=self.card.id)
        self._assert_refused(payment.action_post)

    def test_an_invoice_that_is_no_fee(self):
        invoice = self.init_invoice(
            "out_invoice", self.client_1, amounts=[10.0], post=True
        )
        dialog = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create(
                {
                    "journal_id": self.company_data["default_journal_bank"].id,
                    "payment_method_line_id": self.method_line.id,
                    "payment_token_id": self.card.id,
                }
            )
        )
        self.assertEqual(dialog.payment_token_id, self.card)
        self._assert_refused(dialog.action_create_payments)

    def _new_transaction(self, operation, card=None, **vals):
        card = card or self.card
        return (
            self.env["payment.transaction"]
            .sudo()
            .create(
                {
                    "provider_id": self.stripe.id,
                    "payment_method_id": self.card_method.id,
                    "token_id": card.id,
                    "operation": operation,
                    "reference": f"code-{operation}",
                    "amount": 10.0,
                    "currency_id": self.company.currency_id.id,
                    "partner_id": card.partner_id.id,
                    **vals,
                }
            )
        )

    def test_transaction_made_by_code(self):
        self._assert_refused(lambda: self._new_transaction("offline"))
        charge = self._new_transaction("online_token")
        self._assert_refused(charge._charge_with_token)
        charge.operation = "offline"
        self._assert_refused(charge._charge_with_token)

    def test_context_flag_is_no_way(self):
        charge = self._new_transaction("online_token")
        charge = charge.with_context(noshow_charging=True)
        self._assert_refused(charge._charge_with_token)

    def test_card_of_somebody_who_is_no_client(self):
        """The twin: stock's way stays for everybody else."""
        other = self.env["res.partner"].create({"name": "Supplier"})
        payment = self._new_payment(self._new_stripe_card("pm_ok", other))
        payment.with_user(self.accountant).action_post()
        self.assertIn(payment.state, ("paid", "in_process"))
        self.assertEqual(len(self.succeeded), 1)

    def test_a_fee_by_a_biller(self):
        """The twin: the fee's own way charges the same card."""
        self._cancel(self.appointment, visit_state="no_show")
        fee = self.appointment.fee_line_ids
        fee.with_user(self.biller)._charge_later(self.card)
        self._commit()
        self.assertEqual((fee.fee_state, len(self.succeeded)), ("paid", 1))

    def test_refund_without_the_right(self):
        """Odoo's own refund button (A7)."""
        charge = self._cancel_and_charge()
        self._commit()
        as_accountant = charge.with_user(self.accountant).sudo(False)
        with self.assertRaises(AccessError):
            as_accountant.action_refund(75.0)
        self.assertFalse(charge.child_transaction_ids)
        self.assertFalse(self.fake.account.refunds)
        self.assertEqual(len(self.succeeded), 1)
