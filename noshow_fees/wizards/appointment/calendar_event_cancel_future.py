"""The later occurrences that a cancellation takes along."""

from odoo import api, fields, models

from ...tools.when import format_day


class CalendarEventCancel(models.TransientModel):
    _inherit = "calendar.event.cancel"

    future_event_ids = fields.Many2many(
        "calendar.event",
        string="Future Occurrences",
        compute="_compute_future_event_ids",
    )
    future_count = fields.Integer(compute="_compute_future_event_ids")
    future_summary = fields.Char(string="Dates", compute="_compute_future_event_ids")
    cancel_future = fields.Boolean(string="Cancel all future occurrences?")
    cancelled_future_count = fields.Integer(readonly=True)

    @api.depends("appointment_ids")
    def _compute_future_event_ids(self):
        for page in self:
            page.future_event_ids = (
                page.appointment_ids._get_future_occurrences().sorted("start")
            )
            page.future_count = len(page.future_event_ids)
            page.future_summary = page._get_future_summary()

    def _get_future_summary(self, shown=6):
        """The dates of the future occurrences; the first few and the last one of a
        long series."""
        days = dict.fromkeys(
            event._get_date_of_service() for event in self.future_event_ids
        )
        dates = [format_day(self.env, day) for day in days]
        if len(dates) > shown:
            dates = [*dates[: shown - 1], "…", dates[-1]]
        return ", ".join(dates)
