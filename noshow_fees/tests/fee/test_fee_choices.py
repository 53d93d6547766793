"""Choosing a fee, and giving money back with a button of its own."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..charge.common_charge import ChargeCommon
from ..common import PracticeCommon


@tagged("post_install", "-at_install")
class TestFeeChoices(PracticeCommon):
    def _choices(self, name="", user=None, limit=8):
        products = self.env["product.product"].with_user(user or self.frontdesk)
        products = products.with_context(noshow_fee_company=self.company.id)
        rows = products.web_name_search(
            name, {"display_name": {}}, [("cpt_code", "!=", False)], limit=limit
        )
        return [(row["id"], row["__formatted_display_name"]) for row in rows]

    def test_missed_visits_first_with_prices(self):
        for user in (self.frontdesk, self.therapist, self.biller, self.owner):
            with self.subTest(user=user.login):
                choices = self._choices(user=user)
                first = {id_ for id_, _name in choices[:2]}
                self.assertEqual(first, {self.code_noshow.id, self.code_late.id})
                names = dict(choices)
                self.assertIn("--$", names[self.code_noshow.id].replace("\xa0", ""))
                self.assertIn("75.00 · Custom--", names[self.code_noshow.id])
        everything = self._choices(limit=None)
        codes = self.env["product.product"].browse(id_ for id_, _name in everything)
        others = [(code.cpt_source, code.cpt_code) for code in codes[2:]]
        self.assertEqual(others, sorted(others))  # custom before system
        self.assertEqual({source for source, _code in others}, {"custom", "system"})

    def test_what_was_charged_lately_comes_before_others_of_its_kind(self):
        self.assertNotEqual(self._choices()[2][0], self.code_system.id)
        self._cancel(
            self.appointment, visit_state="no_show", product_id=self.code_system.id
        )
        self.assertEqual(self._choices()[2][0], self.code_system.id)

    def test_by_code_and_by_words(self):
        self.assertEqual(self._choices("nosh")[0][0], self.code_noshow.id)
        self.assertEqual(self._choices("90834")[0][0], self.code_system.id)
        self.assertFalse(self._choices("no such thing"))

    def test_the_name_that_is_chosen_has_no_price(self):
        product = self.code_noshow.with_context(noshow_fee_company=self.company.id)
        self.assertNotIn("75", product.display_name)


@tagged("post_install", "-at_install")
class TestRefundButton(ChargeCommon):
    def setUp(self):
        super().setUp()
        self._cancel_and_charge()
        self._settle()
        self.fee = self.appointment.fee_line_ids

    def _settle(self):
        """Let what is sent after the commit be sent."""
        self._commit()
        self.env.invalidate_all()

    def _refund(self, amount=None, user=None):
        fee = self.fee.with_user(user or self.biller)
        action = fee.action_open_refund()
        model = self.env[action["res_model"]].with_user(user or self.biller)
        form = Form(model.with_context(**action["context"]))
        form.reason = "Goodwill"
        if amount is not None:
            form.amount = amount
        return form

    def test_all_of_it(self):
        self.assertEqual(self.fee.fee_kept, 75.0)
        form = self._refund()
        self.assertEqual(form.amount, 75.0)
        self.assertIn("brings the fee to zero", form.preview)
        form.save().action_refund()
        self._settle()
        self.assertEqual(self.fee.fee_state, "refunded")
        self.assertEqual(self.fee.fee_kept, 0.0)

    def test_a_part_of_it(self):
        form = self._refund(25.0)
        self.assertIn("50.00", form.preview)
        form.save().action_refund()
        self._settle()
        fee = self.appointment.fee_line_ids.filtered("is_noshow_fee")
        self.assertEqual((fee.fee_amount, fee.fee_kept), (50.0, 50.0))
        self.assertEqual(fee.fee_state, "paid")

    def test_not_more_and_not_nothing(self):
        for amount in (0.0, -5.0, 75.01):
            with self.assertRaises(UserError):
                self._refund(amount).save().action_refund()
        self.assertEqual(self.fee.fee_state, "paid")

    def test_who_may(self):
        for user in (self.frontdesk, self.therapist, self.financial, self.accountant):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self.fee.with_user(user).action_open_refund()
                with self.assertRaises(AccessError):
                    self.fee.with_user(user)._refund_fee(75.0, "x")


@tagged("post_install", "-at_install")
class TestDeskProposals(PracticeCommon):
    def test_cash_is_proposed_at_the_desk(self):
        self._cancel(self.appointment, visit_state="no_show")
        self.company.noshow_staff_takes_payment = True
        cash = self.company_data["default_journal_cash"]
        fee = self.appointment.fee_line_ids
        action = fee.with_user(self.biller).action_open_payment()
        model = self.env[action["res_model"]].with_user(self.biller)
        form = Form(model.with_context(**action["context"]))
        self.assertEqual(form.journal_id, cash)
        action = fee.with_user(self.frontdesk).action_open_payment()
        model = self.env[action["res_model"]].with_user(self.frontdesk)
        dialog = model.with_context(**action["context"]).create({})
        self.assertEqual(dialog.journal, str(cash.id))
        dialog.action_pay()
        self.assertEqual(fee.fee_state, "paid")
