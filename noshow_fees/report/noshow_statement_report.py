"""A client's statement on paper."""

from odoo import api, models


class NoshowStatementReport(models.AbstractModel):
    _name = "report.noshow_fees.noshow_statement_report"
    _description = "Statement of a Client"

    @api.model
    def _get_report_values(self, docids, data=None):
        """Check who asks, by whatever address.

        :param docids: ids of clients
        :raise AccessError: the user does not work at the front desk
        """
        clients = self.env["res.partner"].browse(docids)
        clients._check_fee_statement()
        company = self.env.company
        return {
            "doc_ids": docids,
            "doc_model": clients._name,
            "docs": clients,
            "company": company,
            "today": company._get_practice_today(),
            "pages": [
                {"client": client, **statement}
                for client in clients
                for statement in client._get_fee_statements(company)
            ],
        }
