"""A running Odoo, called as a browser calls it: by session and JSON-RPC.

Plain HTTP from the standard library: some clients send a request again when the
connection drops, which is just what a test of killed processes must not do.
"""

import contextlib
import http.client
import json
import time
import urllib.request

from .children import running
from .postgres import free_port
from .settings import LOG_DIR


class RpcError(Exception):
    """What Odoo answered instead of a result: the exception's name and message."""

    def __init__(self, error):
        data = error.get("data", {})
        self.name = data.get("name", "")
        super().__init__(data.get("message") or error.get("message"))


class Session:
    """A person who has logged in."""

    def __init__(self, port, database, login, password):
        self.port = port
        connection, response = self._post(
            "/web/session/authenticate",
            {"db": database, "login": login, "password": password},
        )
        self.cookie = response.getheader("Set-Cookie").split(";")[0]
        result = self._result(response)
        connection.close()
        if not result["uid"]:
            raise AssertionError(f"{login} could not log in")

    cookie = ""

    def call(self, model, method, *args, **kwargs):
        """Call a method of a model, as the web client does.

        :raise RpcError: Odoo's error
        """
        connection, response = self._post(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )
        with connection:
            return self._result(response)

    def post(self, path, params):
        """Ask what a page of the portal asks.

        :raise RpcError: Odoo's error
        """
        connection, response = self._post(path, params)
        with connection:
            return self._result(response)

    def get(self, path):
        """Open a page.

        :return: the HTTP status
        """
        with _Connection("127.0.0.1", self.port, timeout=120) as connection:
            connection.request("GET", path, headers={"Cookie": self.cookie})
            return connection.getresponse().status

    def _post(self, path, params):
        connection = _Connection("127.0.0.1", self.port, timeout=120)
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params})
        connection.request(
            "POST",
            path,
            body,
            {"Content-Type": "application/json", "Cookie": self.cookie},
        )
        return connection, connection.getresponse()

    @staticmethod
    def _result(response):
        answer = json.loads(response.read())
        if "error" in answer:
            raise RpcError(answer["error"])
        return answer.get("result")  # none of a method that returns None


class _Connection(http.client.HTTPConnection):
    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()


def wait_until_up(port, process, seconds=120):
    """Wait until Odoo answers on `port`.

    :raise AssertionError: it ended, or does not answer in time
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise AssertionError("Odoo has ended; see its log")
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{port}/web/health", timeout=5
            ):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"Odoo did not answer on port {port} in {seconds} seconds")


@contextlib.contextmanager
def serving(bench, database, *arguments, **environment):
    """An Odoo server on a database, as a context manager of its port and process."""
    port = free_port()
    command = bench.odoo_command(
        *("-d", database, "--http-port", str(port), "--no-database-list"),
        *("--db-filter", f"^{database}$", *arguments),
    )
    options = bench.process_options(**environment)
    with (
        open(LOG_DIR / f"{database}.log", "a") as log,
        running(command, stdout=log, stderr=log, **options) as process,
    ):
        wait_until_up(port, process)
        yield port, process
