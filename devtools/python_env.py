"""Virtual environments with pinned packages, made on first need by uv."""

import hashlib
import os
import shutil
import subprocess
import sys

from . import apt
from .console import Problem, run, step
from .locks import exclusive, folder_made_whole, is_complete, mark_complete
from .settings import CACHE, LOCK_DIR, PYTHON_VERSIONS, ROOT, WORK

REQUIREMENTS = ROOT / "requirements"
#: What packages without a wheel are built with: nothing unpinned is fetched for it.
BUILD_PINS = REQUIREMENTS / "build.txt"
PIP_ENVIRONMENT = {
    "PIP_CACHE_DIR": str(CACHE / "pip"),
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_INPUT": "1",
    "PIP_ROOT_USER_ACTION": "ignore",
}
UV_ENVIRONMENT = {
    "UV_CACHE_DIR": str(CACHE / "uv"),
    "UV_PYTHON_DOWNLOADS": "never",
    "UV_SYSTEM_CERTS": "true",  # as pip and git: a company's proxy may have its own
}


def find_python():
    """An interpreter that Odoo 19 runs on.

    :raise Problem: if there is none
    """
    # Not the interpreter of a virtual environment, as which the system tests call this:
    # it would get an environment of its own, and databases prepared for that.
    own = getattr(sys, "_base_executable", sys.executable)
    names = [own, *(f"python{version}" for version in PYTHON_VERSIONS)]
    for name in names:
        found = shutil.which(name)
        if not found:
            continue
        executable = os.path.realpath(found)  # one path, by whatever name it is called
        query = "import sys; print('%d.%d' % sys.version_info[:2])"
        answer = subprocess.run(
            [executable, "-c", query], capture_output=True, text=True, check=False
        )
        if answer.stdout.strip() in PYTHON_VERSIONS:
            return executable
    versions = ", ".join(PYTHON_VERSIONS)
    raise Problem(f"Odoo 19 runs on Python {versions}; none of them is installed.")


class PythonEnv:
    """One virtual environment below ``.dev``.

    Its folder's name carries a hash of the pins, so that changed pins make a new one
    and a running Odoo never has its packages exchanged.

    :param str name: of ``requirements/NAME.txt``, where every package is pinned
    """

    def __init__(self, name):
        self.executable = find_python()
        self.pins = REQUIREMENTS / f"{name}.txt"
        content = f"{self.executable}\n{self.pins.read_text()}"
        self.key = hashlib.sha256(content.encode()).hexdigest()[:10]
        self.name = name
        self.folder = WORK / f"venv-{name}-{self.key}"
        self.python = self.folder / "bin" / "python"

    @property
    def site_packages(self):
        return next(self.folder.glob("lib/python3*/site-packages"))

    def ensure(self):
        """Make it, unless it is there."""
        if is_complete(self.folder):
            return self
        lock = LOCK_DIR / f"{self.name}.lock"
        with exclusive(lock, "another ./dev installs packages"):
            if not is_complete(self.folder):
                shutil.rmtree(self.folder, ignore_errors=True)
                self._make()
                mark_complete(self.folder)
        return self

    def _make(self):
        failure = "The virtual environment could not be made."
        run_uv("venv", "-q", "--python", self.executable, self.folder, failure=failure)
        with step(f"Installing Python packages ({self.pins.name})"):
            run_uv(
                *("pip", "sync", "-q", "--python", self.python, "--require-hashes"),
                *("--build-constraints", BUILD_PINS, self.pins),
                failure="Installing Python packages failed; is the network there?",
            )


class UvEnv(PythonEnv):
    """The environment of uv itself, which pip makes once for each checkout."""

    def __init__(self):
        super().__init__("uv")

    def _make(self):
        venv = [self.executable, "-m", "venv", self.folder]
        failure = "The virtual environment could not be made."
        try:
            run(venv, failure=failure, show=False)
        except Problem:
            # Debian keeps the part that brings pip in a package of its own,
            # python3-venv. pip's wheel is in another one, which needs no root.
            run([*venv, "--clear", "--without-pip"], failure=failure, show=False)
            self._bring_pip()
        with step(f"Installing uv ({self.pins.name})"):
            run(
                [
                    *(self.python, "-m", "pip", "install", "-q", "--no-deps"),
                    *("--require-hashes", "-r", self.pins),
                ],
                failure="uv could not be installed; is the network there?",
                show=False,
                env={**os.environ, **PIP_ENVIRONMENT},
            )

    def _bring_pip(self):
        if not apt.is_available():
            raise Problem("Python's ensurepip is missing: install python3-venv.")
        folder = CACHE / "pip-wheel"
        if not is_complete(folder):
            with folder_made_whole(folder) as part:
                apt.download(["python3-pip-whl"], part, "machine")
                apt.unpack(part, part)
        wheel = next(folder.glob("usr/share/python-wheels/pip-*.whl"))
        run(
            [self.python, wheel / "pip", "install", "--no-index", "-q", wheel],
            failure="pip could not be installed into the virtual environment.",
        )


def run_uv(*arguments, failure):
    """Run uv, quietly unless it fails.

    :param str failure: the sentence to say then
    """
    uv = UvEnv().ensure().folder / "bin" / "uv"
    environment = {**os.environ, **UV_ENVIRONMENT}
    return run([uv, *arguments], failure=failure, show=False, env=environment)
