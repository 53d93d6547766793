"""Undoing a slip: what the notice's “Undo” does."""

from datetime import date, datetime

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.context import by_method, without_flags

#: What an outcome leaves on an appointment, and a move.
OUTCOME_FIELDS = (
    "visit_state",
    "cancel_reason",
    "cancelled_by_id",
    "cancelled_on",
    "cancel_initiator",
    "counts_as_missed",
    "needs_outcome",
)
MOVE_FIELDS = (
    "allday",
    "follow_recurrence",
    "late_move_notice",
    "original_start",
    "start",
    "start_date",
    "stop",
    "stop_date",
)


class CalendarEventUndo(models.TransientModel):
    """How some appointments were before a person marked, moved or restored them.

    Made by the methods that do so (`_remember`), never by a browser: nobody may create
    or write these, and each reads only their own.
    """

    _name = "calendar.event.undo"
    _description = "Undo a Change of Appointments"

    kind = fields.Selection(
        [("attended", "Attended"), ("moved", "Moved"), ("restored", "Restored")],
        required=True,
    )
    event_ids = fields.Many2many("calendar.event", context={"active_test": False})
    former = fields.Json(help="`{event id: {field: value}}`")
    stamp = fields.Char(help="How they were left: nothing is undone that has gone on.")
    hours_left = fields.Float(help="Of a move: from then to the former start.")

    @api.model
    def _remember(self, kind, events):
        """Note how `events` are before they change; `_seal` after it.

        The caller has checked that the user may change them.
        """
        names = MOVE_FIELDS if kind == "moved" else OUTCOME_FIELDS
        former = {
            event.id: {
                name: event._fields[name].convert_to_write(event[name], event)
                for name in names
            }
            # In sudo: read by `action_undo` only, which checks again.
            for event in events.sudo()
        }
        # In sudo: nobody may create these, as said above.
        return self.sudo().create(
            {
                "kind": kind,
                "event_ids": events.ids,
                "former": {
                    id_: {
                        name: fields.Datetime.to_string(value)
                        if isinstance(value, datetime)
                        else fields.Date.to_string(value)
                        if isinstance(value, date)
                        else value
                        for name, value in values.items()
                    }
                    for id_, values in former.items()
                },
                "hours_left": events._get_hours_left() if len(events) == 1 else 0.0,
            }
        )

    def _seal(self):
        self.stamp = self._get_stamp()

    def _get_stamp(self):
        # In sudo: compared, not shown.
        return ";".join(
            f"{event.id}:{event.visit_state}:{event.active}:{event.start}:{event.stop}"
            f":{event.user_id.id}:{event.client_id.id}:{event.fee_line_ids.ids}"
            for event in self.event_ids.sudo().sorted("id")
        )

    @without_flags
    def action_undo(self):
        """Make these appointments what they were.

        :return: a sentence that says so
        :raise AccessError: somebody else's, or the user may not change them any more
        :raise UserError: somebody has gone on with one of them since
        """
        self.ensure_one()
        self.check_access("read")
        events = self.event_ids
        events._check_may_schedule()
        events._lock_for_outcome()
        # In sudo: read by this method only, after the checks above.
        undo_sudo = self.sudo()
        if not undo_sudo.former or undo_sudo.stamp != undo_sudo._get_stamp():
            raise UserError(
                self.env._(
                    "This cannot be undone any more: somebody has changed the "
                    "appointment since."
                )
            )
        former = {int(id_): values for id_, values in undo_sudo.former.items()}
        if undo_sudo.kind == "attended":
            events._restore_appointments()
            for event in events.filtered(lambda one: former[one.id]["needs_outcome"]):
                # In sudo: the right was checked above.
                by_method(event.sudo()).needs_outcome = True
        elif undo_sudo.kind == "restored":
            events._undo_restore(former)
        else:
            events._undo_move(former[events.id])
        # It may hold a reason, which is nobody's to keep; and it is done once.
        undo_sudo.former = False
        return self.env._("Undone.")

    def set_moved_for(self, moved_for):
        """Keep who asked for a move inside the notice.

        :param str moved_for: `client` or `practice`
        :raise UserError: no move, or it has gone on since
        """
        self.ensure_one()
        self.check_access("read")
        self.event_ids._check_may_schedule()
        # In sudo: as in `action_undo`.
        undo_sudo = self.sudo()
        if undo_sudo.kind != "moved" or undo_sudo.stamp != undo_sudo._get_stamp():
            raise UserError(self.env._("The appointment has changed since."))
        if moved_for == "client":
            self.event_ids._note_late_move(undo_sudo.hours_left)
        return True
