"""The rule of a repeating appointment."""

from odoo import models


class CalendarRecurrence(models.Model):
    _inherit = "calendar.recurrence"
