"""What a fake Stripe account holds, and what Stripe does with it (`fake_stripe.py`)."""

import json
import threading
import time
import uuid
from typing import ClassVar

FEE_PERCENT, FEE_FIXED = 2.9, 30
ACCOUNT = {
    "id": "acct_fake",
    "object": "account",
    "charges_enabled": True,
    "settings": {"card_payments": {"statement_descriptor_prefix": "PRACTICE"}},
}


def error(type_, code, message):
    return {"error": {"type": type_, "code": code, "message": message}}


def no_such(param, id_):
    body = error("invalid_request_error", "resource_missing", f"No such {param}: {id_}")
    body["error"]["param"] = param
    return body


class Account:
    """What this Stripe account holds; one lock for all of it."""

    def __init__(self):
        self.lock = threading.RLock()
        self.reset()

    def reset(self):
        with self.lock:
            self.intents, self.refunds, self.charges = {}, {}, {}
            self.bookings, self.payouts = {}, {}
            self.payout_of = {}  # booking: payout; Stripe tells it by its list only
            self.answers = {}  # idempotency key: (request, status, body)
            self.requests = []  # what was asked: {"method", "path", "params", "key"}
            self.faults = []
            self.waiting = []  # the clients' ports of requests that hang right now
            self.disputes, self.webhooks = {}, {}
            self.unknown_customers = set()  # deleted, or of another account
            self.failed_keys = set()
            self.clock_offset = 0.0  # seconds that this clock is ahead of the machine's
            self.per_second = None  # so many requests are taken, the rest is too many
            self.taken = []  # when they were
            self.refused = 0  # how many were too many
            self.release = threading.Event()

    # -- what tests look at ------------------------------------------------

    def summary(self):
        with self.lock:
            return {
                "succeeded": [
                    i for i in self.intents.values() if i["status"] == "succeeded"
                ],
                "intents": list(self.intents.values()),
                "refunds": list(self.refunds.values()),
                "requests": self.requests,
                "waiting": self.waiting,
                "refused": self.refused,
            }

    def now(self):
        """This Stripe's own time, in seconds."""
        return time.time() + self.clock_offset

    def is_too_busy(self):
        """Whether a request comes too soon after others."""
        with self.lock:
            if not self.per_second:
                return False
            now = time.monotonic()
            self.taken = [moment for moment in self.taken if now - moment < 1.0]
            if len(self.taken) >= self.per_second:
                self.refused += 1
                return True
            self.taken.append(now)
            return False

    def take_fault(self, method, path):
        with self.lock:
            for fault in self.faults:
                if fault.strikes(method, path):
                    return fault.kind
        return None

    # -- what Stripe does --------------------------------------------------

    def create_intent(self, params):
        amount = int(params["amount"])
        if amount < 50 and params["currency"] == "usd":
            return 400, error(
                "invalid_request_error", "amount_too_small", "Amount too small"
            )
        if params["customer"] in self.unknown_customers:
            return 400, no_such("customer", params["customer"])
        method = params.get("payment_method")
        id_ = f"pi_{uuid.uuid4().hex[:24]}"
        intent = {
            "id": id_,
            "object": "payment_intent",
            "amount": amount,
            "currency": params["currency"],
            "customer": params["customer"],
            "client_secret": f"{id_}_secret_x",
            "payment_method": method,
            "description": params.get("description"),
            "metadata": params.get("metadata") or {},
            "created": int(self.now()),
            "status": "succeeded",
            "latest_charge": None,
            "last_payment_error": None,
            "livemode": False,
        }
        self.intents[intent["id"]] = intent
        if not params.get("confirm"):
            # The client's browser confirms it (`confirm_intent`).
            intent["status"] = "requires_payment_method"
        elif method == "pm_action":
            intent["status"] = "requires_action"
        elif method.startswith("pm_declined_") or method == "pm_authenticate":
            intent["status"] = "requires_payment_method"
            code = method.removeprefix("pm_declined_")
            body = error("card_error", "card_declined", "Your card was declined.")
            body["error"]["decline_code"] = code
            if method == "pm_authenticate":
                body["error"].update(
                    code="authentication_required",
                    decline_code="authentication_required",
                )
            intent["last_payment_error"] = dict(body["error"])
            body["error"]["payment_intent"] = dict(intent)
            return 402, body
        else:
            intent["latest_charge"] = self.book(intent)
        return 200, intent

    def confirm_intent(self, id_):
        """What the client's browser does when they pay a form.

        :return: the HTTP status
        """
        intent = self.intents[id_]
        if intent["status"] != "requires_payment_method":
            return 400
        intent["status"] = "succeeded"
        intent["latest_charge"] = self.book(intent)
        return 200

    def cancel_intent(self, intent):
        if intent["status"] in ("succeeded", "canceled"):
            code = "payment_intent_unexpected_state"
            body = error("invalid_request_error", code, "It cannot be canceled.")
            body["error"]["payment_intent"] = dict(intent)
            return 400, body
        intent["status"] = "canceled"
        return 200, intent

    def book(self, intent):
        fee = round(intent["amount"] * FEE_PERCENT / 100) + FEE_FIXED
        booking = {
            "id": f"txn_{uuid.uuid4().hex[:24]}",
            "object": "balance_transaction",
            "type": "charge",
            "amount": intent["amount"],
            "currency": intent["currency"],
            "fee": fee,
            "net": intent["amount"] - fee,
        }
        charge = {
            "id": f"ch_{uuid.uuid4().hex[:24]}",
            "object": "charge",
            "amount": intent["amount"],
            "description": intent["description"],
            "payment_intent": intent["id"],
            "balance_transaction": booking["id"],
        }
        booking["source"] = charge["id"]
        self.bookings[booking["id"]] = booking
        self.charges[charge["id"]] = charge
        return charge["id"]

    def create_refund(self, params):
        intent = self.intents[params["payment_intent"]]
        given_back = sum(
            r["amount"]
            for r in self.refunds.values()
            if r["payment_intent"] == intent["id"] and r["status"] != "failed"
        )
        amount = int(params.get("amount") or intent["amount"])
        if given_back + amount > intent["amount"]:
            return 400, error(
                "invalid_request_error", "charge_already_refunded", "Refunded"
            )
        refund = {
            "id": f"re_{uuid.uuid4().hex[:24]}",
            "object": "refund",
            "amount": amount,
            "currency": intent["currency"],
            "payment_intent": intent["id"],
            "charge": intent["latest_charge"],
            "metadata": params.get("metadata") or {},
            "created": int(self.now()),
            "status": "succeeded",
        }
        booking = {
            "id": f"txn_{uuid.uuid4().hex[:24]}",
            "object": "balance_transaction",
            "type": "refund",
            "amount": -amount,
            "currency": intent["currency"],
            "fee": 0,
            "net": -amount,
            "source": refund["id"],
        }
        self.bookings[booking["id"]] = booking
        refund["balance_transaction"] = booking["id"]
        self.refunds[refund["id"]] = refund
        return 200, refund

    def forget_keys(self):
        """A day passes for what Stripe keeps of idempotency keys."""
        self.answers.clear()

    def keep_failure(self, key):
        """Stripe goes on answering a request with the failure that it was answered with
        first (docs.stripe.com/api/idempotent_requests)."""
        self.failed_keys.add(key)

    def fail_refund(self, id_):
        """The money cannot be given back after all, days after it seemed to be."""
        with self.lock:
            refund = self.refunds[id_]
            booking = self.book_other("refund_failure", refund["amount"], refund)
            refund.update(
                status="failed",
                failure_reason="expired_or_canceled_card",
                failure_balance_transaction=booking["id"],
            )
            return refund

    def book_other(self, type_, amount, record, fee=0):
        booking = {
            "id": f"txn_{uuid.uuid4().hex[:24]}",
            "object": "balance_transaction",
            "type": type_,
            "amount": amount,
            "currency": record["currency"],
            "fee": fee,
            "net": amount - fee,
            "source": record["id"],
        }
        self.bookings[booking["id"]] = booking
        return booking

    def create_dispute(self, intent_id, status="needs_response"):
        """The card's bank asks for the money of an intent back, and takes it unless
        this is an inquiry (`warning_…`)."""
        with self.lock:
            intent = self.intents[intent_id]
            dispute = {
                "id": f"du_{uuid.uuid4().hex[:24]}",
                "object": "dispute",
                "amount": intent["amount"],
                "currency": intent["currency"],
                "charge": intent["latest_charge"],
                "payment_intent": intent_id,
                "created": int(self.now()),
                "reason": "fraudulent",
                "status": status,
                "is_charge_refundable": False,
                "livemode": False,
                "metadata": {},
                "evidence": {},
                "evidence_details": {
                    "due_by": int(self.now()) + 7 * 86400,
                    "has_evidence": False,
                    "past_due": False,
                    "submission_count": 0,
                },
                "balance_transactions": [],
            }
            if not status.startswith("warning_"):
                booking = self.book_other(
                    "adjustment", -intent["amount"], dispute, 1500
                )
                dispute["balance_transactions"].append(booking)
            self.disputes[dispute["id"]] = dispute
            return dispute

    def close_dispute(self, id_, status):
        """:param str status: `won`, `lost` or `warning_closed`"""
        with self.lock:
            dispute = self.disputes[id_]
            dispute["status"] = status
            if status == "won":
                booking = self.book_other("adjustment", dispute["amount"], dispute)
                dispute["balance_transactions"].append(booking)
            return dispute

    def create_payout(self):
        """Pay out everything that has not been, as Stripe does every day."""
        with self.lock:
            open_bookings = [
                booking
                for id_, booking in self.bookings.items()
                if id_ not in self.payout_of
            ]
            payout = {
                "id": f"po_{uuid.uuid4().hex[:24]}",
                "object": "payout",
                "amount": sum(b["net"] for b in open_bookings),
                "currency": "usd",
                "arrival_date": int(self.now()) + 2 * 86400,
                "created": int(self.now()),
                "status": "paid",
            }
            self.payouts[payout["id"]] = payout
            for booking in open_bookings:
                self.payout_of[booking["id"]] = payout["id"]
            return payout

    def expanded(self, record, expand):
        """A copy of an intent or refund, with charge and booking if asked for."""
        record = dict(record)
        if record.get("object") == "refund" and any(
            name.endswith("balance_transaction") for name in expand
        ):
            record["balance_transaction"] = self.bookings[record["balance_transaction"]]
        charge_id = record.get("latest_charge")
        if charge_id and any("latest_charge" in name for name in expand):
            charge = dict(self.charges[charge_id])
            if any("balance_transaction" in name for name in expand):
                charge["balance_transaction"] = self.bookings[
                    charge["balance_transaction"]
                ]
            record["latest_charge"] = charge
        return record

    def answer(self, method, path, params, key):
        """:return: (HTTP status, body)"""
        expand = params.pop("expand", {})
        expand = list(expand.values()) if isinstance(expand, dict) else expand
        with self.lock:
            if key in self.failed_keys:
                return 500, error("api_error", None, "Oops")
            if method == "POST" and key:
                request = json.dumps([path, params], sort_keys=True)
                if key in self.answers:
                    former, status, body = self.answers[key]
                    if former != request:
                        return 400, error(
                            "idempotency_error",
                            None,
                            "Keys are for the same parameters only.",
                        )
                    return status, body
            parts = path.strip("/").split("/")[1:]
            status, body = self.do(method, parts, dict(params))
            if isinstance(body, dict) and body.get("object") == "list":
                body["data"] = [self.expanded(r, expand) for r in body["data"]]
            else:
                body = self.expanded(body, expand)
            if method == "POST" and key:
                self.answers[key] = (request, status, body)
            return status, body

    def do(self, method, path, params):
        kind, id_, *rest = [*path, None]
        if method == "POST" and kind in self.MAKERS and not id_:
            return getattr(self, self.MAKERS[kind])(params)
        if kind == "payment_intents" and rest[:1] == ["cancel"]:
            return self.cancel_intent(self.intents[id_])
        if kind == "account":
            return 200, ACCOUNT
        records = getattr(self, self.STORES.get(kind, ""), {})
        if method == "GET" and id_ in records:
            return 200, records[id_]
        if method == "GET" and not id_:
            if params.get("customer") in self.unknown_customers:
                return 400, no_such("customer", params["customer"])
            return 200, self.page(kind, records.values(), params)
        return 404, error("invalid_request_error", "resource_missing", "No such thing")

    MAKERS: ClassVar = {
        "payment_intents": "create_intent",
        "refunds": "create_refund",
        "customers": "create_customer",
        "setup_intents": "create_setup_intent",
        "webhook_endpoints": "create_webhook",
    }
    STORES: ClassVar = {
        "payment_intents": "intents",
        "refunds": "refunds",
        "payouts": "payouts",
        "balance_transactions": "bookings",
        "disputes": "disputes",
        "webhook_endpoints": "webhooks",
    }

    def page(self, kind, records, params):
        """A page of a list of these with Stripe's filters of it, newest first."""
        created = params.pop("created", None) or {}
        since = int(created.get("gte", 0))
        until = int(created.get("lte", 2**40))
        limit = int(params.pop("limit", 10))
        after = params.pop("starting_after", None)
        payout = params.pop("payout", None)
        found = [
            record
            for record in reversed(records)
            if since <= record.get("created", since) <= until
            and (not payout or self.payout_of.get(record["id"]) == payout)
            and all(record.get(name) == value for name, value in params.items())
        ]
        if after:
            ids = [record["id"] for record in found]
            found = found[ids.index(after) + 1 :]
        return {
            "object": "list",
            "data": found[:limit],
            "has_more": len(found) > limit,
            # The SDK goes on there.
            "url": f"/v1/{kind}",
        }

    def create_customer(self, params):
        return 200, {"id": f"cus_{uuid.uuid4().hex[:14]}", "object": "customer"}

    def create_setup_intent(self, params):
        id_ = f"seti_{uuid.uuid4().hex[:24]}"
        return 200, {
            "id": id_,
            "object": "setup_intent",
            "client_secret": f"{id_}_secret_x",
            "status": "requires_payment_method",
        }

    def create_webhook(self, params):
        """The secret is told once (docs.stripe.com/api/webhook_endpoints/object)."""
        endpoint = {
            "id": f"we_{uuid.uuid4().hex[:24]}",
            "object": "webhook_endpoint",
            "api_version": params.get("api_version"),
            "created": int(self.now()),
            "enabled_events": list(params["enabled_events"].values()),
            "livemode": False,
            "metadata": {},
            "status": "enabled",
            "url": params["url"],
        }
        self.webhooks[endpoint["id"]] = endpoint
        return 200, {**endpoint, "secret": "whsec_fake"}
