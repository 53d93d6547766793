"""What no browser and no proxy keeps: a printed chart, and the invoice of a fee."""

from odoo import http
from odoo.http import request

from odoo.addons.account.controllers.portal import PortalAccount
from odoo.addons.web.controllers.report import ReportController

CHART_REPORT = "noshow_fees.noshow_chart_report"


def no_store(response):
    """Return `response`, to be shown and forgotten."""
    response.headers["Cache-Control"] = "no-store"
    return response


class ChartReportController(ReportController):
    @http.route()
    def report_routes(self, reportname, docids=None, converter=None, **data):
        response = super().report_routes(reportname, docids, converter, **data)
        return no_store(response) if reportname == CHART_REPORT else response

    @http.route()
    def report_download(self, data, context=None, token=None, readonly=True):
        response = super().report_download(data, context, token, readonly)
        return no_store(response) if CHART_REPORT in data else response


class FeePortalAccount(PortalAccount):
    @http.route()
    def portal_my_invoice_detail(self, invoice_id, *args, **kwargs):
        response = super().portal_my_invoice_detail(invoice_id, *args, **kwargs)
        # In sudo: whether it is a fee's; who may see it was asked before.
        lines_sudo = request.env["account.move"].sudo().browse(invoice_id).line_ids
        if any(lines_sudo.mapped("appointment_id")) and hasattr(response, "headers"):
            return no_store(response)
        return response
