"""What Odoo's mail templates print of an appointment."""

from odoo import models
from odoo.exceptions import UserError


class MailRenderMixin(models.AbstractModel):
    _inherit = "mail.render.mixin"

    def _render_field(self, field, res_ids, *args, **kwargs):
        """Here pass all templates and mass mails, whoever asks for them.

        :raise UserError: about an appointment: Odoo's own templates print its title,
            place and description (calendar/data/mail_template_data.xml)
        """
        events = self.env["calendar.event"]
        if self.render_model == "calendar.event":
            events = events.browse(res_ids)
        elif self.render_model == "calendar.attendee":
            # In sudo: whether it is an appointment does not depend on who asks.
            attendees_sudo = self.env["calendar.attendee"].sudo().browse(res_ids)
            events = attendees_sudo.event_id.with_env(self.env)
        if events.exists()._filter_appointments():
            raise UserError(
                self.env._(
                    "Odoo's mail would tell the title of the appointment. Write to the "
                    "client from their contact page instead."
                )
            )
        return super()._render_field(field, res_ids, *args, **kwargs)
