"""Booking an appointment: what the forms fill in."""

from odoo import api, models

from ...const import PRACTICE, THERAPIST


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

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
        """:return: who saw the client last; else the practice's only therapist; else
        nobody, and whoever books has to choose"""
        last = self.with_context(active_test=False).search(
            [("client_id", "=", self.client_id._origin.id)], order="start desc", limit=1
        )
        if last:
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
