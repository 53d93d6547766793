"""What an RPC call brings along: flags in its context, values in its onchange."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..charge.common_charge import ChargeCommon

#: What stock's accounting obeys, also in sudo.
FLAGS = {
    "check_move_validity": False,
    "skip_invoice_sync": True,
}


@tagged("post_install", "-at_install")
class TestDoorsContext(ChargeCommon):
    def _page(self, user, **vals):
        self._let_begin(self.appointment)
        return (
            self.env["calendar.event.cancel"]
            .with_user(user)
            .create(
                {
                    "event_ids": [Command.set(self.appointment.ids)],
                    "visit_state": "no_show",
                    **vals,
                }
            )
        )

    def assertBooked(self, fee, amount):
        move = fee.move_id
        term = move.line_ids.filtered(lambda line: line.display_type == "payment_term")
        self.assertEqual(fee.balance, -amount)
        self.assertEqual(term.balance, amount)
        self.assertEqual((move.amount_total, fee.fee_open), (amount, amount))

    def test_a_unit_does_not_multiply_the_fee(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        self.assertEqual(self.code_noshow.with_context(uom=dozen.id).lst_price, 900.0)
        for user in (self.frontdesk, self.therapist):
            for amount in (900.0, 6.25):
                page = self._page(user, amount=amount)
                with self.assertRaises(AccessError), self.cr.savepoint():
                    page.with_context(uom=dozen.id).action_cancel()
        self._page(self.frontdesk).with_context(uom=dozen.id).action_cancel()
        self.assertBooked(self.appointment.fee_line_ids, 75.0)

    def test_flags_do_not_reach_the_books(self):
        self._page(self.frontdesk).with_context(**FLAGS).action_cancel()
        fee = self.appointment.fee_line_ids
        self.assertBooked(fee, 75.0)
        user_fee = fee.with_user(self.biller).with_context(**FLAGS)
        user_fee._change_fee(self.code_noshow, 20.0, "Agreed")
        self.assertBooked(fee, 20.0)
        user_fee._waive("Goodwill")
        note = fee.move_id.reversal_move_ids
        self.assertEqual((note.amount_total, note.amount_residual), (20.0, 0.0))
        self.assertEqual(fee.fee_state, "waived")

    def test_flags_do_not_reach_a_slot_booked_again(self):
        self._cancel(self.appointment, visit_state="no_show", product_id=False)
        page = self.env["calendar.event.cancel"].with_user(self.frontdesk)
        page.create({"rebook_event_id": self.appointment.id}).with_context(
            **FLAGS
        ).action_cancel()
        new = self.appointment.rebooked_event_id
        self.assertBooked(new.fee_line_ids, 75.0)

    def test_flags_do_not_reach_a_payment(self):
        self._page(self.frontdesk).action_cancel()
        fee = self.appointment.fee_line_ids
        cash = self.company_data["default_journal_cash"]
        payment = (
            fee.with_user(self.biller).with_context(**FLAGS)._take_payment(cash, 75.0)
        )
        self.assertEqual(fee.fee_state, "paid")
        self.assertEqual(sum(payment.move_id.line_ids.mapped("debit")), 75.0)


@tagged("post_install", "-at_install")
class TestDoorsOnchange(ChargeCommon):
    """A browser may claim anything of a record that is not saved yet."""

    def setUp(self):
        super().setUp()
        self._cancel(self.appointment, visit_state="no_show")
        self.fee = self.appointment.fee_line_ids
        self.own = self._new_appointment(self.client_2, self.financial)

    def _onchange(self, model, values, *names, user=None):
        """As somebody else than the provider of the appointment."""
        fields_spec = {name: {} for name in (*values, *names)}
        return (
            self.env[model]
            .with_user(user or self.financial)
            .onchange(values, list(values), fields_spec)["value"]
        )

    def test_the_result_of_another_appointment(self):
        values = {"state": "done", "event_ids": [Command.link(self.appointment.id)]}
        with self.assertRaises(AccessError):
            self._onchange("calendar.event.cancel", values, "result")
        with self.assertRaises(AccessError):
            self._onchange("calendar.event.cancel", values, "is_charging")

    def test_a_client_that_is_not_the_appointments(self):
        names = ("card_link", "card_hint", "available_token_ids", "client_credit")
        for values in (
            {"client_id": self.client_1.id},
            {"appointment_ids": [Command.link(self.appointment.id)]},
            {
                "event_ids": [
                    Command.update(self.own.id, {"client_id": self.client_1.id})
                ],
                "client_id": self.client_1.id,
            },
        ):
            told = self._onchange("calendar.event.cancel", values, *names)
            # The third is about an own appointment: of its client, a link is told.
            self.assertEqual(bool(told.get("card_link")), "event_ids" in values)
            tokens = told.get("available_token_ids") or []
            self.assertNotIn(self.card.id, [command[1] for command in tokens])
        row = {"event_id": self.own.id, "client_id": self.client_1.id}
        told = self._onchange("calendar.event.cancel.line", row, "available_token_ids")
        self.assertFalse(told.get("available_token_ids"))

    def test_fees_of_others(self):
        values = {"fee_line_ids": [Command.link(self.fee.id)]}
        told = self._onchange("calendar.event", values, "fee_state", "fee_amount")
        self.assertFalse(told.get("fee_amount"))
        self.assertIn(told.get("fee_state"), (None, False, "none"))

    def test_the_start_of_another_appointment(self):
        values = {"appointment_id": self.appointment.id}
        with self.assertRaises(AccessError):
            self._onchange("noshow.chart.entry", values, "date")

    def test_the_journals_are_for_the_practice(self):
        pay = self.env["account.move.line.pay.fee"]
        names = pay.with_user(self.frontdesk).fields_get(["journal"])
        self.assertTrue(names["journal"]["selection"])
        for user in (self.employee, self.portal):
            names = pay.with_user(user).fields_get(["journal"])
            self.assertFalse(names["journal"]["selection"])

    def test_attention_is_for_the_practice(self):
        events = self.env["calendar.event"]
        events.with_user(self.frontdesk).action_open_attention("declined")
        with self.assertRaises(AccessError):
            events.with_user(self.employee).action_open_attention("declined")


@tagged("post_install", "-at_install")
class TestDoorsFigures(ChargeCommon):
    def test_an_invoice_of_a_fee_is_not_cancelled(self):
        self._cancel(self.appointment, visit_state="no_show")
        move = self.appointment.fee_line_ids.move_id.with_user(self.accountant)
        with self.assertRaisesRegex(UserError, "waive the fee"):
            move.button_cancel()
        self.assertEqual(self.appointment.fee_state, "open")

    def test_a_therapist_who_keeps_the_books_reads_own_names(self):
        self.therapist.group_ids += self.env.ref("account.group_account_readonly")
        other = self._new_appointment(self.client_2, self.financial)
        self._cancel(self.appointment | other, visit_state="no_show", product_id=False)
        rows = self.env["noshow.fee.report"].with_user(self.therapist).search([])
        self.assertEqual(len(rows), 2)
        self.assertEqual(rows.client_id, self.client_1)
        self.assertEqual(rows.partner_id, self.client_1)
