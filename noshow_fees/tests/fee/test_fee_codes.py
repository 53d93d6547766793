"""Fee codes: what comes with the addon, and what a practice makes of it."""

from ast import literal_eval
from pathlib import Path

from odoo.exceptions import ValidationError
from odoo.modules.migration import load_script
from odoo.tests import Form, tagged

from ...hooks import post_init_hook
from ...tools.context import by_method
from ..common import PracticeCommon

MIGRATION = (
    Path(__file__).parents[2] / "migrations" / "19.0.1.1.0" / "post-fee-codes.py"
)


@tagged("post_install", "-at_install")
class TestFeeCodes(PracticeCommon):
    def test_shipped_codes(self):
        prices = {
            code.cpt_code: code.list_price
            for code in (self.code_noshow, self.code_late)
        }
        self.assertEqual(prices, {"NOSHOW": 75.0, "LATECX": 50.0})
        shipped = self.env["product.template"].search([("cpt_code", "!=", False)])
        self.assertEqual(
            set(
                shipped.filtered(lambda code: code.cpt_source == "custom").mapped(
                    "cpt_code"
                )
            ),
            {"NOSHOW", "LATECX", "MISSED-INTAKE", "D9986", "D9987"},
        )
        self.assertFalse(shipped.filtered(lambda code: code.type != "service"))
        self.assertFalse(shipped.taxes_id)

    def test_new_company_proposes_the_shipped_codes(self):
        company = self.env["res.company"].create({"name": "Second practice"})
        self.assertEqual(company.noshow_no_show_product_id, self.code_noshow)
        self.assertEqual(company.noshow_late_cancelled_product_id, self.code_late)
        self.assertFalse(company.noshow_cancelled_product_id)

    def test_new_company_without_the_shipped_codes(self):
        self.code_noshow.active = False
        self.code_late.company_id = self.company
        company = self.env["res.company"].create({"name": "Second practice"})
        self.assertFalse(company.noshow_no_show_product_id)
        self.assertFalse(company.noshow_late_cancelled_product_id)

    def test_installation_fills_what_is_empty(self):
        """Companies that were there before; a practice's own policy stays."""
        other = self.env["res.company"].create({"name": "Second practice"})
        by_method(other.noshow_policy_ids).unlink()
        self.company.noshow_no_show_product_id = self.code_system
        post_init_hook(self.env)
        self.assertEqual(self.company.noshow_no_show_product_id, self.code_system)
        self.assertEqual(other.noshow_late_cancelled_product_id, self.code_late)

    def test_no_default_tax_of_another_company(self):
        """Stock gives a new product the default taxes of all companies, and a taxed one
        the default tax of a company that loads its chart of accounts."""
        other = self.setup_other_company()["company"]
        own_tax = self.company.account_sale_tax_id
        plain, code, taxed_code = (
            self.env["product.product"]
            .with_context(allowed_company_ids=self.company.ids)
            .create(
                [
                    {"name": "Plain", "type": "service"},
                    {"name": "Fee", "cpt_code": "FEE"},
                    {"name": "Taxed", "cpt_code": "TAXED", "taxes_id": own_tax.ids},
                ]
            )
        )
        self.assertIn(other.account_sale_tax_id, plain.sudo().taxes_id)
        self.env["account.chart.template"].try_loading(
            other.chart_template, company=other, install_demo=False
        )
        self.assertFalse(code.sudo().taxes_id)
        self.assertEqual(taxed_code.sudo().taxes_id, own_tax)

    def test_no_default_tax_on_the_page(self):
        action = self.env["ir.actions.actions"]._for_xml_id(
            "noshow_fees.product_template_action_fee_codes"
        )
        templates = self.env["product.template"].with_user(self.manager)
        page = Form(
            templates.with_context(**literal_eval(action["context"])),
            "noshow_fees.product_template_view_form_fee_code",
        )
        page.cpt_code = " fee "
        page.name = "A fee"
        code = page.save()
        self.assertFalse(code.taxes_id)
        self.assertEqual(
            (code.cpt_code, code.cpt_source, code.type), ("FEE", "custom", "service")
        )

    def test_plain_meetings_stay_plain_when_installing(self):
        """Installing computes the new columns of all events."""
        meeting = self.env["calendar.event"].create(
            {"name": "Staff meeting", "start": self.tomorrow, "stop": self.tomorrow}
        )
        for name in ("client_id", "visit_state", "company_id"):
            self.env.add_to_compute(meeting._fields[name], meeting)
        self.env["calendar.event"].flush_model()
        self.assertFalse(meeting.client_id or meeting.visit_state or meeting.company_id)

    def test_found_by_the_code_as_it_is_shown(self):
        domain = [("cpt_code", "!=", False), ("company_id", "in", [False])]
        for user in (self.frontdesk, self.biller, self.accountant):
            codes = self.env["product.product"].with_user(user)
            for text in ("nosh", "NOSHOW", "NOSHOW Missed", "missed app"):
                found = codes.name_search(text, domain)
                self.assertIn(
                    (self.code_noshow.id, "NOSHOW Missed appointment"), found, text
                )
                self.assertEqual(len(found), len(dict(found)), text)
            self.assertEqual(
                codes.name_search("9083", domain, limit=1)[0][1][:4], "9083"
            )
            self.assertFalse(codes.name_search("NOSHOW nothing", domain))
        plain = self.env["product.product"].with_user(self.employee)
        self.assertFalse(plain.name_search("NOSHOW"))

    def test_not_sold_elsewhere(self):
        templates = self.env["product.template"]
        offers = templates._get_offers()
        self.assertLessEqual({"sale_ok", "purchase_ok"}, set(offers))
        on = dict.fromkeys(offers, True)
        shipped = self.code_noshow.product_tmpl_id
        new = templates.create({"name": "New", "cpt_code": "NEW", **on})
        variant = self.env["product.product"].create({"name": "V", "cpt_code": "V"})
        session = templates.create({"name": "Session", **on})
        self.assertTrue(session.sale_ok)
        # As Odoo's importer updates a product that is sold.
        session.write({"cpt_code": "90001", "type": "service", **on})
        for code in shipped + new + variant.product_tmpl_id + session:
            for name in offers:
                self.assertFalse(code[name], f"{code.name}: {name}")
                with self.assertRaisesRegex(ValidationError, "missed appointments"):
                    code.write({name: True})
        # A product that is no code any more is free, and so is any other.
        session.write({"cpt_code": False, **on})
        self.assertTrue(session.sale_ok)

    def test_codes_from_before_are_not_sold_any_more(self):
        code = self.code_noshow.product_tmpl_id
        self.env.cr.execute(
            "UPDATE product_template SET sale_ok = true WHERE id = %s", [code.id]
        )
        self.env.invalidate_all()
        load_script(str(MIGRATION), "post-fee-codes").migrate(self.env.cr, "19.0.1")
        self.env.invalidate_all()
        self.assertFalse(code.sale_ok)
