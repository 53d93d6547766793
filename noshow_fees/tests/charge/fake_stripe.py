"""A fake Stripe: customers' cards, payment intents, refunds, idempotency, faults.

It answers what Stripe's API answers for what the addon asks (docs.stripe.com/api),
keeps what was charged, and misbehaves on request. Runs by itself, too, so that system
tests can kill Odoo and not the fake: `python fake_stripe.py PORT`.

A card's behaviour is the name of its payment method: `pm_ok`, `pm_declined_CODE`,
`pm_authenticate` (refused as off-session), `pm_action` (needs the cardholder),
`pm_slow` (charged, but the answer takes longer than anybody waits).

What stands in an answer beside that (`Date`, refunds that fail, disputes with their
bookings, an unknown customer, too many requests) has the shape of the types in Stripe's
own SDK; `test_fake_stripe_shapes.py` compares them.
"""

import json
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

if __package__:
    from .fake_stripe_account import Account, error
else:
    # By itself, or loaded from its file.
    sys.path.insert(0, str(Path(__file__).parent))
    from fake_stripe_account import Account, error

KEY = "sk_test_fake"
SLOW_SECONDS = 40


def unflatten(pairs):
    """`a[b]=1&c[0]=2` as nested dicts and lists."""
    result = {}
    for name, value in pairs:
        keys = name.replace("]", "").split("[")
        place = result
        for key in keys[:-1]:
            place = place.setdefault(key, {})
        # `a[]=1&a[]=2`, too, which Odoo's own requests look like.
        place[keys[-1] or str(len(place))] = value
    return result


class Fault:
    """What goes wrong with the next requests of a kind.

    :param str kind: `drop_before` (the line is cut before anything happens),
        `drop_after` (… after it happened), `error_before`, `error_after` (HTTP 500),
        `hang_before`, `hang_after` (no answer until released), `rate_limit`,
        `conflict` (a request with this key is running), `refuse`
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
        if account.is_too_busy():
            return self.too_many()
        fault = account.take_fault(method, url.path)
        if fault and self.misbehave_before(fault):
            return None
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

    def misbehave_before(self, fault):
        """What goes wrong before anything is done.

        :return: whether something did
        """
        if fault == "hang_before":
            self.hang()
        if fault in ("drop_before", "hang_before"):
            self.cut()
        elif fault == "error_before":
            self.reply(500, error("api_error", None, "Oops"))
        elif fault == "conflict":
            self.reply(
                409,
                error("idempotency_error", "idempotency_key_in_use", "Still running"),
            )
        elif fault == "rate_limit":
            self.too_many()
        elif fault == "refuse":
            self.reply(400, error("invalid_request_error", None, "No"))
        else:
            return False
        return True

    def too_many(self):
        return self.reply(
            429, error("invalid_request_error", "rate_limit", "Slow down")
        )

    def date_time_string(self, timestamp=None):
        return super().date_time_string(timestamp or self.server.account.now())

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
        elif what == "clock":
            account.clock_offset = json.loads(text)
        elif what == "per_second":
            account.per_second = json.loads(text)
        elif what == "unknown_customers":
            account.unknown_customers = set(json.loads(text))
        elif what == "do":
            # What people do in Stripe's own pages, or banks: a method of `Account`.
            name, *arguments = json.loads(text)
            with account.lock:
                getattr(account, name)(*arguments)
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
