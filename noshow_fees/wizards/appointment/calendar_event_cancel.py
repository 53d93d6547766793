"""The cancellation page, and the page that says what happened."""

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ...const import CANCELLED_STATES, INITIATORS, VISIT_STATES
from ...tools.chart_text import is_blank


class CalendarEventCancel(models.TransientModel):
    """Collects what staff choose; `calendar.event._cancel_appointments` does it.

    Stored computed fields carry `compute_sudo=False`: see `noshow.fee.choice`.
    """

    _name = "calendar.event.cancel"
    _inherit = "noshow.fee.choice"
    _description = "Cancel Appointments"

    state = fields.Selection(
        [("draft", "To confirm"), ("done", "Done")], default="draft", readonly=True
    )
    # A cancelled appointment is archived; the result page still shows it.
    event_ids = fields.Many2many(
        "calendar.event", string="Appointments", context={"active_test": False}
    )
    rebook_event_id = fields.Many2one(
        "calendar.event",
        string="Book Again",
        context={"active_test": False},
        help="The appointment, cancelled without a fee, whose slot is booked again.",
    )
    appointment_ids = fields.Many2many(
        "calendar.event",
        string="Appointments Concerned",
        compute="_compute_appointment_ids",
        context={"active_test": False},
    )
    is_batch = fields.Boolean(compute="_compute_appointment_ids")
    is_to_come = fields.Boolean(
        compute="_compute_appointment_ids", help="One of them has not begun yet."
    )
    client_id = fields.Many2one("res.partner", compute="_compute_appointment_ids")
    provider_id = fields.Many2one("res.users", compute="_compute_appointment_ids")
    start = fields.Datetime(compute="_compute_appointment_ids")
    company_id = fields.Many2one(compute="_compute_appointment_ids")
    visit_state = fields.Selection(
        [state for state in VISIT_STATES if state[0] in CANCELLED_STATES],
        string="Outcome",
        compute="_compute_visit_state",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    cancel_initiator = fields.Selection(
        INITIATORS,
        string="Cancelled On Behalf Of",
        default="client",
        required=True,
    )
    reason = fields.Text(
        help="Shown on the appointment to the people of the practice, never to the "
        "client.",
    )
    amount_total = fields.Monetary(
        string="Total, Taxes Included", compute="_compute_amount_total"
    )
    may_change_amount = fields.Boolean(compute="_compute_may_change_amount")
    chart_note = fields.Html(
        string="Chart Entry",
        # The chart cleans it, and keeps all of it or refuses. Odoo's sanitizer would
        # print what it cannot read into the log (odoo/tools/mail.py).
        sanitize=False,
        help="Becomes a quick note in the client's clinical record.",
    )
    chart_written = fields.Boolean(readonly=True)
    line_ids = fields.One2many(
        "calendar.event.cancel.line",
        "cancel_id",
        string="Fees",
        compute="_compute_line_ids",
        compute_sudo=False,
        store=True,
        readonly=False,
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    # By user: the related currency asks for the company as superuser, and what that
    # computes along would be the user's to read from the cache.
    @api.depends("event_ids", "rebook_event_id")
    @api.depends_context("uid")
    def _compute_appointment_ids(self):
        for page in self:
            events = page._get_checked_appointments()
            page.appointment_ids = events
            page.is_batch = len(events) > 1
            page.is_to_come = any(
                event._get_start_utc() > fields.Datetime.now() for event in events
            )
            page.client_id = page._get_client()
            page.provider_id = events.user_id if len(events) == 1 else False
            page.start = events.start if len(events) == 1 else False
            page.company_id = events.company_id[:1] or self.env.company

    def _get_checked_appointments(self):
        """The appointments of this page, as they are in the database: what a browser
        sends along in an onchange (of them, too) is not to be trusted.

        :raise AccessError: one of them is not the user's to read
        """
        events = (self.event_ids | self.rebook_event_id)._origin
        events._check_found()
        events.check_access("read")
        return (self.event_ids or self.rebook_event_id)._origin

    def _get_client(self):
        """The client of the one appointment; empty for several."""
        events = self._get_checked_appointments()
        return events.client_id if len(events) == 1 else events.client_id.browse()

    @api.depends("appointment_ids", "cancel_initiator", "opened_on", "rebook_event_id")
    def _compute_visit_state(self):
        for page in self:
            page.visit_state = page._get_proposed_outcome()

    def _get_proposed_outcome(self):
        """What is chosen when the page opens."""
        # First: it checks that these are the user's to read.
        appointments = self.appointment_ids
        if self.rebook_event_id.visit_state in CANCELLED_STATES:
            return self.rebook_event_id.visit_state
        if self.cancel_initiator != "client" or not appointments:
            return "cancelled"
        return appointments[0]._get_outcome_by_notice(self._get_opened_on())

    @api.depends("product_id", "amount", "client_id", "company_id")
    def _compute_amount_total(self):
        for page in self:
            page.amount_total = page._get_total(
                page.client_id, page.product_id, page.amount
            )

    def _get_total(self, client, product, amount):
        """What the payer of `client` owes for a fee, taxes included; of several clients
        the rows tell."""
        # A browser that opens a page asks for rows before the page is computed
        # (web/models/models.py, `onchange`).
        if not product or not client or not self.company_id:
            return 0.0
        return client._get_fee_total(product, amount, self.company_id)

    @api.depends("appointment_ids")
    @api.depends_context("uid")
    def _compute_may_change_amount(self):
        for page in self:
            page.may_change_amount = all(
                self.env.user._has_practice_right("change_amount", provider)
                for provider in page.appointment_ids.user_id or [None]
            )

    @api.depends("event_ids")
    def _compute_line_ids(self):
        for page in self:
            # A row each costs the more the more there are: not for unknown ids.
            page._get_checked_appointments()
            rows = [
                Command.create({"event_id": event.id})
                for event in page.event_ids
                if page.is_batch
            ]
            page.line_ids = [Command.clear(), *rows]

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_cancel(self):
        """Continue: cancel, bill, note, and prepare the charge, all at once.

        :return: the page that says what happened; by the time the browser asks for
            it, the charge has been sent
        :raise AccessError: an amount that the user may not change
        :raise UserError: what `_cancel_appointments` refuses
        """
        self.ensure_one()
        self._check_not_done()
        if self._is_outdated():
            return self._propose_anew()
        if self.rebook_event_id:
            if not self.product_id:
                raise UserError(self.env._("Choose the fee to charge."))
            self.event_ids = self.rebook_event_id._rebook_and_cancel(
                self._get_fee(self),
                chart_note=self._get_chart_note(),
                use_credit=self.use_credit,
                deviation_reason=self.deviation_reason,
            )
            future = self.env["calendar.event"]
        else:
            future = self._cancel(self.event_ids, self._get_fees())
        self._finish(len(future))
        return self.action_look_again()

    def web_cancel(self, vals):
        """Save what was chosen and continue, in one call of the browser.

        :param dict vals: what has changed on the page, as for `web_save`
        :return: as `action_cancel`
        """
        page = self or self.create(vals)
        if self:
            self.write(vals)
        return page.action_cancel()

    def _check_not_done(self):
        if self.state == "done":
            raise UserError(self.env._("This is done already. Close this page."))
        if len(self.appointment_ids.company_id) > 1:
            raise UserError(
                self.env._(
                    "These appointments belong to several companies: do one first."
                )
            )

    def _cancel(self, events, fees):
        """Cancel `events`, some or all of this page's, as it says.

        :return: the future occurrences cancelled along
        """
        return events._cancel_appointments(
            self.visit_state,
            initiator=self.cancel_initiator,
            reason=self.reason,
            fees=fees,
            chart_note=self._get_chart_note(),
            cancel_future=self.cancel_future,
            use_credit=self.use_credit,
            proposals=self._get_proposals(),
            deviation_reason=self.deviation_reason,
        )

    def _finish(self, future_count):
        """Turn this page into the one that says what happened.

        :param int future_count: how many future occurrences were cancelled along
        """
        self.write(
            {
                "state": "done",
                "cancelled_future_count": future_count,
                # The note's place is the chart, where every reading is logged, and the
                # reason's is the appointment.
                "chart_written": bool(self._get_chart_note()),
                "chart_note": False,
                "reason": False,
            }
        )

    def _get_chart_note(self):
        return False if is_blank(self.chart_note) else self.chart_note

    def _get_fees(self):
        """:return: the `fees` of `calendar.event._cancel_appointments`"""
        if self.line_ids:
            return {
                row.event_id.id: self._get_fee(row)
                for row in self.line_ids
                if row.product_id
            }
        if not self.product_id:
            return {}
        return {event.id: self._get_fee(self) for event in self.event_ids}

    @api.model
    def _get_fee(self, source):
        """The fee chosen on the page, or on a row of it."""
        if source.charge_card and not source.payment_token_id:
            raise UserError(
                self.env._(
                    "There is no card to charge: either none is saved, or the client "
                    "did not agree to such charges. Untick “Charge the saved card?”."
                )
            )
        return {
            "product": source.product_id,
            "amount": source.amount,
            "token": source.payment_token_id if source.charge_card else None,
            "override_reason": self.override_reason,
        }
