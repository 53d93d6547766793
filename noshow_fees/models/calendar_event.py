"""The appointment: a calendar event with a client."""

from datetime import timedelta

import pytz

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError

from ..tools import changed_fields, is_by_method

VISIT_STATES = [
    ("scheduled", "Scheduled"),
    ("attended", "Attended"),
    ("cancelled", "Cancelled"),
    ("late_cancelled", "Late cancellation"),
    ("no_show", "No-show"),
]
CANCELLED_STATES = ("cancelled", "late_cancelled", "no_show")
MISSED_STATES = ("late_cancelled", "no_show")
FEE_STATES = [
    ("none", "No fee"),
    ("charging", "Charging the card"),
    ("open", "Open"),
    ("partial", "Partly paid"),
    ("paid", "Paid"),
    ("waived", "Waived"),
    ("refunded", "Refunded"),
    ("written_off", "Written off"),
]
INITIATORS = [("client", "Client"), ("provider", "Provider"), ("practice", "Practice")]
PRACTICE = "noshow_fees.group_practice"

# Written by the addon's own methods only, at any time.
METHOD_FIELDS = {
    "visit_state",
    "cancel_reason",
    "cancelled_by_id",
    "cancelled_on",
    "cancel_initiator",
    "counts_as_missed",
    "left_recurrence_id",
    "needs_outcome",
    "rebooked_event_id",
    "booked_by_id",
    "series_ref",
    "series_slot",
}
# Written by the addon's own methods only, once the outcome is known.
FROZEN_FIELDS = {
    "active",
    "allday",
    "client_id",
    "company_id",
    "duration",
    "follow_recurrence",
    "recurrence_id",
    "recurrency",
    "start",
    "start_date",
    "stop",
    "stop_date",
    "user_id",
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
        compute="_compute_visit_state",
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
        compute="_compute_company_id",
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
    rebooked_event_id = fields.Many2one(
        "calendar.event",
        string="Booked Again As",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        groups=PRACTICE,
    )
    fee_line_ids = fields.One2many(
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

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("partner_ids")
    def _compute_client_id(self):
        """Fill the client when exactly one attendee is a client; otherwise keep
        what a person chose.

        Not for people without a role: inviting a contact would tell them who is a
        client, and their meeting would vanish from their schedule.
        """
        user = self.env.user
        may_fill = user.id == SUPERUSER_ID or user.has_group(PRACTICE)
        for event in self:
            clients = event.partner_ids.filtered("is_client")
            if (
                may_fill
                and len(clients) == 1
                and event.visit_state in (False, "scheduled")
            ):
                event.client_id = clients
            else:
                event.client_id = event.client_id

    @api.depends("client_id")
    def _compute_visit_state(self):
        for event in self:
            if event.visit_state in (False, "scheduled"):
                event.visit_state = "scheduled" if event.client_id else False
            else:
                event.visit_state = event.visit_state

    @api.depends("client_id", "user_id")
    def _compute_company_id(self):
        for event in self:
            if event.visit_state in (False, "scheduled"):
                company = event.user_id.company_id or self.env.company
                event.company_id = company if event.client_id else False
            else:
                event.company_id = event.company_id

    @api.depends(
        "fee_line_ids.is_noshow_fee",
        "fee_line_ids.fee_state",
        "fee_line_ids.fee_amount",
    )
    def _compute_fee(self):
        for event in self:
            fee = event.fee_line_ids.filtered("is_noshow_fee")[:1]
            event.fee_state = fee.fee_state or "none"
            event.fee_amount = fee.fee_amount

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        # A `default_visit_state` in the context would set an outcome without
        # any of the checks.
        return super().default_get([f for f in fields if f not in METHOD_FIELDS])

    @api.model_create_multi
    def create(self, vals_list):
        if not is_by_method(self.env):
            for vals in vals_list:
                self._check_method_fields(
                    [
                        name
                        for name in METHOD_FIELDS & vals.keys()
                        if vals[name] and vals[name] != "scheduled"
                    ]
                )
        return super().create(vals_list)

    def write(self, vals):
        if not is_by_method(self.env) and vals.keys() & (METHOD_FIELDS | FROZEN_FIELDS):
            for event_sudo in self.sudo():
                direct = changed_fields(event_sudo, vals, METHOD_FIELDS)
                frozen = event_sudo._has_outcome() and changed_fields(
                    event_sudo, vals, FROZEN_FIELDS
                )
                if direct or frozen:
                    # First: the message names the client, and that there is one would
                    # tell what a field holds.
                    self.check_access("write")
                    self._check_method_fields(direct)
                    raise UserError(event_sudo._frozen_message())
        return super().write(vals)

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        # In sudo: an employee without a role may copy plain meetings, and has no
        # appointment in `self` (record rule). See `client_id`.
        for event_sudo, vals in zip(self.sudo(), vals_list, strict=True):
            if event_sudo.client_id:
                vals.setdefault("client_id", event_sudo.client_id.id)
        return vals_list

    def unlink(self):
        """Keep what has an outcome, a fee or a chart entry.

        Stock's own series edits and the calendar synchronisations call unlink()
        with `archive_on_error`: there the records are left as they are.

        :raise UserError: when a person asks to delete such an appointment
        """
        kept = self._filter_kept_for_good()
        if kept and not self.env.context.get("archive_on_error"):
            self.check_access("unlink")
            # Not with @api.ondelete: with that key, these stay and the others go.
            # pylint: disable=no-raise-unlink
            raise UserError(kept.sudo()[0]._frozen_message())
        return super(CalendarEvent, self - kept).unlink()

    def action_unlink_event(self, attendee_id=None, recurrence=False):
        # Before stock's dialog about a mail to the attendees, not after it.
        self.check_access("unlink")
        if kept := self._filter_kept_for_good():
            raise UserError(kept.sudo()[0]._frozen_message())
        return super().action_unlink_event(attendee_id, recurrence)

    @api.model
    def _check_method_fields(self, names):
        if names:
            raise UserError(
                self.env._(
                    "%(fields)s: use the buttons “Cancel appointment”, “Attended” and "
                    "“Restore” instead of writing this directly.",
                    fields=", ".join(
                        self._fields[name].string for name in sorted(names)
                    ),
                )
            )

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    def _has_outcome(self):
        """Whether the outcome is known: attended or cancelled in any way."""
        self.ensure_one()
        return self.visit_state not in (False, "scheduled")

    def _filter_kept_for_good(self):
        """Those that may never be deleted: with an outcome, a fee or a chart entry."""
        # In sudo: the answer must not depend on what the user may read.
        events_sudo = self.sudo().filtered("client_id")
        charted_sudo = events_sudo.browse()
        if events_sudo:
            entries_sudo = events_sudo.env["noshow.chart.entry"].search(
                [("appointment_id", "in", events_sudo.ids)]
            )
            charted_sudo = entries_sudo.appointment_id
        return self.browse(
            events_sudo.filtered(
                lambda event: (
                    event._has_outcome() or event.fee_line_ids or event in charted_sudo
                )
            ).ids
        )

    def _frozen_message(self):
        """Say why this appointment cannot be changed, and what to do instead."""
        self.ensure_one()
        states = dict(self._fields["visit_state"]._description_selection(self.env))
        return self.env._(
            "The appointment of %(client)s on %(date)s is on record as “%(outcome)s”. "
            "It cannot be moved, archived, deleted or given to somebody else; use "
            "“Restore” if that outcome is wrong.",
            client=self.client_id.display_name,
            date=fields.Date.to_string(self._get_date_of_service()),
            outcome=states.get(self.visit_state, ""),
        )

    def _get_practice_tz(self):
        """The time zone of the practice that bills, as a pytz zone."""
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
        return pytz.utc.localize(moment).astimezone(self._get_practice_tz()).date()

    def _get_payer(self):
        """Who gets the invoice (see `res.partner._get_payer`)."""
        self.ensure_one()
        return self.client_id._get_payer()

    def _propose_outcome(self, now=None):
        """The outcome that the practice's notice suggests for a cancellation now.

        Notice is elapsed hours, counted in UTC so that a clock change alters
        nothing; exactly at the boundary counts as late (article: late-cancels and
        no-shows).

        :param datetime now: UTC; the current time by default
        :return: `no_show` from the start on, `late_cancelled` inside the notice,
            `cancelled` before it
        """
        self.ensure_one()
        now = now or fields.Datetime.now()
        start = self._get_start_utc()
        if now >= start:
            return "no_show"
        notice = timedelta(hours=self.company_id.noshow_notice_hours)
        return "late_cancelled" if start - now <= notice else "cancelled"

    def _get_start_utc(self):
        """The start in UTC. An all-day event stores its date, not a moment
        (calendar/models/calendar_event.py, _inverse_dates): it starts with the
        practice's day."""
        self.ensure_one()
        if not self.allday:
            return self.start
        midnight = fields.Datetime.to_datetime(self.start_date)
        local = self._get_practice_tz().localize(midnight)
        return local.astimezone(pytz.utc).replace(tzinfo=None)
