"""Tasks about an appointment tell no title."""

from odoo import models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def _compute_res_name(self):
        """Whoever gets a task reads, and is mailed, what it is about, and need not be
        able to read the appointment."""
        super()._compute_res_name()
        tasks = self.filtered(lambda task: task.res_model == "calendar.event")
        events = self.env["calendar.event"].browse(tasks.mapped("res_id")).exists()
        appointments = events._filter_appointments().grouped("id")
        for task in tasks:
            if task.res_id in appointments:
                task.res_name = self.env._("Appointment")
