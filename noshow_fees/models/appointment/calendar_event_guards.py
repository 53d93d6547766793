"""What nobody writes on an appointment by hand, and what is never deleted."""

from odoo import api, models
from odoo.exceptions import UserError, ValidationError

from ...const import FIRST_DAY, FROZEN_FIELDS, LAST_DAY, LONGEST_APPOINTMENT
from ...tools.context import by_method, changed_fields, is_by_method
from ...tools.when import format_day, format_when

# Written by the addon's own methods only, at any time.
METHOD_FIELDS = {
    "visit_state",
    "cancel_reason",
    "cancelled_by_id",
    "cancelled_on",
    "cancel_initiator",
    "counts_as_missed",
    "had_outcome",
    "left_recurrence_id",
    "needs_outcome",
    "rebooked_event_id",
    "late_move_notice",
    "original_start",
    "policy_id",
    "series_ref",
    "series_slot",
    "uncharged_on",
}


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    @api.model
    def default_get(self, fields):
        # A `default_visit_state` in the context would set an outcome without
        # any of the checks.
        return super().default_get([f for f in fields if f not in METHOD_FIELDS])

    @api.constrains("client_id", "start", "stop")
    def _check_sane_dates(self):
        """:raise ValidationError: an appointment in another century, or one that does
        not end; plain meetings are as Odoo lets them be"""
        # In sudo: an employee without a role saves plain meetings.
        for event_sudo in self.sudo().filtered("client_id"):
            start, stop = event_sudo.start, event_sudo.stop
            if not FIRST_DAY <= start.date() <= stop.date() <= LAST_DAY:
                raise ValidationError(
                    self.env._(
                        "An appointment begins and ends between %(first)s and "
                        "%(last)s: look at the year.",
                        first=format_day(self.env, FIRST_DAY),
                        last=format_day(self.env, LAST_DAY),
                    )
                )
            if stop - start > LONGEST_APPOINTMENT:
                raise ValidationError(
                    self.env._(
                        "An appointment lasts %s days at most: look at its end.",
                        LONGEST_APPOINTMENT.days,
                    )
                )

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
                names = METHOD_FIELDS
                if event_sudo.client_id:
                    # The provider's, computed: whose people read and bill it.
                    names = METHOD_FIELDS | {"company_id"}
                direct = changed_fields(event_sudo, vals, names)
                frozen = event_sudo._has_outcome() and changed_fields(
                    event_sudo, vals, FROZEN_FIELDS
                )
                if direct or frozen:
                    # First: that there is a message would tell what a field holds.
                    self.check_access("write")
                    self._check_method_fields(direct)
                    raise UserError(event_sudo._frozen_message())
        named = self._filter_named_client() if "partner_ids" in vals else self.browse()
        may_change = not vals.keys().isdisjoint({"client_id", "partner_ids", "user_id"})
        asked = self._get_asked_providers() if may_change else None
        with self.env.protecting([self._fields["client_id"]], named):
            result = super().write(vals)
        if may_change:
            # As those of a new one (`calendar.attendee`, create).
            (self._get_asked_providers() - asked).state = "accepted"
        return result

    def _get_asked_providers(self):
        """The attendees, in sudo, who give one of these and have not answered yet."""
        # In sudo: people without a role write plain meetings.
        attendees_sudo = self.env["calendar.attendee"].sudo()
        return attendees_sudo.search(
            [("event_id", "in", self.ids), ("state", "=", "needsAction")]
        )._filter_providers()

    def unlink(self):
        """Keep what has or had an outcome, a fee or a chart entry.

        Stock's own series edits and the calendar synchronisations call unlink()
        with `archive_on_error`: there the records are left as they are, and those
        whose outcome was undone are archived, as stock does with what it replaces.

        :raise UserError: when a person asks to delete such an appointment
        """
        kept = self._filter_kept_for_good()
        restored = (self - kept)._filter_restored()
        if (kept or restored) and not self.env.context.get("archive_on_error"):
            self.check_access("unlink")
            # Not with @api.ondelete: with that key, these stay and the others go.
            # pylint: disable=no-raise-unlink
            raise UserError((kept or restored).sudo()[0]._kept_message())
        if restored:
            by_method(restored).write({"active": False})
        return super(CalendarEvent, self - kept - restored).unlink()

    def action_unlink_event(self, attendee_id=None, recurrence=False):
        # Before stock's dialog about a mail to the attendees, not after it.
        self.check_access("unlink")
        if kept := self._filter_kept_for_good() | self._filter_restored():
            raise UserError(kept.sudo()[0]._kept_message())
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

    def _filter_restored(self):
        """Those whose outcome was undone: what was done with it in the meantime, a
        chart that was read, say, has to point to something."""
        # In sudo: the answer must not depend on what the user may read.
        restored_sudo = self.sudo().filtered(
            lambda event: event.had_outcome and not event._has_outcome()
        )
        return self.browse(restored_sudo.ids)

    def _kept_message(self):
        """Say why this appointment cannot be deleted, and what to do instead."""
        self.ensure_one()
        if self._has_outcome():
            return self._frozen_message()
        return self.env._(
            "The appointment on %s is on record and cannot be deleted. Cancel it, or "
            "move it.",
            self._get_start_and_provider(),
        )

    def _frozen_message(self):
        """Say why this appointment cannot be changed, and what to do instead."""
        self.ensure_one()
        states = dict(self._fields["visit_state"]._description_selection(self.env))
        return self.env._(
            "The appointment on %(appointment)s is on record as “%(outcome)s”. It "
            "cannot be moved, archived, deleted or given to somebody else; use "
            "“Restore” if that outcome is wrong.",
            appointment=self._get_start_and_provider(),
            outcome=states.get(self.visit_state, ""),
        )

    def _get_start_and_provider(self):
        """What names this appointment in a refusal: Odoo logs those (odoo/http.py), and
        no log tells the name of a client beside an outcome."""
        self.ensure_one()
        start = (
            format_day(self.env, self.start_date)
            if self.allday
            else format_when(self.env, self.start)
        )
        if not self.user_id:
            return start
        return self.env._(
            "%(start)s with %(provider)s", start=start, provider=self.user_id.name
        )
