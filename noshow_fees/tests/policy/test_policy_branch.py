"""What is a parent company's is its branches' to use: coverage, codes, journals."""

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from ...const import FEE_CODE_DOMAIN
from .policy_common import PolicyCommon


@tagged("post_install", "-at_install")
class TestPolicyBranch(PolicyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        companies = cls.env["res.company"]
        cls.branch, cls.sibling = companies.create(
            [
                {"name": name, "parent_id": cls.company.id, "noshow_tz": "UTC"}
                for name in ("Branch", "Sibling")
            ]
        )
        # Odoo gives them the accounts of their parent before the commit.
        cls.env.cr.precommit.run()
        cls.env.user.company_ids |= cls.branch | cls.sibling
        # They work at the branch, and nowhere else.
        people = cls.frontdesk | cls.biller | cls.manager | cls.therapist
        people.write(
            {
                "company_ids": [Command.set(cls.branch.ids)],
                "company_id": cls.branch.id,
            }
        )
        cls.event = cls._new_appointment(cls.client_2)

    def _code(self, code, company):
        return self.env["product.product"].create(
            {
                "name": "Missed",
                "cpt_code": code,
                "cpt_source": "custom",
                "list_price": 40.0,
                "company_id": company.id,
            }
        )

    def test_coverage(self):
        kinds = self.env["noshow.coverage.class"]
        kind, foreign = kinds.create(
            [
                {"name": "Plan", "missed_fee": "forbidden", "company_id": company.id}
                for company in (self.company, self.sibling)
            ]
        )
        coverages = self.env["noshow.coverage"]
        coverages.create({"client_id": self.client_2.id, "coverage_class_id": kind.id})
        coverages.create(
            {"client_id": self.client_3.id, "coverage_class_id": foreign.id}
        )
        self.assertEqual(self.event.company_id, self.branch)
        page = self._page(
            self.event, visit_state="no_show", product_id=self.code_noshow.id
        )
        with self.assertRaisesRegex(UserError, "may not be charged"):
            page.action_cancel()
        # Their people see why, and do not change what it means elsewhere.
        seen = coverages.with_user(self.frontdesk).search(
            [("client_id", "in", (self.client_2 | self.client_3).ids)]
        )
        self.assertEqual(seen.coverage_class_id, kind)
        self.assertEqual(seen.coverage_class_id.name, "Plan")
        with self.assertRaises(AccessError):
            kind.with_user(self.manager).name = "Ours"
        self.manager.company_ids |= self.company
        kind.with_user(self.manager).with_context(
            allowed_company_ids=self.company.ids
        ).name = "Plan of all"
        # Another branch's says nothing here.
        other = self._new_appointment(self.client_3)
        self._page(
            other, visit_state="no_show", product_id=self.code_noshow.id
        ).action_cancel()
        self.assertEqual(other.fee_amount, 75.0)

    def test_codes(self):
        code, foreign = (
            self._code("PARENT", self.company),
            self._code("SIBLING", self.sibling),
        )
        domain = safe_eval(FEE_CODE_DOMAIN, {"company_id": self.branch.id})
        offered = self.env["product.product"].with_user(self.manager).search(domain)
        self.assertIn(code, offered)
        self.assertNotIn(foreign, offered)
        self.event.with_user(self.frontdesk).service_id = code
        self.assertEqual(self.event.service_price, 40.0)
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.event.service_id = foreign
            self.env.flush_all()
        self._publish(
            {"outcome": "no_show", "product_id": code.id}, company=self.branch
        )
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self._publish(
                {"outcome": "no_show", "product_id": foreign.id}, company=self.branch
            )
        # Proposed where it was booked last.
        again = self._new_appointment(self.client_2)
        self.assertEqual(again.service_id, code)
        self._page(again, visit_state="no_show").action_cancel()
        self.assertEqual(again.fee_line_ids.product_id, code)
        self.assertEqual(again.fee_line_ids.company_id, self.branch)

    def test_reasons_to_waive(self):
        reason, foreign = self.env["noshow.waiver.reason"].create(
            [
                {"name": "Storm", "company_id": company.id}
                for company in (self.company, self.sibling)
            ]
        )
        self._page(
            self.event, visit_state="no_show", product_id=self.code_noshow.id
        ).action_cancel()
        fee = self.event.fee_line_ids.with_user(self.biller)
        offered = self.env["noshow.waiver.reason"].with_user(self.biller).search([])
        self.assertIn(reason, offered)
        self.assertNotIn(foreign, offered)
        with self.assertRaises(AccessError):
            reason.with_user(self.manager).name = "Ours"
        with self.assertRaises(AccessError):
            fee._waive("", reason=foreign.with_user(self.biller))
        fee._waive("", reason=reason.with_user(self.biller))
        self.assertEqual(fee.sudo().fee_state, "waived")

    def test_cash_at_the_desk(self):
        self._page(
            self.event, visit_state="no_show", product_id=self.code_noshow.id
        ).action_cancel()
        fee = self.event.fee_line_ids.with_user(self.biller)
        cash = self.company_data["default_journal_cash"]
        # Into their parent's till; Odoo's dialog is for who works at the parent, too.
        self._take_cash(fee, cash, 10.0)
        self.biller.company_ids |= self.company
        self._take_cash(fee, cash, 10.0)
        self.biller.company_ids -= self.company
        own = self.env["account.journal"].create(
            {
                "name": "Till",
                "code": "TILL",
                "type": "cash",
                "sequence": 99,
                "company_id": self.branch.id,
            }
        )
        self._take_cash(fee, own, 10.0)
        self.assertEqual(fee.fee_received, 30.0)

    def _take_cash(self, fee, journal, amount):
        """Open the dialog, and take what it proposes but for the amount."""
        before = fee.sudo().move_id.matched_payment_ids
        action = fee.action_open_payment()
        dialog = self.env[action["res_model"]].with_user(self.biller)
        form = Form(dialog.with_context(**action["context"]))
        form.amount = amount
        dialog = form.save()
        if dialog._name == "account.payment.register":
            dialog.action_create_payments()
        else:
            dialog.action_pay()
        self.env.invalidate_all()
        payment = fee.sudo().move_id.matched_payment_ids - before
        self.assertEqual((payment.journal_id, payment.amount), (journal, amount))
        self.assertEqual(payment.company_id, self.branch)
