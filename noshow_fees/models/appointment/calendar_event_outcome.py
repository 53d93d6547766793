"""What became of an appointment: attended, cancelled, restored.

Every change of `visit_state` goes through `_set_outcome`.
"""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError

from ...const import CANCELLED_STATES, INITIATORS, MANY, MISSED_STATES, PRACTICE
from ...tools.context import by_method, without_flags
from ...tools.when import format_when

#: What a cancellation leaves on the appointment, emptied by a restore.
NO_CANCELLATION = {
    "cancel_reason": False,
    "cancelled_by_id": False,
    "cancelled_on": False,
    "cancel_initiator": False,
    "counts_as_missed": False,
}


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    has_come = fields.Boolean(
        compute="_compute_has_come",
        groups=PRACTICE,
        help="Its day at the practice is today, or was: it can be attended.",
    )

    @api.depends("allday", "company_id", "start", "start_date")
    def _compute_has_come(self):
        for event in self:
            is_dated = event.start_date if event.allday else event.start
            event.has_come = bool(is_dated) and event._has_come()

    def _has_come(self):
        self.ensure_one()
        today = self._get_practice_day(fields.Datetime.now())
        return self._get_date_of_service() <= today

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @without_flags
    def action_mark_attended(self):
        """Check these appointments in as attended.

        :return: the notice that says so, with its “Undo”
        :raise UserError: when one is no appointment, or has an outcome already
        """
        self._check_may_schedule()
        self._lock_for_outcome()
        self._check_scheduled()
        self._check_outcome("attended")
        undo_sudo = self.env["calendar.event.undo"]._remember("attended", self)
        self._set_outcome("attended", {})
        self._log_outcome(dict.fromkeys(self.ids, self.env._("Marked as attended.")))
        undo_sudo._seal()
        if len(self) > 1:
            message = self.env._("%s appointments: attended.", len(self))
        else:
            message = self.env._("%s: attended.", self.client_id.name)
        return self._get_notice_action(message, undo_sudo)

    def action_restore(self):
        """Undo the outcome of these appointments: scheduled again, the slot busy.

        :return: the dialog that says what happens to invoice and money, when there
            is a fee; the notice with its “Undo” otherwise
        :raise UserError: when one of them has no outcome to undo
        """
        self._check_may_schedule()
        if self.sudo()._get_live_fees():
            self.env.user._check_practice_right("waive_fee")
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Restore appointment"),
                "res_model": "calendar.event.restore",
                "view_mode": "form",
                "target": "new",
                "context": {"default_event_ids": self.ids},
            }
        undo_sudo = self.env["calendar.event.undo"]._remember("restored", self)
        self._restore_appointments()
        undo_sudo._seal()
        if len(self) > 1:
            message = self.env._("%s appointments: scheduled again.", len(self))
        else:
            message = self.env._("%s: scheduled again.", self.client_id.name)
        return self._get_notice_action(message, undo_sudo)

    @api.model
    def _get_notice_action(self, message, undo_sudo):
        """Say what was done, with a button that takes it back.

        :param undo_sudo: `calendar.event.undo`, which its own user may read
        """
        return {
            "type": "ir.actions.client",
            "tag": "noshow_notice",
            "params": {
                "message": message,
                "undo_id": undo_sudo.id,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_open_correct(self):
        """Open the dialog that corrects how this appointment was cancelled, and why."""
        self.ensure_one()
        self._check_may_schedule()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Correct the cancellation"),
            "res_model": "calendar.event.correct",
            "view_mode": "form",
            "target": "new",
            "context": {"default_event_id": self.id},
        }

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _set_outcome(self, visit_state, vals, proposals=None):
        """Write the outcome. The one door for every change of `visit_state`.

        A cancelled appointment is archived: Odoo's own machinery then frees the slot
        and stops reminders. It leaves its series, so that no edit of the series
        rewrites, deletes or copies it.

        :param dict proposals: of `_propose_fees`, where that was asked: they name the
            version of the policy
        """
        # In sudo: the caller has checked the right (`_check_may_schedule`); stock
        # refuses writes on the private events of others.
        events_sudo = by_method(self.sudo()).with_context(
            # The log line of `_log_outcome` says it all, in one batch; the rest
            # would be one tracked message an appointment.
            mail_notrack=True,
            dont_notify=True,
            skip_attendee_notification=True,
        )
        if visit_state == "scheduled":
            events_sudo.write({**vals, "visit_state": visit_state, "active": True})
            events_sudo._return_to_series()
            return
        vals = {
            **vals,
            "had_outcome": True,
            "needs_outcome": False,
            "visit_state": visit_state,
        }
        if visit_state in CANCELLED_STATES:
            vals["active"] = False
        events_sudo._leave_series(vals)

    @without_flags
    def _restore_appointments(self):
        """Make these appointments scheduled again. Their fees, if any, have been
        reversed before (see `account.move.line._waive`).

        :raise UserError: nothing to undo, or a live fee is left
        """
        self._check_may_schedule()
        self._lock_for_outcome()
        for event_sudo in self.sudo():
            if not event_sudo._has_outcome():
                raise UserError(
                    self.env._(
                        "The appointment on %s has no outcome to undo.",
                        event_sudo._get_start_and_provider(),
                    )
                )
            if event_sudo.rebooked_event_id:
                raise UserError(
                    self.env._(
                        "This appointment was booked again to charge a fee. Restore "
                        "the new one instead."
                    )
                )
            if event_sudo._get_live_fees():
                raise UserError(
                    self.env._("Reverse the fee first: “Restore” asks you about it.")
                )
        self._set_outcome("scheduled", NO_CANCELLATION)
        self._log_outcome(
            dict.fromkeys(self.ids, self.env._("Restored: scheduled again."))
        )

    def _undo_restore(self, former):
        """Give these appointments the outcome back that a restore has taken: attended,
        or cancelled without a fee.

        :param dict former: `{event id: {field: value}}`
        :raise UserError: one of them has an outcome again
        """
        self._check_may_schedule()
        self._lock_for_outcome()
        self._check_scheduled()
        for event in self:
            vals = dict(former[event.id])
            visit_state = vals.pop("visit_state")
            event._check_outcome(visit_state, vals["cancel_initiator"] or "client")
            event._set_outcome(visit_state, vals)
        self._log_outcome(
            dict.fromkeys(self.ids, self.env._("The restoring was taken back."))
        )

    @without_flags
    def _correct_cancellation(self, visit_state, initiator, reason):
        """Correct how an appointment was cancelled, or why. No money changes: a fee
        stays as it is.

        :param str visit_state: one of `CANCELLED_STATES`
        :param str initiator: `client`, `provider` or `practice`
        :raise AccessError: on behalf of the practice, and there is a fee
        :raise UserError: not cancelled, or what `_check_outcome` refuses
        """
        self.ensure_one()
        self._check_may_schedule()
        self._lock_for_outcome()
        # In sudo: the right was checked above.
        event_sudo = self.sudo()
        if (
            event_sudo.visit_state not in CANCELLED_STATES
            or visit_state not in CANCELLED_STATES
        ):
            raise UserError(self.env._("Only a cancellation can be corrected."))
        if (visit_state, initiator) != (
            event_sudo.visit_state,
            event_sudo.cancel_initiator,
        ):
            event_sudo._check_outcome(visit_state, initiator)
        live_fee = event_sudo._get_live_fees()
        if live_fee and initiator not in ("client", event_sudo.cancel_initiator):
            self.env.user._check_practice_right("change_amount", event_sudo.user_id)
        states = dict(self._fields["visit_state"]._description_selection(self.env))
        # The reason itself is for the appointment only, never for a log.
        texts = []
        if visit_state != event_sudo.visit_state:
            texts.append(
                self.env._(
                    "Outcome corrected: %(old)s → %(new)s.",
                    old=states[event_sudo.visit_state],
                    new=states[visit_state],
                )
            )
        if (reason or "") != (event_sudo.cancel_reason or ""):
            texts.append(self.env._("The reason was corrected."))
        if initiator != event_sudo.cancel_initiator:
            texts.append(
                self.env._("The party on whose behalf it was cancelled was corrected.")
            )
        if not texts:
            raise UserError(self.env._("Nothing was changed."))
        # A waiver's word stands, whatever the outcome was called in between.
        forgiven = not event_sudo.counts_as_missed and (
            event_sudo.visit_state in MISSED_STATES
            or any(
                change.invoice_id == live_fee.move_id and change.missed_count < 0
                for change in live_fee.fee_change_ids
            )
        )
        by_method(event_sudo).with_context(mail_notrack=True).write(
            {
                "visit_state": visit_state,
                "cancel_initiator": initiator,
                "cancel_reason": reason,
                "counts_as_missed": visit_state in MISSED_STATES and not forgiven,
            }
        )
        self._log_outcome({self.id: " ".join(texts)})

    # ------------------------------------------------------------
    # CHECKS
    # ------------------------------------------------------------

    def _check_found(self):
        """Ask once for many: of unknown ids, Odoo asks the database one by one. In sudo
        too: a page's currency is computed so, and its rows along with it.

        :raise AccessError: some of these are not there, or not for the user to read
        """
        if len(self) <= MANY:
            return
        events = self.with_context(active_test=False)
        if events.search_count([("id", "in", self.ids)]) < len(set(self.ids)):
            raise AccessError(
                self.env._(
                    "Some of these appointments are not there any more, or not for you "
                    "to see. Reload, and choose again."
                )
            )

    def _check_may_schedule(self):
        """:raise AccessError: unless the user may set outcomes of all of these"""
        self._check_found()
        self.check_access("write")
        # In sudo: which right is needed depends on the provider alone.
        for provider in self.sudo().user_id:
            self.env.user._check_practice_right("schedule", provider)
        if not self.sudo().user_id:
            self.env.user._check_practice_right("schedule")

    def _check_outcome(self, visit_state, initiator="client"):
        """Nobody has attended before the appointment's day at the practice, or missed
        what has not begun; and who was called off has not missed anything.

        :param str visit_state: the outcome that these are about to get
        :param str initiator: on whose behalf, when it is a cancellation
        :raise UserError: an outcome that this appointment cannot have, or not yet
        """
        if initiator not in dict(INITIATORS):
            raise UserError(self.env._("Choose on whose behalf it was cancelled."))
        if initiator != "client" and visit_state in MISSED_STATES:
            raise UserError(
                self.env._(
                    "The client has not missed what the provider or the practice "
                    "called off: choose “Cancelled”."
                )
            )
        now = fields.Datetime.now()
        # In sudo: the caller has checked the right.
        for event_sudo in self.sudo():
            if visit_state == "attended" and not event_sudo._has_come():
                raise UserError(
                    self.env._(
                        "The appointment on %s is yet to come: it can be marked as "
                        "attended from that day on.",
                        event_sudo._get_start_and_provider(),
                    )
                )
            if visit_state == "no_show" and event_sudo._get_start_utc() > now:
                raise UserError(
                    self.env._(
                        "The appointment on %s has not begun: nobody has missed it "
                        "yet. Choose “Late cancellation” or “Cancelled”.",
                        event_sudo._get_start_and_provider(),
                    )
                )

    def _check_scheduled(self):
        """:raise UserError: unless all of these are appointments still scheduled"""
        if not self:
            raise UserError(self.env._("Choose at least one appointment."))
        for event_sudo in self.sudo():
            if refusal := event_sudo._get_refusal():
                if len(self) > 1:
                    hint = self.env._("Take it out of the selection.")
                    refusal = f"{refusal} {hint}"
                raise UserError(refusal)

    def _get_refusal(self):
        """Why no outcome can be set, as sentences that Odoo may log; empty when one
        can."""
        self.ensure_one()
        if not self.client_id:
            return self.env._(
                "“%s” is not an appointment: it has no client.", self.display_name
            )
        if self.visit_state == "scheduled" and self.active:
            return ""
        appointment = self._get_start_and_provider()
        if self.visit_state == "scheduled":
            return self.env._(
                "The appointment on %s is archived. Unarchive it first.", appointment
            )
        if self.visit_state == "attended":
            return self.env._(
                "The client has attended the appointment on %s. Restore it first if "
                "that is wrong.",
                appointment,
            )
        values = {
            "appointment": appointment,
            "user": self.cancelled_by_id.name,
            "date": format_when(self.env, self.cancelled_on),
        }
        if self._get_live_fees():
            return self.env._(
                "The appointment on %(appointment)s was cancelled already by %(user)s "
                "on %(date)s, and has a fee: see its Billing tab.",
                **values,
            )
        if self.fee_line_ids or self.rebooked_event_id:
            return self.env._(
                "The appointment on %(appointment)s was cancelled already by %(user)s "
                "on %(date)s.",
                **values,
            )
        return self.env._(
            "The appointment on %(appointment)s was cancelled already by %(user)s on "
            "%(date)s, without a fee. To charge one, use “Book again and charge” on "
            "it.",
            **values,
        )

    def _lock_for_outcome(self):
        """Let nobody else set the outcome of these until this transaction ends.

        :raise UserError: somebody else is at it right now
        """
        try:
            # In sudo: a row lock has no rights of its own; the caller has checked.
            self.sudo().lock_for_update(allow_referencing=True)
        except LockError as error:
            raise UserError(
                self.env._(
                    "Somebody else is changing this appointment right now. Reload in a "
                    "moment to see what they did."
                )
            ) from error
        self.invalidate_recordset(["visit_state", "active", "rebooked_event_id"])

    # ------------------------------------------------------------
    # LOG
    # ------------------------------------------------------------

    def _log_outcome(self, bodies):
        """Write one internal note an appointment, all of them in one batch.

        :param dict bodies: `{event id: text}`
        """
        # In sudo: the note is part of what the caller was allowed to do.
        self.sudo()._message_log_batch(
            bodies={id_: Markup("<p>%s</p>") % body for id_, body in bodies.items()}
        )
