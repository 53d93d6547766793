"""Who sees what of an appointment outside the practice."""

from odoo import models


class CalendarEvent(models.Model):
    _inherit = "calendar.event"
