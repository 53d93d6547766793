"""What a user chose in the schedule, kept on the server."""

from odoo import fields, models


class ResUsersSettings(models.Model):
    _inherit = "res.users.settings"

    # Arrives in the browser with the session; without `groups`, or the session of a
    # user without a role could not be read (base/models/res_users_settings.py).
    noshow_show_cancellations = fields.Boolean(string="Show Cancellations?")
