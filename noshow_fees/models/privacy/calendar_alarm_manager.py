"""Odoo's reminders."""

from odoo import api, models
from odoo.tools import SQL


class CalendarAlarmManager(models.AbstractModel):
    _inherit = "calendar.alarm_manager"

    @api.model
    def _get_notify_alert_extra_conditions(self):
        """No reminder by mail or SMS for appointments: both print the title. The
        pop-up inside Odoo asks the record rules, and stays."""
        return SQL(
            "%s AND event.client_id IS NULL",
            super()._get_notify_alert_extra_conditions(),
        )
