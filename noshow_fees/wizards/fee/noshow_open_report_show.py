"""The dialog that asks for the day of the report on what was open."""

from datetime import timedelta

from odoo import api, fields, models

from ...tools.when import format_day


class NoshowOpenReportShow(models.TransientModel):
    _name = "noshow.open.report.show"
    _description = "Open on a Day"

    date = fields.Date(
        string="Open on",
        required=True,
        default=lambda self: self._default_date(),
        help="At the end of this day.",
    )
    currency_id = fields.Many2one(
        "res.currency", default=lambda self: self.env.company.currency_id
    )
    fee_amount = fields.Monetary(
        string="For Missed Visits", compute="_compute_amounts", compute_sudo=False
    )
    other_amount = fields.Monetary(
        string="Other Invoices, Payments Not Used Yet",
        compute="_compute_amounts",
        compute_sudo=False,
    )
    total_amount = fields.Monetary(
        string="Receivable Accounts",
        compute="_compute_amounts",
        compute_sudo=False,
        help="Their balance on that day, as in the general ledger.",
    )

    @api.model
    def _default_date(self):
        """The last day of the month before this one, at the practice."""
        # In sudo: any employee may know the practice's zone.
        today = self.env.company.sudo()._get_practice_today()
        return today.replace(day=1) - timedelta(days=1)

    @api.depends("date")
    def _compute_amounts(self):
        for dialog in self:
            report = self.env["noshow.open.report"].with_context(
                noshow_as_of=fields.Date.to_string(dialog.date)
            )
            sums = dict(report._read_group([], ["kind"], ["open_amount:sum"]))
            dialog.fee_amount = sum(
                sums.get(kind, 0.0) for kind in ("fee", "note", "write_off")
            )
            dialog.total_amount = sum(sums.values())
            dialog.other_amount = dialog.total_amount - dialog.fee_amount

    def action_show(self):
        """Open the report for the day."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Open on %s", format_day(self.env, self.date)),
            "res_model": "noshow.open.report",
            "view_mode": "pivot,list",
            "context": {
                "noshow_as_of": fields.Date.to_string(self.date),
                "search_default_fees": 1,
            },
        }
