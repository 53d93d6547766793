"""``./dev odoo-tests``: Odoo's own suites, the addon being installed.

Some of them fail in any database with several calendar modules. A failed test is
therefore run again without the addon: what fails there too is not the addon's doing.
"""

import re

from . import browser
from .children import running
from .console import Problem, say, step
from .postgres import free_port
from .settings import ADDON, LOG_DIR, ROOT
from .templates import Templates
from .workbench import open_workbench

SCRIPT = ROOT / "devtools" / "odoo_suites.py"
# How Odoo prints a result and a failure (odoo/tests/result.py).
RESULT = re.compile(r"NOSHOW-RESULT (\d+) failed, (\d+) error\(s\) of (\d+) tests")
FAILURE = re.compile(
    r" ERROR \S+ odoo\.addons\.(?P<module>\w+)\.tests\S*:"
    r" (?:FAIL|ERROR): (?:Subtest )?(?P<test>\w+\.\w+)"
)
CLASS_FAILURE = re.compile(
    r" ERROR .* (?:FAIL|ERROR): setUpClass"
    r" \(odoo\.addons\.(?P<module>\w+)\.tests\.\S*?(?P<test>\w+)\)"
)


def modules_of(tags):
    """The modules that tags like ``/calendar,-/portal:TestX`` choose tests of."""
    return sorted(set(re.findall(r"(?:^|,)\+?[^,/-]*/([a-z0-9_]+)", tags)))


def failed_tests(log):
    """The failed tests in Odoo's log, as test tags."""
    matches = [*FAILURE.finditer(log), *CLASS_FAILURE.finditer(log)]
    return sorted({f"/{match['module']}:{match['test']}" for match in matches})


def run_suites(bench, database, tags, log_name):
    """Run the tests that the tags choose.

    :return: (number of tests, the failed ones as tags)
    """
    log = LOG_DIR / log_name
    options = bench.process_options(
        NOSHOW_TEST_TAGS=tags, NOSHOW_TEST_MODULES=",".join(modules_of(tags))
    )
    command = bench.odoo_command("shell", "-d", database, f"--http-port={free_port()}")
    with open(log, "w") as output, open(SCRIPT) as script:
        options |= {"stdin": script, "stdout": output, "stderr": output}
        with running(command, **options) as odoo:
            odoo.wait()
    text = log.read_text(errors="replace")
    results = RESULT.findall(text)
    if len(results) != 2:
        raise Problem(f"Odoo's runner broke off; see {log}.")
    failed = failed_tests(text)
    if not failed and any(int(count) for result in results for count in result[:2]):
        raise Problem(f"Tests have failed, but not been found in {log}.")
    return sum(int(result[2]) for result in results), failed


def fails_without_addon(bench, templates, failed):
    """Which of the failed tests fail in a database without the addon, too."""
    tags, log = ",".join(failed), "odoo_tests_without.log"
    message = f"The {len(failed)} failed ones again, without {ADDON}"
    with templates.copy(with_addon=False) as database, step(message):
        _count, failed_too = run_suites(bench, database, tags, log)
    return failed_too


def main(tags, neighbours=None):
    if not modules_of(tags):
        raise Problem("Name modules in the tags, as in /calendar,/account_payment.")
    if not browser.ensure():
        raise Problem("Chromium is missing: Odoo would skip its browser tests.")
    with open_workbench(neighbours) as bench:
        templates = Templates(bench)
        with templates.copy() as database, step(f"Odoo's tests {tags}"):
            count, failed = run_suites(bench, database, tags, "odoo_tests.log")
        theirs = [test for test in failed if not test.startswith(f"/{ADDON}:")]
        known = fails_without_addon(bench, templates, theirs) if theirs else []
    for test in failed:
        note = f" (fails without {ADDON} too)" if test in known else ""
        say(f"    failed: {test}{note}")
    if not count:
        raise Problem(f"The tags {tags} choose no test.")
    ours = [test for test in failed if test not in known]
    say(f"{count - len(failed)} passed, {len(ours)} failed, {len(known)} skipped")
    return 1 if ours else 0
