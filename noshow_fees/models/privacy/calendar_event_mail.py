"""Messages about appointments: to people with access only, and without the title."""

from odoo import api, models
from odoo.exceptions import UserError


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def _skip_send_mail_status_update(self):
        """No stock mail about an appointment: neither invitations nor changes, nor
        reminders, whose templates all print the title (calendar/data/
        mail_template_data.xml)."""
        return (
            bool(self._filter_appointments()) or super()._skip_send_mail_status_update()
        )

    def action_open_composer(self):
        """:raise UserError: for appointments: Odoo's mail to attendees prints the
        title"""
        if self._filter_appointments():
            raise UserError(
                self.env._(
                    "Odoo's mail to the attendees would tell the title of the "
                    "appointment. Write to the client from their contact page instead."
                )
            )
        return super().action_open_composer()

    # ------------------------------------------------------------
    # WHO GETS MESSAGES
    # ------------------------------------------------------------

    def message_post(self, *, partner_ids=None, outgoing_email_to=False, **kwargs):
        """Whoever is mentioned may read the message: of an appointment, only people
        who may read that, too."""
        if (partner_ids or outgoing_email_to) and self._filter_appointments():
            partner_ids, outgoing_email_to = self._get_readers(partner_ids or []), False
        return super().message_post(
            partner_ids=partner_ids, outgoing_email_to=outgoing_email_to, **kwargs
        )

    def message_notify(self, *, partner_ids=False, **kwargs):
        if partner_ids and self._filter_appointments():
            partner_ids = self._get_readers(partner_ids)
            if not partner_ids:
                return self.env["mail.message"]
        return super().message_notify(partner_ids=partner_ids, **kwargs)

    def _message_subscribe(self, partner_ids=None, subtype_ids=None, customer_ids=None):
        appointments = self._filter_appointments()
        super(CalendarEvent, self - appointments)._message_subscribe(
            partner_ids, subtype_ids, customer_ids
        )
        readers = appointments.grouped(
            lambda event: tuple(event._get_readers(partner_ids or []))
        )
        for partners, events in readers.items():
            super(CalendarEvent, events)._message_subscribe(
                list(partners), subtype_ids, customer_ids
            )
        return True

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        # Followers from before the meeting had a client, or the person a new role.
        recipients = super()._notify_get_recipients(
            message, msg_vals=msg_vals, **kwargs
        )
        if not self or not self._filter_appointments():
            return recipients
        readers = self._get_readers([data["id"] for data in recipients if data["id"]])
        return [data for data in recipients if data["id"] in readers]

    def _get_readers(self, partner_ids):
        """:return: those of these contact ids whose user may read this appointment"""
        self.ensure_one()
        # In sudo: asked for whoever writes; nothing but the answer leaves.
        users_sudo = self.env["res.partner"].sudo().browse(partner_ids).user_ids
        return [
            user.partner_id.id
            for user in users_sudo
            if self.with_user(user)
            .with_context(allowed_company_ids=user.company_ids.ids)
            .has_access("read")
        ]

    # ------------------------------------------------------------
    # WHAT MESSAGES SAY
    # ------------------------------------------------------------

    def _notify_thread(self, message, msg_vals=False, **kwargs):
        # The name on top of mails and of notifications on the phone.
        if self and self._filter_appointments():
            kwargs["force_record_name"] = self._get_customer_summary()
        return super()._notify_thread(message, msg_vals=msg_vals, **kwargs)

    def _message_compute_subject(self):
        if self._filter_appointments():
            return self._get_customer_summary()
        return super()._message_compute_subject()

    def _track_filter_for_display(self, tracking_values):
        """Mails print tracked values of all fields that the *sender* may read."""
        values = super()._track_filter_for_display(tracking_values)
        return values.filtered(
            lambda value: not self._fields[value.field_id.name].groups
        )

    @api.model
    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        # In sudo: stock asks every event for its privacy, also those that the rules
        # hide, and so every search of messages would fail for people without a role
        # (calendar/models/calendar_event.py). What it answers is checked afterwards.
        events_sudo = self.sudo().with_context(prefetch_fields=False)
        operations = super(
            CalendarEvent, events_sudo
        )._mail_get_operation_for_mail_message_operation(message_operation)
        return {event.with_env(self.env): op for event, op in operations.items()}
