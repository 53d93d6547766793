"""Charging a saved card exactly once, whatever dies: the protocol.

1. `_prepare_charges`, in the database transaction that posts the invoice: a pending
   transaction with a stored key. A rollback leaves nothing, a commit everything.
2. `_send_charge`, after that commit, in database transactions of its own: claim it,
   ask the provider under a row lock, keep the answer, then book the payment.
3. `_cron_charge`: send what was never sent, ask what became of what got no answer,
   book what is not in the books yet."""

import logging
import uuid
from contextlib import contextmanager
from datetime import timedelta

from odoo import SUPERUSER_ID, Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ...const import LIVE_STATES, MAY_STILL_ARRIVE, UNBOOKED
from ...tools.context import by_method

_logger = logging.getLogger(__name__)

#: So many charges are sent while the user waits; more go to the scheduled job.
SENT_AT_ONCE = 2

#: A sender that is alive holds a lock; this only spares questions about fresh charges.
ASK_AFTER = timedelta(minutes=1)


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    # ------------------------------------------------------------
    # 1. PREPARE
    # ------------------------------------------------------------

    @api.model
    def _prepare_charges(self, tokens):
        """Create the transactions that will charge what is open of these fees.

        Runs in the database transaction that posts the invoices; nothing is sent
        before its commit. The caller has checked who may charge which card.

        :param dict tokens: `{fee line: payment.token}`, all in sudo
        :return: the transactions
        :raise UserError: a charge is running, or the amount cannot be charged
        """
        if not tokens:
            return self.browse()
        lines = self.env["account.move.line"].union(*tokens)
        lines.move_id._lock_for_charge()
        lines.move_id._check_no_live_charge()
        charges = by_method(self).create(
            [self._prepare_charge_vals(line, token) for line, token in tokens.items()]
        )
        charges._send_after_commit()
        return charges.with_env(self.env)

    @api.model
    def _prepare_charge_vals(self, fee_line, token):
        """:raise UserError: the provider would refuse the amount"""
        invoice = fee_line.move_id
        if reason := token.provider_id._get_amount_refusal(
            invoice.amount_residual, invoice.currency_id
        ):
            raise UserError(reason)
        return {
            "provider_id": token.provider_id.id,
            "payment_method_id": token.payment_method_id.id,
            "token_id": token.id,
            "operation": "offline",
            # Opaque: neither the client nor the invoice is told to the provider.
            "reference": f"fee-{uuid.uuid4().hex[:20]}",
            "charge_key": uuid.uuid4().hex,
            "amount": invoice.amount_residual,
            "currency_id": invoice.currency_id.id,
            "partner_id": token.partner_id.id,
            "invoice_ids": [Command.set(invoice.ids)],
            "fee_line_id": fee_line.id,
            # Pending at once: the portal's Pay button is blocked by it.
            "state": "pending",
            "last_state_change": fields.Datetime.now(),
        }

    def _send_after_commit(self):
        """Send these once the current database transaction is committed; after a
        rollback nothing is sent. Many are left to the scheduled job."""
        if len(self) > SENT_AT_ONCE:
            self._get_charge_cron()._trigger()
            return
        # Should this process die, the job looks after them.
        self._get_charge_cron()._trigger(fields.Datetime.now() + 2 * ASK_AFTER)
        charges = self.with_env(self.env)

        @self.env.cr.postcommit.add
        def send():
            for charge in charges:
                charge._send_charge()

    # ------------------------------------------------------------
    # 2. SEND
    # ------------------------------------------------------------

    @contextmanager
    def _own_transaction(self):
        """Yield this charge in a database transaction of its own, committed at the
        end: what a provider answered is kept whatever becomes of the rest."""
        # Who caused it stands in the log; a message of the card company's is nobody's.
        user = self.env.user if self.env.user._is_internal() else SUPERUSER_ID
        with self.env.registry.cursor() as cr:
            # In sudo: the right to charge was checked when it was prepared.
            context = {"payment_backend_action": True, "noshow_charging": True}
            env = self.env(cr=cr, user=user, su=True, context=context)
            yield self.with_env(env)

    def _send_charge(self):
        """Charge the card, unless that was tried already; never raises.

        :return: whether this call has tried it
        """
        self.ensure_one()
        try:
            with self._own_transaction() as charge:
                if not charge._lock_in(("pending",)) or charge.sent_at:
                    return False
                # Committed before the provider is asked: from here on, whoever finds
                # the charge without an answer asks before anything is tried again.
                by_method(charge).sent_at = fields.Datetime.now()
            with self._own_transaction() as charge:
                # The job of another server may be looking at it this very moment, and
                # leaves it to whoever claimed it: to this request.
                if charge._lock_in(("pending",), wait=True):
                    charge._request_money()
            self._book_payment()
        except Exception as error:  # noqa: BLE001 - the caller has committed; the job settles it
            self._log_failure("sending", error)
        return True

    def _lock_in(self, states, wait=False):
        """Whether this is in one of these states and nobody else is at it; nobody will
        be until the database transaction ends.

        :param bool wait: until nobody else is at it
        """
        if wait:
            self.env.execute_query(
                SQL(
                    "SELECT id FROM payment_transaction WHERE id = %s"
                    " FOR NO KEY UPDATE",
                    self.id,
                )
            )
            return self.state in states
        locked = self.try_lock_for_update(allow_referencing=True)
        return bool(locked) and self.state in states

    def _request_money(self):
        """Ask the provider for the money, or to give it back."""
        if self.operation == "refund":
            try:
                self._send_refund_request()
            except ValidationError as error:
                # Refused. Charges have the same in `_charge_with_token`.
                self._set_error(str(error))
        elif obstacle := self._get_obstacle():
            self._set_error(obstacle)
        else:
            # The framework's own way, whoever the provider is.
            self._charge_with_token()
            if self.state in ("error", "cancel") and not self.decline_code:
                by_method(self).decline_code = "generic_decline"

    def _book_payment(self):
        """Create the payment of a charge that went through, and match it."""
        try:
            with self._own_transaction() as charge:
                if (
                    charge.try_lock_for_update(allow_referencing=True)
                    and charge.state == "done"
                    and not charge.is_post_processed
                ):
                    charge._post_process()
        except Exception as error:  # noqa: BLE001 - the money has moved; the job books it
            self._log_failure("booking", error)

    def _log_failure(self, what, error):
        # The kind of error only: its text may hold what was sent.
        _logger.error(
            "Charge %s: %s failed with %s.", self.id, what, type(error).__name__
        )

    # ------------------------------------------------------------
    # 3. SETTLE
    # ------------------------------------------------------------

    def _settle_charge(self, states=("pending",)):
        """Ask the provider what became of a charge that got no answer; never raises.

        Asking never moves money.

        :param states: ask when it is in one of these
        """
        self.ensure_one()
        try:
            with self._own_transaction() as charge:
                if charge._lock_in(states) and charge.sent_at:
                    charge._ask_outcome()
            self._book_payment()
        except Exception as error:  # noqa: BLE001 - asked again by the next run
            self._log_failure("asking", error)

    def _ask_outcome(self):
        """Ask the provider what became of this, and keep the answer.

        A provider that can be asked overrides this; with the others, a pending
        transaction waits for the provider's own message.
        """

    def _set_not_charged(self):
        """Record that the provider knows nothing of this, and will not any more."""
        self._set_error(
            self.env._(
                "It did not reach the card company. Nothing was charged; try again."
            )
        )

    def _may_still_arrive(self):
        return self.sent_at > fields.Datetime.now() - MAY_STILL_ARRIVE

    @api.model
    def _get_charge_cron(self):
        return self.env.ref("noshow_fees.ir_cron_charge").sudo()

    @api.model
    def _cron_charge(self):
        """Send what was never sent, settle what got no answer, and book what is not in
        the books yet, one by one: each is committed by itself, so a restart goes on
        where it stopped."""
        now = fields.Datetime.now()
        due = [("fee_line_id", "!=", False), ("state", "=", "pending")]
        # A disabled provider is neither asked nor charged.
        due += [("provider_id.state", "in", ("enabled", "test"))]
        unsent = self.search([*due, ("sent_at", "=", False)], order="id")
        unknown = self.search(
            [*due, ("sent_at", "<", now - ASK_AFTER)], order="sent_at, id"
        )
        unbooked = self.search(UNBOOKED, order="id")._filter_of_fees()
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(unsent + unknown + unbooked))
        for charge in unsent:
            charge._send_charge()
            if not cron._commit_progress(1):
                return
        for charge in unknown:
            charge._settle_charge()
            if not cron._commit_progress(1):
                return
        for charge in unbooked:
            charge._book_payment()
            if not cron._commit_progress(1):
                return
        self._tell_billers()

    # ------------------------------------------------------------
    # REFUND
    # ------------------------------------------------------------

    def _refund(self, amount_to_refund=None):
        """Refund a fee in two phases: stock asks the provider before it has committed
        what it asks for (payment/models/payment_transaction.py)."""
        if not self.fee_line_id:
            return super()._refund(amount_to_refund)
        self.ensure_one()
        self._ensure_provider_is_not_disabled()
        amount = amount_to_refund or self.amount
        self._check_refundable(amount)
        refund = by_method(self)._create_child_transaction(
            amount,
            is_refund=True,
            fee_line_id=self.fee_line_id.id,
            charge_key=uuid.uuid4().hex,
            state="pending",
            last_state_change=fields.Datetime.now(),
        )
        refund._log_sent_message()
        refund._send_after_commit()
        return refund.with_env(self.env)

    def _check_refundable(self, amount):
        """:raise UserError: this would give back more than was charged, or twice"""
        refunds = self.child_transaction_ids.filtered(
            lambda tx: tx.operation == "refund" and tx.state in LIVE_STATES
        )
        if (
            refunds
            or self.currency_id.compare_amounts(amount, self._get_refundable_amount())
            > 0
        ):
            raise UserError(
                self.env._(
                    "Money of this charge went back to the card, or is on its way "
                    "back. Reload to see how much is left."
                )
            )

    def _get_refundable_amount(self):
        """What of this charge has not gone back yet and is not on its way."""
        self.ensure_one()
        refunds = self.child_transaction_ids.filtered(
            lambda tx: (
                tx.operation == "refund"
                and tx.state in ("pending", "authorized", "done")
            )
        )
        # A refund's amount is negative.
        return self.currency_id.round(self.amount + sum(refunds.mapped("amount")))

    def _post_process(self):
        """Match a refund with the credit that it gives back: stock leaves it open."""
        super()._post_process()
        self._close_activities()
        for refund in self:
            if (
                refund.operation == "refund"
                and refund.fee_line_id
                and refund.payment_id
            ):
                refund._match_refund()

    def _match_refund(self):
        account = self.payment_id.destination_account_id
        given_back = self.payment_id.move_id.line_ids.filtered(
            lambda line: line.account_id == account and not line.reconciled
        )
        credit = self.fee_line_id._get_surplus_lines()
        (
            given_back | credit.filtered(lambda line: line.account_id == account)
        ).reconcile()

    # ------------------------------------------------------------
    # BY HAND
    # ------------------------------------------------------------

    def _can_be_asked(self):
        """Whether Odoo can ask the provider what became of this."""
        self.ensure_one()
        return self._is_stripe_charge()

    def _needs_person(self):
        """Whether the provider had time to tell, has not, and cannot be asked."""
        self.ensure_one()
        # What a client pays with Odoo's form is sent by their browser.
        asked_at = self.sent_at or (not self.charge_key and self.last_state_change)
        return bool(
            self.state in LIVE_STATES
            and asked_at
            and asked_at < fields.Datetime.now() - MAY_STILL_ARRIVE
            and not self._can_be_asked()
        )

    def _settle_by_hand(self, charged):
        """Record what a person has read in the card company's own pages. The caller has
        checked the right.

        :param bool charged: whether the money was taken
        :raise UserError: it has settled meanwhile, was never sent, or can be asked
        """
        for charge in self:
            if not charge._lock_in(LIVE_STATES):
                raise UserError(
                    self.env._("This has settled meanwhile. Reload to see how.")
                )
            if not charge._needs_person():
                raise UserError(
                    self.env._("It may still settle by itself. Look again later.")
                )
            message = self.env._(
                "Looked up at the card company by %s.", self.env.user.name
            )
            if charged:
                charge._set_done(state_message=message)
                charge._post_process()
            else:
                charge._set_error(message)
