"""What became of an appointment: attended, cancelled, restored, booked again.

Every change of `visit_state` goes through `_set_outcome`.
"""

from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import LockError, UserError

from ..tools import by_method
from .calendar_event import CANCELLED_STATES, MISSED_STATES

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

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_cancel(self):
        """Open the cancellation page for these appointments.

        :raise UserError: when one of them is no appointment, or has an outcome
        """
        self._check_may_schedule()
        self._check_scheduled()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancel appointment")
            if len(self) == 1
            else self.env._("Cancel %s appointments", len(self)),
            "res_model": "calendar.event.cancel",
            "view_mode": "form",
            "target": "new",
            "context": {"default_event_ids": self.ids},
        }

    def action_mark_attended(self):
        """Check these appointments in as attended.

        :raise UserError: when one is no appointment, or has an outcome already
        """
        self._check_may_schedule()
        self._lock_for_outcome()
        self._check_scheduled()
        self._set_outcome("attended", {})
        self._log_outcome(dict.fromkeys(self.ids, self.env._("Marked as attended.")))
        return True

    def action_restore(self):
        """Undo the outcome of these appointments: scheduled again, the slot busy.

        :return: the dialog that says what happens to invoice and money, when there
            is a fee; True otherwise
        :raise UserError: when one of them has no outcome to undo
        """
        self._check_may_schedule()
        if self.sudo().fee_line_ids.filtered("is_noshow_fee"):
            self.env.user._check_practice_right("waive_fee")
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Restore appointment"),
                "res_model": "calendar.event.restore",
                "view_mode": "form",
                "target": "new",
                "context": {"default_event_ids": self.ids},
            }
        self._restore_appointments()
        return True

    def action_open_rebook(self):
        """Open the page that books the slot again and cancels it with a fee: what
        the article describes for an appointment cancelled without one."""
        self.ensure_one()
        self._check_may_schedule()
        self._check_rebookable()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Book again and charge"),
            "res_model": "calendar.event.cancel",
            "view_mode": "form",
            "target": "new",
            "context": {"default_rebook_event_id": self.id, "default_event_ids": []},
        }

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _cancel_appointments(
        self,
        visit_state,
        initiator="client",
        reason=False,
        fees=None,
        chart_note=False,
        cancel_future=False,
        use_credit=False,
    ):
        """Cancel these appointments: outcome, fees, chart entries and prepared
        charges, all in the caller's database transaction.

        :param str visit_state: one of `CANCELLED_STATES`
        :param str initiator: on whose behalf: `client`, `provider` or `practice`
        :param str reason: for the people of the practice; never leaves the chart
        :param dict fees: `{event id: {"product": product.product, "amount": float in
            the company's currency without taxes, "token": payment.token to charge
            or None}}`; an event that is missing gets no fee
        :param str chart_note: HTML, becomes a quick note of each client's record
        :param bool cancel_future: also cancel, free of charge, the later
            occurrences of a repeating appointment that are still scheduled
        :param bool use_credit: match the payer's open credit with the fee first
        :return: the future occurrences cancelled along
        :raise AccessError: amount changed or appointment out of the user's reach
        :raise UserError: already cancelled, being cancelled, or a fee that cannot be
        """
        fees = fees or {}
        self._check_may_schedule()
        if visit_state not in CANCELLED_STATES:
            raise UserError(self.env._("Choose how the appointment was cancelled."))
        self._lock_for_outcome()
        self._check_scheduled()
        self._check_fees(fees)
        future = self._get_future_occurrences() if cancel_future else self.browse()
        if future:
            future._lock_for_outcome()
        cancellation = {
            "cancel_reason": reason,
            "cancelled_by_id": self.env.uid,
            "cancelled_on": fields.Datetime.now(),
            "cancel_initiator": initiator,
        }
        self._set_outcome(
            visit_state,
            {**cancellation, "counts_as_missed": visit_state in MISSED_STATES},
        )
        if future:
            future._set_outcome("cancelled", cancellation)
        billed = self.filtered(lambda event: event.id in fees)
        fee_lines = self.env["account.move.line"]._create_fees(
            [{"appointment": event, **fees[event.id]} for event in billed]
        )
        if use_credit:
            fee_lines._use_credit()
        if chart_note:
            self.env["noshow.chart.entry"]._create_for_appointments(self, chart_note)
        self._log_cancellation(fee_lines, future)
        fee_lines._charge(
            {line: fees[line.appointment_id.id].get("token") for line in fee_lines}
        )
        return future

    def _rebook_and_cancel(self, fee, **cancellation):
        """Book the slot of a cancelled appointment again and cancel that one with a
        fee; same outcome and reason, counted once, nobody is invited.

        :param dict fee: as in `_cancel_appointments`
        :return: the new appointment
        :raise UserError: not cancelled, or it has or had a fee
        """
        self.ensure_one()
        self._check_may_schedule()
        self._lock_for_outcome()
        self._check_rebookable()
        original_sudo = self.sudo()
        new = self.with_context(no_mail_to_attendees=True, dont_notify=True).copy(
            {
                "active": True,
                "recurrency": False,
                "recurrence_id": False,
                "follow_recurrence": False,
                "client_id": original_sudo.client_id.id,
                "start": self.start,
                "stop": self.stop,
            }
        )
        new = new.with_env(self.env)
        new._cancel_appointments(
            self.visit_state,
            initiator=self.cancel_initiator,
            reason=self.cancel_reason,
            fees={new.id: fee},
            **cancellation,
        )
        by_method(self).write({"rebooked_event_id": new.id, "counts_as_missed": False})
        return new

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
                        "The appointment of %s has no outcome to undo.",
                        event_sudo.client_id.display_name or event_sudo.display_name,
                    )
                )
            if event_sudo.rebooked_event_id:
                raise UserError(
                    self.env._(
                        "This appointment was booked again to charge a fee. Restore "
                        "the new one instead."
                    )
                )
            if event_sudo.fee_line_ids.filtered("is_noshow_fee"):
                raise UserError(
                    self.env._("Reverse the fee first: “Restore” asks you about it.")
                )
        self._set_outcome("scheduled", NO_CANCELLATION)
        self._log_outcome(
            dict.fromkeys(self.ids, self.env._("Restored: scheduled again."))
        )

    def _set_outcome(self, visit_state, vals):
        """Write the outcome. The one door for every change of `visit_state`.

        A cancelled appointment is archived: Odoo's own machinery then frees the slot
        and stops reminders. It leaves its series, so that no edit of the series
        rewrites, deletes or copies it.
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
        vals = {**vals, "visit_state": visit_state}
        if visit_state in CANCELLED_STATES:
            vals.update(events_sudo._get_archive_values())
        events_sudo._leave_series()
        events_sudo.write(vals)

    # ------------------------------------------------------------
    # CHECKS
    # ------------------------------------------------------------

    def _check_may_schedule(self):
        """:raise AccessError: unless the user may set outcomes of all of these"""
        self.check_access("write")
        # In sudo: which right is needed depends on the provider alone.
        for provider in self.sudo().user_id:
            self.env.user._check_practice_right("schedule", provider)
        if not self.sudo().user_id:
            self.env.user._check_practice_right("schedule")

    def _check_scheduled(self):
        """:raise UserError: unless all of these are appointments still scheduled"""
        if not self:
            raise UserError(self.env._("Choose at least one appointment."))
        for event_sudo in self.sudo():
            if not event_sudo.client_id:
                raise UserError(
                    self.env._(
                        "“%s” is not an appointment: it has no client.",
                        event_sudo.display_name,
                    )
                )
            if event_sudo.visit_state == "scheduled":
                if not event_sudo.active:
                    raise UserError(
                        self.env._(
                            "The appointment of %s is archived. Unarchive it first.",
                            event_sudo.client_id.display_name,
                        )
                    )
                continue
            if event_sudo.visit_state == "attended":
                raise UserError(
                    self.env._(
                        "%s has attended this appointment. Restore it first if that "
                        "is wrong.",
                        event_sudo.client_id.display_name,
                    )
                )
            raise UserError(
                self.env._(
                    "This appointment of %(client)s was cancelled already by %(user)s "
                    "on %(date)s. A fee cannot be added to it later; use “Book again "
                    "and charge” on it.",
                    client=event_sudo.client_id.display_name,
                    user=event_sudo.cancelled_by_id.display_name,
                    date=fields.Datetime.context_timestamp(
                        self, event_sudo.cancelled_on
                    ).strftime("%Y-%m-%d %H:%M"),
                )
            )

    def _check_rebookable(self):
        """:raise UserError: unless this was cancelled, and never had a fee"""
        event_sudo = self.sudo()
        if event_sudo.visit_state not in CANCELLED_STATES:
            raise UserError(self.env._("This appointment is not cancelled."))
        if event_sudo.fee_line_ids:
            raise UserError(
                self.env._(
                    "This appointment has a fee already: change it from the Billing tab."
                )
            )
        if event_sudo.rebooked_event_id:
            raise UserError(self.env._("This appointment was booked again already."))

    def _check_fees(self, fees):
        """Check every fee before anything is written.

        :raise AccessError: an amount that the user may not change
        :raise UserError: a fee, client or company that cannot be billed
        """
        for event_sudo in self.sudo():
            fee = fees.get(event_sudo.id)
            if not fee:
                continue
            company, product = event_sudo.company_id, fee["product"].sudo()
            product._check_fee(company, fee["amount"])
            list_fee = product._get_list_fee(company)
            if company.currency_id.compare_amounts(fee["amount"], list_fee):
                self.env.user._check_practice_right("change_amount", event_sudo.user_id)
            if event_sudo.client_id.company_id not in (company.browse(), company):
                raise UserError(
                    self.env._(
                        "%(client)s is a client of another company and cannot be billed "
                        "by %(company)s.",
                        client=event_sudo.client_id.display_name,
                        company=company.display_name,
                    )
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

    def _log_cancellation(self, fee_lines, future):
        """Say on each appointment what was done, without clinical words."""
        states = dict(self._fields["visit_state"]._description_selection(self.env))
        invoices = {line.appointment_id: line for line in fee_lines}
        bodies = {}
        for event in self:
            line = invoices.get(event)
            bodies[event.id] = (
                self.env._(
                    "%(outcome)s. Fee %(code)s on invoice %(invoice)s.",
                    outcome=states[event.visit_state],
                    code=line.product_id.cpt_code,
                    invoice=line.move_name,
                )
                if line
                else self.env._("%s. No fee.", states[event.visit_state])
            )
        for event in future:
            bodies[event.id] = self.env._("%s, with an earlier occurrence.", states["cancelled"])
        (self + future)._log_outcome(bodies)

    def _log_outcome(self, bodies):
        """Write one internal note an appointment, all of them in one batch.

        :param dict bodies: `{event id: text}`
        """
        # In sudo: the note is part of what the caller was allowed to do.
        self.sudo()._message_log_batch(
            bodies={id_: Markup("<p>%s</p>") % body for id_, body in bodies.items()}
        )
