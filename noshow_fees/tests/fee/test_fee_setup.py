"""Set up wrongly, or otherwise: refused, or answered in one sentence that says what to
set where."""

from datetime import timedelta

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .fee_common import FeeCase


@tagged("post_install", "-at_install")
class TestFeeSetup(FeeCase):
    def _bill(self, message=None, **vals):
        appointment = self._new_appointment()
        if message:
            with self.assertRaisesRegex(UserError, message), self.env.cr.savepoint():
                self._cancel(appointment, self.biller, visit_state="no_show", **vals)
        else:
            self._cancel(appointment, self.biller, visit_state="no_show", **vals)
        return appointment.fee_line_ids

    def test_delivered_on_the_date_of_service(self):
        last_week = self.tomorrow - timedelta(days=8)
        appointment = self._new_appointment(start=last_week)
        self._cancel(appointment, self.biller, visit_state="no_show")
        invoice = appointment.fee_line_ids.move_id
        self.assertEqual(invoice.delivery_date, last_week.date())
        self.assertEqual(invoice.invoice_date, self.company._get_practice_today())

    def test_variants_are_refused(self):
        attribute = self.env["product.attribute"].create(
            {
                "name": "Length",
                "value_ids": [Command.create({"name": n}) for n in ("45", "60")],
            }
        )
        template = self.code_noshow.product_tmpl_id
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            template.attribute_line_ids = [
                Command.create(
                    {
                        "attribute_id": attribute.id,
                        "value_ids": [Command.set(attribute.value_ids.ids)],
                    }
                )
            ]
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.env["product.template.attribute.line"].create(
                {
                    "product_tmpl_id": template.id,
                    "attribute_id": attribute.id,
                    "value_ids": [Command.set(attribute.value_ids.ids)],
                }
            )
        self.assertTrue(self.code_noshow.active)
        self.assertTrue(self._bill())

    def test_archived_journal(self):
        journal = self.company_data["default_journal_sale"].copy()
        self.company.noshow_journal_id = journal
        self.assertEqual(self._bill().journal_id, journal)
        journal.active = False
        self._bill("Practice settings → Journal")

    def test_archived_account(self):
        account = self.company_data["default_account_revenue"].copy()
        self.company.noshow_income_account_id = account
        self.assertEqual(self._bill().account_id, account)
        account.active = False
        self._bill("Income account .* is archived")

    def test_mandatory_plan(self):
        plan = self.env["account.analytic.plan"].create(
            {
                "name": "Rooms",
                "applicability_ids": [
                    Command.create(
                        {
                            "business_domain": "invoice",
                            "applicability": "mandatory",
                            "company_id": self.company.id,
                        }
                    )
                ],
            }
        )
        room = self.env["account.analytic.account"].create(
            {"name": "Room 1", "plan_id": plan.id}
        )
        self._bill("Analytic Distribution Models")
        self.env["account.analytic.distribution.model"].create(
            {
                "product_id": self.code_noshow.id,
                "analytic_distribution": {str(room.id): 100},
                "company_id": self.company.id,
            }
        )
        self.assertTrue(self._bill().analytic_distribution)

    def test_payer_without_a_name(self):
        self.env["res.partner"].create(
            {"parent_id": self.client_1.id, "type": "invoice", "street": "Main St 1"}
        )
        fee = self._bill()
        self.assertFalse(fee.move_id.partner_id.name)
        page = self.env["calendar.event.cancel"].create(
            {"event_ids": [Command.set(fee.appointment_id.ids)]}
        )
        texts = [
            value
            for record in (page, fee)
            for value in record.read()[0].values()
            if isinstance(value, str)
        ]
        self.assertNotIn("to False", " ".join(texts))

    # Currencies ---------------------------------------------------------------------

    def _set_currency(self, name):
        currency = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "=", name)])
        )
        currency.active = True
        return currency

    def test_the_cap_knows_the_currency(self):
        for name, price, slip in (
            ("IDR", 250_000.0, 1_000_000_000.0),
            ("VND", 500_000.0, 1_000_000_000.0),
            ("KRW", 100_000.0, 100_000_000.0),
            ("JPY", 8_000.0, 10_000_000.0),
            ("USD", 99_999.0, 100_000.0),
        ):
            with self.subTest(name):
                company = self.env["res.company"].create(
                    {"name": name, "currency_id": self._set_currency(name).id}
                )
                self.code_noshow._check_fee(company, price)
                with self.assertRaisesRegex(UserError, "one missed appointment"):
                    self.code_noshow._check_fee(company, slip)

    def test_one_code_in_several_currencies(self):
        """The list is in one currency; a company in another one bills that."""
        euro = self.setup_other_currency("EUR", rates=[("1900-01-01", 0.5)])
        dinar = self.setup_other_currency("KWD", rates=[("1900-01-01", 0.3001)])
        self.code_noshow.list_price = 75.0
        for currency, price in (
            (self.company.currency_id, 75.0),
            (euro, 37.5),
            (dinar, 22.508),
        ):
            company = self.env["res.company"].create(
                {"name": currency.name, "currency_id": currency.id}
            )
            for other, rate in ((euro, 0.5), (dinar, 0.3001)):
                self.env["res.currency.rate"].create(
                    {
                        "currency_id": other.id,
                        "company_id": company.id,
                        "name": "1901-01-01",
                        "rate": rate,
                    }
                ) if company.currency_id == other else None
            self.assertAlmostEqual(
                self.code_noshow._get_list_fee(company), price, places=3
            )

    def test_three_decimals(self):
        dinar = self._set_currency("KWD")
        other = self.setup_other_company(name="Kuwait", currency_id=dinar.id)
        company = other["company"]
        company.noshow_no_show_product_id = self.code_noshow
        provider = self._new_user("noshow_kuwait", "noshow_fees.group_therapist")
        provider.write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        self.biller.company_ids |= company
        appointment = self._new_appointment(provider=provider)
        self._let_begin(appointment)
        page = (
            self.env["calendar.event.cancel"]
            .with_user(self.biller)
            .with_context(allowed_company_ids=company.ids)
            .create(
                {
                    "event_ids": [Command.set(appointment.ids)],
                    "visit_state": "no_show",
                    "amount": 10.125,
                }
            )
        )
        page.action_cancel()
        fee = appointment.fee_line_ids
        self.assertAlmostEqual(fee.move_id.amount_total, 10.125, places=6)
        dialog = (
            self.env["account.move.line.edit.fee"]
            .with_user(self.biller)
            .with_context(allowed_company_ids=company.ids)
            .create({"line_id": fee.id, "reason": "Agreed", "amount": 10.127})
        )
        dialog.action_save()
        self.assertAlmostEqual(fee.move_id.amount_total, 10.127, places=6)
        self.assertAlmostEqual(fee.fee_change_ids[0].new_amount, 10.127, places=6)

    def test_open_by_currency(self):
        """A client of two companies owes each in its own currency."""
        euro = self._set_currency("EUR")
        company = self.setup_other_company(name="Paris", currency_id=euro.id)["company"]
        provider = self._new_user("noshow_paris", "noshow_fees.group_therapist")
        provider.write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        self.biller.company_ids |= company
        both = (self.company | company).ids
        appointment = self._new_appointment(provider=provider)
        self._let_begin(appointment)
        appointment.with_user(self.biller).with_context(
            allowed_company_ids=both
        )._cancel_appointments(
            "no_show", fees={appointment.id: {"product": self.code_late, "amount": 60}}
        )
        for active, amount, other in (
            (self.company, 75.0, "60.00"),
            (company, 60.0, "75.00"),
        ):
            client = self.client_1.with_user(self.biller).with_context(
                allowed_company_ids=[active.id, *(set(both) - {active.id})]
            )
            self.assertEqual(client.noshow_fee_open, amount)
            self.assertIn(other, client.noshow_fee_open_other)
            self.assertEqual(client.noshow_fee_open_count, 2)
