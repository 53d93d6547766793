"""Charging a saved card once, whatever dies and whoever starts it: the protocol.

1. `_prepare_charges`, or `_charge_with_token` for what a client pays online, in the
   database transaction that asks for it: a pending transaction with a stored key. A
   rollback leaves nothing, a commit everything.
2. `_send_charge`, after that commit, in database transactions of its own: claim it,
   ask the provider under a row lock, keep the answer, then book the payment.
3. `_cron_charge`: send what was never sent or what the provider was too busy for, ask
   what became of what got no answer, book what is not in the books yet.

This machine's clock decides when to ask again, never what has happened: that is said
by the provider, and so is how much time has passed there (`_note_missing`)."""

import logging
import random
import time
import uuid
from contextlib import contextmanager
from datetime import timedelta

from odoo import SUPERUSER_ID, Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.service.model import (
    MAX_TRIES_ON_CONCURRENCY_FAILURE,
    PG_CONCURRENCY_EXCEPTIONS_TO_RETRY,
)
from odoo.tools import SQL

from ...const import MAY_STILL_ARRIVE, UNBOOKED
from ...tools.context import BY_METHOD, NO_OWN_DEFAULTS, by_method

_logger = logging.getLogger(__name__)

#: So many charges are sent while the user waits; more go to the scheduled job.
SENT_AT_ONCE = 2
#: A sender that is alive holds a lock; this only spares questions about fresh charges.
ASK_AFTER = timedelta(minutes=1)
#: What was prepared longer ago and never sent may be of a restored backup: the provider
#: is asked about it before it is sent.
ASKED_FIRST_AFTER = timedelta(minutes=3)
#: Pauses grow from the first to the second, for a provider that is too busy.
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(hours=1)
#: So often a busy provider is asked for the money: with those pauses, about a day.
MAX_TRIES = 30
#: So long one run of the job waits for a provider that is too busy, in seconds.
RUN_SECONDS, RUN_PAUSE = 50.0, 16.0


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
            "reference": self._new_fee_reference(),
            "amount": invoice.amount_residual,
            "currency_id": invoice.currency_id.id,
            "partner_id": token.partner_id.id,
            "invoice_ids": [Command.set(invoice.ids)],
            "fee_line_id": fee_line.id,
            **self._prepare_phase_one_vals(),
        }

    @api.model
    def _prepare_phase_one_vals(self):
        """What makes a transaction one that is sent after the commit."""
        return {
            "charge_key": uuid.uuid4().hex,
            # Pending at once: the portal's Pay button is blocked by it.
            "state": "pending",
            "last_state_change": fields.Datetime.now(),
        }

    def _charge_with_token(self):
        """Pay the invoice of a fee in two phases, whoever asks for it: stock asks the
        provider before anything is committed (payment/models/payment_transaction.py).

        :raise UserError: a client's saved card, and not its holder asks
        """
        self.ensure_one()
        if self._is_being_sent():
            return super()._charge_with_token()
        self._check_holder_pays()
        if not self._goes_two_phases():
            return super()._charge_with_token()
        self._charge_one_by_one()
        return None

    def _is_being_sent(self):
        """Whether this is committed with its key, and is sent right now."""
        return (
            self.env.context.get("noshow_charging") is BY_METHOD
            and bool(self.charge_key)
            and bool(self.sent_at)
        )

    def _send_after_commit(self, at_once=SENT_AT_ONCE):
        """Send these once the current database transaction is committed; after a
        rollback nothing is sent. More than `at_once` are left to the scheduled job."""
        if len(self) > at_once:
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
            context = {
                "payment_backend_action": True,
                "noshow_charging": BY_METHOD,
                NO_OWN_DEFAULTS: True,
            }
            env = self.env(cr=cr, user=user, su=True, context=context)
            yield self.with_env(env)

    def _repeat(self, step):
        """Do a step that asks nobody for money in a database transaction of its own,
        again if somebody else was at the same rows, as Odoo's requests are repeated
        (odoo/service/model.py, `retrying`, which would drop the session of a request).

        :param step: called with this charge
        :return: what `step` returns
        """
        for attempt in range(1, MAX_TRIES_ON_CONCURRENCY_FAILURE + 1):
            try:
                with self._own_transaction() as charge:
                    return step(charge)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY as error:
                if attempt == MAX_TRIES_ON_CONCURRENCY_FAILURE:
                    raise
                name = type(error).__name__
                _logger.info("Charge %s: %s, try again.", self.id, name)
                time.sleep(random.uniform(0.05, 0.2 * 2**attempt))  # noqa: S311
        return None

    def _send_charge(self, due=False):
        """Charge the card, unless that was tried already; never raises.

        :param bool due: also before the pause is over that the provider asked for
        :return: whether this call has tried it
        """
        self.ensure_one()
        try:
            claim = self._repeat(lambda charge: charge._claim(due))
            if not claim:
                return False
            with self._own_transaction() as charge:
                # The job of another server may be looking at it this very moment, and
                # leaves it to whoever claimed it: to this request.
                if charge._lock_in(("pending",), wait=True) and (
                    not claim["ask_first"] or charge._is_missing(claim["was_sent"])
                ):
                    charge._request_money()
            self._book_payment()
        except Exception as error:  # noqa: BLE001 - the caller has committed; the job settles it
            self._log_failure("sending", error)
        return True

    def _claim(self, due):
        """Note that the provider is asked now. Committed before it is: from here on,
        whoever finds the charge without an answer asks before anything is tried again.

        :return: None if it is not to be sent; else a dict: `was_sent` before, and
            whether to `ask_first` what became of it
        """
        if not self._lock_in(("pending",)):
            return None
        now = fields.Datetime.now()
        if self.retry_at:
            # Clocks are set: a pause is never longer than the longest.
            if not due and now < self.retry_at <= now + LONGEST_PAUSE:
                return None
        elif self.sent_at:
            return None
        checked = self.checked_at and abs(now - self.checked_at) < ASKED_FIRST_AFTER
        is_old = abs(now - self.create_date) > ASKED_FIRST_AFTER
        was_sent = bool(self.sent_at)
        by_method(self).write({"sent_at": now, "retry_at": False})
        return {
            "was_sent": was_sent,
            "ask_first": was_sent or (is_old and not checked),
        }

    def _is_missing(self, was_sent):
        """Ask the provider about this before it is sent.

        :return: whether the provider says that it knows nothing of it
        """
        if not self._can_be_asked():
            return True
        # Who knows a provider answers (models/stripe).
        missing_at = self._ask_outcome()  # pylint: disable=assignment-from-none
        if self.state != "pending":
            return False
        if not missing_at:
            # No answer: it is not sent before there is one.
            self._pause(was_done=None if was_sent else False)
            return False
        vals = {"checked_at": fields.Datetime.now()}
        if was_sent and not self.missing_since:
            vals["missing_since"] = missing_at
        elif was_sent and missing_at - self.missing_since >= MAY_STILL_ARRIVE:
            # A provider goes on giving the answer to the first request with a key, a
            # failure of its own, too (docs.stripe.com/api/idempotent_requests). It has
            # known nothing of this for long enough: another key is a new request.
            vals.update(charge_key=uuid.uuid4().hex, missing_since=False)
        by_method(self).write(vals)
        return True

    def _pause(self, seconds=0.0, was_done=None):
        """Have the job try again later, after a pause that grows.

        :param float seconds: what the provider has asked for
        :param was_done: False if the provider has said that it did nothing: it need not
            be asked about it first then
        """
        grown = SHORTEST_PAUSE * 2 ** min(self.tries, 10)
        pause = max(min(grown, LONGEST_PAUSE), timedelta(seconds=min(seconds, 3600.0)))
        vals = {"tries": self.tries + 1, "retry_at": fields.Datetime.now() + pause}
        if was_done is False:
            vals["sent_at"] = False
        by_method(self).write(vals)
        self._get_charge_cron()._trigger(vals["retry_at"])

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
            if self.missing_since:
                # It was sent before, and may still arrive: nobody knows yet that
                # nothing was charged.
                self._pause()
            else:
                self._set_error(obstacle)
        else:
            # The framework's own way, whoever the provider is.
            self._charge_with_token()
            if self.state in ("error", "cancel") and not self.decline_code:
                by_method(self).decline_code = "generic_decline"

    def _book_payment(self):
        """Create the payment of a charge that went through, and match it; never
        raises."""
        try:
            self._repeat(lambda charge: charge._book())
        except Exception as error:  # noqa: BLE001 - the money has moved; the job books it
            self._log_failure("booking", error)

    def _book(self):
        if self.try_lock_for_update(allow_referencing=True) and self._is_unbooked():
            self._post_process()

    def _log_failure(self, what, error):
        # The kind of error only: its text may hold what was sent.
        _logger.error(
            "Charge %s: %s failed with %s.", self.id, what, type(error).__name__
        )

    # ------------------------------------------------------------
    # 3. SETTLE
    # ------------------------------------------------------------

    def _settle_charge(self, states=("pending",), hint=None):
        """Ask the provider what became of a charge that got no answer; never raises.

        Asking never moves money.

        :param states: ask when it is in one of these
        :param str hint: the provider's own id of it, as far as somebody says
        :return: whether it got an answer, or none was needed
        """
        self.ensure_one()

        def ask(charge):
            if not charge._lock_in(states) or not (charge.sent_at or hint):
                return False
            missing_at = charge._ask_outcome(hint=hint)
            if missing_at and charge.state == "pending" and charge.sent_at:
                charge._note_missing(missing_at)
            return missing_at

        try:
            answer = self._repeat(ask)
            self._book_payment()
        except Exception as error:  # noqa: BLE001 - asked again by the next run
            self._log_failure("asking", error)
            return False
        return answer is not None

    def _ask_outcome(self, hint=None):
        """Ask the provider what became of this, and keep the answer.

        A provider that can be asked overrides this; with the others, a pending
        transaction waits for the provider's own message.

        :param str hint: the provider's own id of it, as far as somebody says
        :return: the provider's own time (UTC) at which it says that it knows nothing of
            it; False if it knows it; None without an answer
        """
        return

    def _note_missing(self, missing_at):
        """Keep that the provider knows nothing of this. It will not any more once it
        has said so for long enough by its own clock.

        :param datetime missing_at: the provider's own time of its answer, in UTC
        """
        since = self.missing_since
        if not since or since > missing_at:
            by_method(self).missing_since = missing_at
            self._get_charge_cron()._trigger(
                fields.Datetime.now() + MAY_STILL_ARRIVE + ASK_AFTER
            )
        elif missing_at - since >= MAY_STILL_ARRIVE and (
            # Else it is sent again.
            not self.retry_at or self.tries >= MAX_TRIES
        ):
            self._set_not_charged()

    def _set_not_charged(self):
        """Record that the provider knows nothing of this, and will not any more."""
        self._set_error(
            self.env._("It did not reach the card company. Nothing was given back.")
            if self.operation == "refund"
            else self.env._(
                "It did not reach the card company. Nothing was charged; try again."
            )
        )

    @api.model
    def _get_charge_cron(self):
        return self.env.ref("noshow_fees.ir_cron_charge").sudo()

    @api.model
    def _cron_charge(self):
        """Send what was never sent or is due again, settle what got no answer, and book
        what is not in the books yet, one by one: each is committed by itself, so a
        restart goes on where it stopped."""
        now = fields.Datetime.now()
        due = Domain([("charge_key", "!=", False), ("state", "=", "pending")])
        # A disabled provider is neither asked nor charged.
        due &= Domain("provider_id.state", "in", ("enabled", "test"))
        # Clocks are set: what lies in the future is due, too.
        past = Domain("sent_at", "<", now - ASK_AFTER) | Domain("sent_at", ">", now)
        unknown = self.search(due & past, order="sent_at, id")
        unbooked = self.search(UNBOOKED, order="id")._filter_of_fees()
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(unknown + unbooked))
        for charge in unknown:
            charge._settle_charge()
            if not cron._commit_progress(1):
                return
        for charge in unbooked:
            charge._book_payment()
            if not cron._commit_progress(1):
                return
        paused = Domain("retry_at", "<=", now)
        paused |= Domain("retry_at", ">", now + LONGEST_PAUSE)
        fresh = Domain("sent_at", "=", False) & Domain("retry_at", "=", False)
        self._send_in_turn(self.search(due & (fresh | paused), order="id"))
        self._tell_billers()

    @api.model
    def _send_in_turn(self, charges):
        """Send these one by one, as fast as the provider takes them: after it was too
        busy for one, more slowly; what does not fit into this run is left to a later
        one."""
        cron, job = self.env["ir.cron"], self._get_charge_cron()
        cron._commit_progress(remaining=len(charges))
        end = time.monotonic() + RUN_SECONDS
        pause = 0.0
        for charge in charges:
            sent = charge._send_charge()
            while sent and charge._is_put_off():
                pause = max(2 * pause, 1.0)
                if pause > RUN_PAUSE:
                    job._trigger(fields.Datetime.now() + SHORTEST_PAUSE)
                    cron._commit_progress()
                    return
                time.sleep(pause)
                sent = charge._send_charge(due=True)
            if not cron._commit_progress(1) or time.monotonic() > end:
                # Now: the scheduler sleeps a minute otherwise, whatever remains.
                job._trigger()
                cron._commit_progress()
                return
            if pause:
                # It may be faster again.
                pause *= 0.9
                time.sleep(pause)

    def _is_put_off(self):
        """Whether the provider was too busy for this."""
        self.invalidate_recordset()
        return self.state == "pending" and bool(self.retry_at)
