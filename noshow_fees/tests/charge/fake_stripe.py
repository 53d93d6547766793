"""A fake Stripe: customers' cards, payment intents, refunds, idempotency, faults.

It answers what Stripe's API answers for what the addon asks (docs.stripe.com/api),
keeps what was charged, and misbehaves on request. Runs by itself, too, so that system
tests can kill Odoo and not the fake: `python fake_stripe.py PORT`.

A card's behaviour is the name of its payment method: `pm_ok`, `pm_declined_CODE`,
`pm_authenticate` (refused as off-session), `pm_action` (needs the cardholder),
`pm_slow` (charged, but the answer takes longer than anybody waits).
"""

import json
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

KEY = "sk_test_fake"
FEE_PERCENT, FEE_FIXED = 2.9, 30
SLOW_SECONDS = 40
ACCOUNT = {
    "id": "acct_fake",
    "object": "account",
    "charges_enabled": True,
    "settings": {"card_payments": {"statement_descriptor_prefix": "PRACTICE"}},
}


def unflatten(pairs):
    """`a[b]=1&c[0]=2` as nested dicts and lists."""
    result = {}
    for name, value in pairs:
        keys = name.replace("]", "").split("[")
        place = result
        for key in keys[:-1]:
            place = place.setdefault(key, {})
        place[keys[-1]] = value
    return result


class Fault:
    """What goes wrong with the next requests of a kind.

    :param str kind: `drop_before` (the line is cut before anything happens),
        `drop_after` (… after it happened), `error_before`, `error_after` (HTTP 500),
        `hang_before`, `hang_after` (no answer until released), `rate_limit`
    :param str path: the start of the paths concerned
    :param int times: how often
    :param int skip: how many requests go well before
    """

    def __init__(
        self, kind, path="/v1/payment_intents", method="POST", times=1, skip=0
    ):
        self.kind, self.path, self.method = kind, path, method
        self.times, self.skip = times, skip

    def strikes(self, method, path):
        """Whether it happens to this request."""
        if self.method != method or not path.startswith(self.path) or not self.times:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


class Account:
    """What this Stripe account holds; one lock for all of it."""

    def __init__(self):
        self.lock = threading.RLock()
        self.reset()

    def reset(self):
        with self.lock:
            self.intents, self.refunds, self.charges = {}, {}, {}
            self.bookings, self.payouts = {}, {}
            self.answers = {}  # idempotency key: (request, status, body)
            self.requests = []  # what was asked: {"method", "path", "params", "key"}
            self.faults = []
            self.waiting = []  # the clients' ports of requests that hang right now
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
            }

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
            "created": int(time.time()),
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
            "payout": None,
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
            if r["payment_intent"] == intent["id"]
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
            "created": int(time.time()),
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
            "payout": None,
            "source": refund["id"],
        }
        self.bookings[booking["id"]] = booking
        refund["balance_transaction"] = booking["id"]
        self.refunds[refund["id"]] = refund
        return 200, refund

    def create_payout(self):
        """Pay out everything that has not been, as Stripe does every day."""
        with self.lock:
            open_bookings = [b for b in self.bookings.values() if not b["payout"]]
            payout = {
                "id": f"po_{uuid.uuid4().hex[:24]}",
                "object": "payout",
                "amount": sum(b["net"] for b in open_bookings),
                "currency": "usd",
                "arrival_date": int(time.time()) + 2 * 86400,
                "created": int(time.time()),
                "status": "paid",
            }
            self.payouts[payout["id"]] = payout
            for booking in open_bookings:
                booking["payout"] = payout["id"]
            return payout

    def expanded(self, record, expand):
        """A copy of an intent, with charge and booking if these were asked for."""
        record = dict(record)
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
            return 200, listing(self.filtered(records.values(), params))
        return 404, error("invalid_request_error", "resource_missing", "No such thing")

    MAKERS: ClassVar = {
        "payment_intents": "create_intent",
        "refunds": "create_refund",
        "customers": "create_customer",
        "setup_intents": "create_setup_intent",
    }
    STORES: ClassVar = {
        "payment_intents": "intents",
        "refunds": "refunds",
        "payouts": "payouts",
        "balance_transactions": "bookings",
    }

    def filtered(self, records, params):
        """What a list of these holds with Stripe's filters of it."""
        since = int((params.pop("created", None) or {}).get("gte", 0))
        params.pop("limit", None)
        return [
            record
            for record in records
            if record.get("created", since) >= since
            and all(record.get(name) == value for name, value in params.items())
        ]

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


def error(type_, code, message):
    return {"error": {"type": type_, "code": code, "message": message}}


def listing(records):
    return {"object": "list", "data": list(records), "has_more": False, "url": "/v1"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.handle_api("GET")

    def do_POST(self):
        self.handle_api("POST")

    def handle_api(self, method):
        account = self.server.account
        url = urlsplit(self.path)
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if url.path.startswith("/_test/"):
            return self.reply(200, self.control(url.path.removeprefix("/_test/"), text))
        params = unflatten(parse_qsl(text or url.query))
        if not isinstance(params.get("expand", {}), dict):
            params["expand"] = {"0": params["expand"]}
        key = self.headers.get("Idempotency-Key")
        with account.lock:
            account.requests.append(
                {"method": method, "path": url.path, "params": params, "key": key}
            )
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            return self.reply(
                401, error("invalid_request_error", None, "Invalid API Key")
            )
        fault = account.take_fault(method, url.path)
        if fault == "drop_before":
            return self.cut()
        if fault == "error_before":
            return self.reply(500, error("api_error", None, "Oops"))
        if fault == "rate_limit":
            return self.reply(
                429, error("invalid_request_error", "rate_limit", "Slow down")
            )
        if fault == "hang_before":
            self.hang()
            return self.cut()
        time.sleep(self.server.latency)
        status, body = account.answer(method, url.path, dict(params), key)
        if fault == "drop_after":
            return self.cut()
        if fault == "error_after":
            return self.reply(500, error("api_error", None, "Oops"))
        if fault == "hang_after":
            self.hang()
        if params.get("payment_method") == "pm_slow":
            time.sleep(SLOW_SECONDS)
        return self.reply(status, body)

    def hang(self):
        account = self.server.account
        with account.lock:
            account.waiting.append(self.client_address[1])
            release = account.release
        release.wait(120)
        with account.lock:
            if self.client_address[1] in account.waiting:
                account.waiting.remove(self.client_address[1])

    def cut(self):
        self.close_connection = True
        self.connection.shutdown(2)

    def reply(self, status, body):
        data = json.dumps(body).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Request-Id", f"req_{uuid.uuid4().hex[:12]}")
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            self.close_connection = True  # who asked is gone

    def control(self, what, text):
        """What the tests of another process ask for."""
        account = self.server.account
        if what == "reset":
            account.release.set()
            account.reset()
        elif what == "fault":
            account.faults.append(Fault(**json.loads(text)))
        elif what == "heal":
            account.faults.clear()
        elif what == "release":
            with account.lock:
                account.release.set()
                account.release = threading.Event()
        elif what == "latency":
            self.server.latency = json.loads(text)
        elif what == "payout":
            return account.create_payout()
        return account.summary()


class FakeStripe(ThreadingHTTPServer):
    """Serve a fake Stripe on this machine.

    :param int port: 0 takes a free one
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.account = Account()
        self.latency = 0.0

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"

    def start(self):
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self):
        self.account.release.set()
        self.shutdown()
        self.server_close()


if __name__ == "__main__":
    FakeStripe(int(sys.argv[1])).serve_forever()
