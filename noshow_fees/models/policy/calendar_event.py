"""What an appointment was booked as: which service, at which price, when, and under
which version of the policy."""

from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...const import FEE_CODE_DOMAIN, FIRST_DAY, PRACTICE
from ...tools.context import by_method, is_by_method

#: So long ago is now, to who sends the moment along.
JUST_NOW = timedelta(minutes=5)
BOOKING_FIELDS = ("service_id", "service_price", "booked_on")


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    # Neither computed nor with a default: an update would write them on every
    # appointment of the past, which nobody knows.
    service_id = fields.Many2one(
        "product.product",
        domain=FEE_CODE_DOMAIN,
        copy=False,
        # As `policy_id`: whether an appointment names it, 0.01 ms instead of
        # 240 among a million.
        index="btree_not_null",
        ondelete="restrict",
        groups=PRACTICE,
        help="What is booked; proposed from the client's last appointment.",
    )
    service_price = fields.Monetary(
        string="Price of the Service",
        copy=False,
        groups=PRACTICE,
        help="As it was when this was booked, without taxes.",
    )
    booked_on = fields.Datetime(
        copy=False,
        groups=PRACTICE,
        help="Moves, edits of a series and booking again keep it.",
    )
    policy_id = fields.Many2one(
        "noshow.policy",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        groups=PRACTICE,
        help="The version of the cancellation policy by which this was decided.",
    )
    late_move_notice = fields.Float(
        string="Moved Late",
        copy=False,
        readonly=True,
        groups=PRACTICE,
        help="The client asked to move this inside the notice: the hours that were "
        "left then. 0: they did not.",
    )
    original_start = fields.Datetime(
        string="First Booked For",
        copy=False,
        readonly=True,
        groups=PRACTICE,
        help="Where this stood before it was moved for the first time.",
    )
    fee_decision_ids = fields.One2many(
        "noshow.fee.decision",
        "appointment_id",
        string="Decisions",
        copy=False,
        groups=PRACTICE,
    )
    fee_sentence = fields.Char(
        string="Why", compute="_compute_fee_sentence", groups=PRACTICE
    )

    _service_price_positive = models.Constraint(
        "CHECK (service_price BETWEEN 0 AND 1e9)",
        "A price cannot be negative or absurd.",
    )
    # The misses of a client: how many there were before. As Odoo's own searches say it,
    # or PostgreSQL does not use it: 4 ms instead of 72 among a million appointments.
    _missed = models.Index("(client_id, start) WHERE counts_as_missed IS TRUE")

    @api.depends("fee_decision_ids.state")
    def _compute_fee_sentence(self):
        for event in self:
            # Those in the database: a browser may send others along.
            decision = event._origin.fee_decision_ids.filtered(
                lambda one: one.state != "undone"
            )
            event.fee_sentence = decision[:1].sentence

    @api.constrains("service_id", "company_id")
    def _check_service_company(self):
        # In sudo: the front desk need not read every product.
        for event_sudo in self.sudo().filtered("service_id"):
            if not event_sudo.company_id._may_use(event_sudo.service_id.company_id):
                raise ValidationError(
                    self.env._("This service belongs to another company.")
                )
            event_sudo.service_id._check_is_fee_code()

    @api.constrains("booked_on")
    def _check_booked_on(self):
        for event_sudo in self.sudo().filtered("booked_on"):
            booked = event_sudo.booked_on
            if booked.date() < FIRST_DAY or booked > fields.Datetime.now():
                raise ValidationError(
                    self.env._("An appointment was booked in the past, or just now.")
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        # A price is the list's, or said with the booking by who may say it: a default
        # of a context, or a person's own, would be neither.
        return super().default_get([f for f in fields if f != "service_price"])

    @api.model_create_multi
    def create(self, vals_list):
        # A service may come by default; then it has its price, too.
        defaults = self.default_get(["service_id"])
        events = super().create(vals_list)
        events._check_may_date_booking({})
        events._note_booking([{**defaults, **vals} for vals in vals_list])
        return events

    def write(self, vals):
        moved = {}
        if not vals.keys().isdisjoint({"start", "start_date"}):
            # In sudo: plain meetings are moved by people without a role.
            moved = {
                event_sudo: event_sudo.start
                for event_sudo in self.sudo()
                if event_sudo.client_id and not event_sudo.original_start
            }
        before = {}
        if "booked_on" in vals:
            # In sudo: as above.
            before = {event.id: event.booked_on for event in self.sudo()}
        plain = self._filter_plain() if "partner_ids" in vals else self.browse()
        result = super().write(vals)
        if "booked_on" in vals:
            self._check_may_date_booking(before)
        for event_sudo, start in moved.items():
            if event_sudo.start != start:
                by_method(event_sudo).original_start = start
        if is_by_method(self.env):
            return result
        booked = plain - plain._filter_plain()
        if not vals.keys().isdisjoint({"client_id", "service_id", "service_price"}):
            booked = self
        booked._note_booking([vals] * len(booked))
        return result

    def _filter_plain(self):
        """Those that are no appointments: who invites a client makes them some."""
        # In sudo, without prefetching: see `_filter_named_client`.
        events_sudo = self.sudo().with_context(prefetch_fields=False)
        return self - self.browse(events_sudo.filtered("client_id").ids)

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        # In sudo: see `client_id`. New occurrences of a series are copies of the first.
        for event_sudo, vals in zip(self.sudo(), vals_list, strict=True):
            if event_sudo.client_id:
                for name in BOOKING_FIELDS:
                    if value := event_sudo[name]:
                        vals.setdefault(
                            name, self._fields[name].convert_to_write(value, event_sudo)
                        )
        return vals_list

    def copy(self, default=None):
        # What a person duplicates is booked now; “Book again” says otherwise.
        default = dict(default or {})
        # In sudo: people without a role duplicate plain meetings.
        if any(self.sudo().mapped("client_id")):
            default.setdefault("booked_on", fields.Datetime.now())
        return super().copy(default)

    # ------------------------------------------------------------
    # BOOKING
    # ------------------------------------------------------------

    @api.onchange("client_id", "user_id")
    def _onchange_client_service(self):
        # Everybody opens the form of a meeting; these fields are the practice's.
        if not self._has_field_access(self._fields["client_id"], "read"):
            return
        if self.client_id and not self.service_id:
            self.service_id = self._propose_services(self).get(self)
            self._onchange_service_id()

    @api.onchange("service_id")
    def _onchange_service_id(self):
        company = self.company_id or self.env.company
        self.service_price = (
            self.service_id._get_list_fee(company) if self.service_id else 0.0
        )

    def _note_booking(self, vals_list):
        """Keep when these were booked, as what and at which price, where the values
        that they were written with do not say it.

        :raise AccessError: a price that the user may not set
        """
        # In sudo: people without a role book plain meetings.
        rows = [
            (event_sudo, vals)
            for event_sudo, vals in zip(self.sudo(), vals_list, strict=True)
            if event_sudo.client_id and not event_sudo._has_outcome()
        ]
        if not rows:
            return
        none_sudo = self.sudo().browse()
        events_sudo = none_sudo.union(*(event_sudo for event_sudo, vals in rows))
        without_sudo = events_sudo.filtered(lambda event: not event.booked_on)
        by_method(without_sudo).write({"booked_on": fields.Datetime.now()})
        unknown_sudo = none_sudo.union(
            *(
                event_sudo
                for event_sudo, vals in rows
                if not event_sudo.service_id and "service_id" not in vals
            )
        )
        services = self._propose_services(unknown_sudo)
        changes = defaultdict(self.sudo().browse)
        for event_sudo, vals in rows:
            service = services.get(event_sudo, event_sudo.service_id)
            listed = service._get_list_fee(event_sudo.company_id) if service else 0.0
            price = listed
            if "service_price" in vals:
                price = event_sudo.service_price
                if event_sudo.currency_id.compare_amounts(price, listed):
                    event_sudo.with_env(self.env)._check_may_price(price)
            elif "service_id" not in vals and event_sudo not in services:
                continue
            if (service, price) != (event_sudo.service_id, event_sudo.service_price):
                changes[service, price] |= event_sudo
        for (service, price), same_sudo in changes.items():
            by_method(same_sudo).write(
                {"service_id": service.id, "service_price": price}
            )

    def _check_may_date_booking(self, before):
        """The version of the policy, and so the amount, goes by when it was booked.

        :param dict before: `{event id: booked on}` before a change
        :raise AccessError: another moment than now, by who may not change amounts
        """
        if self.env.su or is_by_method(self.env):
            return
        now = fields.Datetime.now()
        # In sudo: people without a role book plain meetings.
        for event_sudo in self.sudo().filtered("booked_on"):
            booked = event_sudo.booked_on
            # The first of a series answers for itself.
            base_sudo = event_sudo._get_series_base() - event_sudo
            if (
                booked != before.get(event_sudo.id)
                and booked != base_sudo.booked_on
                and not now - JUST_NOW <= booked <= now
            ):
                self.env.user._check_practice_right("change_amount", event_sudo.user_id)

    def _get_series_base(self):
        """The first of the series of this, in sudo: of the same client, or it says
        nothing of how this one was booked."""
        base_sudo = self.recurrence_id.base_event_id
        return base_sudo.filtered(lambda base: base.client_id == self.client_id)

    def _check_may_price(self, price):
        """:raise AccessError: unless the user may book at this price"""
        event_sudo = self.sudo()
        base = event_sudo._get_series_base()
        as_series = base and base.service_id == event_sudo.service_id
        if self.env.su or (as_series and base.service_price == price):
            return
        self.env.user._check_practice_right("change_amount", event_sudo.user_id)

    @api.model
    def _propose_services(self, events):
        """What these clients had last; else what their provider mostly gives.

        :return: `{event: product}`, those without a proposal left out
        """
        clients = events.client_id._origin.ids
        if not clients:
            return {}
        # Of those that the user may read: a service says what kind of treatment it is.
        last = {}
        if self.env.su or self._sees_appointments():
            readable = self.sudo(False).with_context(active_test=False)
            query = readable._search(
                [("client_id", "in", clients), ("service_id", "!=", False)]
            )
            last = dict(
                self.env.execute_query(
                    SQL(
                        """
                        SELECT DISTINCT ON (client_id) client_id, service_id
                          FROM calendar_event
                         WHERE id IN %s
                      ORDER BY client_id, start DESC
                        """,
                        query.subselect(),
                    )
                )
            )
        products_sudo = self.env["product.product"].sudo()
        found = {}
        for event in events:
            product_sudo = products_sudo.browse(last.get(event.client_id._origin.id))
            provider_sudo = event.user_id.sudo()
            for choice in (product_sudo, provider_sudo.noshow_service_id):
                is_code = choice.active and choice.cpt_code
                if is_code and event.company_id._may_use(choice.company_id):
                    found[event] = choice.with_env(self.env)
                    break
        return found
