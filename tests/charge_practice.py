"""A practice with saved cards, a real Odoo with worker processes, and a fake Stripe."""

import contextlib
import hashlib
import hmac
import http.client
import json
import os
import signal
import threading
import time

import psutil
import psycopg2

from devtools.children import running
from devtools.odoo_server import RpcError, Session, wait_until_up
from devtools.postgres import free_port
from devtools.settings import LOG_DIR, ROOT

WEBHOOK_SECRET = "whsec_system"
#: A lock that the tests hold to stop Odoo at a named moment (see
#: `Practice.stopped_at`).
GATE = 4711

SCRIPT = """
from datetime import datetime, timedelta
company = env.company
env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
group = env.ref("noshow_fees.group_biller")
for login in ("biller1", "biller2"):
    env["res.users"].with_context(no_reset_password=True).create(
        {"name": login, "login": login, "password": login,
         "group_ids": [(6, 0, group.ids)]}
    )
env.user.group_ids += env.ref("noshow_fees.group_owner")
provider = env.ref("payment.payment_provider_stripe")
provider.write(
    {"state": "test", "is_published": True, "allow_tokenization": True,
     "stripe_publishable_key": "pk_test",
     "stripe_secret_key": "sk_test_fake", "stripe_webhook_secret": "%(secret)s"}
)
provider.journal_id = env["account.journal"].search([("type", "=", "bank")], limit=1)
fee_code = env["product.product"].search([("cpt_code", "=", "NOSHOW")], limit=1)
fee_code.list_price = 75.0
start = datetime.now().replace(microsecond=0) - timedelta(hours=2)
clients = env["res.partner"].create(
    [{"name": f"Zuleika Quux {n}", "street": "1 Secret Street", "is_client": True,
      "card_authorized_on": "2026-01-01"}
     for n in range(%(fees)s + %(batch)s)]
)
env["payment.token"].create(
    [{"provider_id": provider.id, "partner_id": client.id, "payment_details": "4242",
      "payment_method_id": env.ref("payment.payment_method_card").id,
      "provider_ref": f"cus_{client.id}", "stripe_payment_method": "pm_ok"}
     for client in clients]
)
events = env["calendar.event"].with_context(no_mail_to_attendees=True).create(
    [{"name": "Session", "client_id": client.id, "start": start,
      "stop": start + timedelta(hours=1)} for client in clients]
)
missed = events[:%(fees)s]
missed._cancel_appointments(
    "no_show", fees={e.id: {"product": fee_code, "amount": 75.0} for e in missed}
)
# Parents with a login, three overdue fees each, and a saved card.
env["ir.config_parameter"].set_param("account_payment.enable_portal_payment", "True")
for n in range(%(parents)s):
    parent = env["res.users"].with_context(no_reset_password=True).create(
        {"name": f"Parent {n}", "login": f"parent{n}", "password": f"parent{n}",
         "group_ids": [(6, 0, env.ref("base.group_portal").ids)]}
    ).partner_id
    parent.write({"is_client": True, "card_authorized_on": "2026-01-01"})
    env["payment.token"].create(
        {"provider_id": provider.id, "partner_id": parent.id,
         "payment_details": "4242", "provider_ref": f"cus_{parent.id}",
         "payment_method_id": env.ref("payment.payment_method_card").id,
         "stripe_payment_method": "pm_ok"}
    )
    missed = env["calendar.event"].with_context(no_mail_to_attendees=True).create(
        [{"name": "Session", "client_id": parent.id,
          "start": start - timedelta(days=5 + day),
          "stop": start - timedelta(days=5 + day, hours=-1)} for day in range(3)]
    )
    missed._cancel_appointments(
        "no_show", fees={e.id: {"product": fee_code, "amount": 75.0} for e in missed},
        cancelled_on=start - timedelta(days=4),
    )
env.cr.commit()
"""
FEES, BATCH = 42, 10


class Stripe:
    """The fake Stripe, in a process of its own."""

    def __init__(self, port):
        self.port = port

    def control(self, what, value=None):
        """Ask the fake for what tests may; it answers with all it knows."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(connection):
            connection.request("POST", f"/_test/{what}", json.dumps(value))
            return json.loads(connection.getresponse().read())

    def fault(self, kind, **options):
        self.control("fault", {"kind": kind, **options})

    #: How far its clock is ahead of this machine's.
    ahead = 0

    def pass_time(self, minutes):
        """Let time pass at Stripe, and nowhere else."""
        self.ahead += 60 * minutes
        self.control("clock", self.ahead)

    def wait_for_request(self, seconds=30):
        """Wait until a request hangs at the fake."""
        wait_until(lambda: self.control("state")["waiting"], seconds)


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "It did not happen in time"
        time.sleep(0.05)


class Fee:
    """An unpaid fee of 75.00, whose client has a saved card."""

    def __init__(self, practice, line, move, token, client):
        self.practice, self.line, self.move = practice, line, move
        self.token, self.client = token, client

    def behave(self, behaviour):
        """Make the card one that behaves as the fake knows by its name."""
        self.practice.sql(
            "UPDATE payment_token SET stripe_payment_method = %s WHERE id = %s",
            [behaviour, self.token],
        )
        return self

    @property
    def states(self):
        """What its charges came to, oldest first."""
        rows = self.practice.sql(
            "SELECT state FROM payment_transaction WHERE fee_line_id = %s"
            " AND operation != 'refund' ORDER BY id",
            [self.line],
        )
        return [state for [state] in rows]

    @property
    def open(self):
        [[amount]] = self.practice.sql(
            "SELECT amount_residual FROM account_move WHERE id = %s", [self.move]
        )
        return float(amount)

    @property
    def payments(self):
        [[count]] = self.practice.sql(
            "SELECT count(*) FROM account_payment p JOIN payment_transaction t"
            " ON t.id = p.payment_transaction_id WHERE t.fee_line_id = %s",
            [self.line],
        )
        return count

    @property
    def charged(self):
        """How many payments of it have succeeded at Stripe."""
        return len(self._of_this("succeeded", "description"))

    @property
    def refunded(self):
        """How many refunds of it there are at Stripe."""
        references = self.practice.sql(
            "SELECT provider_reference FROM payment_transaction WHERE fee_line_id = %s",
            [self.line],
        )
        intents = {reference for [reference] in references}
        refunds = self.practice.stripe.control("state")["refunds"]
        return len([r for r in refunds if r["payment_intent"] in intents])

    def _of_this(self, what, name):
        references = self.practice.sql(
            "SELECT reference FROM payment_transaction WHERE fee_line_id = %s",
            [self.line],
        )
        references = {reference for [reference] in references}
        found = self.practice.stripe.control("state")[what]
        return [record for record in found if record[name] in references]

    def charge(self, session=None):
        """Press Charge in the dialog of the fee.

        :return: None, or Odoo's error
        """
        session = session or self.practice.biller
        try:
            dialog = session.call(
                "account.move.line.charge",
                "create",
                {"line_id": self.line, "payment_token_id": self.token},
            )
            session.call("account.move.line.charge", "action_charge", [dialog])
        except RpcError as error:
            return error
        return None

    def charge_aside(self, session=None):
        """The same in a thread; what it returns is in `.answer` after `join()`."""
        thread = Aside(self.charge, session)
        thread.start()
        return thread

    def make_old(self, minutes):
        """Let time pass since it was sent."""
        self.practice.sql(
            "UPDATE payment_transaction SET sent_at = sent_at - %s * interval '1 "
            "minute' WHERE fee_line_id = %s AND state = 'pending'",
            [minutes, self.line],
        )

    def send_event(self, type_, secret=WEBHOOK_SECRET, **vals):
        """Send Odoo what Stripe would say about the last charge.

        :return: the HTTP status
        """
        [[reference]] = self.practice.sql(
            "SELECT reference FROM payment_transaction WHERE fee_line_id = %s"
            " AND operation != 'refund' ORDER BY id DESC LIMIT 1",
            [self.line],
        )
        intents = self.practice.stripe.control("state")["intents"]
        known = next((i for i in intents if i["description"] == reference), {})
        intent = {"id": "pi_forged", "status": "succeeded", "amount": 7500, **known}
        intent |= {"description": reference, **vals}
        text = json.dumps({"type": type_, "data": {"object": intent}})
        headers = {"Content-Type": "application/json"}
        if secret:
            now = int(time.time())
            digest = hmac.new(secret.encode(), f"{now}.{text}".encode(), hashlib.sha256)
            headers["Stripe-Signature"] = f"t={now},v1={digest.hexdigest()}"
        connection = http.client.HTTPConnection("127.0.0.1", self.practice.port, 60)
        with contextlib.closing(connection):
            connection.request("POST", "/payment/stripe/webhook", text, headers)
            return connection.getresponse().status


@contextlib.contextmanager
def open_practice(bench, templates, log, **counts):
    """A practice with worker processes of its own, and the fake Stripe.

    :param path log: of the server, everything
    :param int counts: `fees`, `batch`, `parents`
    """
    counts = {"fees": FEES, "batch": BATCH, "parents": 0, **counts}
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(templates.copy())
        bench.odoo_quietly(
            *("shell", "-d", database, "--no-http"),
            log="charge_practice.log",
            failure="The practice could not be made.",
            script=SCRIPT % {**counts, "secret": WEBHOOK_SECRET},
        )
        stripe = Stripe(free_port())
        fake = ROOT / "noshow_fees" / "tests" / "charge" / "fake_stripe.py"
        stack.enter_context(running([bench.python_env.python, fake, stripe.port]))
        port, other_port = free_port(), free_port()
        log = stack.enter_context(open(log, "w"))
        # Odoo starts its gevent process by the name that it was started with: it has to
        # be a script, which `python -m odoo` is not.
        launcher = LOG_DIR / "odoo-bin"
        launcher.write_text("from odoo.cli.command import main\n\nmain()\n")
        command = [bench.python_env.python, launcher]
        command += (
            *("-d", database, "--db-filter", f"^{database}$", "--no-database-list"),
            *("--http-port", port, "--gevent-port", other_port),
            # Statements, requests, everything (`test_nothing_personal_in_the_log`).
            *("--workers=3", "--max-cron-threads=0", "--log-handler=:DEBUG"),
        )
        options = bench.process_options(
            NOSHOW_STRIPE_API_BASE=f"http://127.0.0.1:{stripe.port}"
        )
        odoo = stack.enter_context(running(command, stdout=log, stderr=log, **options))
        wait_until_up(port, odoo)
        practice = Practice(database, bench, odoo, port, stripe)
        stack.callback(practice.connection.close)
        yield practice


class Aside(threading.Thread):
    """A request of somebody who waits while others go on, or whose server dies."""

    def __init__(self, function, *arguments):
        super().__init__(daemon=True)
        self.function, self.arguments = function, arguments
        self.answer = None

    def run(self):
        try:
            self.answer = self.function(*self.arguments)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.answer = error  # the server died


class Practice:
    def __init__(self, database, bench, odoo, port, stripe):
        self.database, self.port, self.stripe = database, port, stripe
        self.odoo = psutil.Process(odoo.pid)
        self.bench, self.environment = bench, bench.environment
        self.connection = self._connect()
        self.connection.autocommit = True
        self.biller = self.log_in("biller1")
        self.admin = self.log_in("admin")
        self.unused = self._find_fees()

    def _connect(self, database=None):
        return psycopg2.connect(
            dbname=database or self.database,
            host=self.environment["PGHOST"],
            port=self.environment["PGPORT"],
            user=self.environment["PGUSER"],
            password=self.environment.get("PGPASSWORD"),
        )

    def log_in(self, login):
        return Session(self.port, self.database, login, login)

    def sql(self, query, parameters=()):
        with self.connection.cursor() as cursor:
            cursor.execute(query, parameters)
            return cursor.fetchall() if cursor.description else None

    def _find_fees(self):
        rows = self.sql(
            "SELECT l.id, l.move_id, t.id, l.client_id FROM account_move_line l"
            " JOIN payment_token t ON t.partner_id = l.client_id"
            " WHERE l.is_noshow_fee ORDER BY l.id DESC"
        )
        return [Fee(self, *row) for row in rows]

    def next_fee(self):
        """A fee that no other test uses."""
        return self.unused.pop()

    @contextlib.contextmanager
    def scheduler(self):
        """A function that starts a server that runs the scheduled jobs, while this
        lasts."""
        with contextlib.ExitStack() as stack:

            def start():
                command = self.bench.odoo_command(
                    *("-d", self.database, "--http-port", str(free_port())),
                    *("--max-cron-threads=1", "--no-database-list"),
                )
                log = stack.enter_context(open(LOG_DIR / "charge_scheduler.log", "w"))
                options = self.bench.process_options(
                    NOSHOW_STRIPE_API_BASE=f"http://127.0.0.1:{self.stripe.port}"
                )
                stack.enter_context(running(command, stdout=log, stderr=log, **options))

            yield start

    def wake_schedulers(self):
        """What Odoo does when a job is due now (ir.cron, `_notifydb`)."""
        connection = self._connect("postgres")
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('cron_trigger', %s)", [self.database])
            connection.commit()

    def run_job(self, name="noshow_fees.ir_cron_charge"):
        """Run a scheduled job, in one of the workers."""
        module, record = name.split(".")
        [[id_]] = self.sql(
            "SELECT res_id FROM ir_model_data WHERE module = %s AND name = %s",
            [module, record],
        )
        self.admin.call("ir.cron", "method_direct_trigger", [id_])

    # -- killing -----------------------------------------------------------

    def kill_who_asks_stripe(self):
        """SIGKILL the worker whose request hangs at the fake."""
        [port] = self.stripe.control("state")["waiting"]
        self._kill(self._find_worker(lambda c: c.laddr and c.laddr.port == port))

    def _find_worker(self, has_connection):
        """The process id of the only worker with such a connection."""
        found = set()
        for child in self.odoo.children(recursive=True):
            # Workers that were killed are replaced meanwhile.
            with contextlib.suppress(psutil.NoSuchProcess):
                if any(map(has_connection, child.connections(kind="tcp"))):
                    found.add(child.pid)
        [pid] = found
        return pid

    def _kill(self, pid):
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not psutil.pid_exists(pid) or self._is_dead(pid))
        self.stripe.control("release")

    @staticmethod
    def _is_dead(pid):
        try:
            return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    @contextlib.contextmanager
    def stopped_at(self, table, moment):
        """Stop whoever does something to a table just before it, while this lasts.

        :param str moment: `INSERT`, or `UPDATE OF column`
        :return: a function that kills the worker that was stopped
        """
        self.sql("SELECT pg_advisory_lock(%s)", [GATE])
        self.sql(
            f"""
            CREATE OR REPLACE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_advisory_xact_lock({GATE}); RETURN NEW; END $$;
            CREATE TRIGGER gate BEFORE {moment} ON {table}
               FOR EACH ROW EXECUTE FUNCTION gate()
            """
        )
        try:
            yield self._kill_stopped
        finally:
            self.open_gate()
            self.sql(f"DROP TRIGGER gate ON {table}")

    WAITING = (
        "SELECT client_port, pid FROM pg_stat_activity"
        " WHERE wait_event = %s AND datname = current_database()"
    )

    def open_gate(self):
        self.sql("SELECT pg_advisory_unlock(%s)", [GATE])

    def hold(self, table, column, value):
        """Lock rows for half a second, once whoever has them lets go."""
        connection = self._connect()
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id FROM {table} WHERE {column} = %s"  # noqa: S608
                " FOR NO KEY UPDATE",
                [value],
            )
            time.sleep(0.5)

    def _kill_stopped(self):
        wait_until(lambda: self.sql(self.WAITING, ["advisory"]))
        [[port, backend]] = self.sql(self.WAITING, ["advisory"])
        self._kill(self._find_worker(lambda c: c.laddr and c.laddr.port == port))
        self.sql("SELECT pg_terminate_backend(%s)", [backend])
        wait_until(lambda: not self.sql(self.WAITING, ["advisory"]))
