"""The chart on paper."""

from functools import partial

from odoo import api, fields, models
from odoo.tools import format_date

from ..tools.chart_text import direct_paragraphs, format_moment


class NoshowChartReport(models.AbstractModel):
    _name = "report.noshow_fees.noshow_chart_report"
    _description = "Chart Report"

    @api.model
    def _get_report_values(self, docids, data=None):
        """Read the notes and log the print, by whatever address it was asked for.

        :param docids: ids of `noshow.chart.entry.print`
        """
        pages = self.env["noshow.chart.entry.print"].browse(docids)
        zone = self.env.company._get_practice_tz().key
        return {
            "doc_ids": docids,
            "doc_model": pages._name,
            "docs": pages,
            "charts": [self._read_chart(page) for page in pages],
            "company": self.env.company,
            "printed_on": fields.Datetime.now(),
            "direct": direct_paragraphs,
            "format_date": partial(format_date, self.env),
            "format_time": partial(format_moment, self.env, zone=zone),
        }

    def _read_chart(self, page):
        """One chart's notes with their addenda; logged as one print."""
        notes = page._get_entries()
        addenda = notes._get_addenda()
        (notes | addenda)._as_reading().fetch(["body"])
        access = self.env["noshow.chart.access"]
        # Each practice is told of its own notes; without any, the active one.
        by_company = notes.grouped("company_id") or {self.env.company: notes}
        grounds = {
            company: access._get_ground(page.client_id, company)
            for company in by_company
        }
        access._append(
            [
                {
                    "action": "print",
                    "client_id": page.client_id.id,
                    "client_ref": page.client_id.id,
                    "client_name": page.client_id.name,
                    "company_id": company.id,
                    **(grounds[company] or {"ground": "author"}),
                    "entry_count": len(
                        own
                        | addenda.filtered(lambda one, own=own: one.parent_id in own)
                    ),
                    "date_from": own[:1].date,
                    "date_to": own[-1:].date,
                    "detail": page._get_period(),
                }
                for company, own in by_company.items()
            ]
        )
        return {
            "page": page,
            "notes": notes,
            "addenda": addenda.grouped("parent_id"),
            "is_complete": all(grounds.values()),
        }
