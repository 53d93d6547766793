"""The cancellation page, and the page that says what happened."""

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, format_datetime, formatLang, is_html_empty

from ..models.calendar_event import CANCELLED_STATES, INITIATORS, VISIT_STATES

FEE_CODE_DOMAIN = (
    "[('cpt_code', '!=', False), ('company_id', 'in', [company_id, False])]"
)


class CalendarEventCancel(models.TransientModel):
    """Collects what staff choose; `calendar.event._cancel_appointments` does it.

    The computed fields carry `compute_sudo=False`: Odoo computes stored ones as
    superuser, and a page made over RPC for somebody else's appointments would tell
    their client, card and credit.
    """

    _name = "calendar.event.cancel"
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
    client_id = fields.Many2one("res.partner", compute="_compute_appointment_ids")
    provider_id = fields.Many2one("res.users", compute="_compute_appointment_ids")
    start = fields.Datetime(compute="_compute_appointment_ids")
    company_id = fields.Many2one("res.company", compute="_compute_appointment_ids")
    currency_id = fields.Many2one(related="company_id.currency_id")
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
    product_id = fields.Many2one(
        "product.product",
        string="CPT / Fee",
        compute="_compute_product_id",
        compute_sudo=False,
        store=True,
        readonly=False,
        domain=FEE_CODE_DOMAIN,
    )
    amount = fields.Monetary(
        compute="_compute_amount",
        compute_sudo=False,
        store=True,
        readonly=False,
        help="Without taxes, in the practice's currency.",
    )
    amount_total = fields.Monetary(
        string="Total, Taxes Included", compute="_compute_amount_total"
    )
    may_change_amount = fields.Boolean(compute="_compute_may_change_amount")
    missed_visit_count = fields.Integer(
        string="Earlier Missed Visits", compute="_compute_client_info"
    )
    available_token_ids = fields.Many2many(
        "payment.token", compute="_compute_client_info"
    )
    client_credit = fields.Monetary(
        string="Open Credit", compute="_compute_client_info"
    )
    card_hint = fields.Char(compute="_compute_card_hint")
    card_link = fields.Char(
        compute="_compute_card_hint",
        help="There the client agrees to card charges and saves a card.",
    )
    charge_card = fields.Boolean(string="Charge the saved card?")
    payment_token_id = fields.Many2one(
        "payment.token",
        string="Saved Card",
        compute="_compute_payment_token_id",
        compute_sudo=False,
        store=True,
        readonly=False,
        domain="[('id', 'in', available_token_ids)]",
    )
    amount_to_charge = fields.Monetary(compute="_compute_amount_to_charge")
    use_credit = fields.Boolean(
        string="Use the credit first?",
        compute="_compute_use_credit",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    chart_note = fields.Html(
        string="Chart Entry",
        sanitize=True,
        help="Becomes a quick note in the client's clinical record.",
    )
    chart_written = fields.Boolean(readonly=True)
    future_event_ids = fields.Many2many(
        "calendar.event",
        string="Future Occurrences",
        compute="_compute_future_event_ids",
    )
    future_count = fields.Integer(compute="_compute_future_event_ids")
    future_summary = fields.Char(string="Dates", compute="_compute_future_event_ids")
    cancel_future = fields.Boolean(string="Cancel all future occurrences?")
    cancelled_future_count = fields.Integer(readonly=True)
    line_ids = fields.One2many(
        "calendar.event.cancel.line",
        "cancel_id",
        string="Fees",
        compute="_compute_line_ids",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    result = fields.Html(compute="_compute_result", sanitize=False)
    is_charging = fields.Boolean(compute="_compute_result")

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    # By user: the related currency asks for the company as superuser, and what that
    # computes along would be the user's to read from the cache.
    @api.depends("event_ids", "rebook_event_id")
    @api.depends_context("uid")
    def _compute_appointment_ids(self):
        for page in self:
            events = page.event_ids or page.rebook_event_id
            # What is in the cache is not asked about again, nor is an onchange.
            (page.event_ids | page.rebook_event_id)._origin.check_access("read")
            page.appointment_ids = events
            page.is_batch = len(events) > 1
            page.client_id = events.client_id if len(events) == 1 else False
            page.provider_id = events.user_id if len(events) == 1 else False
            page.start = events.start if len(events) == 1 else False
            page.company_id = events.company_id[:1] or self.env.company

    @api.depends("appointment_ids", "cancel_initiator", "rebook_event_id")
    def _compute_visit_state(self):
        for page in self:
            # First: it checks that these are the user's to read.
            appointments = page.appointment_ids
            if page.rebook_event_id.visit_state in CANCELLED_STATES:
                page.visit_state = page.rebook_event_id.visit_state
            elif page.cancel_initiator != "client":
                page.visit_state = "cancelled"
            elif appointments:
                page.visit_state = appointments[0]._propose_outcome()
            else:
                page.visit_state = "cancelled"

    @api.depends("visit_state", "cancel_initiator", "company_id")
    def _compute_product_id(self):
        for page in self:
            if page.cancel_initiator == "client" and page.visit_state:
                page.product_id = page.company_id._get_noshow_product(page.visit_state)
            else:
                page.product_id = False

    @api.depends("product_id", "company_id")
    def _compute_amount(self):
        for page in self:
            product = page.product_id
            page.amount = product._get_list_fee(page.company_id) if product else 0.0

    @api.depends("product_id", "amount", "client_id")
    def _compute_amount_total(self):
        for page in self:
            page.amount_total = page._get_total(
                page.client_id, page.product_id, page.amount
            )

    def _get_total(self, client, product, amount):
        """What the payer of `client` owes for a fee, taxes included; of several clients
        the rows tell."""
        if not product or not client:
            return 0.0
        # In sudo: taxes and fiscal positions are the accountants' records; a total for
        # the fee that is about to be charged is not.
        payer_sudo = client.sudo()._get_payer()
        position_sudo = (
            self.env["account.fiscal.position"].sudo()._get_fiscal_position(payer_sudo)
        )
        return (
            self.env["account.move.line"]
            .sudo()
            ._get_fee_total(
                product.sudo(), amount, position_sudo, payer_sudo, self.company_id
            )
        )

    @api.depends("appointment_ids")
    @api.depends_context("uid")
    def _compute_may_change_amount(self):
        for page in self:
            page.may_change_amount = all(
                self.env.user._has_practice_right("change_amount", provider)
                for provider in page.appointment_ids.user_id or [None]
            )

    @api.depends("appointment_ids", "client_id", "company_id")
    def _compute_client_info(self):
        for page in self:
            client, company = page.client_id, page.company_id
            page.missed_visit_count = client.missed_visit_count
            # In sudo: the clients come from appointments that the user can read; what
            # is told is the masked name of a card and one amount.
            tokens = self.env["payment.token"].sudo()._get_chargeable(company, client)
            page.available_token_ids = tokens.get(client)
            payers = self.env["res.partner"].union(
                *(one._get_payer() for one in page.appointment_ids.client_id)
            )
            credit = self.env["account.move"].sudo()
            page.client_credit = -sum(
                credit._get_payer_credit_lines(company, payers).mapped(
                    "amount_residual"
                )
            )

    @api.depends("available_token_ids")
    def _compute_card_hint(self):
        for page in self:
            client = page.client_id
            page.card_link = False
            if not client or page.available_token_ids:
                page.card_hint = False
            else:
                page.card_hint = client._get_card_hint()
                page.card_link = client._get_card_link(client._get_payer())

    @api.depends("available_token_ids", "charge_card")
    def _compute_payment_token_id(self):
        for page in self:
            available = page.available_token_ids
            if page.payment_token_id not in available or not page.payment_token_id:
                page.payment_token_id = available[:1]

    @api.depends("client_credit")
    def _compute_use_credit(self):
        for page in self:
            page.use_credit = page.client_credit > 0

    @api.depends("amount_total", "client_credit", "use_credit")
    def _compute_amount_to_charge(self):
        for page in self:
            credit = page.client_credit if page.use_credit else 0.0
            page.amount_to_charge = max(page.amount_total - credit, 0.0)

    @api.depends("appointment_ids")
    def _compute_future_event_ids(self):
        for page in self:
            page.future_event_ids = (
                page.appointment_ids._get_future_occurrences().sorted("start")
            )
            page.future_count = len(page.future_event_ids)
            page.future_summary = page._get_future_summary()

    def _get_future_summary(self, shown=6):
        """The dates of the future occurrences; the first few and the last one of a
        long series."""
        dates = [
            format_date(self.env, event._get_date_of_service())
            for event in self.future_event_ids
        ]
        if len(dates) > shown:
            dates = [*dates[: shown - 1], "…", dates[-1]]
        return ", ".join(dates)

    @api.depends("event_ids", "product_id", "amount")
    def _compute_line_ids(self):
        for page in self:
            rows = [
                Command.create(
                    {
                        "event_id": event.id,
                        "product_id": page.product_id.id,
                        "amount": page.amount,
                    }
                )
                for event in page.event_ids
                if page.is_batch
            ]
            page.line_ids = [Command.clear(), *rows]

    @api.depends("state")
    def _compute_result(self):
        for page in self:
            page.result = page.state == "done" and self.env["ir.qweb"]._render(
                "noshow_fees.calendar_event_cancel_result", page._get_result_values()
            )
            page.is_charging = bool(page._get_charges()._filter_live())

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
        if self.rebook_event_id:
            if not self.product_id:
                raise UserError(self.env._("Choose the fee to charge."))
            self.event_ids = self.rebook_event_id._rebook_and_cancel(
                self._get_fee(self),
                chart_note=self._get_chart_note(),
                use_credit=self.use_credit,
            )
            future = self.env["calendar.event"]
        else:
            future = self._cancel(self.event_ids, self._get_fees())
        self._finish(len(future))
        return self.action_look_again()

    def action_look_again(self):
        """Open the page that says what happened; what the cards were charged may have
        settled meanwhile."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What happened"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

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
        )

    def _finish(self, future_count):
        """Turn this page into the one that says what happened.

        :param int future_count: how many future occurrences were cancelled along
        """
        self.write(
            {
                "state": "done",
                "cancelled_future_count": future_count,
                # The note's place is the chart, where every reading is logged.
                "chart_written": bool(self._get_chart_note()),
                "chart_note": False,
            }
        )

    def _get_chart_note(self):
        return False if is_html_empty(self.chart_note) else self.chart_note

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
        }

    # ------------------------------------------------------------
    # RESULT
    # ------------------------------------------------------------

    def _get_result_values(self):
        """What the result page says, in words to repeat on the phone."""
        self.event_ids.check_access("read")
        future_sentence = False
        if self.cancelled_future_count:
            future_sentence = self.env._(
                "%s later appointments were cancelled too, free of charge.",
                self.cancelled_future_count,
            )
        return {
            # In sudo: the user reads these appointments (checked above); of invoices
            # and charges only the outcome is told.
            "results": [self._get_result(event) for event in self.event_ids.sudo()],
            "progress_sentence": self._get_charges()._get_progress_message(),
            "future_sentence": future_sentence,
            "chart_written": self.chart_written,
        }

    def _get_charges(self):
        """The charges of the cards for these appointments, in sudo."""
        # In sudo: of these, who sees the appointments is told the outcome only.
        return self.event_ids.sudo().fee_line_ids.move_id.transaction_ids

    def _get_result(self, event_sudo):
        """One appointment of the result page: a headline, sentences, and the
        charges."""
        states = dict(self._fields["visit_state"]._description_selection(self.env))
        headline = self.env._(
            "%(client)s, %(start)s: %(outcome)s",
            client=event_sudo.client_id.name,
            start=format_date(self.env, event_sudo.start_date)
            if event_sudo.allday
            else format_datetime(self.env, event_sudo.start, dt_format="short"),
            outcome=states.get(event_sudo.visit_state, ""),
        )
        fee_sudo = event_sudo.fee_line_ids.filtered("is_noshow_fee")
        if not fee_sudo:
            return {
                "headline": headline,
                "sentences": [self.env._("No fee was charged.")],
                "charges": [],
            }
        invoice_sudo = fee_sudo.move_id
        sentences = [
            self.env._(
                "Fee %(code)s %(amount)s: invoice %(invoice)s to %(payer)s.",
                code=fee_sudo.product_id.cpt_code,
                amount=formatLang(
                    self.env, fee_sudo.price_total, currency_obj=fee_sudo.currency_id
                ),
                invoice=invoice_sudo.name,
                payer=invoice_sudo.partner_id.name,
            )
        ]
        charges_sudo = invoice_sudo.transaction_ids.sorted("id")
        if not charges_sudo:
            open_amount = formatLang(
                self.env,
                invoice_sudo.amount_residual,
                currency_obj=invoice_sudo.currency_id,
            )
            sentences.append(
                self.env._("The credit covers it: nothing is open.")
                if invoice_sudo.currency_id.is_zero(invoice_sudo.amount_residual)
                else self.env._("%s is open; no card was charged.", open_amount)
            )
        return {
            "headline": headline,
            "sentences": sentences,
            "charges": [charge._get_charge_message() for charge in charges_sudo],
        }
