"""Who changes, charges, waives and pays a fee over RPC, logged in as each role."""

from datetime import timedelta

from odoo import Command
from odoo.tests import HttpCase, JsonRpcException, tagged

from .rights_common import MONEY, RightsCase


@tagged("post_install", "-at_install")
class TestFeeCalls(RightsCase, HttpCase):
    def _call(self, model, method, *args):
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": {}},
        )

    def _assert_allowed(self, expected, dialog, action, get_values):
        """Each opens the dialog for a fee of their own, and presses its button.

        :param get_values: called with the fee; what the browser sends
        """
        allowed = set()
        for number, (name, (user, provider)) in enumerate(self.actors.items()):
            start = self.tomorrow + timedelta(days=number)
            fee = self._miss(self._new_appointment(provider=provider, start=start))
            self.env.flush_all()
            self.authenticate(user.login, user.login)
            try:
                [dialog_id] = self._call(dialog, "create", [get_values(fee)])
                self._call(dialog, action, [dialog_id])
                allowed.add(name)
            except JsonRpcException as error:
                self.assertEqual(str(error), "odoo.exceptions.AccessError", name)
                self.env.invalidate_all()
                self.assertEqual((fee.price_unit, fee.fee_state), (75.0, "open"), name)
        self.assertEqual(allowed, set(expected))

    def test_change(self):
        self._assert_allowed(
            MONEY | {"financial, own"},
            "account.move.line.edit.fee",
            "action_save",
            lambda fee: {
                "line_id": fee.id,
                "product_id": self.code_late.id,
                "amount": 20.0,
            },
        )

    def test_charge(self):
        self._assert_allowed(
            MONEY | {"financial, own"},
            "account.move.line.charge",
            "action_charge",
            lambda fee: {"line_id": fee.id, "payment_token_id": self.card.id},
        )

    def test_waive(self):
        self._assert_allowed(
            MONEY,
            "account.move.line.waive.fee",
            "action_waive",
            lambda fee: {
                "line_ids": [Command.set(fee.ids)],
                "reason_id": self.reason.id,
            },
        )

    def test_pay(self):
        journal = self.company_data["default_journal_cash"]
        self._assert_allowed(
            MONEY,
            "account.move.line.pay.fee",
            "action_pay",
            lambda fee: {"line_id": fee.id, "journal": str(journal.id), "amount": 10.0},
        )
