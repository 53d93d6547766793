"""Who sees what of an appointment outside of Odoo's record rules.

Which people read an appointment is said by the rules in `security/noshow_rules.xml`.
Here are the places where stock Odoo tells of an event without asking them, or hides
one from the people of the practice."""

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError

from ...const import MANY, PRACTICE


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    # ------------------------------------------------------------
    # PRIVATE EVENTS AND CALENDARS
    # ------------------------------------------------------------
    # Odoo shows a private event as “Busy” and empty to all but its attendees, the
    # front desk included, and its own rule keeps them from changing it. Its third kind,
    # “Only internal users”, hides nothing within the company: with that one on every
    # appointment, our rules alone decide who reads it, whatever calendar it is in.
    # Outside (Google, Microsoft) it counts as private.

    privacy = fields.Selection(
        compute="_compute_privacy",
        inverse="_inverse_privacy",
        store=True,
        readonly=False,
    )

    @api.depends("client_id")
    def _compute_privacy(self):
        for event in self:
            event.privacy = "confidential" if event.client_id else event.privacy

    def _inverse_privacy(self):
        """Whatever a person, an importer or an outside calendar chose."""
        self._filter_appointments().sudo().privacy = "confidential"

    def _check_private_event_conditions(self):
        self.ensure_one()
        # Asked of a week's thousands, one by one: what appointments get, first.
        if self.privacy and self.privacy != "private":
            return False
        return super()._check_private_event_conditions()

    def _check_access(self, operation):
        # Odoo asks rules in sudo, and the first field that it needs brings all others
        # into the cache (odoo/orm/models.py): what stock masks in `_fetch_query` would
        # be read from there unmasked. In stock no rule limits reading.
        if len(self) > MANY and not self.env.su:
            # Of ids that are unknown, rules ask the database one by one, which takes
            # half a minute for ten thousand.
            missing = self - self.exists()
            if missing:
                return missing, missing._make_missing_error
        if operation == "read" and not self.env.su:
            events_sudo = self.browse(self.ids).sudo()
            events_sudo.fetch(["client_id", "company_id", "user_id"])
        return super()._check_access(operation)

    def _make_missing_error(self):
        return AccessError(
            self.env._(
                "Some of these are not there any more. Reload, and choose again."
            )
        )

    @api.depends("client_id", "visit_state")
    def _compute_user_can_edit(self):
        """The schedule's drag and the form ask this. In stock Odoo only organizer and
        attendees edit, and the front desk attends no appointment. Nobody edits one
        whose outcome is known."""
        super()._compute_user_can_edit()
        if self._sees_appointments():
            for event in self.filtered("client_id"):
                event.user_can_edit = (
                    not event._has_outcome()
                    and self.env.user._has_practice_right("schedule", event.user_id)
                )

    # ------------------------------------------------------------
    # NEUTRAL NAMES
    # ------------------------------------------------------------

    @api.depends("client_id")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """The name of a linked record is read as superuser
        (odoo/orm/fields_relational.py, `Many2one.convert_to_read`): any record with a
        link to an appointment would tell its title."""
        super()._compute_display_name()
        if self.env.su and self.env.uid != SUPERUSER_ID:
            appointments = self._filter_appointments().sudo(False)
            for event in appointments - appointments._filtered_access("read"):
                event.sudo().display_name = event._get_customer_summary()

    def _get_customer_summary(self):
        """The title on invitations, the public page, calendar files and mails."""
        if self._filter_appointments():
            return self.env._("Appointment")
        return super()._get_customer_summary()

    def _is_neutral(self):
        """Whether pages that need no login tell nothing but when it is."""
        return bool(self._filter_appointments())

    def _get_customer_description(self):
        return (
            "" if self._filter_appointments() else super()._get_customer_description()
        )

    def _get_html_link(self, title=None):
        # It stands in other records' chatters, a lead's for one (crm/models/
        # crm_lead.py, log_meeting), whoever wrote it.
        if self._filter_appointments():
            title = self._get_customer_summary()
        return super()._get_html_link(title=title)

    def _create_videocall_channel_id(self, name, partner_ids):
        # Whoever has the link to the call reads the channel's name.
        if self._filter_appointments():
            name = self._get_customer_summary()
        return super()._create_videocall_channel_id(name, partner_ids)

    def action_join_meeting(self, partner_id):
        """:raise AccessError: the appointment is not the user's to change; Odoo's
        public link to a meeting lets everybody who is logged in attend"""
        self._filter_appointments().sudo(False).check_access("write")
        return super().action_join_meeting(partner_id)

    # ------------------------------------------------------------
    # ACTIVITIES
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Keep Odoo from copying an appointment's title and description into an
        activity of a contact, and the client's phone and e-mail into the
        description: both are read by people without a role."""
        kinds = self._are_appointments(vals_list)
        plain_vals = [
            vals for vals, kind in zip(vals_list, kinds, strict=True) if not kind
        ]
        if len(plain_vals) == len(vals_list):
            return super().create(vals_list)
        plain = iter(super().create(plain_vals))
        appointments = iter(
            super(
                CalendarEvent,
                self.with_context(
                    noshow_no_activity=True, skip_contact_description=True
                ),
            ).create(
                [
                    # Before it is written: Odoo asks its rule while it creates.
                    {**vals, "privacy": "confidential"}
                    for vals, kind in zip(vals_list, kinds, strict=True)
                    if kind
                ]
            )
        )
        ids = [next(appointments if kind else plain).id for kind in kinds]
        return self.with_context(is_calendar_event_new=False).browse(ids)

    def _are_appointments(self, vals_list):
        """:return: for each of `vals_list`, whether it makes an appointment"""
        names = ["client_id", "partner_ids"]
        defaults = self.default_get(names)
        # In sudo: so that it is told like the stored field, by its compute method.
        return [
            bool(
                self.sudo()
                .new(defaults | {name: vals[name] for name in names if name in vals})
                .client_id
            )
            for vals in vals_list
        ]

    @api.model
    def _get_activity_excluded_models(self):
        models_ = super()._get_activity_excluded_models()
        if self.env.context.get("noshow_no_activity"):
            return [*models_, *self.env.registry]
        return models_

    def _sync_activities(self, fields):
        appointments = self._filter_appointments()
        super(CalendarEvent, self - appointments)._sync_activities(fields)
        super(CalendarEvent, appointments)._sync_activities(
            set(fields) - {"name", "description"}
        )

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    def _sees_appointments(self):
        """Whether the user has a role: the rules show others plain meetings only."""
        return self.env.user.has_group(PRACTICE)

    def _filter_appointments(self):
        """Those of these events that have a client, whoever asks.

        In sudo: people without a role cannot read the field; that the answer may not
        depend on them is the point. Without prefetching: stock masks the private
        events of others in the cache (`_fetch_query`), and what sudo fetches along
        would be read from there unmasked.
        """
        events_sudo = self.sudo().with_context(prefetch_fields=False)
        return events_sudo.filtered("client_id").with_env(self.env)

    # ------------------------------------------------------------
    # MAIL
    # ------------------------------------------------------------

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
