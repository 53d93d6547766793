"""Debian's and Ubuntu's packages, with and without root.

Without root, ``apt-get`` gets its own list, cache and state folders: it can then
fetch (and verify) packages, but installs nothing. The mirror is always the one
that the machine itself is set up for.
"""

import fcntl
import functools
import os
import shutil
import subprocess
from pathlib import Path

from .console import Problem, is_root, run, say, step
from .settings import CACHE

APT_FOLDER = CACHE / "apt"
SYSTEM_LISTS_LOCK = Path("/var/lib/apt/lists/lock")
#: A new machine brings itself up to date first: apt-get waits so many seconds for it.
LOCK_PATIENCE = 600


def os_release(path=Path("/etc/os-release")):
    """The machine's own description, as a dict (``ID``, ``VERSION_CODENAME``, …)."""
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return {}
    pairs = (line.split("=", 1) for line in lines if "=" in line)
    return {key: value.strip().strip('"') for key, value in pairs}


def is_available():
    return bool(shutil.which("apt-get") and shutil.which("dpkg-deb"))


def debian_mirror():
    """The mirror that this Debian machine takes its own packages from.

    ``apt-get indextargets`` reads the machine's configuration, so this works before
    any ``apt-get update``.

    :raise Problem: on other systems, or if no mirror is set up
    """
    release = os_release()
    if release.get("ID") != "debian" or not is_available():
        raise Problem("this machine is not a Debian one")
    targets = run(
        ["apt-get", "indextargets", "--format", "$(RELEASE) $(COMPONENT) $(REPO_URI)"],
        failure="apt-get could not say which mirror it uses.",
        show=False,
    )
    suites = {release.get("VERSION_CODENAME"), "stable", "testing", "sid", "unstable"}
    for line in targets.splitlines():
        suite, component, address = line.split(maxsplit=2)
        if suite in suites and component == "main":
            return address
    raise Problem("no Debian mirror is set up in this machine's apt sources")


def private_options(folder, sources=None):
    """Options that keep ``apt-get`` inside ``folder``.

    :param str sources: the content of a source list to use instead of the machine's
    """
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    settings = {
        "Dir::State": folder,
        "Dir::State::Lists": folder / "lists",
        "Dir::State::status": "/var/lib/dpkg/status",
        "Dir::Cache": folder / "cache",
        "Debug::NoLocking": 1,
        "Acquire::Languages": "none",
        # As root, apt would download as the user _apt, who cannot enter our folder.
        "APT::Sandbox::User": "root",
    }
    if sources is not None:
        source_list = folder / "sources.list"
        source_list.write_text(sources)
        settings |= {
            "Dir::Etc::SourceList": source_list,
            "Dir::Etc::SourceParts": "/dev/null",
        }
    return [f"-o{key}={value}" for key, value in settings.items()]


def download(packages, target, name, sources=None):
    """Fetch packages into ``target`` and verify them; nothing is installed.

    :param str name: the folder name of this set of lists in the cache
    :raise Problem: if the lists or a package cannot be had
    """
    options = private_options(APT_FOLDER / name, sources)
    # Without this, apt-get update calls a failed download a success.
    options.append("-oAPT::Update::Error-Mode=any")
    run(
        ["apt-get", *options, "update"],
        failure="The package lists could not be fetched.",
    )
    run(
        ["apt-get", *options, "download", *packages],
        failure=f"{packages[0]} could not be fetched.",
        cwd=target,
    )


def unpack(folder, target):
    """Unpack all fetched packages of ``folder`` into ``target``."""
    for package in sorted(folder.glob("*.deb")):
        run(
            ["dpkg-deb", "-x", package, target],
            failure=f"{package.name} could not be unpacked; is the disk full?",
            show=False,
        )


@functools.cache
def _update_system_lists():
    # For the lists apt-get waits for nobody, whatever it is told. A small image may
    # lack their folder.
    SYSTEM_LISTS_LOCK.parent.mkdir(parents=True, exist_ok=True)
    with open(SYSTEM_LISTS_LOCK, "a") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
    run(["apt-get", "-q", "update"], failure="apt-get update failed.", show=False)


def install_as_root(package, purpose):
    """Install a package of the machine's own release, if we may.

    :return: whether it is installed now; if not, why not has been said
    """
    if not (is_root() and shutil.which("apt-get")):
        say(f"    {package} is missing ({purpose}): ask an administrator to install it")
        return False
    try:
        with step(f"Installing {package} ({purpose})"):
            _update_system_lists()
            run(
                [
                    *("apt-get", "install", "-q", "-y", "--no-install-recommends"),
                    f"-oDPkg::Lock::Timeout={LOCK_PATIENCE}",
                    package,
                ],
                failure=f"{package} could not be installed.",
                show=False,
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            )
    except Problem as problem:
        say(f"    {problem}")
        return False
    return True


def has_candidate(package):
    """Whether the machine's own release has the package (its lists are fetched)."""
    if is_root():
        _update_system_lists()
    policy = subprocess.run(
        ["apt-cache", "policy", package], capture_output=True, text=True, check=False
    ).stdout
    return "Candidate:" in policy and "Candidate: (none)" not in policy
