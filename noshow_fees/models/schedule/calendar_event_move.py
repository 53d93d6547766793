"""Moving one appointment by hand: who asked for it (`late_move_notice`, see the subject
`policy`), and taking it back."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...const import PRACTICE
from ...tools.context import by_method
from ...tools.when import format_when

WHOLE_SERIES = ("future_events", "all_events")


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    is_late_move = fields.Boolean(
        compute="_compute_is_late_move",
        groups=PRACTICE,
        help="The new time, if saved, is a move inside the notice.",
    )
    moved_for = fields.Selection(
        [("client", "The client"), ("practice", "The practice")],
        string="Who Asked for the Move?",
        store=False,
        copy=False,
        groups=PRACTICE,
        help="A move that the client asks for inside the notice does not undo that a "
        "later cancellation is late.",
    )

    @api.depends("allday", "start", "start_date")
    def _compute_is_late_move(self):
        for event in self:
            former = event._origin
            event.is_late_move = (
                bool(former)
                and former._get_start_utc() != event._get_start_utc()
                and former._is_inside_notice()
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        """A form that moves one appointment says who asked for it (`moved_for`); every
        other change, of a series, say, counts as the practice's."""
        if "moved_for" not in vals:
            return super().write(vals)
        vals = dict(vals)
        by_client = vals.pop("moved_for") == "client"
        single = len(self) == 1 and vals.get("recurrence_update") not in WHOLE_SERIES
        if not (by_client and single and self._is_inside_notice()):
            return super().write(vals) if vals else True
        hours, start = self._get_hours_left(), self._get_start_utc()
        result = super().write(vals)
        if self._get_start_utc() != start:
            self._note_late_move(hours)
        return result

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_move(self, vals):
        """Move this appointment, as a drag in the schedule does.

        :param dict vals: what the schedule would write
        :return: what to say about it: `message`, `type`, `undo_id`, and `ask`: whether
            to ask who asked for it (`calendar.event.undo`, `set_moved_for`)
        :raise AccessError, UserError: what writing it refuses
        """
        self.ensure_one()
        if vals.get("recurrence_update") in WHOLE_SERIES:
            self.write(vals)
            return False
        self.check_access("write")
        inside, start = self._is_inside_notice(), self._get_start_utc()
        undo_sudo = self.env["calendar.event.undo"]._remember("moved", self)
        self.write(vals)
        undo_sudo._seal()
        message = self.env._(
            "%(client)s: now on %(start)s.",
            client=self.client_id.name,
            start=format_when(self.env, self.start),
        )
        overlap = self.overlap_warning
        return {
            "ask": inside and self._get_start_utc() != start,
            "message": f"{message} {overlap}" if overlap else message,
            "type": "warning" if overlap else "success",
            "undo_id": undo_sudo.id,
        }

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _is_inside_notice(self):
        self.ensure_one()
        return (
            self.visit_state == "scheduled"
            and self._get_outcome_by_notice() == "late_cancelled"
        )

    def _get_hours_left(self):
        """Elapsed hours from now to the start."""
        self.ensure_one()
        left = self._get_start_utc() - fields.Datetime.now()
        return left.total_seconds() / 3600

    def _note_late_move(self, hours):
        """Keep that the client asked to move this when `hours` were left; of several
        such moves the latest notice counts."""
        self.ensure_one()
        self._check_may_schedule()
        former = self.late_move_notice
        # In sudo: written by methods only; the right was checked above. Never 0, which
        # says that nobody moved it.
        by_method(self.sudo()).late_move_notice = max(
            min(hours, former) if former else hours, 0.01
        )

    def _undo_move(self, former):
        """:param dict former: values of the fields that a move changes"""
        self.ensure_one()
        if self.visit_state != "scheduled":
            raise UserError(self._get_refusal())
        kept = {name: former[name] for name in ("late_move_notice", "original_start")}
        self.write({name: value for name, value in former.items() if name not in kept})
        # In sudo: written by methods only; the caller has checked the right.
        by_method(self.sudo()).write(kept)
