"""``./dev test``: the addon's tests and the system tests, each in a pytest of its own.

They cannot share one: pytest-odoo loads Odoo into the process and makes every test
depend on a database.
"""

import contextlib
import os
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
NO_TESTS = 5  # pytest's exit code if it ran none


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

    :return: lists of paths, one for each process
    """
    if paths != [ADDON_TESTS] or count < 2:
        return [paths]
    weights = {
        folder: sum(path.stat().st_size for path in folder.glob("test_*.py"))
        for folder in (root / ADDON_TESTS).iterdir()
        if (folder / "__init__.py").exists()
    }
    parts = [[] for _number in range(count)]
    for folder in sorted(weights, key=lambda folder: (-weights[folder], folder.name)):
        lightest = min(parts, key=lambda part: sum(weights[one] for one in part))
        lightest.append(folder)
    return [
        [str(folder.relative_to(root)) for folder in sorted(part)]
        for part in parts
        if part
    ]


def run_addon_tests(bench, paths, options, with_browser, as_is):
    """Run the addon's tests, each part on a database of its own.

    :return: the exit codes
    """
    parts = shards(paths, len(os.sched_getaffinity(0)))
    templates = Templates(bench)
    # Commits need not reach the disk here; the server keeps them safe otherwise.
    processes = bench.process_options(PGOPTIONS="-c synchronous_commit=off")
    with contextlib.ExitStack() as stack:
        commands = []
        for part in parts:
            database = stack.enter_context(templates.copy(as_is))
            command = [
                bench.python_env.python,
                "-m",
                "pytest",
                "-p",
                "devtools.pytest_browser",
            ]
            command += [f"--odoo-database={database}", "--odoo-http"]
            command += [f"--odoo-extra=db-filter=^{database}$"]
            # Two checkouts, and two parts, may test at the same time.
            command += [f"--odoo-extra=http-port={free_port()}"]
            if not with_browser:
                command.append("--no-browser")
            commands.append([*command, *part, *options])
        if len(commands) == 1:
            return [foreground(commands[0], **processes)]
        # The first part is seen at work, the others are told when they have ended.
        others = []
        for number, command in enumerate(commands[1:], 2):
            log = LOG_DIR / f"tests_{number}.log"
            output = stack.enter_context(open(log, "w"))
            process = running(command, stdout=output, stderr=output, **processes)
            others.append((log, stack.enter_context(process)))
        codes = [stack.enter_context(running(commands[0], **processes)).wait()]
        for log, process in others:
            codes.append(process.wait())
            say(log.read_text(errors="replace"))
        return codes


def run_system_tests(bench, paths, options):
    command = [bench.python_env.python, "-m", "pytest", "-p", "no:odoo"]
    # In the user's own environment: these tests open a workbench of their own.
    return foreground(
        [*command, *paths, *options], cwd=ROOT, pass_fds=bench.server.pass_fds
    )


def main(options, rest):
    pytest_options, addon_paths, system_paths = split_arguments(rest)
    if addon_paths and not options.no_browser:
        browser.ensure()
    results = []
    with open_workbench(chosen(options)) as bench:
        if addon_paths:
            say(f"==> Tests of the addon: {' '.join(addon_paths)}")
            results += run_addon_tests(
                bench,
                addon_paths,
                pytest_options,
                not options.no_browser,
                options.as_is,
            )
        if system_paths:
            say(f"==> Tests of the system: {' '.join(system_paths)}")
            results.append(run_system_tests(bench, system_paths, pytest_options))
    # A selection may match nothing in one of the two groups, but not in both.
    failed = [code for code in results if code not in (0, NO_TESTS)]
    if not failed and 0 not in results:
        say("No test was run.")
        return 1
    return 1 if failed else 0
