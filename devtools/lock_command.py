"""``./dev lock``: pin anew what ``requirements/*.in`` asks for.

Run it with the oldest patch release of a Python version that is to be supported: a
newer one may choose packages that the older one refuses.
"""

import json
import os
import tempfile
from pathlib import Path

from .console import run, say, step
from .python_env import PIP_ENVIRONMENT, REQUIREMENTS, PythonEnv, find_python

PIP = "pip==26.3"
NOTE = "# Made by ./dev lock from {source}, on Python {version}; do not edit.\n"


def resolve(python, source):
    """All packages that a requirements file leads to, as sorted pins."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        run(
            [
                *(python, "-m", "pip", "install", "--dry-run", "--ignore-installed"),
                *("--prefer-binary", "-q", "-r", source, "--report", report),
            ],
            failure=f"The requirements of {source.name} could not be resolved.",
            show=False,
            env={**os.environ, **PIP_ENVIRONMENT},
        )
        packages = [
            item["metadata"] for item in json.loads(report.read_text())["install"]
        ]
    pins = (f"{package['name']}=={package['version']}" for package in packages)
    return sorted([*pins, PIP], key=str.lower)


def main():
    executable, version = find_python()
    for name in ("odoo", "lint"):
        source = REQUIREMENTS / f"{name}.in"
        lock = REQUIREMENTS / f"{name}-{version}.txt"
        with step(f"Resolving {source.name} for Python {version}"):
            python = (
                PythonEnv("lock", executable, REQUIREMENTS / "pip.txt").ensure().python
            )
            pins = resolve(python, source)
            note = NOTE.format(source=source.name, version=version)
            lock.write_text(note + "\n".join(pins) + "\n")
        say(f"    {lock}: {len(pins)} packages")
    return 0
