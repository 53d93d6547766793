"""``./dev bench``: the addon and stock Odoo in turn, in one run on one database."""

import contextlib
import datetime
import os
import time

from benchmarks.people import measure_people

from .console import say, step
from .settings import ADDON, LOG_DIR, ROOT
from .templates import INSTALL, Templates, addon_key, hash_of
from .workbench import open_workbench

#: What makes the database that is measured.
LOADERS = {"load", "practice", "records"}
MARK = "NOSHOW-BENCH "
HEADER = """
| operation: ms (ms of processors), queries | stock | addon | raw SQL | addon ÷ stock |
| --- | --- | --- | --- | --- |"""


def measure_installation(bench, templates, size):
    """:return: the table's row: seconds to install the addon beside so many meetings"""
    seconds = []
    for meetings in (0, size):
        with templates.copy(with_addon=False) as database:
            bench.odoo_quietly(
                *("shell", "-d", database, "--no-http"),
                script=f"from benchmarks.install import fill\nfill(env, {meetings})\n",
                log="bench_install.log",
                failure="The meetings could not be made.",
            )
            started = time.monotonic()
            bench.odoo_quietly(
                *("-d", database, "-i", ADDON, *INSTALL),
                log="bench_install.log",
                failure="The addon could not be installed.",
            )
            seconds.append(time.monotonic() - started)
    return (
        f"| installing it beside {size:,} meetings; beside none {seconds[0]:.1f} s"
        f" | – | {seconds[1]:.1f} s | – | – |"
    )


@contextlib.contextmanager
def loaded(bench, templates, size, keep):
    """Yield the name of a database with so many appointments.

    :param bool keep: it may be one that was kept, and is kept
    """
    files = [*(ROOT / "benchmarks").glob("*.py")]
    sources = {path.name: path for path in files if path.stem in LOADERS}
    note = f"{addon_key()} {hash_of(sources)}"
    name = f"{bench.server.prefix}_bench_{size}"
    if keep and bench.databases.note(name) == note:
        yield name
        return
    with contextlib.ExitStack() as stack:
        with templates.copy() as database:
            bench.databases.copy(database, name)
        if not keep:
            stack.callback(bench.databases.drop, name)
        with step(f"Loading {size:,} appointments"):
            bench.odoo_quietly(
                *("shell", "-d", name, "--no-http"),
                script="from benchmarks.load import Loader\n"
                f"Loader(env, {size}).load()\n",
                log="bench_load.log",
                failure="The database could not be loaded.",
            )
        bench.databases.set_note(name, note)
        yield name


def main(options):
    script = (
        f"from benchmarks.bench import Bench\nBench(env, batch={options.batch}).run()\n"
    )
    with open_workbench() as bench:
        templates = Templates(bench)
        if options.load:
            with loaded(bench, templates, options.size, keep=True):
                return 0
        with step(f"Installing beside {options.size:,} meetings"):
            installation = measure_installation(bench, templates, options.size)
        with (
            loaded(bench, templates, options.size, options.keep) as database,
            step(f"Measuring with {options.size:,} appointments"),
        ):
            bench.odoo_quietly(
                *("shell", "-d", database, "--no-http"),
                script=script,
                log="bench.log",
                failure="The measurements broke off.",
            )
            started = time.monotonic()
            bench.odoo_quietly(
                *("-d", database, "-u", ADDON, "--stop-after-init", "--no-http"),
                log="bench_update.log",
                failure="The addon could not be updated.",
            )
            update = (
                f"| updating it with {options.size:,} appointments"
                f" | – | {time.monotonic() - started:.1f} s | – | – |"
            )
        with templates.copy() as database, step("Eight people at once"):
            people = measure_people(bench, database)
    lines = (LOG_DIR / "bench.log").read_text(errors="replace").splitlines()
    contents, *found = [line[len(MARK) :] for line in lines if line.startswith(MARK)]
    rows = [line for line in found if line.startswith("|")]
    said = [line for line in found if not line.startswith("|")]
    say("\n".join([HEADER, *rows, people, installation, update]))
    say(f"\n{os.cpu_count()} cores, {datetime.date.today()}: {contents}")
    for line in said:
        say(line)
    return 1 if any(line.startswith("NOT VALID") for line in said) else 0
