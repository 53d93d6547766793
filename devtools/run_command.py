"""``./dev run``: the demonstration practice, in a browser."""

import contextlib
import shutil
import time
import urllib.error
import urllib.request

from . import apt
from .children import running
from .console import Problem, is_root, say, step
from .locks import exclusive
from .postgres import LOOPBACK, free_port
from .python_env import PythonEnv
from .settings import (
    ADDON,
    DEMO_LOGINS,
    DEMO_MODULES,
    DEMO_SCRIPT,
    LOCK_DIR,
    LOG_DIR,
    WORK,
)
from .templates import addon_key, addon_manifest
from .workbench import open_workbench

START_SECONDS = 180
MAIL_DIR = WORK / "mail"
ANY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104 - compared with, not bound to


def ensure_wkhtmltopdf():
    """Install it if we may and the release has it; it is not needed to go on."""
    if shutil.which("wkhtmltopdf"):
        return
    if is_root() and apt.has_candidate("wkhtmltopdf"):
        apt.install_as_root("wkhtmltopdf", "prints PDFs")
    else:
        say("    wkhtmltopdf is missing: reports are shown as web pages, not PDFs")


def make_demo(bench, database):
    """Make the practice under another name, which it loses when it is whole."""
    part = f"{database}_new"
    with step("Making the demonstration practice (once, some minutes)"):
        bench.databases.create(part)
        bench.odoo_quietly(
            *("-d", part, "-i", ",".join(DEMO_MODULES)),
            *("--with-demo", "--stop-after-init", "--no-http"),
            log="demo_install.log",
            failure="The demonstration practice could not be made.",
        )
        bench.odoo_quietly(
            *("shell", "-d", part, "--no-http"),
            script=DEMO_SCRIPT,
            log="demo_data.log",
            failure="The demonstration practice's data could not be loaded.",
        )
        bench.databases.set_note(part, addon_key())
        bench.databases.rename(part, database)


def update_demo(bench, database):
    """Bring the practice to the addon's present state, its data kept."""
    with step(f"{ADDON} has changed: updating the demonstration practice"):
        bench.odoo_quietly(
            *("-d", database, "-u", ADDON, "--stop-after-init", "--no-http"),
            log="demo_update.log",
            failure="The update failed; to start over: ./dev run --fresh.",
        )
        bench.databases.set_note(database, addon_key())


def prepare_demo(bench, database, fresh):
    with exclusive(LOCK_DIR / "demo.lock", "another ./dev prepares the practice"):
        if fresh:
            bench.databases.drop(database)
        note = bench.databases.note(database)
        if note is None:
            make_demo(bench, database)
        elif note != addon_key():
            update_demo(bench, database)


def set_address(bench, database, address, frozen):
    """Let the links that Odoo makes (to save a card, to pay) lead to this server.

    :param bool frozen: keep it when the administrator logs in by another address
    """
    for key, value in (("url", address), ("url.freeze", "True" if frozen else "")):
        bench.server.psql(
            "INSERT INTO ir_config_parameter (key, value)"
            f" VALUES ('web.base.{key}', '{value}')"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            database,
        )


@contextlib.contextmanager
def kept_mail():
    """An outgoing mail server that keeps what it gets: no mail of a practice that does
    not exist leaves this machine.

    :return: Odoo's options for it
    """
    python, port = PythonEnv("mail").ensure().python, free_port()
    command = [python, "-m", "aiosmtpd", "--nosetuid", "-l", f"{LOOPBACK}:{port}"]
    with running([*command, "-c", "aiosmtpd.handlers.Mailbox", MAIL_DIR]):
        yield f"--smtp={LOOPBACK}", f"--smtp-port={port}"


def wait_until_answering(odoo, address):
    """Wait for the login page, so that the printed address is one that works."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if odoo.poll() is not None:
            return False
        try:
            with urllib.request.urlopen(f"{address}/web/login", timeout=60):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    return False


def greet(address, log):
    width = max(len(role) for role, _login in DEMO_LOGINS)
    say(f"\nOdoo is at {address}\n\nLogins of the demonstration practice:\n")
    for role, login in DEMO_LOGINS:
        say(f"  {role:<{width}}  login and password: {login}")
    say(f"\nMail that it sends goes nowhere but to {MAIL_DIR / 'new'}.")
    say(f"Its log is in {log}. Ctrl-C stops it; the data is kept.")


def main(options):
    addon_manifest()  # says so at once if the addon is not there
    with open_workbench() as bench:
        ensure_wkhtmltopdf()
        database = f"{bench.server.prefix}_demo"
        prepare_demo(bench, database, options.fresh)
        port = free_port(options.port, options.host)
        log = LOG_DIR / "odoo.log"
        host = LOOPBACK if options.host in ANY_ADDRESS else options.host
        address = f"http://{host}:{port}"
        set_address(bench, database, address, options.host not in ANY_ADDRESS)
        with contextlib.ExitStack() as stack:
            command = bench.odoo_command(
                *("-d", database, f"--db-filter=^{database}$", "--no-database-list"),
                *(f"--http-interface={options.host}", f"--http-port={port}"),
                *("--workers=0", "--max-cron-threads=1", f"--logfile={log}"),
                *stack.enter_context(kept_mail()),
            )
            odoo = stack.enter_context(running(command, **bench.process_options()))
            with step("Starting Odoo"):
                answering = wait_until_answering(odoo, address)
            if answering:
                try:
                    greet(address, log)
                    odoo.wait()
                except KeyboardInterrupt:
                    say("\nStopping Odoo …")
                    return 0
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    raise Problem("Odoo has stopped by itself:\n" + "\n".join(lines[-15:]))
