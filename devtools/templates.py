"""Prepared databases for the tests: installed once, copied for every run.

There are two layers. The base has the modules that the addon builds on, and changes
only with Odoo or the requirements; on a copy of it the addon is installed, anew
whenever a file of it changes that can change the database. Neighbours, where there are
any, are one layer more, below the addon or above it. On top, for the addon's own tests,
stands what scripts make once that every test would make anew.
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
WITHOUT_EFFECT = frozenset({"tests", "static", "readme", "__pycache__"})
INSTALL = ("--stop-after-init", "--no-http", "--without-demo=1")
#: What is made on top: by what, and of which files it depends beside all below.
SCRIPTS = {
    "practice": (
        f"""
from odoo.addons.{ADDON}.tests.common import prepare_company
prepare_company(env)
env.cr.commit()
""",
        "tests/common.py",
    ),
    # For 20 seconds a test in a browser; Odoo does so before its own tests, too.
    "bundles": (
        """
env["ir.qweb"]._pregenerate_assets_bundles()
env.cr.commit()
""",
        "static",
    ),
}


def addon_manifest():
    path = ROOT / ADDON / "__manifest__.py"
    if not path.is_file():
        raise Problem(f"There is no {ADDON}/__manifest__.py in this checkout.")
    return ast.literal_eval(path.read_text())


def hash_of(paths):
    """A hash of files and their names: `{name: path}`."""
    digest = hashlib.sha256()
    for name, path in sorted(paths.items()):
        if path.is_file():
            digest.update(f"{name}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def addon_key(folder=ROOT / ADDON):
    """A hash of all files of the addon that can change what the database holds."""
    inside = {path.relative_to(folder): path for path in folder.rglob("*")}
    return hash_of(
        {
            name: path
            for name, path in inside.items()
            if not WITHOUT_EFFECT & set(name.parts[:-1])
        }
    )


def script_key(name, folder=ROOT / ADDON):
    """A hash of a script and of the files it depends on."""
    script, source = SCRIPTS[name]
    source = folder / source
    paths = source.rglob("*") if source.is_dir() else [source]
    files = hash_of({path.relative_to(folder): path for path in paths})
    return hashlib.sha256(f"{script} {files}".encode()).hexdigest()[:16]


class Templates:
    """The prepared databases of this checkout."""

    def __init__(self, bench):
        self.bench = bench
        self.databases = bench.databases
        self.neighbours = bench.neighbours
        self.prefix = f"{bench.server.prefix}_template"
        self.copies = f"{bench.server.prefix}_test_"
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

    def _layers(self, with_addon, scripts=()):
        """The layers of a database, from below.

        :return: `[(name, its modules, or the script, what they are, what it is made
            from)]`
        """
        key, modules, note = "", self._base_modules(), self._base_note()
        layers = [(f"{self.prefix}_base", modules, "Odoo's own modules (once)", note)]
        upper = [(ADDON, ADDON, addon_key())] if with_addon else []
        if self.neighbours:
            beside = (self.neighbours.modules, self.neighbours.note)
            place = 1 if self.neighbours.addon_first else 0
            upper.insert(place, (f"with_{self.neighbours.key}", *beside))
        for name, modules, made_from in upper:
            key = f"{key}_addon" if name == ADDON else f"{key}_{name}"
            note = hashlib.sha256(f"{note} {made_from}".encode()).hexdigest()[:16]
            what = ADDON if name == ADDON else "its neighbours"
            layers.append((f"{self.prefix}{key}", modules, what, note))
        for name in scripts:
            key = f"{key}_{name}"
            note = hashlib.sha256(f"{note} {script_key(name)}".encode()).hexdigest()
            note = note[:16]
            layers.append((f"{self.prefix}{key}", SCRIPTS[name][0], name, note))
        return layers

    def _prepare(self, layers):
        """Make those of the layers that are missing or outdated."""
        *below, (name, made_by, what, note) = layers
        if self.databases.note(name) == note:
            return
        if below:
            self._prepare(below)
        log = name.removeprefix(f"{self.bench.server.prefix}_")
        with step(f"Preparing the test database: {what}"):
            if below:
                self.databases.copy(below[-1][0], name)
            else:
                self.databases.create(name)
            is_script = what in SCRIPTS
            install = ("-d", name, "-i", made_by, *INSTALL)
            self.bench.odoo_quietly(
                *(("shell", "-d", name, "--no-http") if is_script else install),
                script=made_by if is_script else None,
                log=f"{log}.log",
                failure=f"Could not be made ready: {what}.",
            )
            self.databases.set_note(name, note)

    def _drop_leftovers(self):
        """Drop the copies of ``./dev`` commands that were killed."""
        for name in self.databases.names(self.copies):
            pid = name.removeprefix(self.copies).split("_")[0]
            if not (pid.isdigit() and os.path.exists(f"/proc/{pid}")):
                self.databases.drop(name)

    @contextlib.contextmanager
    def copy(self, as_is=False, with_addon=True, scripts=()):
        """Yield the name of a fresh database; drop it at the end.

        :param bool as_is: copy the newest prepared one, whatever it was made from
        :param bool with_addon: False for one that has only what the addon builds on
        :param scripts: names of :data:`SCRIPTS` that have been run on it
        """
        self.copied += 1
        name = f"{self.copies}{os.getpid()}_{self.copied}"
        with exclusive(LOCK_DIR / "templates.lock", "another ./dev prepares one"):
            self._drop_leftovers()
            layers = self._layers(with_addon, scripts)
            if not (as_is and self.databases.note(layers[-1][0])):
                self._prepare(layers)
            self.databases.copy(layers[-1][0], name)
        try:
            yield name
        finally:
            self.databases.drop(name)
