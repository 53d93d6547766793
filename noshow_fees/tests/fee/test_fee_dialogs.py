"""A dialog is saved on what it has shown, or not at all. Two people at the very same
moment: `tests/test_two_editors.py`, with real processes."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ..charge.common_charge import ChargeCommon


@tagged("post_install", "-at_install")
class TestFeeDialogs(ChargeCommon):
    def setUp(self):
        super().setUp()
        self._cancel(self.appointment, visit_state="no_show")
        self.fee = self.appointment.fee_line_ids
        self.invoice = self.fee.move_id
        self.cash = self.company_data["default_journal_cash"]

    def _dialogs(self):
        """Every dialog that moves the money of the fee, opened as the browser does."""
        fee = self.fee.with_user(self.biller)
        dialogs = []
        for action, values in (
            (fee.action_open_edit(), {"amount": 60.0}),
            (fee.action_open_waive(), {"reason_id": self.reason}),
            (fee.action_open_charge(), {}),
            (self.appointment.with_user(self.biller).action_restore(), {}),
            (fee.action_open_payment(), {}),
        ):
            model = self.env[action["res_model"]].with_user(self.biller)
            form = Form(model.with_context(**action["context"]))
            for name, value in values.items():
                setattr(form, name, value)
            dialogs.append(form)
        return dialogs

    def _save(self, form):
        dialog = form.save()
        name = {
            "account.move.line.edit.fee": "action_save",
            "account.move.line.waive.fee": "action_waive",
            "account.move.line.charge": "action_charge",
            "account.payment.register": "action_create_payments",
            "calendar.event.restore": "action_restore",
        }[dialog._name]
        return getattr(dialog, name)()

    def assertAllRefused(self, forms, pattern):
        for form in forms:
            with (
                self.subTest(dialog=form._record._name),
                self.assertRaisesRegex(UserError, pattern),
                self.cr.savepoint(),
            ):
                self._save(form)

    def test_all_are_saved_when_nothing_has_changed(self):
        for n in range(5):
            with self.cr.savepoint() as savepoint:
                self._save(self._dialogs()[n])
                savepoint.rollback()
            self.env.invalidate_all()

    def test_a_selection_in_any_order(self):
        """The browser has the order of a list that was sorted or grouped; what was
        saved is read in Odoo's own."""
        other = self._new_appointment(self.client_2)
        self._cancel(other, visit_state="no_show")
        account = self.company_data["default_account_expense"]
        events = (self.appointment + other).with_user(self.biller)
        for people in (events, events[::-1]):
            # Not `mapped`, which has an order of its own.
            fees = people.browse().fee_line_ids.union(*(e.fee_line_ids for e in people))
            for action, values, name in (
                (fees.action_open_waive(), {"reason_id": self.reason}, "waive"),
                (
                    fees.action_open_write_off(),
                    {"account_id": account, "reason": "Moved away"},
                    "write_off",
                ),
                (people.action_restore(), {}, "restore"),
            ):
                with self.subTest(name, first=people[0]), self.cr.savepoint() as undone:
                    model = self.env[action["res_model"]].with_user(self.biller)
                    form = Form(model.with_context(**action["context"]))
                    for field, value in values.items():
                        setattr(form, field, value)
                    dialog = form.save()
                    self.env.invalidate_all()
                    getattr(dialog, f"action_{name}")()
                    self.assertNotIn("open", fees.mapped("fee_state"))
                    undone.rollback()
                self.env.invalidate_all()

    def test_changed_meanwhile(self):
        forms = self._dialogs()
        self.fee.with_user(self.owner)._change_fee(self.code_noshow, 50.0, "Agreed")
        self.assertAllRefused(forms, "since you opened")
        self.assertEqual(self.fee.fee_open, 50.0)

    def test_paid_in_part_meanwhile(self):
        forms = self._dialogs()
        self.fee.with_user(self.owner)._take_payment(self.cash, 25.0)
        self.assertAllRefused(forms, "since you opened")
        self.assertEqual(self.fee.fee_open, 50.0)

    def test_paid_meanwhile(self):
        forms = self._dialogs()
        self.fee.with_user(self.owner)._take_payment(self.cash, 75.0)
        self.assertAllRefused(forms, "since you opened|nothing left to pay")
        self.assertEqual(len(self.invoice.matched_payment_ids), 1)

    def test_more_than_is_open_when_somebody_types_it(self):
        form = self._dialogs()[-1]
        form.amount = 100.0
        self._save(form)
        self.assertEqual(self.fee.fee_state, "paid")
        self.assertEqual(self.client_1.credit, -25.0)

    def test_one_of_many_changed_meanwhile(self):
        other = self._new_appointment(self.client_2)
        self._cancel(other, visit_state="no_show")
        lines = (self.fee + other.fee_line_ids).with_user(self.biller)
        action = lines.action_open_waive()
        form = Form(
            self.env[action["res_model"]]
            .with_user(self.biller)
            .with_context(**action["context"])
        )
        form.reason_id = self.reason
        other.fee_line_ids.with_user(self.owner)._take_payment(self.cash, 75.0)
        self.assertAllRefused([form], "since you opened")
        self.assertEqual(self.fee.fee_state, "open")

    def test_charged_but_not_booked_yet(self):
        """The process died between the provider's yes and the payment's entry."""
        transactions = self.registry["payment.transaction"]
        forms, others = self._dialogs(), self._dialogs()
        with patch.object(transactions, "_book_payment", lambda charge: None):
            self.fee.with_user(self.owner)._charge_later(self.card)
            self._commit()
        charge = self._charges_of(self.fee)
        self.assertEqual((charge.state, charge.is_post_processed), ("done", False))
        self.assertAllRefused(forms, "being charged")
        with self.enter_registry_test_mode():
            charge._book_payment()
        self.env.invalidate_all()
        self.assertAllRefused(others, "since you opened|nothing left to pay")
        self.assertEqual(self._charges_of(self.fee), charge)
        self.assertEqual(self.invoice.matched_payment_ids, charge.payment_id)
