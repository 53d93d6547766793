"""The page that says what happened, in words to repeat on the phone. What it says of a
card is said by the charge (models/charge/payment_transaction_result.py, and beside it
*result_unknown*, *decline*)."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.when import format_day, format_when


class CalendarEventCancel(models.TransientModel):
    _inherit = "calendar.event.cancel"

    result = fields.Html(compute="_compute_result", sanitize=False)
    is_charging = fields.Boolean(compute="_compute_result")
    needs_payment_link = fields.Boolean(compute="_compute_offers")
    offers_receipt = fields.Boolean(compute="_compute_offers")
    offers_card_link = fields.Boolean(compute="_compute_offers")
    told = fields.Text(readonly=True, help="What was sent from this page.")

    @api.depends("state", "told")
    def _compute_result(self):
        for page in self:
            page.result = page.state == "done" and self.env["ir.qweb"]._render(
                "noshow_fees.calendar_event_cancel_result", page._get_result_values()
            )
            page.is_charging = bool(page._get_charges()._filter_live())

    @api.depends("state")
    def _compute_offers(self):
        """What could be sent to the client now, by somebody who presses “Send”."""
        for page in self:
            single = len(page.appointment_ids) == 1 and page.state == "done"
            page.needs_payment_link = bool(page._get_lines_to_tell("pay"))
            page.offers_receipt = bool(page._get_lines_to_tell("receipt"))
            client = page.client_id.with_company(page.company_id)
            page.offers_card_link = (
                single and client.can_save_card and bool(page.card_hint)
            )

    def _get_lines_to_tell(self, kind):
        """The fees of this page about which a `noshow.link` of this kind could be
        sent now."""
        self.ensure_one()
        if self.state != "done":
            return self.env["account.move.line"]
        # In sudo: the user reads these appointments (checked there), and of their fees
        # only those are told that have something to send.
        fees_sudo = self._get_checked_appointments().sudo()._get_live_fees()
        lines_sudo = fees_sudo._filter_to_tell(kind)
        if kind == "receipt":  # offered when there is nothing else to send
            lines_sudo = lines_sudo.sudo().filtered(lambda fee: not fee.fee_open)
        return lines_sudo.sudo(False)

    def action_look_again(self):
        """Open the page that says what happened; what the cards were charged may have
        settled meanwhile."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What happened"),
            "res_model": self._name,
            "res_id": self.id,
            # Named: this may be what another action opens next.
            "views": [
                (
                    self.env.ref(
                        "noshow_fees.calendar_event_cancel_view_form_result"
                    ).id,
                    "form",
                )
            ],
            "target": "new",
        }

    def action_open_payment_link(self):
        """Open the dialog with the link by which the fee is paid online."""
        return self._open_dialogs("pay", "action_open_payment_link")

    def action_open_receipt_mail(self):
        """Open the dialog that sends a receipt."""
        return self._open_dialogs("receipt", "action_open_receipt_mail")

    def action_ask_for_card(self):
        """Open the dialog with the link by which the client saves a card."""
        client = self.client_id.with_company(self.company_id)
        action = client.action_ask_for_card()
        event = {"default_event_id": self._get_checked_appointments().id}
        return self._open_dialog({**action, "context": {**action["context"], **event}})

    def _open_dialogs(self, kind, opening):
        """Open the dialog about the first fee; those about the others follow it, each
        with its own text to look at. Who was sent it from this page is left out, unless
        all were.

        :param str opening: the method of a fee that opens such a dialog
        :raise UserError: nothing to send
        """
        lines = self._get_lines_to_tell(kind)
        if not lines:
            raise UserError(self.env._("There is nothing to send any more."))
        sent = self.env["noshow.link"].search(
            [("page_id", "=", self.id), ("kind", "=", kind), ("state", "=", "sent")]
        )
        lines = (lines - sent.line_id) or lines
        action = self._open_dialog(getattr(lines[0], opening)())
        action["context"]["default_next_line_ids"] = lines[1:].ids
        return action

    def _open_dialog(self, action):
        """Open a dialog that comes back to this page."""
        context = {**action["context"], "default_page_id": self.id}
        return {**action, "context": context}

    def _note_told(self, message):
        """Keep on this page what was sent from it."""
        self.told = "\n".join(filter(None, (self.told, message)))

    def _get_result_values(self):
        """What the result page says, in words to repeat on the phone."""
        future_sentence = False
        if self.cancelled_future_count == 1:
            future_sentence = self.env._(
                "One later appointment was cancelled too, free of charge."
            )
        elif self.cancelled_future_count:
            future_sentence = self.env._(
                "%s later appointments were cancelled too, free of charge.",
                self.cancelled_future_count,
            )
        return {
            # In sudo: the user reads these appointments (checked there); of invoices
            # and charges only the outcome is told.
            "results": [
                self._get_result(event)
                for event in self._get_checked_appointments().sudo().sorted("start")
            ],
            "outcome": dict(
                self._fields["visit_state"]._description_selection(self.env)
            ).get(self.visit_state),
            "progress_sentence": self._get_charges()._get_progress_message(),
            "future_sentence": future_sentence,
            "chart_written": self.chart_written,
            "told": (self.told or "").splitlines(),
        }

    def _get_charges(self):
        """The charges of the cards for these appointments, in sudo."""
        # In sudo: of these, who sees the appointments is told the outcome only.
        events_sudo = self._get_checked_appointments().sudo()
        return events_sudo.fee_line_ids.move_id.transaction_ids

    def _get_result(self, event_sudo):
        """One appointment of the result page: a headline, sentences, and the
        charges."""
        states = dict(self._fields["visit_state"]._description_selection(self.env))
        headline = self.env._(
            "%(client)s, %(start)s: %(outcome)s",
            client=event_sudo.client_id.name,
            start=format_day(self.env, event_sudo.start_date)
            if event_sudo.allday
            else format_when(self.env, event_sudo.start),
            outcome=states.get(event_sudo.visit_state, ""),
        )
        fee_sudo = event_sudo._get_live_fees()
        if not fee_sudo:
            return {
                "headline": headline,
                "sentences": [
                    self.env._("No fee was charged."),
                    *filter(None, [event_sudo.fee_sentence]),
                ],
                "charges": [],
            }
        invoice_sudo = fee_sudo.move_id
        sentences = [
            self.env._(
                "Fee %(code)s %(amount)s: invoice %(invoice)s to %(payer)s.",
                code=fee_sudo.product_id.cpt_code,
                amount=fee_sudo.currency_id.format(fee_sudo.price_total),
                invoice=invoice_sudo.name,
                payer=invoice_sudo.partner_id.name,
            ),
            *filter(None, [event_sudo.fee_sentence]),
        ]
        charges_sudo = invoice_sudo.transaction_ids.sorted("id")
        if not charges_sudo:
            open_amount = invoice_sudo.currency_id.format(invoice_sudo.amount_residual)
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
