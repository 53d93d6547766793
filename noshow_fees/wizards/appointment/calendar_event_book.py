"""Booking: the schedule's own pop-up."""

from datetime import UTC, timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import escape_psql, format_date

from ...const import FEE_CODE_DOMAIN, FIRST_DAY, LAST_DAY, THERAPIST
from ...models.schedule.calendar_event_booking import DAY_MINUTES
from ...tools.when import format_day, format_when

WEEKDAY_FIELDS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: More is a slip of the keyboard; stock's own limit is 720.
MAX_REPEATS = 104


class CalendarEventBook(models.TransientModel):
    """Collects for whom, with whom and when; `calendar.event` is created as by Odoo's
    own form, with its rights and checks."""

    _name = "calendar.event.book"
    _description = "Book an Appointment"

    # ------------------------------------------------------------
    # CLIENT
    # ------------------------------------------------------------

    client_id = fields.Many2one("res.partner", domain=[("is_company", "=", False)])
    client_summary = fields.Char(compute="_compute_client")
    is_contact = fields.Boolean(
        compute="_compute_client", help="Chosen, and not a client yet."
    )
    make_client = fields.Boolean(string="Make this contact a client")
    may_create_client = fields.Boolean(compute="_compute_may_create_client")
    is_new_client = fields.Boolean(string="New client")
    new_name = fields.Char(string="Name")
    new_phone = fields.Char(string="Phone")
    new_email = fields.Char(string="E-mail")
    known_summary = fields.Char(
        compute="_compute_known_summary", help="Who is there already."
    )

    # ------------------------------------------------------------
    # WHEN
    # ------------------------------------------------------------

    provider_id = fields.Many2one(
        "res.users",
        compute="_compute_provider_id",
        compute_sudo=False,
        store=True,
        readonly=False,
        domain=[("share", "=", False)],
    )
    start = fields.Datetime(
        compute="_compute_start", compute_sudo=False, store=True, readonly=False
    )
    service_id = fields.Many2one(
        "product.product",
        compute="_compute_service_id",
        compute_sudo=False,
        store=True,
        readonly=False,
        domain=FEE_CODE_DOMAIN,
    )
    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    service_price = fields.Monetary(
        string="Price",
        compute="_compute_service_price",
        help="Of the service, as it stays with this booking, without taxes.",
    )
    asks_service = fields.Boolean(
        compute="_compute_asks_service",
        help="What a missed visit costs depends on the service.",
    )
    minutes = fields.Integer(
        string="Length",
        compute="_compute_minutes",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    repeat = fields.Selection(
        [
            ("once", "Once"),
            ("week", "Every week"),
            ("two_weeks", "Every two weeks"),
            ("four_weeks", "Every four weeks"),
        ],
        string="Repeats",
        default="once",
        required=True,
    )
    repeat_count = fields.Integer(string="Times", default=12)
    repeat_summary = fields.Char(compute="_compute_repeat_summary")
    overlap_warning = fields.Char(compute="_compute_overlap_warning")
    is_past = fields.Boolean(
        compute="_compute_is_past",
        help="Said, and allowed: some write down later what was agreed.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("client_id")
    def _compute_client(self):
        for page in self:
            # As it is in the database, not as a browser sends it along.
            client = page.client_id._origin
            client.check_access("read")
            page.is_contact = bool(client) and not client.is_client
            page.client_summary = bool(client) and page._summarize(client)

    def _summarize(self, client):
        """Phone, e-mail and visits: is this the one who is on the phone?"""
        known = client._filter_in_care()
        parts = [known.phone, known.email]
        if visit := client.next_appointment_id:
            parts.append(self.env._("next %s", format_when(self.env, visit.start)))
        if visit := client.last_attended_id:
            parts.append(self.env._("last %s", format_when(self.env, visit.start)))
        return " · ".join(part for part in parts if part)

    @api.depends_context("uid")
    def _compute_may_create_client(self):
        self.may_create_client = self.env["res.partner"].has_access("create")

    @api.depends("new_email", "new_name", "new_phone")
    def _compute_known_summary(self):
        partners = self.env["res.partner"]
        for page in self:
            domain = (
                partners._get_phone_domain(page.new_phone or "")
                | Domain(
                    "email", "=ilike", escape_psql((page.new_email or "?").strip())
                )
                | Domain("name", "=ilike", escape_psql((page.new_name or "?").strip()))
            )
            # It helps who enters a new client; to others it would be a look-up.
            may_create = page.may_create_client
            known = partners.search(domain, limit=3) if may_create else partners
            page.known_summary = ", ".join(
                " ".join(filter(None, (one.name, one.phone, one.email)))
                for one in known
            )

    @api.depends("client_id")
    def _compute_provider_id(self):
        for page in self:
            if page.client_id or not page.provider_id:
                page.provider_id = page._propose_provider()

    @api.depends("provider_id")
    @api.depends_context("company")
    def _compute_company_id(self):
        for page in self:
            # In sudo: which company a colleague works for.
            company = page.provider_id.sudo().company_id
            page.company_id = company.with_env(self.env) or self.env.company

    @api.depends("client_id", "provider_id")
    def _compute_service_id(self):
        for page in self:
            event = self.env["calendar.event"].new(
                {
                    "client_id": page.client_id._origin.id,
                    "user_id": page.provider_id.id,
                }
            )
            page.service_id = event._propose_services(event).get(event)

    @api.depends("company_id", "service_id")
    def _compute_service_price(self):
        for page in self:
            page.service_price = (
                page.service_id._get_list_fee(page.company_id)
                if page.service_id
                else 0.0
            )

    @api.depends("company_id")
    def _compute_asks_service(self):
        for page in self:
            # Of their own company only: a provider may be of another.
            own = page.company_id & self.env.user.company_ids
            page.asks_service = bool(own) and own._get_policy_in_force()._asks_service()

    def _propose_provider(self):
        user = self.env.user
        if user.has_group(THERAPIST):
            return user
        event = self.env["calendar.event"].new({"client_id": self.client_id.id})
        proposed = event._propose_provider()
        return proposed if proposed != user else self.provider_id

    @api.depends("client_id", "provider_id")
    def _compute_minutes(self):
        events = self.env["calendar.event"]
        for page in self:
            page.minutes = self.env.context.get(
                "noshow_minutes"
            ) or events._propose_minutes(page.client_id._origin, page.provider_id)

    @api.depends("provider_id")
    def _compute_start(self):
        day = fields.Date.to_date(self.env.context.get("noshow_day"))
        for page in self:
            since = fields.Datetime.now()
            if day:
                # A click on a day of the month: its first free slot.
                since = max(since, page.company_id._get_practice_moment(day))
            page.start = page.start or (
                page.provider_id and page._find_free_start(since)
            )

    def _find_free_start(self, since):
        minutes = self.minutes or self.env["calendar.event"]._propose_minutes(
            self.client_id._origin, self.provider_id
        )
        return self.env["calendar.event"]._find_free_start(
            self.provider_id, since, minutes
        )

    @api.depends("start")
    def _compute_is_past(self):
        for page in self:
            page.is_past = bool(page.start) and page.start < fields.Datetime.now()

    @api.depends("company_id", "minutes", "repeat", "repeat_count", "start")
    def _compute_repeat_summary(self):
        for page in self:
            page.repeat_summary = page._get_repeat_summary()

    def _get_repeat_summary(self):
        """`Every Tuesday, 12 times, until Feb 16`."""
        slots = self._get_slots()
        if self.repeat == "once" or not slots:
            return False
        zone = self.company_id._get_practice_tz()
        first, last = (
            slot[0].replace(tzinfo=UTC).astimezone(zone)
            for slot in (slots[0], slots[-1])
        )
        values = {
            "weekday": format_date(self.env, first.date(), date_format="EEEE"),
            "count": len(slots),
            "last": format_day(self.env, last.date()),
        }
        if self.repeat == "week":
            return self.env._(
                "Every %(weekday)s, %(count)s times, until %(last)s", **values
            )
        if self.repeat == "two_weeks":
            return self.env._(
                "Every other %(weekday)s, %(count)s times, until %(last)s", **values
            )
        return self.env._(
            "Every fourth %(weekday)s, %(count)s times, until %(last)s", **values
        )

    def _get_slots(self):
        """The times of all occurrences: (start, stop) in UTC, at the same hour of the
        practice's clock."""
        if not self._has_sane_time():
            return []
        zone = self.company_id._get_practice_tz()
        local = self.start.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
        weeks = self._get_interval()
        count = min(max(self.repeat_count, 1), MAX_REPEATS) if weeks else 1
        length = timedelta(minutes=self.minutes)
        # The first as it is: an hour that the clock shows twice has two moments.
        starts = [self.start]
        starts += [
            (local + timedelta(weeks=weeks * number))
            .replace(tzinfo=zone)
            .astimezone(UTC)
            .replace(tzinfo=None)
            for number in range(1, count)
        ]
        return [(start, start + length) for start in starts]

    def _has_sane_time(self):
        return (
            bool(self.start)
            and 0 < self.minutes <= DAY_MINUTES
            and FIRST_DAY <= self.start.date() <= LAST_DAY
        )

    def _get_interval(self):
        return {"week": 1, "two_weeks": 2, "four_weeks": 4}.get(self.repeat, 0)

    @api.depends(
        "client_id", "minutes", "provider_id", "repeat", "repeat_count", "start"
    )
    def _compute_overlap_warning(self):
        for page in self:
            slots = page._get_slots()
            page.overlap_warning = bool(slots) and self.env[
                "calendar.event"
            ]._describe_overlaps(page.provider_id, page.client_id._origin, slots)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_next_free(self):
        """Propose the provider's next free slot after the time that is shown."""
        self.ensure_one()
        if not self.provider_id:
            raise UserError(self.env._("Choose the provider first."))
        since = fields.Datetime.now()
        if self._has_sane_time():
            since = max(self.start, since)
        if not self.overlap_warning:
            since += timedelta(minutes=1)
        if not (start := self._find_free_start(since)):
            raise UserError(
                self.env._(
                    "%s has nothing free in the next two months.", self.provider_id.name
                )
            )
        self.start = start
        return self._reopen()

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Book an appointment"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_book(self):
        """Book it, and say so.

        :raise AccessError: somebody else's appointments, or a new client from who may
            not make one
        :raise UserError: something is missing
        """
        self.ensure_one()
        client = self._get_client()
        self._check_complete()
        event = self.env["calendar.event"].create(self._prepare_event(client))
        return {
            "type": "ir.actions.client",
            "tag": "noshow_notice",
            "params": {
                "message": self.env._(
                    "Booked: %(client)s, %(start)s with %(provider)s.",
                    client=client.name,
                    start=format_when(self.env, event.start),
                    provider=self.provider_id.name,
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_plain_meeting(self):
        """Open Odoo's own form: not everything in a schedule is an appointment."""
        self.ensure_one()
        stop = self.start and self.start + timedelta(minutes=self.minutes or 60)
        return {
            "type": "ir.actions.act_window",
            "res_model": "calendar.event",
            "views": [(self.env.ref("calendar.view_calendar_event_form").id, "form")],
            "context": {"default_start": self.start, "default_stop": stop},
        }

    def _check_complete(self):
        """:raise UserError: something is missing, or cannot be"""
        if not self.provider_id:
            raise UserError(self.env._("Choose the provider."))
        if not self.provider_id.active:
            raise UserError(self._get_archived_refusal(self.provider_id))
        if not self.start or self.minutes <= 0:
            raise UserError(self.env._("Say when, and how long."))
        if self.minutes > DAY_MINUTES:
            raise UserError(self.env._("An appointment is within a day."))
        if not self._has_sane_time():
            raise UserError(self.env._("Look at the year."))
        if self._get_interval() and not 1 <= self.repeat_count <= MAX_REPEATS:
            raise UserError(
                self.env._("How many times? At most %s can be booked.", MAX_REPEATS)
            )

    def _get_client(self):
        """The client to book for: found, made one, or new.

        :raise AccessError: the user may not edit clients
        :raise UserError: none, or a contact that nobody has agreed to make a client
        """
        if self.is_new_client:
            if not (self.new_name or "").strip() or not (self.new_phone or "").strip():
                raise UserError(self.env._("A new client needs a name and a phone."))
            return self.env["res.partner"].create(
                {
                    "name": self.new_name.strip(),
                    "phone": self.new_phone.strip(),
                    "email": self.new_email,
                    "is_client": True,
                }
            )
        if not self.client_id:
            raise UserError(self.env._("Choose the client."))
        if not self.client_id.active:
            raise UserError(self._get_archived_refusal(self.client_id))
        if not self.client_id.is_client:
            if not self.make_client:
                raise UserError(
                    self.env._(
                        "%s is a contact and not a client yet: tick “Make this contact "
                        "a client”, or choose somebody else.",
                        self.client_id.name,
                    )
                )
            self.client_id.action_make_client()
        return self.client_id

    def _get_archived_refusal(self, record):
        return self.env._("%s is archived: unarchive them first.", record.display_name)

    def _prepare_event(self, client):
        """Values of the appointment, or of the first one of a series."""
        start, stop = self._get_slots()[0]
        zone = self.company_id._get_practice_tz()
        vals = {
            "name": client.name,
            "client_id": client.id,
            "user_id": self.provider_id.id,
            "partner_ids": [Command.set(self.provider_id.partner_id.ids)],
            "start": start,
            "stop": stop,
            "service_id": self.service_id.id,
        }
        if interval := self._get_interval():
            weekday = start.replace(tzinfo=UTC).astimezone(zone).weekday()
            vals |= {
                "recurrency": True,
                "rrule_type": "weekly",
                "interval": interval,
                "end_type": "count",
                "count": self.repeat_count,
                # The same hour of the practice's clock, all year.
                "event_tz": zone.key,
                WEEKDAY_FIELDS[weekday]: True,
            }
        return vals
