"""The invoice of a fee: to whom, with what on it, in which books."""

from datetime import timedelta

from odoo import Command
from odoo.tests import tagged

from ..common import PracticeCommon


@tagged("post_install", "-at_install")
class TestFeeInvoice(PracticeCommon):
    def _invoice(self, **vals):
        self._cancel(self.appointment, visit_state="no_show", **vals)
        return self.appointment.fee_line_ids.move_id

    def test_one_line_posted_and_linked_both_ways(self):
        invoice = self._invoice()
        self.assertEqual(invoice.state, "posted")
        self.assertEqual(len(invoice.invoice_line_ids), 1)
        line = invoice.invoice_line_ids
        self.assertEqual(line.appointment_id, self.appointment)
        self.assertEqual(line.client_id, self.client_1)
        self.assertEqual(line.provider_id, self.therapist)
        self.assertEqual(line.product_id, self.code_noshow)

    def test_line_text_is_code_description_and_date(self):
        line = self._invoice().invoice_line_ids
        self.assertEqual(
            line.name,
            "NOSHOW Missed appointment, date of service "
            + line.date_of_service.strftime("%m/%d/%Y"),
        )

    def test_line_text_of_a_session_code_says_that_it_was_missed(self):
        line = self._invoice(product_id=self.code_system.id).invoice_line_ids
        self.assertEqual(
            line.name,
            f"90834 {self.code_system.name}: missed appointment, date of service "
            + line.date_of_service.strftime("%m/%d/%Y"),
        )

    def test_date_of_service_is_the_day_at_the_practice(self):
        # 02:30 UTC is the evening before in New York.
        start = (self.tomorrow - timedelta(days=3)).replace(hour=2, minute=30)
        event = self._new_appointment(start=start)
        self._cancel(event, visit_state="no_show")
        self.assertEqual(
            event.fee_line_ids.date_of_service.toordinal(),
            event.start.date().toordinal() - 1,
        )
        self.assertEqual(
            event.fee_line_ids.move_id.invoice_date,
            self.company._get_practice_today(),
        )

    def test_due_at_once_whatever_the_terms(self):
        self.client_1.property_payment_term_id = self.env.ref(
            "account.account_payment_term_30days"
        )
        invoice = self._invoice()
        self.assertFalse(invoice.invoice_payment_term_id)
        self.assertEqual(invoice.invoice_date_due, invoice.invoice_date)

    def test_payer(self):
        parent = self.env["res.partner"].create({"name": "Parent"})
        self.client_1.payer_id = parent
        self.assertEqual(self._invoice().partner_id, parent)

    def test_own_invoice_contact(self):
        contact = self.env["res.partner"].create(
            {"name": "Office", "type": "invoice", "parent_id": self.client_1.id}
        )
        self.assertEqual(self._invoice().partner_id, contact)

    def test_client_without_address_or_mail(self):
        self.client_1.email = False
        self.assertEqual(self._invoice().partner_id, self.client_1)

    def test_no_tax_unless_the_code_has_one(self):
        tax = self.company_data["default_tax_sale"]
        self.company_data["default_account_revenue"].tax_ids = tax
        self.assertFalse(self._invoice().invoice_line_ids.tax_ids)

    def test_created_without_the_default_tax(self):
        self.company.account_sale_tax_id = self.company_data["default_tax_sale"]
        code = self.env["product.template"].create({"name": "X", "cpt_code": "x1"})
        self.assertFalse(code.taxes_id)
        self.assertEqual(code.cpt_code, "X1")
        self.assertEqual(code.type, "service")

    def test_fiscal_position_maps_the_tax(self):
        tax = self.env["account.tax"].create({"name": "10%", "amount": 10.0})
        position = self.env["account.fiscal.position"].create({"name": "Exempt"})
        self.code_noshow.taxes_id = tax
        mapped = self.env["account.tax"].create(
            {
                "name": "0%",
                "amount": 0.0,
                "fiscal_position_ids": [Command.set(position.ids)],
                "original_tax_ids": [Command.set(tax.ids)],
            }
        )
        self.client_1.property_account_position_id = position
        self.assertEqual(self._invoice().invoice_line_ids.tax_ids, mapped)

    def test_income_account_of_the_practice(self):
        account = self.company_data["default_account_revenue"].copy()
        self.company.noshow_income_account_id = account
        self.assertEqual(self._invoice().invoice_line_ids.account_id, account)

    def test_income_account_of_the_code_wins(self):
        account = self.company_data["default_account_revenue"].copy()
        self.company.noshow_income_account_id = account
        own = account.copy()
        self.code_noshow.property_account_income_id = own
        self.assertEqual(self._invoice().invoice_line_ids.account_id, own)

    def test_journal_of_the_practice(self):
        journal = self.company_data["default_journal_sale"].copy({"code": "FEES"})
        self.company.noshow_journal_id = journal
        self.assertEqual(self._invoice().journal_id, journal)

    def test_analytic_distribution_by_provider(self):
        """The credit note takes it along; other invoices have none."""
        plan = self.env["account.analytic.plan"].create({"name": "Providers"})
        accounts = self.env["account.analytic.account"].create(
            [{"name": name, "plan_id": plan.id} for name in ("Therapist", "Other")]
        )
        self.env["account.analytic.distribution.model"].create(
            [
                {
                    "provider_id": provider.id,
                    "analytic_distribution": {str(account.id): 100.0},
                }
                for provider, account in zip(
                    (self.therapist, self.owner), accounts, strict=True
                )
            ]
        )
        fee = self._invoice().invoice_line_ids
        expected = {str(accounts[0].id): 100.0}
        self.assertEqual(fee.analytic_distribution, expected)
        self.assertEqual(accounts.mapped("balance"), [75.0, 0.0])
        note = fee.move_id._reverse_moves()
        self.assertEqual(note.invoice_line_ids.analytic_distribution, expected)
        other = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.client_1.id,
                "invoice_line_ids": [
                    Command.create({"name": "Other", "price_unit": 1})
                ],
            }
        )
        self.assertFalse(other.invoice_line_ids.analytic_distribution)

    def test_a_second_provider_bills_for_own_company_in_one_batch(self):
        other = self.setup_other_company(name="Other practice")["company"]
        self.env.user.company_ids += other
        self.frontdesk.company_ids += other
        provider = self._new_user("other_provider", "noshow_fees.group_therapist")
        provider.write(
            {"company_ids": [Command.link(other.id)], "company_id": other.id}
        )
        event = self._new_appointment(self.client_2, provider)
        self.assertEqual(event.company_id, other)
        both = self.appointment + event
        self._let_begin(both)
        both.with_user(self.frontdesk).with_context(
            allowed_company_ids=(self.company + other).ids
        )._cancel_appointments(
            "no_show",
            fees={
                id_: {"product": self.code_noshow, "amount": 75.0} for id_ in both.ids
            },
        )
        self.assertEqual(both.fee_line_ids.move_id.company_id, self.company + other)

    def test_duplicate_carries_no_link(self):
        invoice = self._invoice()
        copy = invoice.copy()
        self.assertFalse(copy.invoice_line_ids.appointment_id)
        self.assertFalse(copy.invoice_line_ids.is_noshow_fee)

    def test_credit_note_carries_the_link(self):
        invoice = self._invoice()
        wizard = (
            self.env["account.move.reversal"]
            .with_user(self.accountant)
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id})
        )
        action = wizard.reverse_moves()
        note = self.env["account.move"].browse(action["res_id"])
        self.assertEqual(note.invoice_line_ids.appointment_id, self.appointment)
        self.assertFalse(note.invoice_line_ids.is_noshow_fee)
        note.with_user(self.accountant).action_post()
        self.assertEqual(self.appointment.fee_state, "waived")
