"""What can be said to ``./dev``."""

import argparse
import errno

from . import children
from .console import Problem, say
from .settings import FIRST_PORT

DESCRIPTION = """\
Set up, run, test and check noshow_fees.

  ./dev run                    the demonstration practice, in a browser
  ./dev test [PATH …] [-k …]   all tests, or a part of them (--with odoo,oca: beside
                               other addons)
  ./dev odoo ARGS…             Odoo's own command line (try: shell -d NAME)
  ./dev odoo-tests TAGS        Odoo's own test runner (try: /calendar,/portal)
  ./dev bench [--size N]       how fast it is, beside stock Odoo
  ./dev lint [--fix]           all checks of the code's form
  ./dev lock                   pin the Python packages anew (requirements/*.in)
"""


def run(arguments):
    from . import run_command

    parser = argparse.ArgumentParser(prog="./dev run")
    parser.add_argument(
        "--fresh", action="store_true", help="throw the practice away and start over"
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="the address to listen on (0.0.0.0: reachable from other machines)",
    )
    parser.add_argument(
        "--port",
        type=int,
        default=FIRST_PORT,
        help=f"the port, or the next free one ({FIRST_PORT})",
    )
    return run_command.main(parser.parse_args(arguments))


def test(arguments):
    from . import neighbours, test_command

    parser = argparse.ArgumentParser(
        prog="./dev test", epilog="All other arguments go to pytest."
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="leave the browser tests out"
    )
    parser.add_argument(
        "--as-is",
        action="store_true",
        help="use the newest prepared database, even if the addon has changed since",
    )
    neighbours.add_arguments(parser)
    options, rest = parser.parse_known_args(arguments)
    return test_command.main(options, rest)


def odoo(arguments):
    from .workbench import open_workbench

    with open_workbench() as bench:
        return bench.odoo(*arguments)


def odoo_tests(arguments):
    from . import neighbours, odoo_tests_command

    parser = argparse.ArgumentParser(prog="./dev odoo-tests")
    neighbours.add_arguments(parser)
    parser.add_argument("tags", help="Odoo's test tags, as /calendar,/account_payment")
    options = parser.parse_args(arguments)
    return odoo_tests_command.main(options.tags, neighbours.chosen(options))


def bench(arguments):
    from . import bench_command

    parser = argparse.ArgumentParser(prog="./dev bench")
    parser.add_argument(
        "--size",
        type=int,
        default=100_000,
        help="appointments, of which one in five has a fee (100,000)",
    )
    parser.add_argument("--batch", type=int, default=200, help="no-shows at once (200)")
    parser.add_argument(
        "--keep",
        action="store_true",
        help="keep the loaded database, or use the one that was kept",
    )
    parser.add_argument(
        "--load", action="store_true", help="load that database, and measure nothing"
    )
    return bench_command.main(parser.parse_args(arguments))


def lint(arguments):
    from . import lint_command

    parser = argparse.ArgumentParser(prog="./dev lint")
    parser.add_argument("--fix", action="store_true", help="apply the formatters first")
    return lint_command.main(parser.parse_args(arguments).fix)


def lock(arguments):
    from . import lock_command

    argparse.ArgumentParser(prog="./dev lock").parse_args(arguments)
    return lock_command.main()


COMMANDS = {
    "run": run,
    "test": test,
    "odoo": odoo,
    "odoo-tests": odoo_tests,
    "bench": bench,
    "lint": lint,
    "lock": lock,
}


def main(arguments):
    """Carry out a command; return the exit code."""
    if not arguments or arguments[0] in ("help", "-h", "--help"):
        say(DESCRIPTION)
        return 0
    name, *rest = arguments
    if name not in COMMANDS:
        say(f"./dev knows no command {name!r}.\n\n{DESCRIPTION}")
        return 2
    children.catch_ending_signals()
    try:
        return COMMANDS[name](rest)
    except Problem as problem:
        say(f"\n./dev {name}: {problem}")
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
            raise
        say(f"\n./dev {name}: {error.strerror}: {error.filename or 'the disk'}")
    except (KeyboardInterrupt, children.Stopped):
        say(f"\n./dev {name}: stopped.")
        return 130
    return 1
