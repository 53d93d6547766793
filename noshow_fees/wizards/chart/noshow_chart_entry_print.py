"""Printing a client's chart."""

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class NoshowChartEntryPrint(models.TransientModel):
    """Collects client and period; the report reads the entries and logs the print."""

    _name = "noshow.chart.entry.print"
    _description = "Print Chart"

    client_id = fields.Many2one(
        "res.partner", required=True, domain=[("is_client", "=", True)]
    )
    date_from = fields.Date(string="From", help="Empty: from the first note on.")
    date_to = fields.Date(string="To", help="Empty: up to the latest note.")

    def action_print(self):
        """:return: the report: a PDF, or a printable page without wkhtmltopdf"""
        self.ensure_one()
        if self.date_from and self.date_to and self.date_from > self.date_to:
            raise ValidationError(self.env._("The period ends before it begins."))
        report = self.env.ref("noshow_fees.noshow_chart_entry_action_report")
        return report.report_action(self, config=False)

    def _get_entries(self):
        """The signed notes of the period that the user may read, oldest first;
        addenda stand under their note, whenever they were written."""
        self.ensure_one()
        domain = Domain(
            [
                ("client_id", "=", self.client_id.id),
                ("parent_id", "=", False),
                ("state", "=", "signed"),
            ]
        )
        to_moment = self.env.company._get_practice_moment
        if self.date_from:
            domain &= Domain("date", ">=", to_moment(self.date_from))
        if self.date_to:
            day_after = self.date_to + timedelta(days=1)
            domain &= Domain("date", "<", to_moment(day_after))
        return self.env["noshow.chart.entry"].search(domain, order="date, id")

    def _get_period(self):
        """The period in words, for the access log."""
        self.ensure_one()
        if not self.date_from and not self.date_to:
            return self.env._("The whole chart")
        return f"{self.date_from or '…'} – {self.date_to or '…'}"
