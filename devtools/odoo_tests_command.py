"""``./dev odoo-tests``: Odoo's own test runner, the addon being installed.

It shows that Odoo's own suites still pass with the addon beside them.
"""

import re
import subprocess

from . import browser
from .children import running
from .console import Problem, say, step
from .postgres import free_port
from .settings import LOG_DIR, WORK
from .templates import Templates
from .workbench import open_workbench

# Odoo's closing line, in odoo/tests/result.py.
CLOSING = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests")
HEADLINE = re.compile(r" ERROR \S+ \S+: ((?:FAIL|ERROR): .*)")


def modules_of(tags):
    """The modules that tags like ``/calendar,-/portal:TestX`` choose tests of.

    Odoo runs a module's at_install tests only while it installs or updates it.
    """
    chosen = re.findall(r"(?:^|,)\+?[^,/-]*/([a-z0-9_]+)", tags)
    return sorted(set(chosen))


def read_result(log):
    """Odoo's closing line in its log, as (passed, failed); None without one."""
    results = CLOSING.findall(log)
    if not results:
        return None
    failures, errors, tests = (int(number) for number in results[-1])
    return tests - failures - errors, failures + errors


def main(tags):
    if not browser.ensure():
        say("    Chromium is missing: Odoo skips its browser tests.")
    log = LOG_DIR / "odoo_tests.log"
    with open_workbench() as bench, Templates(bench).copy() as database:
        command = bench.odoo_command(
            *("-d", database, "--test-enable", f"--test-tags={tags}"),
            *("--stop-after-init", f"--logfile={log}", f"--http-port={free_port()}"),
            f"--screenshots={WORK / 'screenshots'}",
        )
        if modules := modules_of(tags):
            command += ["-u", ",".join(modules)]
        log.unlink(missing_ok=True)
        with step(f"Odoo's tests {tags} (log: {log})"):
            with running(command, **bench.process_options()) as odoo:
                code = odoo.wait()
    text = log.read_text(errors="replace") if log.exists() else ""
    for headline in HEADLINE.findall(text):
        say(f"    {headline}")
    result = read_result(text)
    if not result or sum(result) == 0:
        raise Problem(f"No test was run; see {log}.")
    passed, failed = result
    say(f"{passed} passed, {failed} failed")
    return 1 if failed or code else 0
