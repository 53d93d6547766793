"""The appointment: a calendar event with a client."""

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.sql import column_exists, create_column

from ...const import (
    FEE_STATES,
    INITIATORS,
    MISSED_STATES,
    PRACTICE,
    THERAPIST,
    VISIT_STATES,
)
from ...tools.relations import AskingOne2many

#: What Odoo would compute of each meeting when the addon is installed.
STORED_COLUMNS = {
    "client_id": "int4",
    "visit_state": "varchar",
    "company_id": "int4",
    "uncharged_on": "date",
}


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    # Every field that this addon adds to a shared model carries `groups`: portal
    # users and employees without a role can call read() on calendar.event.
    client_id = fields.Many2one(
        "res.partner",
        compute="_compute_client_id",
        store=True,
        readonly=False,
        domain=[("is_client", "=", True)],
        # As `rebooked_event_id`: 0.01 ms instead of 230 among a million.
        index="btree_not_null",
        ondelete="restrict",
        # Copies get it from copy_data(): with copy=True, an employee without a
        # role could not even duplicate a plain meeting.
        copy=False,
        # Administrators see no appointment, but may name the field: their privacy
        # look-up names all links to contacts (privacy_lookup/wizard, _get_query).
        groups=f"{PRACTICE},base.group_system",
        help="The person treated. A meeting with a client is an appointment.",
    )
    visit_state = fields.Selection(
        VISIT_STATES,
        string="Outcome",
        compute="_compute_appointment",
        store=True,
        copy=False,
        groups=PRACTICE,
    )
    cancel_reason = fields.Text(
        string="Cancellation Reason", copy=False, readonly=True, groups=PRACTICE
    )
    cancelled_by_id = fields.Many2one(
        "res.users",
        copy=False,
        readonly=True,
        ondelete="restrict",
        groups=PRACTICE,
    )
    cancelled_on = fields.Datetime(copy=False, readonly=True, groups=PRACTICE)
    cancel_initiator = fields.Selection(
        INITIATORS,
        string="Cancelled On Behalf Of",
        copy=False,
        readonly=True,
        groups=PRACTICE,
        help="Who called the appointment off.",
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_appointment",
        store=True,
        copy=False,
        ondelete="restrict",
        # No groups, alone among our fields: Odoo's messages read it as the sender
        # (mail/models/models.py, _mail_get_companies). It is empty on plain meetings,
        # and people without a role see no other.
        help="The practice that bills: the provider's company.",
    )
    counts_as_missed = fields.Boolean(
        copy=False,
        readonly=True,
        groups=PRACTICE,
        help="Whether this counts among the client's missed visits: not when the "
        "appointment was booked again to charge a fee, nor when a waiver forgave it.",
    )
    had_outcome = fields.Boolean(
        copy=False,
        readonly=True,
        groups=PRACTICE,
        help="An outcome was set at some time, though it may have been undone since: "
        "such an appointment is never deleted.",
    )
    rebooked_event_id = fields.Many2one(
        "calendar.event",
        string="Booked Again As",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        groups=PRACTICE,
    )
    uncharged_on = fields.Date(
        string="Missed Without a Fee On",
        compute="_compute_uncharged_on",
        store=True,
        groups=PRACTICE,
        help="The day on which it was noted that the client missed this, where no fee "
        "was charged: the accounting date that a fee would have had.",
    )
    fee_line_ids = AskingOne2many(
        "account.move.line",
        "appointment_id",
        string="Fees",
        copy=False,
        groups=PRACTICE,
    )
    currency_id = fields.Many2one(
        related="company_id.currency_id", string="Fee Currency", groups=PRACTICE
    )
    fee_amount = fields.Monetary(
        string="Fee",
        compute="_compute_fee",
        compute_sudo=True,
        groups=PRACTICE,
        help="What is owed in all for this appointment, tax included.",
    )
    fee_state = fields.Selection(
        FEE_STATES,
        compute="_compute_fee",
        compute_sudo=True,
        groups=PRACTICE,
    )

    # The misses without a fee of a month, in the reports: 0.3 ms instead of 230 among a
    # million appointments.
    _uncharged = models.Index("(uncharged_on) WHERE uncharged_on IS NOT NULL")

    def _auto_init(self):
        """At installation no meeting is an appointment: nobody is a client yet. Odoo
        would compute, and write, each meeting there is: minutes for a million."""
        for name, type_ in STORED_COLUMNS.items():
            if not column_exists(self.env.cr, self._table, name):
                create_column(self.env.cr, self._table, name, type_)
        return super()._auto_init()

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    # Two methods, and not one: a written client would keep the values that are computed
    # together with it from being computed (odoo/orm/models.py, `write`). They read each
    # other, and Odoo asks whichever it meets first: superuser's code another one than a
    # form. Hence the last line of the first.

    @api.depends("partner_ids")
    def _compute_client_id(self):
        """Fill the client when exactly one attendee is a client; otherwise keep
        what a person chose (`_filter_named_client`). Whoever holds the meeting is
        nobody's client in it.

        Not for people without a role: inviting a contact would tell them who is a
        client, and their meeting would vanish from their schedule.
        """
        user = self.env.user
        may_fill = user.id == SUPERUSER_ID or user.has_group(PRACTICE)
        for event in self:
            # In a form they are not themselves (`_origin`), and nobody's equals.
            people = event.partner_ids._origin
            clients = people.filtered("is_client") - event.user_id._origin.partner_id
            if not event.user_id:
                # Held by somebody outside: who works here is a colleague in it. In
                # sudo: logins are the administrator's.
                clients = clients.filtered(
                    lambda client: all(client.sudo().user_ids.mapped("share"))
                )
            # Somebody whom nobody meets is away, or has a note for themselves: the time
            # off of an employee without a user (hr_holidays/models/hr_leave.py).
            is_met = event.user_id or people != clients
            is_named = event != event._origin and event._origin._filter_named_client()
            may_change = (
                may_fill and is_met and not is_named and not event._has_outcome()
            )
            if may_change and len(clients) == 1:
                event.client_id = clients
            else:
                event.client_id = event.client_id
        # What was asked for meanwhile was computed of the client before.
        self.modified(["client_id"])

    @api.depends("client_id", "user_id")
    def _compute_appointment(self):
        """What each appointment has and no plain meeting: an outcome, and the company
        that bills. Once the outcome is known, both stay."""
        for event in self:
            known = event._has_outcome()
            if not known:
                event.visit_state = "scheduled" if event.client_id else False
            else:
                event.visit_state = event.visit_state
            if not known or not event.company_id:
                company = event.user_id.company_id or self.env.company
                event.company_id = event.visit_state and company
            else:
                event.company_id = event.company_id

    @api.constrains("client_id", "user_id")
    def _check_client_is_not_provider(self):
        # In sudo: people without a role write plain meetings. Without prefetching: what
        # stock masks is read from the cache (privacy/calendar_event.py).
        for event_sudo in self.sudo().with_context(prefetch_fields=False):
            client_sudo = event_sudo.client_id
            if client_sudo and client_sudo == event_sudo.user_id.partner_id:
                raise ValidationError(
                    self.env._("The provider of an appointment cannot be its client.")
                )

    @api.depends(
        "cancelled_on",
        "fee_line_ids.is_noshow_fee",
        "fee_line_ids.parent_state",
        "rebooked_event_id",
        "visit_state",
    )
    def _compute_uncharged_on(self):
        missed = self.filtered(
            lambda event: (
                event.visit_state in MISSED_STATES and not event.rebooked_event_id
            )
        )
        (self - missed).uncharged_on = False
        for event in missed:
            charged = any(
                line.is_noshow_fee and line.parent_state == "posted"
                # Those in the database: a browser may send others along.
                for line in event._origin.fee_line_ids
            )
            event.uncharged_on = not charged and (
                event._get_practice_day(event.cancelled_on)
                if event.cancelled_on
                else event._get_date_of_service()
            )

    @api.depends(
        "fee_line_ids.is_noshow_fee",
        "fee_line_ids.fee_state",
        "fee_line_ids.fee_amount",
    )
    def _compute_fee(self):
        for event in self:
            # Those in the database: a browser may send others along.
            fees = event._origin._get_live_fees()
            # In the cache there may be two for a moment, before the database says no.
            fee = fees[:1].with_prefetch(fees._prefetch_ids)
            event.fee_state = fee.fee_state or "none"
            event.fee_amount = fee.fee_amount

    def _get_live_fees(self):
        """The fees of these appointments that were not reversed, one each at most."""
        lines = self.fee_line_ids
        # What is read of one is read of a whole list (`filtered` and slices forget it).
        return lines.filtered("is_noshow_fee").with_prefetch(lines._prefetch_ids)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        # In sudo: an employee without a role may copy plain meetings, and has no
        # appointment in `self` (record rule). See `client_id`.
        for event_sudo, vals in zip(self.sudo(), vals_list, strict=True):
            if event_sudo.client_id:
                vals.setdefault("client_id", event_sudo.client_id.id)
        return vals_list

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    def _filter_named_client(self):
        """Those whose client was named, and is none of the attendees: it stays, whoever
        else is invited. A mother comes along to her child's, and becomes a client
        herself; stock's copy() invites her once the client is known
        (calendar/models/calendar_event.py)."""
        # In sudo: people without a role write plain meetings. Without prefetching: see
        # `_check_client_is_not_provider`.
        named_sudo = (
            self.sudo()
            .with_context(prefetch_fields=False)
            .filtered(
                lambda event: (
                    event.client_id and event.client_id not in event.partner_ids
                )
            )
        )
        return self.browse(named_sudo.ids)

    def _has_outcome(self):
        """Whether the outcome is known: attended or cancelled in any way."""
        self.ensure_one()
        return self.visit_state not in (False, "scheduled")

    def _get_practice_tz(self):
        """The time zone of the practice that bills, a `ZoneInfo`."""
        self.ensure_one()
        return (self.company_id or self.env.company)._get_practice_tz()

    def _get_date_of_service(self):
        """The day of the appointment in the practice's time zone."""
        self.ensure_one()
        if self.allday:
            return self.start_date
        return self._get_practice_day(self.start)

    def _get_practice_day(self, moment):
        """The day at the practice of a moment in UTC."""
        return (self.company_id or self.env.company)._get_practice_day(moment)

    def _get_payer(self):
        """Who gets the invoice (see `res.partner._get_payer`)."""
        self.ensure_one()
        return self.client_id._get_payer()

    def _get_start_utc(self):
        """The start in UTC. An all-day event stores its date, not a moment
        (calendar/models/calendar_event.py, _inverse_dates): it starts with the
        practice's day."""
        self.ensure_one()
        if not self.allday:
            return self.start
        company = self.company_id or self.env.company
        return company._get_practice_moment(self.start_date)

    # ------------------------------------------------------------
    # BOOKING
    # ------------------------------------------------------------

    @api.onchange("client_id")
    def _onchange_client_id(self):
        """Without a title of its own, an appointment is called by its client: that is
        what the front desk looks for in the schedule. And whoever books for others is
        not the provider, as stock Odoo takes for granted."""
        if not self.client_id:
            return
        if not self.name:
            self.name = self.client_id.name
        user = self.env.user
        if not self._origin and self.user_id == user and not user.has_group(THERAPIST):
            self.user_id = self._propose_provider()

    @api.onchange("client_id", "user_id")
    def _onchange_provider(self):
        """The provider attends, and who books does not: the schedule shows an
        appointment in the calendars of its attendees."""
        if not self._sees_appointments() or not self.client_id or not self.user_id:
            return
        provider, attendees = self.user_id.partner_id, self.partner_ids._origin
        if self._origin:
            leaving = self._origin.user_id.partner_id
        elif provider in attendees and self.env.user.partner_id not in attendees:
            return
        else:
            # In sudo: which of the attendees work here.
            leaving = self.env.ref(PRACTICE).sudo().all_user_ids.partner_id
        self.partner_ids = attendees - leaving + provider

    def _propose_provider(self):
        """:return: who saw the client last, if still here; else the only therapist;
        else nobody, and whoever books has to choose"""
        client = self.client_id._origin
        # Without a client, any meeting would be found.
        last = client and self.with_context(active_test=False).search(
            [("client_id", "=", client.id)], order="start desc", limit=1
        )
        # In sudo: that a colleague has left.
        if last and last.user_id.sudo().active:
            return last.user_id
        # In sudo: groups are the administrator's, who is a therapist is no secret.
        therapists_sudo = self.env.ref(THERAPIST).sudo().all_user_ids
        therapists = self.env["res.users"].browse(
            therapists_sudo.filtered(
                lambda user: self.env.company in user.company_ids
            ).ids
        )
        if not therapists:
            return self.env.user
        return therapists if len(therapists) == 1 else self.env["res.users"]
