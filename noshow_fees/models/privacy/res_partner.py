"""Contacts: what must not be reached, changed or deleted by way of them."""

from collections import defaultdict

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError

from ...tools.context import changed_fields
from ...tools.relations import AskingMany2many, AskingMessages, AskingOne2many

#: What makes of a contact below a client who pays for them.
PAYING = {"active", "child_ids", "parent_id", "type"}
#: Who has records in a practice is treated there, and paid for, as its people say.
#: The e-mail address is where links to cards and payments go.
OF_RECORD = {
    "active",
    "card_authorized_on",
    "company_id",
    "email",
    "is_client",
    "name",
    "payer_id",
    "phone",
}
#: Where invoices and logins go: who came to another practice first, and to this one,
#: too, is not taken over by a booking.
OF_FIRST_RECORD = {"active", "company_id", "email", "payer_id"}


class ResPartner(models.Model):
    _inherit = "res.partner"

    # Whether somebody has an appointment, a saved card or an invoice is told to who
    # may read one of these.
    meeting_ids = AskingMany2many()
    payment_token_ids = AskingOne2many()
    invoice_ids = AskingOne2many()
    # Who logs in as the client does not guess the practice's notes.
    message_ids = AskingMessages(
        bypass_search_access=False, whole_for=("base.group_user",)
    )
    website_message_ids = AskingMessages(
        bypass_search_access=False, whole_for=("base.group_user",)
    )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        partners._check_paying_kept({})
        keys = {key for vals in vals_list for key in vals} | self.env.context.keys()
        if keys & {"meeting_ids", "default_meeting_ids"}:
            partners._check_appointments_kept({})
        return partners

    def write(self, vals):
        """:raise AccessError: an appointment gained or lost, somebody else who pays for
        a client, or a client with records at other companies only
        """
        if names := vals.keys() & OF_RECORD:
            # Odoo's own refusals first, which are the same for everybody.
            self.check_access("write")
            for name in names:
                self._check_field_access(self._fields[name], "write")
            self._check_of_record(vals, names)
        # Odoo writes contacts below as another user (odoo/orm/fields_relational.py,
        # `_check_sudo_commands`).
        says_who_pays = vals.keys() & PAYING
        paying = self._get_paying() if says_who_pays else {}
        meetings = self._get_all_meetings() if "meeting_ids" in vals else {}
        result = super().write(vals)
        if "meeting_ids" in vals:
            self._check_appointments_kept(meetings)
        if says_who_pays:
            self._check_paying_kept(paying)
        return result

    def _check_of_record(self, vals, names):
        """:param set names: those of `OF_RECORD` in `vals`
        :raise AccessError: what would change is for others to change
        """
        # In sudo: whether it changes does not depend on who asks.
        changed = {
            partner: set(changed_fields(partner.sudo(), vals, names))
            for partner in self
        }
        self.filtered(changed.get)._check_record_companies()
        self.filtered(lambda p: changed[p] & OF_FIRST_RECORD)._check_record_companies(
            "first"
        )
        self.filtered(lambda p: "email" in changed[p])._check_login_kept()

    def _check_login_kept(self):
        """Who changes the e-mail address of a login has a new password sent there.

        :raise AccessError: a client who logs in, or who pays for one, and neither the
            front desk, who gives these logins, nor the person changes it
        """
        user = self.env.user
        if self._is_by_the_practice() or user._has_practice_right("schedule"):
            return
        if user.has_group("base.group_erp_manager"):
            # Who sets everybody's password.
            return
        # In sudo: whether they log in does not depend on who asks.
        others_sudo = (self - user.partner_id).sudo().with_context(active_test=False)
        if others_sudo.filtered("user_ids")._is_client_or_payer():
            raise AccessError(
                self.env._(
                    "The front desk changes this e-mail address: whoever gets mail "
                    "there can log in."
                )
            )

    def unlink(self):
        """:raise AccessError: who pays for a client"""
        if not self._is_by_the_practice():
            # In sudo: it must not depend on what the user may read.
            self._check_may_say_who_pays(
                partner_sudo._get_invoice_owner() for partner_sudo in self.sudo()
            )
        return super().unlink()

    @api.model
    def _is_by_the_practice(self):
        """Whether superuser code writes, and not for somebody from outside: Odoo's
        portal writes addresses as superuser for whoever logs in there."""
        return self.env.su and not self.env.user.share

    def _get_paying(self):
        """:return: `{who pays: (for whom, below whom)}` of these and of the contacts
        below them, in sudo: a client's own invoice contact (`_get_payer`), and who pays
        for others"""
        # In sudo: it must not depend on what the user may read.
        partners_sudo = self.sudo().with_context(active_test=False)
        return {
            partner_sudo: (clients_sudo, partner_sudo.parent_id)
            for partner_sudo in partners_sudo | partners_sudo.child_ids
            if (clients_sudo := partner_sudo._get_paid_for())
        }

    def _get_paid_for(self):
        """For whom this pays; in sudo."""
        return self.payer_for_ids | self._get_invoice_owner()

    def _get_invoice_owner(self):
        """Whose invoice contact this is; in sudo."""
        is_one = self.type == "invoice" and self.active
        return self.parent_id if is_one else self.browse()

    def _check_paying_kept(self, before):
        """:param dict before: `_get_paying` before a change
        :raise AccessError: somebody else pays for a client now, or who pays stands
            below somebody else, and the user may not say so
        """
        if self._is_by_the_practice():
            return
        changed = before.items() ^ self._get_paying().items()
        self._check_may_say_who_pays(clients for _payer, (clients, _p) in changed)

    def _check_may_say_who_pays(self, owners):
        """:raise AccessError: one of these is a client whose payer the user may not
        change (`payer_id`)"""
        # In sudo: whether it is a client does not depend on who asks.
        clients_sudo = self.browse().sudo().union(*owners).filtered("is_client")
        if self.env.user.share:
            # Clients say themselves where their invoices go.
            clients_sudo -= self.env.user.partner_id
            if clients_sudo:
                raise AccessError(self.env._("The practice changes this: ask there."))
        elif clients_sudo:
            self._check_field_access(self._fields["payer_id"], "write")
            self.browse(clients_sudo.ids)._check_record_companies("first")

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
    # WHAT THE BOOKS TELL
    # ------------------------------------------------------------

    def _increase_rank(self, field, n=1):
        """Odoo counts a contact's invoices where every employee reads it: of who is
        treated here, or pays for them, that would tell how often they missed."""
        if field == "customer_rank":
            # One by one: the answer is for all of several (`any`).
            others = self.filtered(lambda partner: not partner._is_client_or_payer())
            return super(ResPartner, others)._increase_rank(field, n)
        return super()._increase_rank(field, n)

    def _asset_difference_search(self, account_type, operator, operand):
        """Odoo asks for the right to read what is owed, and not to search it.

        :raise AccessError: the user may not read it
        """
        self._check_field_access(self._fields["credit"], "read")
        return super()._asset_difference_search(account_type, operator, operand)

    # ------------------------------------------------------------
    # PORTAL
    # ------------------------------------------------------------

    def _filter_may_invite(self):
        """Those of these to whom the current user may give a login: who logs in as a
        client, or who pays for one, reads what was missed and charges the card."""
        user = self.env.user
        if user.id == SUPERUSER_ID:
            return self
        may_invite = user._has_practice_right("schedule")
        return self.filtered(
            lambda partner: (
                not partner._is_client_or_payer()
                or (may_invite and partner._is_of_own_companies())
            )
        )

    def _is_of_own_companies(self):
        """Whether the user's own company was the first with records of these, and of
        whom they pay for."""
        # In sudo: whose records there are does not depend on who asks.
        partners_sudo = self.sudo() | self.sudo().commercial_partner_id
        try:
            self.sudo(False).browse(partners_sudo.ids)._check_record_companies("first")
        except AccessError:
            return False
        return True

    def signup_get_auth_param(self):
        """Odoo tells every employee the token by which somebody without a login makes
        one, and sends it along in its own mails, as superuser."""
        if self.env.su:
            return super().signup_get_auth_param()
        invited = super(ResPartner, self._filter_may_invite()).signup_get_auth_param()
        # Stock's callers ask for each of theirs.
        return defaultdict(dict, invited)

    def _can_be_edited_by_current_customer(self, **kwargs):
        """In the portal, invoices and links to pay go where clients and payers say, not
        where anybody says who stands below or beside them."""
        may_edit = super()._can_be_edited_by_current_customer(**kwargs)
        current = self._get_current_partner(**kwargs)
        if not may_edit or self == current or not self._is_client_or_payer():
            return may_edit
        # In sudo: contacts, whatever who logs in may read of them. Who pays for others
        # says it for themselves, below whomever they stand.
        self_sudo = self.sudo().with_context(active_test=False)
        return not self_sudo.payer_for_ids and bool(
            self_sudo.filtered_domain([("id", "child_of", current.ids)])
        )

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
