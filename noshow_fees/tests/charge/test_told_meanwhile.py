"""What is told to a client, while others go on working: nothing untrue is sent, and
nothing keeps back what is true."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common_charge import ChargeCommon


@tagged("post_install", "-at_install")
class TestToldMeanwhile(ChargeCommon):
    def setUp(self):
        super().setUp()
        self.cash = self.company_data["default_journal_cash"]
        self.batch = self.appointment
        for client in (self.client_2, self.client_3):
            self.batch += self._new_appointment(client)
        self.page = self._cancel(self.batch, visit_state="no_show")
        self.fees = self.batch.fee_line_ids

    def _dialog(self, action, user=None):
        model = self.env[action["res_model"]].with_user(user or self.frontdesk)
        return Form(model.with_context(**action["context"])).save()

    def _pay(self, fees):
        for fee in fees:
            fee.with_user(self.biller)._take_payment(self.cash, 75.0)
        self.page.invalidate_recordset()

    def _waive(self, fees):
        fees.with_user(self.owner)._waive("Came after all")

    def _mails(self):
        return self.env["mail.mail"].sudo().search([])

    def test_a_fee_of_the_batch_is_waived_before_its_turn(self):
        dialog = self._dialog(self.page.action_open_payment_link())
        _first, second, third = self.page._get_lines_to_tell("pay")
        self._waive(second)
        self._sends_then(dialog, third)

    def test_the_money_of_one_is_taken_back_before_its_turn(self):
        """What keeps the second receipt back does not keep back the first."""
        self._pay(self.fees)
        dialog = self._dialog(self.page.action_open_receipt_mail())
        _first, second, third = self.page._get_lines_to_tell("receipt")
        second.sudo().move_id.line_ids.remove_move_reconcile()
        self._sends_then(dialog, third)

    def _sends_then(self, dialog, line):
        before = self._mails()
        following = self._dialog(dialog.action_send()["params"]["next"])
        self.assertEqual((self._mails() - before).email_to, dialog.email)
        self.assertEqual(following.line_id, line)
        self.assertFalse(following.next_line_ids)

    def test_nothing_that_is_not_true_any_more(self):
        links = self._dialog(self.page.action_open_payment_link())
        self._pay(links.line_id)
        receipt = self._dialog(links.line_id.action_open_receipt_mail())
        before = self._mails()
        with self.assertRaisesRegex(UserError, "any more"):
            links.action_send()
        receipt.line_id.sudo().move_id.line_ids.remove_move_reconcile()
        receipt.invalidate_recordset()
        with self.assertRaises(UserError):
            receipt.action_send()
        self.assertEqual(self._mails(), before)

    def test_a_receipt_is_of_what_is_kept(self):
        first, second, third = self.fees
        self._pay(self.fees)
        self._waive(first | second)
        for fee, amount in ((first, 75.0), (second, 25.0)):
            self.env["account.payment.register"].with_context(
                active_model="account.move",
                active_ids=fee.move_id.reversal_move_ids.ids,
            ).create({"journal_id": self.cash.id, "amount": amount})._create_payments()
        self.env.invalidate_all()
        desk = self.fees.with_user(self.frontdesk)
        self.assertEqual({*desk._filter_to_tell("receipt").ids}, {second.id, third.id})
        with self.assertRaisesRegex(UserError, "Nothing was received"):
            desk[0].action_open_receipt_mail()
        for fee, kept in ((desk[1], "50.00"), (desk[2], "75.00")):
            receipt = self._dialog(fee.action_open_receipt_mail())
            self.assertIn(kept, receipt.amount_text)
            self.assertIn(kept, receipt.preview)
        # Given back while the dialog is open.
        note = second.move_id.reversal_move_ids
        receipt = self._dialog(desk[1].action_open_receipt_mail())
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=note.ids
        ).create({"journal_id": self.cash.id, "amount": 50.0})._create_payments()
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "any more"):
            receipt.action_send()

    def test_who_was_told_is_not_told_again(self):
        """A batch that was left half-way goes on where it was left."""
        lines = self.page._get_lines_to_tell("pay")
        first = self._dialog(self.page.action_open_payment_link())
        self.assertEqual(first.line_id, lines[0])
        first.action_send()
        self.assertEqual(first.action_open_page()["res_id"], self.page.id)
        again = self._dialog(self.page.action_open_payment_link())
        self.assertEqual(again.line_id, lines[1])
        self.assertEqual(again.next_line_ids, lines[2])
        self._dialog(again.action_send()["params"]["next"]).action_send()
        # All have it: who asks again means it.
        once_more = self._dialog(self.page.action_open_payment_link())
        self.assertEqual(once_more.line_id, first.line_id)

    def test_who_got_a_link_gets_a_receipt(self):
        link = self._dialog(self.page.action_open_payment_link())
        link.action_send()
        self._pay(self.fees)
        receipt = self._dialog(self.page.action_open_receipt_mail())
        lines = receipt.line_id | receipt.next_line_ids
        self.assertEqual(lines, self.fees)
        # A dialog that was only looked at has sent nothing.
        again = self._dialog(self.page.action_open_receipt_mail())
        self.assertEqual(again.line_id | again.next_line_ids, self.fees)

    def test_archived_meanwhile(self):
        dialog = self._dialog(self.page.action_open_payment_link())
        self.client_2.active = False
        following = self._dialog(dialog.action_send()["params"]["next"])
        self.assertEqual(following.holder_id, self.client_2)
        self.assertIn("75.00", following.preview)
        following.action_send()

    def test_each_in_their_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.env.ref("noshow_fees.mail_template_pay")
        template.with_context(lang="fr_FR").subject = "Payer en ligne"
        self.client_2.lang = "fr_FR"
        dialog, subjects = self._dialog(self.page.action_open_payment_link()), []
        for _number in range(3):
            before = self._mails()
            action = dialog.action_send()["params"]["next"]
            subjects.append((self._mails() - before).subject)
            if action["res_model"] == "noshow.link":
                dialog = self._dialog(action)
        self.assertEqual([name == "Payer en ligne" for name in subjects].count(True), 1)
        self.assertEqual(subjects[1], "Payer en ligne")

    def test_made_up_by_a_browser(self):
        dialog = self._dialog(self.page.action_open_payment_link())
        with self.assertRaises(AccessError):
            dialog.with_user(self.biller).action_send()
        other = self._cancel(
            self._new_appointment(self.client_2, provider=self.financial),
            user=self.financial,
            visit_state="no_show",
        )
        # Somebody else's result page is not written on.
        with self.assertRaises(AccessError), self.cr.savepoint():
            dialog.page_id = other
            dialog.action_send()
        self.assertFalse(other.sudo().told)

    def test_a_client_without_an_address(self):
        self.client_2.email = False
        dialog = self._dialog(self.page.action_open_payment_link())
        following = self._dialog(dialog.action_send()["params"]["next"])
        self.assertFalse(following.email)
        with self.assertRaisesRegex(UserError, "e-mail address"):
            following.action_send()
        last = self._dialog(following.action_open_next())
        last.action_send()
        self.page.invalidate_recordset()
        self.assertIn("Nobody else", self.page.result)
