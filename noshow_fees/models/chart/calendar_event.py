"""Appointments as what gives a client into care, and what the chart keeps of them."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...const import MANAGER, PRACTICE, STAFF, THERAPIST
from ...tools.context import is_by_sync, is_not_booked, not_booked


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    in_my_care = fields.Boolean(
        compute="_compute_in_my_care",
        groups=PRACTICE,
        help="Whether you may open the whole chart of this client.",
    )

    @api.depends("client_id.in_my_care")
    @api.depends_context("allowed_company_ids", "uid")
    def _compute_in_my_care(self):
        for event in self:
            event.in_my_care = event.client_id.in_my_care

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Give clients into the care of those for whom the practice books them."""
        if self._is_no_booking():
            return super().create(vals_list)
        events = super(CalendarEvent, not_booked(self)).create(vals_list)
        context = {**events.env.context}
        # Another addon may have returned them in a context of its own.
        context.pop("noshow_not_booked", None)
        events = events.with_context(context)  # pylint: disable=context-overridden
        # An occurrence that is made by its series is booked by nobody.
        booked = self.browse(
            event.id
            for event, vals in zip(events, vals_list, strict=True)
            if not vals.get("recurrence_id")
        )
        # At once, while the user is the one who did it.
        booked._recompute_recordset(["client_id"])
        booked._give_care({})
        return events

    def write(self, vals):
        """:raise UserError: another client for an appointment that has notes"""
        names = vals.keys() & {"attendee_ids", "client_id", "partner_ids", "user_id"}
        if not names or self._is_no_booking():
            result = super(CalendarEvent, not_booked(self)).write(vals)
        else:
            before = self._get_pairs()
            result = super(CalendarEvent, not_booked(self)).write(vals)
            self._give_care(before)
        if names - {"user_id"}:
            self._check_notes_are_of_client()
        return result

    @api.model
    def load(self, fields, data):
        # A list of old appointments says nothing about who treats whom today.
        return super(CalendarEvent, not_booked(self)).load(fields, data)

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

    # ------------------------------------------------------------
    # CARE
    # ------------------------------------------------------------

    def _is_no_booking(self):
        """Whether what is done here is no booking by a person: a series that is edited,
        a synchronisation, an import, superuser code."""
        return self.env.su or is_not_booked(self.env) or is_by_sync(self.env)

    def _get_pairs(self):
        """:return: `{event id: (client, provider, company)}` of these appointments"""
        # In sudo: the pair, whatever else of it may be read.
        return {
            event.id: (
                event.client_id.with_env(self.env),
                event.user_id.with_env(self.env),
                event.company_id.with_env(self.env),
            )
            for event in self.sudo().exists()
            if event.client_id and event.user_id
        }

    def _give_care(self, before):
        """Give the clients of these appointments into the care of their providers where
        the current user may: for others, whoever has a role of the practice; for
        themselves Manager and Owner, and, if the practice says so, therapists a client
        in nobody's care.

        :param dict before: `_get_pairs` before the change
        """
        user, care = self.env.user, self.env["noshow.care"]
        # A series that was edited has other rows than before.
        known = set(before.values())
        pairs = {
            pair
            for id_, pair in self._get_pairs().items()
            if before.get(id_) != pair and pair not in known
        }
        own = {pair for pair in pairs if pair[1] == user}
        if pairs - own and user.has_group(STAFF):
            care._give(pairs - own, "booked")
        if own and user.has_group(MANAGER):
            care._give(own, "own")
        elif own and user.has_group(THERAPIST):
            # In sudo: the practice's setting.
            taking = [
                pair for pair in own if pair[2].sudo().noshow_therapists_take_clients
            ]
            care._give(care._filter_free(taking), "taken")

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_care(self):
        """Open the dialog in which a therapist says why they open the chart."""
        self.ensure_one()
        self.check_access("read")
        return self.client_id.action_open_care()

    def action_open_chart_note(self):
        """Open an empty quick note about this appointment."""
        self.ensure_one()
        entries = self.env["noshow.chart.entry"].with_context(
            default_client_id=self.client_id.id, default_appointment_id=self.id
        )
        return entries.action_new()
