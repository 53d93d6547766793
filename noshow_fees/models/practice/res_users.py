"""Who is kept as a user."""

from odoo import api, models
from odoo.exceptions import UserError


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_provider(self):
        """Deleting a user empties the organizer of their events (calendar/models/
        calendar_event.py, `user_id`): nobody would be the provider any more.

        :raise UserError: somebody with appointments
        """
        # In sudo: it must not depend on what the user may read.
        appointment_sudo = (
            self.env["calendar.event"]
            .sudo()
            .with_context(active_test=False)
            .search([("user_id", "in", self.ids), ("client_id", "!=", False)], limit=1)
        )
        if appointment_sudo:
            raise UserError(
                self.env._(
                    "%s is the provider of appointments and cannot be deleted. Archive "
                    "the user instead.",
                    appointment_sudo.user_id.name,
                )
            )
