"""The client's appointments, as the client's page shows them; who becomes a client,
and who stays one."""

from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...const import ON_RECORD, PRACTICE
from ..practice.res_partner import KEPT


class ResPartner(models.Model):
    _inherit = "res.partner"

    # Two lists: in one, a series booked for a year would push today off the first page.
    upcoming_appointment_ids = fields.One2many(
        "calendar.event",
        string="Upcoming Appointments",
        compute="_compute_appointments_by_time",
        context={"active_test": False},
        groups=PRACTICE,
        help="Not over yet, the next one first; cancelled ones included.",
    )
    past_appointment_ids = fields.One2many(
        "calendar.event",
        string="Past Appointments",
        compute="_compute_appointments_by_time",
        context={"active_test": False},
        groups=PRACTICE,
        help="The last one first; cancelled ones included.",
    )
    appointment_count = fields.Integer(
        string="Number of Appointments",
        compute="_compute_appointments_by_time",
        groups=PRACTICE,
        help="Upcoming and past ones, cancelled ones included.",
    )
    missed_visit_count = fields.Integer(
        string="Missed Visits", compute="_compute_missed_visit_count", groups=PRACTICE
    )

    next_appointment_id = fields.Many2one(
        "calendar.event",
        compute="_compute_appointments_by_time",
        groups=PRACTICE,
    )
    next_start = fields.Datetime(
        string="Next Visit", compute="_compute_appointments_by_time", groups=PRACTICE
    )
    last_attended_id = fields.Many2one(
        "calendar.event",
        string="Last Appointment Attended",
        compute="_compute_appointments_by_time",
        groups=PRACTICE,
    )
    last_start = fields.Datetime(
        string="Last Visit",
        compute="_compute_appointments_by_time",
        groups=PRACTICE,
        help="Of the last appointment that the client attended.",
    )

    @api.depends(
        "appointment_ids.active",
        "appointment_ids.start",
        "appointment_ids.stop",
        "appointment_ids.visit_state",
    )
    def _compute_appointments_by_time(self):
        now = fields.Datetime.now()
        events = self.env["calendar.event"].with_context(active_test=False)
        attended = Domain("visit_state", "=", "attended")
        # How many, and the last one, in one go. Not the first in the order of the
        # start: PostgreSQL would walk through everybody's appointments until it meets
        # one of this client.
        latest, counts = {}, Counter()
        for client, state, count, last in events._read_group(
            self._get_appointments_domain(),
            ["client_id", "visit_state"],
            ["__count", "start:max"],
        ):
            counts[client] += count
            if state == "attended":
                latest[client] = last
        for partner in self:
            # Ids only: of five thousand, the page reads twenty.
            found = partner._get_appointments_domain()
            upcoming = events.search(found & Domain("stop", ">=", now), order="start")
            past = events.search(found & Domain("stop", "<", now), order="start desc")
            partner.appointment_count = counts[partner._origin]
            partner.upcoming_appointment_ids = upcoming
            partner.past_appointment_ids = past
            partner.next_appointment_id = events.search(
                found
                & Domain("start", ">=", now)
                & Domain("visit_state", "=", "scheduled"),
                order="start",
                limit=1,
            )
            start = latest.get(partner._origin)
            partner.last_attended_id = bool(start) and events.search(
                found & attended & Domain("start", "=", start), limit=1
            )
            partner.next_start = partner.next_appointment_id.start
            partner.last_start = partner.last_attended_id.start

    @api.depends("appointment_ids.active", "appointment_ids.counts_as_missed")
    def _compute_missed_visit_count(self):
        # Not with the count of all: lists of clients and fees show this one only,
        # which has an index of its own (`calendar_event_missed`).
        missed = Domain("counts_as_missed", "=", True)
        events = self.env["calendar.event"].with_context(active_test=False)
        counts = dict(
            events._read_group(
                self._get_appointments_domain() & missed, ["client_id"], ["__count"]
            )
        )
        for partner in self:
            partner.missed_visit_count = counts.get(partner._origin, 0)

    def _get_appointments_domain(self):
        """What is or was an appointment of these clients: see `const.ON_RECORD`."""
        return Domain("client_id", "in", self._origin.ids) & Domain(ON_RECORD)

    # ------------------------------------------------------------
    # WHO IS A CLIENT
    # ------------------------------------------------------------

    has_client_records = fields.Boolean(
        compute="_compute_has_client_records",
        groups=PRACTICE,
        help="Appointments, fees or a chart: a client with these stays one.",
    )

    @api.depends("is_client")
    def _compute_has_client_records(self):
        for partner in self:
            partner.has_client_records = bool(partner._origin._filter_with_records())

    def _filter_with_records(self):
        """Those of these contacts of whom something is kept as of a client."""
        found = self.browse()
        for model, field in KEPT:
            if model == "res.partner":
                continue  # who pays for a client need not be one
            # In sudo: the answer must not depend on what the user may read.
            records_sudo = self.env[model].sudo().with_context(active_test=False)
            groups = records_sudo._read_group([(field, "in", self.ids)], [field])
            found |= self.browse(partner.id for [partner] in groups)
        return found

    @api.constrains("is_client")
    def _check_client_with_records(self):
        """Who has appointments, fees or a chart would vanish from every screen of the
        practice, and their fees with them.

        :raise ValidationError: whoever tries it, by whatever way
        """
        # In sudo: people without a role edit contacts, too, and cannot read the field.
        former = self.sudo().filtered(lambda partner: not partner.is_client)
        if former and (kept := former._filter_with_records()):
            raise ValidationError(
                self.env._(
                    "%s has records in this practice and stays a client. Archive the "
                    "contact instead when they do not come any more.",
                    ", ".join(kept.mapped("display_name")),
                )
            )

    def action_make_client(self):
        """Make this contact a client, and open the client's page.

        :raise AccessError: the user may not edit clients
        :raise UserError: a company
        """
        self.ensure_one()
        self.check_access("write")
        if self.is_company:
            raise UserError(
                self.env._("%s is a company: a client is a person.", self.display_name)
            )
        self.is_client = True
        return self.get_formview_action()

    def action_unmake_client(self):
        """Make this client a mere contact again.

        :raise ValidationError: there are records
        """
        self.ensure_one()
        self.check_access("write")
        self.is_client = False
        return self.get_formview_action()

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_appointments(self):
        """Open the appointments of this client, cancelled ones included."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "noshow_fees.calendar_event_action_appointments"
        )
        return {**action, "domain": list(self._get_appointments_domain())}
