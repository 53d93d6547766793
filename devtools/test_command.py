"""``./dev test``: the addon's tests and the system tests, each in a pytest of its own.

They cannot share one: pytest-odoo loads Odoo into the process and makes every test
depend on a database.
"""

import contextlib
import os
import time
from pathlib import Path

from . import browser
from .children import foreground, running
from .console import say
from .neighbours import chosen
from .postgres import free_port
from .settings import ADDON, LOG_DIR, ROOT
from .templates import Templates
from .workbench import open_workbench

ADDON_TESTS = f"{ADDON}/tests"
SYSTEM_TESTS = "tests"
#: More parts than places, so that no place is idle while another has much to do.
PARTS_A_PLACE = 7
NO_TESTS = 5  # pytest's exit code if it ran none
#: Seconds that subjects took side by side on 2 cores, 2026-11-28: the longest start
#: first, whatever the machine. Of one that is not here, as of a small one.
SECONDS = {
    "charge": 320,
    "fee": 300,
    "schedule": 290,
    "privacy": 250,
    "policy": 200,
    "rights": 180,
    "practice": 140,
    "appointment": 110,
    "report": 110,
    "series": 90,
    "chart": 60,
    "sync": 60,
}
FEW_SECONDS = 30


def split_arguments(arguments, root=ROOT):
    """Part what goes to pytest into options, addon tests and system tests.

    Without a path, both groups are run.

    :return: (options, paths of addon tests, paths of system tests)
    """
    options, groups = [], {ADDON: [], SYSTEM_TESTS: []}
    for argument in arguments:
        path = Path(argument.split("::")[0])
        if not argument.startswith("-") and (Path.cwd() / path).exists():
            inside = (Path.cwd() / path).resolve()
            group = inside.relative_to(root).parts[:1] or (ADDON,)
            if group[0] in groups:
                selector = argument[len(str(path)) :]
                groups[group[0]].append(f"{inside.relative_to(root)}{selector}")
                continue
        options.append(argument)
    if not any(groups.values()):
        groups = {ADDON: [ADDON_TESTS], SYSTEM_TESTS: [SYSTEM_TESTS]}
    existing = {
        group: [path for path in paths if (root / path.split("::")[0]).exists()]
        for group, paths in groups.items()
    }
    return options, existing[ADDON], existing[SYSTEM_TESTS]


def shards(paths, count, root=ROOT):
    """Part the whole suite of the addon by its subjects, about equally; anything
    less is one part.

    :return: lists of paths, the longest first
    """
    if paths != [ADDON_TESTS] or count < 2:
        return [paths] if paths else []
    weights = {
        folder: SECONDS.get(folder.name, FEW_SECONDS)
        for folder in (root / ADDON_TESTS).iterdir()
        if (folder / "__init__.py").exists()
    }

    def weight(part):
        return sum(weights[folder] for folder in part)

    parts = [[] for _number in range(count)]
    for folder in sorted(weights, key=lambda folder: (-weights[folder], folder.name)):
        min(parts, key=weight).append(folder)
    return [
        [str(folder.relative_to(root)) for folder in sorted(part)]
        for part in sorted(parts, key=weight, reverse=True)
        if part
    ]


class Suite:
    """What ``./dev test`` has to run: the tests of the system, and the addon's in
    parts, each a pytest process."""

    def __init__(self, bench, options, with_browser, as_is):
        self.bench = bench
        self.options = options
        self.with_browser = with_browser
        self.as_is = as_is
        self.templates = Templates(bench)

    def _addon_command(self, paths, database):
        command = [self.bench.python_env.python, "-m", "pytest"]
        command += ["-p", "devtools.pytest_browser"]
        command += [f"--odoo-database={database}", "--odoo-http"]
        command += [f"--odoo-extra=db-filter=^{database}$"]
        # Two checkouts, and two parts, may test at the same time.
        command += [f"--odoo-extra=http-port={free_port()}"]
        if not self.with_browser:
            command.append("--no-browser")
        return [*command, *paths, *self.options]

    def _addon_processes(self):
        # Commits need not reach the disk here; the server keeps them safe otherwise.
        return self.bench.process_options(PGOPTIONS="-c synchronous_commit=off")

    def _copy(self):
        scripts = ("practice", "bundles") if self.with_browser else ("practice",)
        return self.templates.copy(self.as_is, scripts=scripts)

    def run_addon(self, paths):
        """Run tests of the addon in the foreground; return the exit code."""
        say(f"==> Tests of the addon: {' '.join(paths)}")
        with self._copy() as database:
            command = self._addon_command(paths, database)
            return foreground(command, **self._addon_processes())

    def _system_command(self, paths):
        command = [self.bench.python_env.python, "-m", "pytest", "-p", "no:odoo"]
        return [*command, *paths, *self.options]

    def _system_processes(self):
        # In the user's own environment: these tests open a workbench of their own.
        return {"cwd": ROOT, "pass_fds": self.bench.server.pass_fds}

    def run_system(self, paths):
        """Run tests of the system in the foreground; return the exit code."""
        say(f"==> Tests of the system: {' '.join(paths)}")
        return foreground(self._system_command(paths), **self._system_processes())

    def run_side_by_side(self, parts, system_paths, places):
        """Run the parts of the addon's tests, so many at a time, and beside them the
        system tests, which mostly wait. What each has printed is shown when it ends.

        :return: the exit codes
        """
        codes = []
        with contextlib.ExitStack() as stack:
            free = [stack.enter_context(self._copy()) for _place in range(places)]
            at_work = {}

            def start(paths, command, options, database=None):
                log = LOG_DIR / f"tests_{len(codes) + len(at_work) + 1}.log"
                output = stack.enter_context(open(log, "w"))
                say(f"==> Started: {' '.join(paths)}")
                process = stack.enter_context(
                    running(command, stdout=output, stderr=output, **options)
                )
                at_work[process] = (database, paths, log, time.monotonic())

            if system_paths:
                command = self._system_command(system_paths)
                start(system_paths, command, self._system_processes())
            waiting = list(parts)
            while waiting or at_work:
                while waiting and free:
                    paths, database = waiting.pop(0), free.pop()
                    command = self._addon_command(paths, database)
                    start(paths, command, self._addon_processes(), database)
                time.sleep(0.5)
                for process in [one for one in at_work if one.poll() is not None]:
                    database, paths, log, started = at_work.pop(process)
                    if database:
                        free.append(database)
                    codes.append(process.returncode)
                    seconds = time.monotonic() - started
                    how = "Passed" if process.returncode in (0, NO_TESTS) else "Failed"
                    say(f"==> {how} after {seconds:.0f} s: {' '.join(paths)}")
                    say(log.read_text(errors="replace"))
        return codes


def main(options, rest):
    pytest_options, addon_paths, system_paths = split_arguments(rest)
    if addon_paths and not options.no_browser:
        browser.ensure()
    places = len(os.sched_getaffinity(0))
    with open_workbench(chosen(options)) as bench:
        suite = Suite(bench, pytest_options, not options.no_browser, options.as_is)
        parts = shards(addon_paths, PARTS_A_PLACE * places)
        if len(parts) > 1:
            results = suite.run_side_by_side(parts, system_paths, places)
        else:
            results = [suite.run_addon(part) for part in parts]
            if system_paths:
                results.append(suite.run_system(system_paths))
    # A selection may match nothing in one of the two groups, but not in both.
    failed = [code for code in results if code not in (0, NO_TESTS)]
    if not failed and 0 not in results:
        say("No test was run.")
        return 1
    return 1 if failed else 0
