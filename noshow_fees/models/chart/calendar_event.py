"""Appointments as what opens a chart."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...const import PRACTICE


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    booked_by_id = fields.Many2one(
        "res.users",
        compute="_compute_booked_by_id",
        store=True,
        copy=False,
        readonly=True,
        ondelete="restrict",
        groups=PRACTICE,
        help="Who gave this client to this provider. An appointment that a therapist "
        "booked for themselves opens the client's chart only once it is attended.",
    )

    @api.depends("client_id", "user_id")
    def _compute_booked_by_id(self):
        # Not `create_uid`: a therapist could write the client on a meeting that
        # somebody else has created.
        for event in self:
            event.booked_by_id = self.env.user if event.client_id else False

    @api.model_create_multi
    def create(self, vals_list):
        events = super().create(vals_list)
        # At once, while the user is the one who did it.
        events._recompute_recordset(["client_id", "booked_by_id"])
        return events

    def write(self, vals):
        """:raise UserError: another client for an appointment that has notes"""
        result = super().write(vals)
        self._recompute_recordset(["client_id", "booked_by_id"])
        if vals.keys() & {"attendee_ids", "client_id", "partner_ids"}:
            self._check_notes_are_of_client()
        return result

    def _check_notes_are_of_client(self):
        # In sudo: the answer must not depend on what the user may read, and must not
        # say that there is a note.
        notes_sudo = self.env["noshow.chart.entry"].sudo()
        for note_sudo in notes_sudo.search([("appointment_id", "in", self.ids)]):
            if note_sudo.client_id != note_sudo.appointment_id.client_id:
                raise UserError(
                    self.env._(
                        "This appointment has records of its client. Book another one "
                        "for another client."
                    )
                )

    def action_open_chart_note(self):
        """Open an empty quick note about this appointment."""
        self.ensure_one()
        entries = self.env["noshow.chart.entry"].with_context(
            default_client_id=self.client_id.id, default_appointment_id=self.id
        )
        return entries.action_new()
