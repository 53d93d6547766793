"""Cancelling appointments, with everything that goes along; and booking one again
to charge the fee that was forgotten."""

from odoo import fields, models
from odoo.exceptions import UserError

from ...const import CANCELLED_STATES, MISSED_STATES
from ...tools.context import by_method, not_booked, without_flags


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
            "context": {
                "default_event_ids": self.ids,
                **({"dialog_size": "extra-large"} if len(self) > 1 else {}),
            },
        }

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

    @without_flags
    def _cancel_appointments(
        self,
        visit_state,
        initiator="client",
        reason=False,
        fees=None,
        chart_note=False,
        cancel_future=False,
        use_credit=False,
        cancelled_on=None,
        proposals=None,
        deviation_reason=False,
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
        :param datetime cancelled_on: UTC; now by default. For records of the past: the
            invoices of fees are dated that day at the practice
        :param dict proposals: what the policy proposed (`_propose_fees`), where that
            was asked before: when the page was opened, say
        :param str deviation_reason: why it is not followed, a billing reason
        :return: the future occurrences cancelled along
        :raise AccessError: amount changed or appointment out of the user's reach
        :raise UserError: already cancelled, being cancelled, or a fee that cannot be
        """
        fees = {
            id_: {
                name: value.with_env(self.env)
                if name in ("product", "token") and value
                else value
                for name, value in fee.items()
            }
            for id_, fee in (fees or {}).items()
        }
        self._check_may_schedule()
        if visit_state not in CANCELLED_STATES:
            raise UserError(self.env._("Choose how the appointment was cancelled."))
        self._lock_for_outcome()
        self._check_scheduled()
        self._check_outcome(visit_state, initiator)
        cancelled_on = cancelled_on or fields.Datetime.now()
        self._read_ahead()
        if proposals is None:
            proposals = self._propose_fees(visit_state, initiator, cancelled_on)
        self._check_fees(fees, initiator, proposals)
        future = self._get_future_occurrences() if cancel_future else self.browse()
        if future:
            future._lock_for_outcome()
        cancellation = {
            "cancel_reason": reason,
            "cancelled_by_id": self.env.uid,
            "cancelled_on": cancelled_on,
            "cancel_initiator": initiator,
        }
        self._set_outcome(
            visit_state,
            {**cancellation, "counts_as_missed": visit_state in MISSED_STATES},
            proposals,
        )
        if future:
            # `_get_archive_values`: Google gets the end of the rule, not each of them.
            vals = {**cancellation, **self._get_archive_values()}
            future._set_outcome("cancelled", vals)
            future._end_series()
        billed = self.filtered(lambda event: event.id in fees)
        fee_lines = self.env["account.move.line"]._create_fees(
            [
                {
                    "appointment": event,
                    "date": event._get_practice_day(event.cancelled_on),
                    **fees[event.id],
                }
                for event in billed.sorted("start")
            ]
        )
        self.env["noshow.fee.decision"]._record(
            self, proposals, fees, cancelled_on, deviation_reason
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

    def _read_ahead(self):
        """Read in one query what is asked of people one by one below."""
        # In sudo: nothing of it is shown.
        events_sudo = self.sudo()
        people_sudo = events_sudo.client_id | events_sudo.company_id.partner_id
        (people_sudo | events_sudo.env.user.partner_id).mapped("lang")

    @without_flags
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
        # As it was decided then, not as it would be now.
        proposal = self._propose_fees(
            self.visit_state, self.cancel_initiator, self.cancelled_on
        )[self]
        quiet = self.with_context(no_mail_to_attendees=True, dont_notify=True)
        new = not_booked(quiet).copy(
            {
                "active": True,
                "recurrency": False,
                "recurrence_id": False,
                "follow_recurrence": False,
                "client_id": original_sudo.client_id.id,
                "start": self.start,
                "stop": self.stop,
                "booked_on": original_sudo._get_booked_on(),
            }
        )
        new = new.with_env(self.env)
        new._cancel_appointments(
            self.visit_state,
            initiator=self.cancel_initiator,
            reason=self.cancel_reason,
            fees={new.id: fee},
            proposals={new: proposal},
            **cancellation,
        )
        by_method(self).write({"rebooked_event_id": new.id, "counts_as_missed": False})
        return new

    # ------------------------------------------------------------
    # CHECKS
    # ------------------------------------------------------------

    def _check_rebookable(self):
        """:raise UserError: unless this was cancelled, and never had a fee"""
        event_sudo = self.sudo()
        if event_sudo.visit_state not in CANCELLED_STATES:
            raise UserError(self.env._("This appointment is not cancelled."))
        if event_sudo.fee_line_ids:
            raise UserError(
                self.env._(
                    "This appointment has a fee already: change it from the Billing "
                    "tab."
                )
            )
        if event_sudo.rebooked_event_id:
            raise UserError(self.env._("This appointment was booked again already."))

    def _get_listed_amount(self, product, proposal):
        """What a fee code costs for this appointment, in the company's currency without
        taxes: its price.

        :param dict proposal: what the policy proposes for this appointment
        """
        return product._get_list_fee(self.company_id)

    def _check_fees(self, fees, initiator, proposals):
        """Check every fee before anything is written.

        :param dict proposals: `{event: what the policy proposes}`
        :raise AccessError: an amount that the user may not change, or any fee where
            the client has not called the appointment off
        :raise UserError: a fee, client or company that cannot be billed
        """
        for event_sudo in self.sudo():
            fee = fees.get(event_sudo.id)
            if not fee:
                continue
            company, product = event_sudo.company_id, fee["product"].sudo()
            product._check_fee(company, fee["amount"])
            listed = event_sudo._get_listed_amount(product, proposals[event_sudo])
            differs = company.currency_id.compare_amounts(fee["amount"], listed)
            if differs or initiator != "client":
                self.env.user._check_practice_right("change_amount", event_sudo.user_id)
            if not company._may_use(event_sudo.client_id.company_id):
                raise UserError(
                    self.env._(
                        "%(client)s is a client of another company and cannot be "
                        "billed by %(company)s.",
                        client=event_sudo.client_id.display_name,
                        company=company.display_name,
                    )
                )

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
            bodies[event.id] = self.env._(
                "%s, with an earlier occurrence.", states["cancelled"]
            )
        (self + future)._log_outcome(bodies)
