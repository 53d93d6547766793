"""What a receptionist reads about a charge."""

from odoo import api, fields, models
from odoo.fields import Domain

from ...const import LIVE_STATES, TOO_LONG, UNBOOKED

ACTIVITY = "noshow_fees.mail_activity_type_check_charge"
REFUND_ACTIVITY = "noshow_fees.mail_activity_type_refund"


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _get_decline_reason(self):
        """Why the card was declined, in plain words, as a sentence."""
        reasons = {
            "authentication_required": self.env._(
                "the bank wants the client to confirm this payment in person."
            ),
            "card_velocity_exceeded": self.env._("the card's limit is used up."),
            "currency_not_supported": self.env._(
                "the card does not take this currency."
            ),
            "expired_card": self.env._("the card has expired."),
            "incorrect_cvc": self.env._("the card's security code is wrong."),
            "incorrect_number": self.env._("the card number is wrong."),
            "insufficient_funds": self.env._("there is not enough money on the card."),
            "processing_error": self.env._("the card company had a technical problem."),
            "try_again_later": self.env._("the card company had a technical problem."),
            "withdrawal_count_limit_exceeded": self.env._(
                "the card's limit is used up."
            ),
        }
        return reasons.get(self.decline_code) or self.env._(
            "the bank declined it and gives no reason."
        )

    def _get_decline_advice(self):
        """What to do after a decline, as a sentence; empty when no bank declined it."""
        if not self.decline_code:
            return ""
        if self.decline_code == "authentication_required":
            return self.env._(
                "Send the client a link to pay online: “Payment link” on the fee."
            )
        if self.decline_is_final:
            return self.env._(
                "This card must not be tried again. Ask the client for another card, "
                "or send a link to pay online: “Payment link” on the fee."
            )
        return self.env._(
            "The fee stays open. Ask the client for another card, or send a link to "
            "pay online: “Payment link” on the fee. A biller can try this card again "
            "from the fee on another day."
        )

    def _needs_payment_link(self):
        """Whether the last of these tries was declined: a link is then the way on."""
        last = self.filtered(lambda tx: tx.operation != "refund").sorted("id")[-1:]
        return last.state == "error" and bool(last.decline_code)

    def _get_charge_message(self):
        """What happened to this charge, for a person at the desk.

        :return: `{"level": success, warning or danger, "text": sentences}`
        """
        self.ensure_one()
        amount = self.currency_id.format(abs(self.amount))
        # In sudo: the card is told by its masked name only; the caller has checked who
        # may see the fee.
        values = {"amount": amount, "card": self.sudo().token_id.display_name or ""}
        if self.operation == "refund":
            return self._get_refund_message(values)
        if self.state == "done":
            values["receipt"] = self.sudo().payment_id.name or self.reference
            text = self.env._(
                "%(card)s was charged %(amount)s. Receipt number %(receipt)s.", **values
            )
            return {"level": "success", "text": text}
        if self.state in LIVE_STATES:
            return {"level": "warning", "text": self._get_unknown_message(values)}
        # The demo provider's text is for developers.
        known = self.provider_code != "demo" or not self.decline_code
        reason = (known and self.state_message) or self._get_decline_reason()
        if not reason.endswith((".", "!", "?")):
            reason += "."
        text = self.env._(
            "%(card)s was not charged %(amount)s: %(reason)s %(advice)s",
            reason=reason[:1].lower() + reason[1:],
            advice=self._get_decline_advice(),
            **values,
        )
        return {"level": "danger", "text": text.rstrip()}

    def _get_progress_message(self):
        """How far a batch of charges is, as a sentence; None when all have settled."""
        running = self._filter_live()
        if len(self) < 2 or not running:
            return None
        return self.env._(
            "%(settled)s of %(all)s cards are through. The others follow by "
            "themselves: look again in a moment.",
            settled=len(self - running),
            all=len(self),
        )

    def _get_unknown_message(self, values):
        """What is said while nobody knows yet whether the card was charged."""
        if not self.sent_at:
            return self.env._(
                "%(card)s is about to be charged %(amount)s. Do not charge again; look "
                "here in a few minutes.",
                **values,
            )
        if self._needs_person():
            return self.env._(
                "Whether %(card)s was charged %(amount)s is not known yet. Do not "
                "charge again; a biller looks it up in the card company's own pages.",
                **values,
            )
        if self.sent_at < fields.Datetime.now() - TOO_LONG:
            return self.env._(
                "Whether %(card)s was charged %(amount)s is not known yet. Do not "
                "charge again; a biller has been asked to look.",
                **values,
            )
        return self.env._(
            "The charge of %(amount)s on %(card)s is still being checked. It settles "
            "by itself: do not charge again.",
            **values,
        )

    def _get_paying_message(self):
        return self.env._(
            "The client is paying this invoice online right now. Try again in half an "
            "hour if nothing has arrived by then."
        )

    def _get_card_not_here_message(self):
        return self.env._(
            "Charge the saved card from the fee itself, on the client's Billing tab: "
            "there it is charged once, whatever happens meanwhile. For anything but a "
            "missed appointment the saved card of a client, or of who pays for one, is "
            "not charged by the practice: send a payment link."
        )

    def _get_one_by_one_message(self):
        return self.env._(
            "Several invoices of missed appointments are paid at once with a saved "
            "card only: each is its own payment. Choose a saved card, or open the "
            "invoices and pay them one by one."
        )

    def _get_refund_message(self, values):
        if self.state == "done":
            text = self.env._("%(amount)s went back to %(card)s.", **values)
            return {"level": "success", "text": text}
        if self.state in LIVE_STATES:
            text = self.env._("%(amount)s is on its way back to %(card)s.", **values)
            return {"level": "warning", "text": text}
        text = self.env._(
            "%(amount)s could not go back to %(card)s and stays the client's credit: "
            "%(reason)s",
            reason=self.state_message or "",
            **values,
        )
        return {"level": "danger", "text": text}

    # ------------------------------------------------------------
    # ATTENTION
    # ------------------------------------------------------------

    @api.model
    def _get_stuck_domain(self):
        """Charges without an answer, or not in the books, for so long that a person has
        to look."""
        return Domain(
            [
                ("charge_key", "!=", False),
                ("create_date", "<", fields.Datetime.now() - TOO_LONG),
            ]
        ) & (Domain("state", "in", LIVE_STATES) | Domain(UNBOOKED))

    @api.model
    def _tell_billers(self):
        """Ask the billers to look at stuck charges, once."""
        stuck = self.search(self._get_stuck_domain())
        moves = stuck.fee_line_id.move_id | stuck.invoice_ids
        activities = moves.activity_search([ACTIVITY]) if moves else None
        for move in moves:
            if move.id not in activities.mapped("res_id"):
                self._schedule_for_billers(
                    move,
                    ACTIVITY,
                    self.env._("Was the card charged?"),
                    self.env._(
                        "The card company has not answered for an hour, or the "
                        "payment could not be booked: lock dates and the "
                        "provider's payment journal are the usual reasons. Open "
                        "the fee and press “Check now”, or look in the card "
                        "company's own pages. Do not charge again before that."
                    ),
                )

    def _ask_billers(self, activity, summary, note, deadline=None):
        """Give the billers a task about the fee of this.

        :param str activity: the task's type, an xmlid
        :param datetime deadline: until when (UTC); today by default
        """
        for move in self._get_fee_to_pay().move_id or self.invoice_ids[:1]:
            self._schedule_for_billers(move, activity, summary, note, deadline)

    @api.model
    def _schedule_for_billers(self, move, activity, summary, note, deadline=None):
        move._give_task_to(
            self._get_billers(move.company_id),
            activity,
            summary,
            note,
            fields.Date.to_date(deadline) if deadline else None,
        )

    def _ask_billers_about_refund(self):
        """Tell the billers of money whose way they may not have chosen."""
        amount = self.currency_id.format(abs(self.amount))
        if self.state == "done":
            summary = self.env._("%s went back to the card", amount)
            note = self.env._(
                "The fee is open again by as much: the money was given back without a "
                "credit note. Waive the fee if it is not owed any more."
            )
        else:
            summary = self.env._("%s did not go back to the card", amount)
            note = self.env._(
                "The card company could not give the money back and has returned it to "
                "the practice. It is the client's again: give it back in another way, "
                "or keep it as their credit."
            )
        self._ask_billers(REFUND_ACTIVITY, summary, note)

    def _is_failed_refund(self):
        return (
            self.operation == "refund"
            and self.state in ("error", "cancel")
            and self._goes_two_phases()
        )

    def _tell_refund_failed(self):
        self._log_money(
            "refund_failed",
            abs(self.amount),
            self.env._("The card company could not give the money back."),
        )
        self._ask_billers_about_refund()

    def _log_money(self, kind, amount, reason):
        """Write what happened to the money of a fee into its history.

        :param str kind: one of `noshow.fee.change.kind`
        :param float amount: in the currency of this, positive
        """
        fee = self._get_fee_to_pay()
        if not fee:
            return
        received = 0.0
        if kind in ("refunded", "refund_failed"):
            # As if what is on its way to the card had arrived.
            kept = fee._get_money_kept() - fee._get_on_way_to_card()
            if kind == "refunded":
                received, amount = kept + amount, kept
            elif self.payment_id:
                # It is taken out of the books after this.
                received, amount = kept, kept + amount
            else:
                received, amount = kept - amount, kept
        fee._log_fee_changes(
            [
                {
                    "appointment_id": fee.appointment_id.id,
                    "kind": kind,
                    "invoice_id": fee.move_id.id,
                    "currency_id": self.currency_id.id,
                    "old_amount": received,
                    "new_amount": amount,
                    "reason": reason,
                }
            ]
        )

    @api.model
    def _get_billers(self, company):
        """Who has the role itself; if nobody has, everyone whose role includes it."""
        group = self.env.ref("noshow_fees.group_biller").sudo()
        users = group.user_ids or group.all_user_ids
        return users.filtered(lambda user: company in user.company_ids and user.active)

    def _update_state(self, allowed_states, target_state, state_message):
        settled = super()._update_state(allowed_states, target_state, state_message)
        settled._close_activities()
        for refund in settled:
            # One that has been booked is taken back first (`_take_refund_back`).
            if refund._is_failed_refund() and not refund.payment_id:
                refund._tell_refund_failed()
        return settled

    def _close_activities(self):
        """Close the billers' activities once a charge has settled."""
        # In sudo: the activities of others; nothing is left to do for them.
        settled_sudo = self.sudo().filtered(lambda charge: not charge._is_live())
        if moves_sudo := settled_sudo.fee_line_id.move_id | settled_sudo.invoice_ids:
            moves_sudo.activity_unlink([ACTIVITY])
