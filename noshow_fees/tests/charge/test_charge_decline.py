"""A decline keeps the fee open, says why, and undoes nothing."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools.translate import code_translations

from .common_charge import ChargeCommon, StripeCommon


@tagged("post_install", "-at_install")
class TestDecline(ChargeCommon):
    def test_decline_keeps_the_fee_open(self):
        charge = self._cancel_and_charge(card=self._new_demo_card("error"))
        self._commit()
        self.assertEqual(charge.state, "error")
        self.assertEqual(self.appointment.visit_state, "no_show")
        self.assertEqual(self.appointment.fee_state, "open")
        message = charge._get_charge_message()
        self.assertEqual(message["level"], "danger")
        self.assertIn(
            "the bank declined it and gives no reason. The fee", message["text"]
        )
        self.assertIn("A biller can try this card again", message["text"])

    def test_decline_offers_a_payment_link(self):
        page = self._cancel(
            self.appointment,
            visit_state="no_show",
            charge_card=True,
            payment_token_id=self._new_demo_card("error").id,
        )
        page.invalidate_recordset()
        self.assertFalse(page.needs_payment_link)
        self._commit()
        page.invalidate_recordset()
        self.assertTrue(page.needs_payment_link)
        fee = self.appointment.fee_line_ids
        action = page.action_open_payment_link()
        self.assertEqual(action["context"]["default_line_id"], fee.id)
        dialog = (
            self.env["account.move.line.charge"]
            .with_user(self.biller)
            .create({"line_id": fee.id, "payment_token_id": self.card.id})
        )
        dialog.action_charge()
        self._commit()
        self.env.invalidate_all()
        self.assertFalse(page.needs_payment_link or dialog.needs_payment_link)


@tagged("post_install", "-at_install")
class TestDeclineStripe(StripeCommon):
    def test_decline_keeps_code_and_intent(self):
        charge = self._cancel_and_charge(
            card=self._new_stripe_card("pm_declined_insufficient_funds")
        )
        self._commit()
        self.assertEqual(charge.state, "error")
        self.assertEqual(charge.decline_code, "insufficient_funds")
        self.assertFalse(charge.decline_is_final)
        self.assertTrue(charge.provider_reference.startswith("pi_"))
        text = charge._get_charge_message()["text"]
        self.assertIn("not enough money", text)
        fee = self.appointment.fee_line_ids
        self.assertEqual(fee.fee_state, "open")
        # A retry is a new attempt with a new key.
        fee._charge({fee: self.card})
        self._commit()
        self.assertEqual(fee.fee_state, "paid")
        keys = {r["key"] for r in self.fake.account.requests if r["key"]}
        self.assertEqual(len(keys), 2)
        self.assertEqual(len(self.succeeded), 1)

    def test_in_the_readers_language(self):
        """A job has written it down."""
        self.env["res.lang"]._activate_lang("fr_FR")
        words = {
            "there is not enough money on the card.": "la provision est insuffisante.",
            "the bank declined it and gives no reason.": "la banque a refusé.",
        }
        self.startPatcher(
            patch.dict(
                code_translations.python_translations, {("noshow_fees", "fr_FR"): words}
            )
        )
        for behaviour, reason in zip(
            ("pm_declined_insufficient_funds", "pm_declined_generic_decline"),
            words.values(),
            strict=True,
        ):
            charge = self._cancel_and_charge(
                self._new_appointment(), self._new_stripe_card(behaviour)
            )
            self._commit()
            self.assertEqual(charge.state, "error")
            french = charge.with_context(lang="fr_FR")
            self.assertIn(reason, french._get_charge_message()["text"])
            # Odoo's page after a client's payment.
            page = french.env["ir.qweb"]._render(
                "payment.state_header", {"tx": french, "is_processing": False}
            )
            self.assertIn(reason, page)
        # Twin: what somebody else has said of it.
        charge.state_message = "Refused by hand."
        self.assertIn("refused by hand.", french._get_charge_message()["text"])

    def test_final_decline_is_never_tried_again(self):
        card = self._new_stripe_card("pm_declined_stolen_card")
        charge = self._cancel_and_charge(card=card)
        self._commit()
        self.assertTrue(charge.decline_is_final)
        fee = self.appointment.fee_line_ids
        with self.assertRaisesRegex(UserError, "must not be tried again"):
            fee._charge({fee: card})

    def test_advice(self):
        """What the result page says to do next: each way keeps the fee open."""
        for behaviour, advice in (
            (
                "pm_declined_insufficient_funds",
                "The fee stays open. Ask the",
            ),
            ("pm_declined_stolen_card", "This card must not be tried again."),
            ("pm_action", "Send the client a link to pay online"),
        ):
            with self.subTest(behaviour):
                appointment = self._new_appointment()
                charge = self._cancel_and_charge(
                    appointment, card=self._new_stripe_card(behaviour)
                )
                self._commit()
                self.assertIn(advice, charge._get_charge_message()["text"])
                self.assertEqual(appointment.fee_state, "open")
