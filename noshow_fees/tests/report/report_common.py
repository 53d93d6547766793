"""Two companies with two currencies, whose missed visits are to be counted."""

from odoo import Command

from ..common import PracticeCommon


class ReportCase(PracticeCommon):
    """`cls.companies` bill `cls.code_noshow` and, with a tax, `cls.code_late` on an
    account of their own; `cls.therapist_2` works at the second one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_2 = cls.setup_other_company(
            name="Second practice",
            currency_id=cls.setup_other_currency("EUR").id,
        )["company"]
        cls.companies = cls.company | cls.company_2
        cls.therapist_2 = cls._new_user("noshow_other", "noshow_fees.group_therapist")
        cls.therapist_2.write(
            {
                "company_ids": [Command.set(cls.company_2.ids)],
                "company_id": cls.company_2.id,
            }
        )
        cls.biller.write({"company_ids": [Command.set(cls.companies.ids)]})
        for company in cls.companies:
            account = (
                cls.env["account.account"]
                .with_company(company)
                .create(
                    {"code": "444777", "name": "Missed", "account_type": "income_other"}
                )
            )
            company.noshow_income_account_id = account
            company.write(
                {
                    "noshow_no_show_product_id": cls.code_noshow.id,
                    "noshow_late_cancelled_product_id": cls.code_late.id,
                }
            )
        for code in cls.code_noshow | cls.code_late:
            for company in cls.companies:
                code.with_company(company).property_account_income_id = False
        cls.tax = cls.tax_sale_a
        cls.code_late.taxes_id = [Command.set(cls.tax.ids)]

    def _report(self, user=None, company=None):
        companies = company or self.companies
        return (
            self.env["noshow.fee.report"]
            .with_user(user or self.biller)
            .with_context(allowed_company_ids=companies.ids)
        )

    def _sums(self, company, domain=(), *measures):
        row = self._report(company=company)._read_group(
            list(domain), aggregates=[f"{name}:sum" for name in measures]
        )
        return dict(zip(measures, (value or 0.0 for value in row[0]), strict=True))

    def _ledger(self, company, first, last):
        """The balance of the income account between two accounting dates."""
        [[balance]] = self.env["account.move.line"]._read_group(
            [
                ("account_id", "=", company.noshow_income_account_id.id),
                ("company_id", "=", company.id),
                ("parent_state", "=", "posted"),
                ("date", ">=", first),
                ("date", "<=", last),
            ],
            aggregates=["balance:sum"],
        )
        return -(balance or 0.0)
