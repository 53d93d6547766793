"""A client's statement: fees, payments, what is open; neutral words."""

from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools.translate import code_translations

from ..common import PracticeCommon
from ..fee.fee_common import CLINICAL


@tagged("post_install", "-at_install")
class TestStatement(PracticeCommon):
    def setUp(self):
        super().setUp()
        self.cash = self.company_data["default_journal_cash"]
        self.bank = self.company_data["default_journal_bank"]
        self.fees = [self._miss() for _n in range(4)]
        paid, partly, waived, lost = self.fees
        paid._take_payment(self.cash, 75.0)
        partly._take_payment(self.bank, 30.0)
        waived._take_payment(self.bank, 75.0)
        waived._waive("Goodwill")
        note = waived.sudo().move_id.reversal_move_ids
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=note.ids
        ).create({"journal_id": self.cash.id})._create_payments()
        lost._write_off(self.company_data["default_account_expense"], "Secret reason")

    def _miss(self, client=None):
        event = self._new_appointment(client, name="EMDR session")
        self._cancel(event, visit_state="no_show", reason="Relapse")
        return event.fee_line_ids.with_user(self.biller)

    def _statements(self, client=None):
        client = (client or self.client_1).with_user(self.frontdesk)
        return client._get_fee_statements(self.company)

    def _html(self, user=None, clients=None):
        clients = clients or self.client_1
        report = self.env["ir.actions.report"].with_user(user or self.frontdesk)
        html, _type = report._render_qweb_html(
            "noshow_fees.noshow_statement_report", clients.ids
        )
        return html.decode()

    def test_rows_add_up(self):
        """To what the ledger says that the payer owes."""
        [page] = self._statements()
        self.assertEqual(page["payer"], self.client_1)
        amounts = [row["amount"] for row in page["rows"]]
        self.assertEqual(
            sorted(amounts),
            [-75.0] * 4 + [-30.0] + [75.0] * 5,
        )
        self.assertEqual(page["rows"][-1]["balance"], page["open"])
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT SUM(line.balance)::float FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
             WHERE account.account_type = 'asset_receivable'
               AND line.parent_state = 'posted' AND line.partner_id = %s
            """,
            [self.client_1.id],
        )
        self.assertEqual((page["open"],), self.env.cr.fetchone())
        self.assertEqual((page["open"], page["credit"]), (45.0, 0.0))
        texts = {row["text"] for row in page["rows"]}
        for text in ("Paid in cash", "Payment", "Given back in cash", "Adjustment"):
            self.assertIn(text, texts)

    def _rows(self, client):
        [page] = self._statements(client)
        return [(row["text"], row["amount"]) for row in page["rows"][1:]]

    def test_a_loss_is_not_paid(self):
        """What a payment or a bank line settles beside its money."""
        loss = self.company_data["default_account_expense"]
        fee = self._miss(self.client_2)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=fee.sudo().move_id.ids
        ).create(
            {
                "amount": 45.0,
                "journal_id": self.cash.id,
                "payment_difference_handling": "reconcile",
                "writeoff_account_id": loss.id,
            }
        )._create_payments()
        self.assertEqual(
            self._rows(self.client_2), [("Paid in cash", -45.0), ("Adjustment", -30.0)]
        )
        fee = self._miss(self.client_3)
        self._bank_line(fee.sudo().move_id, 45.0, [(loss, 30.0)])
        self.assertEqual(
            self._rows(self.client_3), [("Payment", -45.0), ("Adjustment", -30.0)]
        )

    def test_a_credit_note_of_two_lines(self):
        fee = self._miss(self.client_2).sudo()
        note = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.client_2.id,
                "reversed_entry_id": fee.move_id.id,
                "invoice_line_ids": [
                    Command.create({"name": name, "price_unit": price, "tax_ids": []})
                    for name, price in (("Fee", 50.0), ("Rest", 25.0))
                ],
            }
        )
        note.action_post()
        self.assertEqual(self._rows(self.client_2), [("Fee, Rest", -75.0)])

    def test_credit_besides(self):
        self.env["account.payment"].create(
            {
                "amount": 12.0,
                "partner_id": self.client_1.id,
                "journal_id": self.bank.id,
            }
        ).action_post()
        [page] = self._statements()
        self.assertEqual((page["open"], page["credit"]), (45.0, 12.0))

    def test_a_page_for_each_payer(self):
        """Whoever paid before sees nothing of who pays now."""
        parent = self.env["res.partner"].create({"name": "Parent"})
        self.client_1.payer_id = parent
        self._miss()
        before, now = self._statements()
        self.assertEqual(before["payer"], self.client_1)
        self.assertEqual((now["payer"], now["open"]), (parent, 75.0))
        self.assertEqual(len(now["rows"]), 1)

    def test_what_stands_on_it(self):
        html = self._html()
        for text in ("Statement", self.fees[0].move_name, "To be paid", "45.00"):
            self.assertIn(text, html)
        for text in (*CLINICAL, "Secret reason", "Goodwill", self.therapist.name):
            self.assertNotIn(text, html)

    def test_in_the_payers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.client_1.lang = "fr_FR"
        words = {"Paid in cash": "Payé en espèces", "Payment": "Paiement"}
        with patch.dict(
            code_translations.python_translations, {("noshow_fees", "fr_FR"): words}
        ):
            html = self._html()
        self.assertIn("45,00", html)
        self.assertIn("Payé en espèces", html)
        self.assertNotIn("Paid in cash", html)

    def test_who_prints_it(self):
        """By the button and by its address."""
        for user in (self.therapist, self.accountant, self.employee):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self.client_1.with_user(user).action_print_fee_statement()
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._html(user)
        for user in (self.frontdesk, self.biller):
            action = self.client_1.with_user(user).action_print_fee_statement()
            self.assertEqual(action["type"], "ir.actions.report")
            self.assertIn("45.00", self._html(user))

    def test_another_company_has_its_own(self):
        company = self.setup_other_company(name="Other practice")["company"]
        self.frontdesk.write({"company_ids": [Command.link(company.id)]})
        self.assertFalse(self.client_1._get_fee_statements(company))
        self.assertTrue(self.client_1._get_fee_statements(self.company))
