"""Where Odoo's own source comes from.

The order is fixed: what the user names, Debian's package, upstream's repository.
The answer is kept in the user's cache folder, for all checkouts.
"""

import os
import re
import shutil
from pathlib import Path

from . import apt
from .console import Problem, run, say, step
from .locks import exclusive, folder_made_whole, is_complete
from .settings import CACHE, ODOO_SERIES

VARIABLE = "NOSHOW_ODOO_SOURCE"
UPSTREAM = "https://github.com/odoo/odoo"
SOURCES = CACHE / "odoo"
NEEDED_SPACE = 2e9  # bytes: Debian's packages and what is in them, or a clone
# Where the folder that holds the package `odoo` can be, below what is named.
LAYOUTS = ("", "usr/lib/python3/dist-packages")
# Odoo's package links to files of these.
LINKED_PACKAGES = (
    "fonts-montserrat/sid",
    "fonts-roboto-unhinted/sid",
    "libjs-jquery/sid",
    "libjs-underscore/sid",
    # sid has no longer libjs-jquery-form, and a Font Awesome with other file names
    "fonts-font-awesome/trixie",
    "libjs-jquery-form/trixie",
)
# Debian leaves this file out. Without it the browser logs an error, which makes every
# tour fail.
LEFT_OUT = "addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"


class OdooSource:
    """A folder with the package ``odoo`` in it, and the addons that belong to it."""

    def __init__(self, root, origin):
        self.root = Path(root)
        self.origin = origin

    @property
    def addons_paths(self):
        """Upstream's checkout has most addons beside the package, Debian's in it."""
        beside = self.root / "addons"
        inside = self.root / "odoo" / "addons"
        is_checkout = (beside / "account" / "__manifest__.py").is_file()
        return [inside, beside] if is_checkout else [inside]

    @property
    def version_key(self):
        """Changes whenever the source may have changed."""
        head = self.root / ".git" / "HEAD"
        release = self.root / "odoo" / "release.py"
        stat = (head if head.is_file() else release).stat()
        return f"{self.root}:{stat.st_mtime_ns}"

    def add_left_out_file(self):
        for folder in self.addons_paths:
            module = folder / "mail"
            missing = folder.parent / LEFT_OUT
            if module.is_dir() and not missing.exists():
                try:
                    missing.parent.mkdir(parents=True, exist_ok=True)
                    missing.touch()
                except OSError:
                    say(f"    {missing} is missing and cannot be made: tours will fail")


def read_source(folder, origin):
    """The source in ``folder``.

    :raise Problem: if there is none, or one of another series
    """
    for layout in LAYOUTS:
        root = Path(folder) / layout
        release = root / "odoo" / "release.py"
        if release.is_file():
            match = re.search(r"version_info = \((\d+), (\d+)", release.read_text())
            series = ".".join(match.groups()) if match else "unknown"
            if series != ODOO_SERIES:
                raise Problem(f"{root} has Odoo {series}, not {ODOO_SERIES}")
            return OdooSource(root, origin)
    raise Problem(f"{folder} has no Odoo in it")


def need_space():
    """:raise Problem: if the disk has no room for a source and its packages"""
    SOURCES.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(SOURCES).free
    if free < NEEDED_SPACE:
        raise Problem(
            f"the disk of {SOURCES} has {free / 1e9:.1f} GB free,"
            f" and {NEEDED_SPACE / 1e9:.0f} GB are needed"
        )


def from_user():
    """The checkout or installation that the user's environment variable names."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        raise Problem(f"{VARIABLE} is not set")
    return read_source(Path(folder).expanduser().resolve(), VARIABLE)


def from_debian():
    """Debian's package ``odoo-19``, unpacked but not installed."""
    target = SOURCES / "debian"
    if not is_complete(target):
        need_space()
        mirror = apt.debian_mirror()
        options = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]"
        sources = "".join(
            f"deb {options} {mirror} {suite} main\n" for suite in ("sid", "trixie")
        )
        packages = SOURCES / "packages"
        packages.mkdir(parents=True, exist_ok=True)
        with step("Fetching Odoo 19 from the Debian mirror (130 MB)", heartbeat=False):
            # apt checks what an interrupted run left, and fetches it again if need be
            apt.download(["odoo-19/sid", *LINKED_PACKAGES], packages, "odoo", sources)
        with step("Unpacking Odoo 19 (1.3 GB)"), folder_made_whole(target) as part:
            apt.unpack(packages, part)
            read_source(part, "")
        shutil.rmtree(packages)
    return read_source(target, "Debian's package odoo-19")


def from_upstream():
    """A shallow clone of upstream's release branch."""
    target = SOURCES / "upstream"
    if not is_complete(target):
        need_space()
        if not shutil.which("git") and not apt.install_as_root("git", "to fetch Odoo"):
            raise Problem("git is not installed")
        message = f"Cloning {UPSTREAM} {ODOO_SERIES} (some 600 MB)"
        with step(message, heartbeat=False), folder_made_whole(target) as part:
            command = ["git", "clone", "--progress", "--depth=1"]
            run(
                [*command, f"--branch={ODOO_SERIES}", UPSTREAM, part],
                failure="Cloning Odoo failed.",
                env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
            )
            read_source(part, "")
    return read_source(target, f"a clone of {UPSTREAM}")


def find_source(finders=(from_user, from_debian, from_upstream)):
    """The first source that can be had, in the fixed order.

    :raise Problem: if none can
    """
    with exclusive(SOURCES / "lock", "another ./dev is fetching Odoo"):
        for finder in finders:
            try:
                source = finder()
            except Problem as problem:
                if finder is not from_user or VARIABLE in os.environ:
                    reason = str(problem).splitlines()[0]
                    say(f"    {finder.__name__.replace('_', ' ')}: no ({reason})")
                continue
            source.add_left_out_file()
            return source
    raise Problem(
        "Odoo 19 could not be found or fetched, for the reasons above: mend one of them"
        f" or set {VARIABLE} to a folder that holds Odoo {ODOO_SERIES}."
    )
