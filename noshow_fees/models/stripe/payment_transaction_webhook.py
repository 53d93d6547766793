"""What Stripe's messages lead to: the truth is fetched, the message never believed."""

import logging
from datetime import UTC, datetime

import stripe

from odoo import models
from odoo.exceptions import ValidationError

from ...tools.context import by_method
from .payment_transaction import EXPAND_REFUND

_logger = logging.getLogger(__name__)

#: Stripe's states of a dispute in which the practice may answer.
WANTS_ANSWER = ("needs_response", "warning_needs_response")


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _settle_by_event(self, event_type, intent_id):
        """Ask Stripe about this because it says that something has happened.

        :param str event_type: Stripe's name of the event
        :param str intent_id: the id of the intent that it names, or None
        :return: whether Stripe has answered; if not, it should send the event again
        :raise ValidationError: Stripe cannot be asked; it sends the event again
        """
        self.ensure_one()
        charge = self.source_transaction_id if self.operation == "refund" else self
        if not charge._is_stripe_charge():
            charge._fetch_online_payment(event_type, intent_id)
            answered = True
        else:
            # Late, too: taken for lost already, or refused in between.
            late = event_type == "payment_intent.succeeded"
            states = ("pending", "error", "cancel") if late else ("pending",)
            answered = charge._settle_charge(states, hint=intent_id)
        if event_type.startswith(("charge.refund", "refund.")):
            answered = charge._settle_refunds()
        elif event_type.startswith("charge.dispute."):
            answered = charge._settle_disputes()
        return answered

    def _fetch_online_payment(self, event_type, intent_id):
        """Settle what a client pays with Odoo's own payment form.

        :raise ValidationError: Stripe cannot be asked; it sends the event again
        """
        if not event_type.startswith("payment_intent.") or not intent_id:
            return
        intent = self._send_api_request(
            "GET", f"payment_intents/{intent_id}", data={"expand[]": "payment_method"}
        )
        self._process(
            "stripe",
            {
                "reference": self.reference,
                "payment_intent": intent,
                "payment_method": intent.get("payment_method"),
            },
        )

    def _process(self, provider_code, payment_data):
        """Refuse an intent that was not made for this fee: stock compares amounts only,
        and takes the intent's id from the address of the page that a client comes back
        to (payment_stripe/controllers/main.py)."""
        tx = self or self._search_by_reference(provider_code, payment_data)
        if provider_code == "demo" and tx.charge_key and not self:
            # Its address takes what anybody says (payment_demo/controllers/main.py).
            raise ValidationError(self.env._("A fee's charge is not settled this way."))
        intent = payment_data.get("payment_intent")
        if (
            provider_code == "stripe"
            and intent
            and tx._filter_of_fees()
            and (
                intent.get("description") != tx.reference
                or (tx.charge_key and not tx._is_of_this(intent))
            )
        ):
            _logger.warning("Charge %s: refused a foreign intent.", tx.id)
            raise ValidationError(self.env._("This payment was not made for this fee."))
        return super(PaymentTransaction, tx)._process(provider_code, payment_data)

    # ------------------------------------------------------------
    # REFUNDS AND DISPUTES
    # ------------------------------------------------------------

    def _settle_refunds(self):
        """Take over what Stripe says of the refunds of this charge: those made in its
        own pages, too, and those that have failed later.

        :return: whether Stripe has answered
        """
        if not self.provider_reference:
            return True

        def take_over(charge):
            charge._lock_in(("done",), wait=True)
            refunds = charge._get_stripe_client().v1.refunds.list(
                {
                    "payment_intent": charge.provider_reference,
                    "limit": 100,
                    "expand": [f"data.{name}" for name in EXPAND_REFUND],
                }
            )
            for refund in refunds.auto_paging_iter():
                charge._take_over_refund(refund.to_dict())
            return charge.child_transaction_ids.ids

        try:
            children = self._repeat(take_over)
        except stripe.StripeError as error:
            self._log_failure("asking about refunds", error)
            return False
        for refund in self.browse(children):
            refund._book_payment()
        self.invalidate_recordset()
        return True

    def _take_over_refund(self, refund):
        """:param dict refund: Stripe's Refund of this charge"""
        known = self.child_transaction_ids.filtered(
            lambda tx: (
                tx.provider_reference == refund["id"]
                or (tx.charge_key and tx._is_of_this(refund))
            )
        )[:1]
        is_lost = refund["status"] in ("failed", "canceled")
        if known:
            # One that was taken for lost, and went through after all, counts again:
            # its money would be given back twice.
            late = () if is_lost else ("error",)
            if known._lock_in(("pending", "done", *late)):
                known._revive_refund(refund)
                known._apply_refund(refund)
            return
        if is_lost:
            return
        new = by_method(self)._create_child_transaction(
            self._to_major_units(refund["amount"]),
            is_refund=True,
            fee_line_id=self._get_fee_to_pay().id,
            charge_key=refund["id"],
        )
        new = new.with_env(self.env)
        new._apply_refund(refund)
        self._log_money(
            "refunded", abs(new.amount), self.env._("In Stripe's own pages.")
        )

    def _revive_refund(self, refund):
        """:param dict refund: Stripe's Refund of this, which may be held for lost"""
        if self.state != "error" or refund["status"] in ("failed", "canceled"):
            return
        self.source_transaction_id._log_money(
            "refunded", abs(self.amount), self.env._("It went through after all.")
        )
        if refund["status"] != "succeeded":
            self._set_pending(extra_allowed_states=("error",))

    def _settle_disputes(self):
        """Take over what Stripe says of the disputes of this charge. What the bank has
        taken is read from Stripe's bookings, never from a status.

        :return: whether Stripe has answered
        """
        if not self.provider_reference:
            return True

        def take_over(charge):
            charge._lock_in(("done",), wait=True)
            listing = charge._get_stripe_client().v1.disputes.list(
                {"payment_intent": charge.provider_reference, "limit": 100}
            )
            # The newest comes first.
            disputes = [found.to_dict() for found in listing.auto_paging_iter()]
            if disputes:
                charge._note_dispute(
                    charge._prepare_dispute_vals(disputes),
                    any(found["status"] in WANTS_ANSWER for found in disputes),
                )

        try:
            self._repeat(take_over)
        except stripe.StripeError as error:
            self._log_failure("asking about disputes", error)
            return False
        self.invalidate_recordset()
        return True

    def _prepare_dispute_vals(self, disputes):
        """:param list disputes: Stripe's disputes of this charge, newest first"""
        taken = []
        for found in disputes:
            # In the currency of the account, which need not be that of the charge: what
            # counts is which part of what was taken has not come back.
            booked = [one["amount"] for one in found["balance_transactions"]]
            gone = sum(amount for amount in booked if amount < 0)
            if sum(booked) < 0:
                # Disputed in another currency than it was charged in: the whole charge.
                share = sum(booked) / gone
                is_ours = found["currency"].upper() == self.currency_id.name
                taken.append(
                    self._to_major_units(round(found["amount"] * share))
                    if is_ours
                    else self.currency_id.round(self.amount * share)
                )
        due = (disputes[0].get("evidence_details") or {}).get("due_by")
        return {
            "dispute_reference": disputes[0]["id"],
            "dispute_state": disputes[0]["status"],
            "dispute_due_by": due
            and datetime.fromtimestamp(due, UTC).replace(tzinfo=None),
            "disputed_amount": min(sum(taken), self.amount),
        }
