"""Appointments in an outside calendar.

The modules google_calendar and microsoft_calendar are optional: what overrides their
methods calls super() by `optional`.
"""

import logging

from odoo import api, fields, models

from ...const import FROZEN_FIELDS, PRACTICE, THERAPIST
from ...tools.context import by_method, is_by_sync, optional

_logger = logging.getLogger(__name__)


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    needs_outcome = fields.Boolean(
        copy=False,
        readonly=True,
        groups=PRACTICE,
        help="Somebody removed this appointment from an outside calendar while it was "
        "still scheduled: say what became of it.",
    )

    def _cancel(self):
        """Google: somebody removed these. Other attendees than the organizer decline
        (google_calendar/models/calendar.py)."""
        own = self.filtered(lambda event: event.user_id == self.env.user)
        return optional(super(CalendarEvent, self - own._keep_removed()), "_cancel")()

    def _cancel_microsoft(self):
        """Microsoft: somebody removed these."""
        return optional(
            super(CalendarEvent, self - self._keep_removed()), "_cancel_microsoft"
        )()

    @api.model_create_multi
    def create(self, vals_list):
        events = super().create(vals_list)
        if is_by_sync(self.env):
            events._find_provider()
        return events

    def _find_provider(self):
        """The therapist in whose calendar it stands has an appointment to which the
        client, or somebody without a login here, has invited them. Otherwise it would
        be nobody's, and its therapist, who sees it outside, would not see it here."""
        user = self.env.user
        if not user.has_group(THERAPIST):
            return
        # In sudo: a synchronisation runs for whoever has an account outside.
        for event_sudo in self.sudo():
            clients = event_sudo.partner_ids.filtered("is_client") - user.partner_id
            if (
                event_sudo._is_organized_outside(event_sudo.user_id)
                and user.partner_id in event_sudo.partner_ids
                and len(clients) == 1
            ):
                # Not sent back: it is the organizer's, outside.
                sent = {"need_sync", "need_sync_m"} & self._fields.keys()
                event_sudo.with_context(dont_notify=True).write(
                    {
                        "user_id": user.id,
                        "client_id": clients.id,
                        **dict.fromkeys(sent, False),
                    }
                )

    def write(self, vals):
        if not is_by_sync(self.env):
            handed = self.browse()
            if "user_id" in vals:
                handed = self._filter_handed_over(vals)
            if handed:
                handed.check_access("write")
                super(CalendarEvent, handed.with_context(dont_notify=True)).write(
                    {**vals, **handed._leave_outlook()}
                )
            return super(CalendarEvent, self - handed).write(vals)
        kept = self.grouped(lambda event: event._get_kept_from_sync(vals))
        for names, events in kept.items():
            super(CalendarEvent, events).write(
                {name: vals[name] for name in vals.keys() - names}
            )
        return True

    def _get_kept_from_sync(self, vals):
        """Which of these fields an outside calendar may not change here. An error
        instead would stop the synchronisation for good."""
        # In sudo: a synchronisation runs for whoever has an account outside.
        event_sudo = self.sudo()
        # What is on record was right when it happened.
        if event_sudo._has_outcome():
            return frozenset(FROZEN_FIELDS)
        if event_sudo.client_id and "user_id" in vals:
            organizer_sudo = event_sudo.user_id.browse(vals["user_id"] or [])
            is_client = organizer_sudo.partner_id == event_sudo.client_id
            if is_client or self._is_organized_outside(organizer_sudo):
                return frozenset({"user_id"})
        return frozenset()

    @api.model
    def _is_organized_outside(self, organizer_sudo):
        return not organizer_sudo or organizer_sudo.share

    def _check_modify_event_permission(self, values):
        """Google lets guests change nothing by default, and so would keep the front
        desk from moving an appointment. Whose it is to move, the record rules say."""
        plain = self - self._filter_appointments()
        optional(super(CalendarEvent, plain), "_check_modify_event_permission")(values)

    def _write_from_google(self, gevent, vals):
        optional(super(), "_write_from_google")(gevent, vals)
        self._is_there_again()

    def _write_from_microsoft(self, microsoft_event, vals):
        optional(super(), "_write_from_microsoft")(microsoft_event, vals)
        self._is_there_again()

    def _is_there_again(self):
        """What somebody has taken out of the outside calendar's bin needs no outcome
        before its time."""
        # In sudo: a synchronisation runs for whoever has an account outside.
        by_method(self.sudo().filtered("needs_outcome")).write({"needs_outcome": False})

    def _is_event_over(self):
        """Google writes to the attendees of all that it is sent, unless this says true;
        nobody else asks (google_calendar/models/google_sync.py). A client gets no
        message that no person has sent."""
        return bool(self._filter_appointments()) or super()._is_event_over()

    def _google_delete(self, google_service, google_id, **kwargs):
        """Google writes to the attendees of all that is deleted: an appointment is sent
        as cancelled instead."""
        appointments = self._filter_appointments()
        if appointments:
            values = {"id": google_id, "status": "cancelled"}
            optional(appointments, "_google_patch")(
                google_service, google_id, values, **kwargs
            )
        if plain := self - appointments:
            optional(super(CalendarEvent, plain), "_google_delete")(
                google_service, google_id, **kwargs
            )

    def _google_error_handling(self, http_error):
        """Stock logs the title of what Google refuses."""
        appointments = self.exists()._filter_appointments()
        if not appointments:
            return optional(super(), "_google_error_handling")(http_error)
        _logger.warning(
            "Google refused %s: status %s",
            appointments,
            http_error.response.status_code,
        )
        for event in appointments:
            event.message_post(
                body=self.env._(
                    "Google's calendar has refused this appointment. It is sent again "
                    "when something of it is changed."
                ),
                message_type="comment",
                subtype_xmlid="mail.mt_note",
            )
        return None

    def unlink(self):
        kept = self.browse()
        if is_by_sync(self.env):
            # Those that still have their recurrence are about to be made anew by it
            # (google_calendar/models/calendar_recurrence_rule.py, _write_from_google).
            kept = self.filtered(lambda event: not event.recurrence_id)._keep_removed()
            kept |= self._filter_kept_for_good()
        return super(CalendarEvent, self - kept).unlink()

    def _keep_removed(self):
        """Keep appointments that somebody removed in an outside calendar. Those still
        scheduled come up as needing an outcome; meanwhile they stay active.

        :return: what has to be kept of these
        """
        # In sudo: a synchronisation runs for whoever has an account outside.
        scheduled_sudo = self.sudo().filtered(
            lambda event: event.visit_state == "scheduled" and event.active
        )
        # `recurrency`: a series that was shortened outside has detached them already.
        scheduled_sudo._leave_series({"needs_outcome": True, "recurrency": False})
        return self._filter_kept_for_good() | self.browse(scheduled_sudo.ids)
