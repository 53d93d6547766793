"""``./dev bench``: the addon and stock Odoo in turn, in one run on one database."""

import datetime
import os

from .console import say, step
from .settings import LOG_DIR
from .templates import Templates
from .workbench import open_workbench

MARK = "NOSHOW-BENCH "
HEADER = """
| operation | stock | addon | raw SQL | addon ÷ stock |
| --- | --- | --- | --- | --- |"""


def main(options):
    script = (
        "from benchmarks.bench import Bench\n"
        f"Bench(env, size={options.size}, batch={options.batch}).run()\n"
    )
    with (
        open_workbench() as bench,
        Templates(bench).copy() as database,
        step(f"Measuring with {options.size:,} appointments"),
    ):
        bench.odoo_quietly(
            *("shell", "-d", database, "--no-http"),
            script=script,
            log="bench.log",
            failure="The measurements broke off.",
        )
    lines = (LOG_DIR / "bench.log").read_text(errors="replace").splitlines()
    loaded, *rows = [line[len(MARK) :] for line in lines if line.startswith(MARK)]
    say("\n".join([HEADER, *rows]))
    say(f"\n{os.cpu_count()} cores, {datetime.date.today()}: {loaded}")
    return 0
