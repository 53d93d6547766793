"""Prepared databases for the tests: installed once, copied for every run.

There are two layers. The base has the modules that the addon builds on, and changes
only with Odoo or the requirements; on a copy of it the addon is installed, anew
whenever a file of it changes that can change the database.
"""

import ast
import contextlib
import hashlib
import os

from .console import Problem, step
from .locks import exclusive
from .settings import ADDON, LOCK_DIR, ROOT, TEST_MODULES

# Folders of the addon that say nothing about the database's content: tests are
# imported, and assets are bundled, when they are needed.
WITHOUT_EFFECT = {"tests", "static", "readme", "__pycache__"}
INSTALL = ("--stop-after-init", "--no-http", "--without-demo=1")


def addon_manifest():
    path = ROOT / ADDON / "__manifest__.py"
    if not path.is_file():
        raise Problem(f"There is no {ADDON}/__manifest__.py in this checkout.")
    return ast.literal_eval(path.read_text())


def addon_key(folder=ROOT / ADDON):
    """A hash of all files of the addon that can change what the database holds."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not WITHOUT_EFFECT & set(inside.parts[:-1]):
            digest.update(f"{inside}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


class Templates:
    """The prepared databases of this checkout."""

    def __init__(self, bench):
        self.bench = bench
        self.databases = bench.databases
        prefix = bench.server.prefix
        self.base = f"{prefix}_template_base"
        self.addon = f"{prefix}_template_addon"
        self.copies = f"{prefix}_test_"
        self.copied = 0

    def _base_modules(self):
        depends = set(addon_manifest()["depends"])
        return ",".join(sorted(depends | set(TEST_MODULES)))

    def _base_note(self):
        parts = (
            self.bench.source.version_key,
            self.bench.python_env.key,
            self._base_modules(),
        )
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    def _prepare_base(self):
        note = self._base_note()
        if self.databases.note(self.base) != note:
            with step("Preparing the test database (once): Odoo's own modules"):
                self.databases.create(self.base)
                self.bench.odoo_quietly(
                    *("-d", self.base, "-i", self._base_modules(), *INSTALL),
                    log="template_base.log",
                    failure="Odoo's own modules could not be installed.",
                )
                self.databases.set_note(self.base, note)
        return note

    def _prepare_addon(self):
        note = f"{self._base_note()} {addon_key()}"
        if self.databases.note(self.addon) != note:
            self._prepare_base()
            with step(f"Preparing the test database: {ADDON}"):
                self.databases.copy(self.base, self.addon)
                self.bench.odoo_quietly(
                    *("-d", self.addon, "-i", ADDON, *INSTALL),
                    log="template_addon.log",
                    failure=f"{ADDON} could not be installed.",
                )
                self.databases.set_note(self.addon, note)

    def _drop_leftovers(self):
        """Drop the copies of ``./dev`` commands that were killed."""
        for name in self.databases.names(self.copies):
            pid = name.removeprefix(self.copies).split("_")[0]
            if not (pid.isdigit() and os.path.exists(f"/proc/{pid}")):
                self.databases.drop(name)

    @contextlib.contextmanager
    def copy(self, as_is=False, with_addon=True):
        """Yield the name of a fresh database; drop it at the end.

        :param bool as_is: copy the newest prepared one, whatever it was made from
        :param bool with_addon: False for one that has only what the addon builds on
        """
        self.copied += 1
        name = f"{self.copies}{os.getpid()}_{self.copied}"
        with exclusive(LOCK_DIR / "templates.lock", "another ./dev prepares one"):
            self._drop_leftovers()
            if not with_addon:
                self._prepare_base()
            elif not (as_is and self.databases.note(self.addon)):
                self._prepare_addon()
            self.databases.copy(self.addon if with_addon else self.base, name)
        try:
            yield name
        finally:
            self.databases.drop(name)
