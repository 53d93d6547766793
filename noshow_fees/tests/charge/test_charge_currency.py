"""Charges of practices whose currency has no cents, or three decimals."""

from odoo.tests import tagged

from .common_charge import StripeCommon


@tagged("post_install", "-at_install")
class TestCurrency(StripeCommon):
    def _set_currency(self, name):
        currency = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "=", name)])
        )
        currency.active = True
        self.company.currency_id = currency
        for journal in ("bank", "cash"):
            self.company_data[f"default_journal_{journal}"].currency_id = False

    def _charge_change_waive(self, full, less):
        """Charge a fee, lower it, waive the rest: each difference goes back."""
        charge = self._cancel_and_charge(user=self.biller, amount=full)
        self._commit()
        fee = self.appointment.fee_line_ids.with_user(self.biller)
        self.assertEqual((charge.state, fee.fee_state), ("done", "paid"))
        self.assertEqual(charge.payment_id.amount, full)
        fee._change_fee(self.code_noshow, less, "Agreed", surplus="refund")
        self._commit()
        self.assertEqual((fee.fee_state, fee.fee_received), ("paid", less))
        fee._waive("Courtesy", surplus="refund")
        self._commit()
        self.assertEqual(fee.fee_state, "refunded")
        self.assertFalse(fee.move_id.amount_residual)
        account = self.fake.account
        return (
            [intent["amount"] for intent in account.intents.values()],
            {intent["currency"] for intent in account.intents.values()},
            [refund["amount"] for refund in account.refunds.values()],
        )

    def test_yen(self):
        self._set_currency("JPY")
        self.assertEqual(
            self._charge_change_waive(7500.0, 5000.0), ([7500], {"jpy"}, [2500, 5000])
        )

    def test_dinars(self):
        self._set_currency("KWD")
        self.assertEqual(
            self._charge_change_waive(10.12, 7.5), ([10120], {"kwd"}, [2620, 7500])
        )

    def test_kronas(self):
        """Iceland's krona has no cents in Odoo, and two decimals at Stripe."""
        self._set_currency("ISK")
        self.assertEqual(
            self._charge_change_waive(7500.0, 5000.0),
            ([750000], {"isk"}, [250000, 500000]),
        )
