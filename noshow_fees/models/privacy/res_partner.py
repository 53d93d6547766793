"""Contacts: what must not be reached, changed or deleted by way of them."""

from collections import defaultdict

from odoo import api, models
from odoo.exceptions import AccessError

from ...tools.relations import AskingMany2many, AskingOne2many

#: Who has records in a practice is treated there, and paid for, as its people say.
OF_RECORD = {"card_authorized_on", "company_id", "is_client", "payer_id"}


class ResPartner(models.Model):
    _inherit = "res.partner"

    # Whether somebody has an appointment, a saved card or an invoice is told to who
    # may read one of these.
    meeting_ids = AskingMany2many()
    payment_token_ids = AskingOne2many()
    invoice_ids = AskingOne2many()

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        keys = {key for vals in vals_list for key in vals} | self.env.context.keys()
        if keys & {"meeting_ids", "default_meeting_ids"}:
            partners._check_appointments_kept({})
        return partners

    def write(self, vals):
        """:raise AccessError: an appointment gained or lost, or a client with records
        at other companies only
        """
        if vals.keys() & OF_RECORD:
            self._check_record_companies()
        if "meeting_ids" not in vals:
            return super().write(vals)
        before = self._get_all_meetings()
        result = super().write(vals)
        self._check_appointments_kept(before)
        return result

    def _check_appointments_kept(self, before):
        """The field “Meetings” of a contact is the other side of an event's
        attendees, and open to everybody who edits contacts.

        :param dict before: `{partner id: meetings}` before a change
        :raise AccessError: an appointment was gained or lost that the user may not
            change
        """
        none_sudo = events_sudo = self.env["calendar.event"].sudo()
        for id_, has_sudo in self._get_all_meetings().items():
            had_sudo = before.get(id_, none_sudo)
            events_sudo |= (had_sudo | has_sudo) - (had_sudo & has_sudo)
        appointments = events_sudo._filter_appointments()
        if appointments and not appointments.sudo(False).has_access("write"):
            raise AccessError(
                self.env._("Attendees are changed on the meeting itself, not here.")
            )

    def _get_all_meetings(self):
        """:return: `{partner id: meetings}`, cancelled ones (archived) included"""
        # In sudo: it must not depend on what the user may read.
        partners_sudo = self.sudo().with_context(active_test=False)
        return {partner.id: partner.meeting_ids for partner in partners_sudo}

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _get_busy_calendar_events(self, start_datetime, end_datetime):
        """Count appointments that the record rules hide from the user: that a provider
        has no time is no secret, and whoever books a meeting needs it. That a client
        has none then would be one."""
        busy = super()._get_busy_calendar_events(start_datetime, end_datetime)
        # In sudo: of these, stock looks at start and end only (calendar/models/
        # calendar_event.py, _is_partner_unavailable).
        appointments_sudo = (
            self.env["calendar.event"]
            .sudo()
            .search(
                [
                    ("stop", ">=", start_datetime.replace(tzinfo=None)),
                    ("start", "<=", end_datetime.replace(tzinfo=None)),
                    ("partner_ids", "in", self.ids),
                    ("show_as", "=", "busy"),
                    ("client_id", "!=", False),
                ]
            )
        )
        result = defaultdict(lambda: self.env["calendar.event"].sudo())
        result.update({id_: events.sudo() for id_, events in busy.items()})
        for event_sudo in appointments_sudo:
            provider_id = event_sudo.user_id.partner_id.id
            if provider_id in self.ids:
                result[provider_id] |= event_sudo
        return dict(result)
