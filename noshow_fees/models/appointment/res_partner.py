"""The client's appointments, as the client's page shows them."""

from odoo import api, fields, models

from ...const import PRACTICE


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
        compute="_compute_appointment_counts",
        groups=PRACTICE,
        help="Upcoming and past ones, cancelled ones included.",
    )
    missed_visit_count = fields.Integer(
        string="Missed Visits", compute="_compute_appointment_counts", groups=PRACTICE
    )

    @api.depends("appointment_ids.start", "appointment_ids.stop")
    def _compute_appointments_by_time(self):
        now = fields.Datetime.now()
        for partner in self:
            appointments = partner.appointment_ids.sorted("start")
            upcoming = appointments.filtered(lambda event: event.stop >= now)
            partner.upcoming_appointment_ids = upcoming
            partner.past_appointment_ids = (appointments - upcoming)[::-1]

    @api.depends("appointment_ids.counts_as_missed")
    def _compute_appointment_counts(self):
        counts = {}
        for client, missed, count in (
            self.env["calendar.event"]
            .with_context(active_test=False)
            ._read_group(
                [("client_id", "in", self.ids)],
                ["client_id", "counts_as_missed"],
                ["__count"],
            )
        ):
            counts[client, bool(missed)] = count
        for partner in self:
            missed = counts.get((partner._origin, True), 0)
            partner.missed_visit_count = missed
            partner.appointment_count = missed + counts.get((partner._origin, False), 0)

    def action_open_appointments(self):
        """Open the appointments of this client, cancelled ones included."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "noshow_fees.calendar_event_action_appointments"
        )
        return {**action, "domain": [("client_id", "=", self.id)]}
