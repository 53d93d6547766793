"""Odoo, ready to be called: source, packages, database server, configuration."""

import contextlib
import os

from .children import foreground, running
from .console import Problem, say
from .database import Databases
from .postgres import database_server
from .python_env import PythonEnv
from .settings import DATA_DIR, LOG_DIR, ROOT, WORK
from .source import find_source

ODOO_CONF = WORK / "odoo.conf"


class Workbench:
    def __init__(self, source, python_env, server, neighbours=None):
        self.source = source
        self.neighbours = neighbours
        self.python_env = python_env
        self.server = server
        self.databases = Databases(server)
        self._write_configuration()

    def _write_configuration(self):
        """A file of our own, so that the user's ``~/.odoorc`` plays no part."""
        for folder in (DATA_DIR, LOG_DIR):
            folder.mkdir(parents=True, exist_ok=True)
        addons_path = ",".join(str(path) for path in [ROOT, *self.source.addons_paths])
        content = "\n".join(
            [
                "; Written by ./dev at every start.",
                "[options]",
                f"addons_path = {addons_path}",
                f"data_dir = {DATA_DIR}",
                f"screenshots = {WORK / 'screenshots'}",
                "http_interface = 127.0.0.1",
                "workers = 0",
                "max_cron_threads = 0",
                "db_maxconn = 32",
                "",
            ]
        )
        # Written aside and moved: another ./dev may be reading it.
        aside = ODOO_CONF.with_name(f"odoo.conf.{os.getpid()}")
        aside.write_text(content)
        aside.replace(ODOO_CONF)

    @property
    def environment(self):
        python_path = [str(self.source.root), os.environ.get("PYTHONPATH", "")]
        beside = {}
        if self.neighbours:
            python_path.append(str(self.neighbours.oca_folder))
            folders = [ROOT, *self.source.addons_paths, self.neighbours.addons_path]
            # Odoo prefers it to what stands in its configuration.
            beside["ODOO_ADDONS_PATH"] = ",".join(map(str, folders))
        return {
            **os.environ,
            **self.server.environment,
            **beside,
            "ODOO_RC": str(ODOO_CONF),
            "PYTHONPATH": os.pathsep.join(filter(None, python_path)),
            "PYTHONUNBUFFERED": "1",
        }

    def process_options(self, **environment):
        """Options with which every program that uses the database is started."""
        return {
            "env": self.environment | environment,
            "cwd": ROOT,
            "pass_fds": self.server.pass_fds,
        }

    def odoo_command(self, *arguments):
        return [self.python_env.python, "-m", "odoo", *arguments]

    def odoo(self, *arguments):
        """Run Odoo's command line in the foreground; return its exit code."""
        return foreground(self.odoo_command(*arguments), **self.process_options())

    def odoo_quietly(self, *arguments, log, failure, script=None):
        """Run Odoo to its end, its messages going to a file of the log folder.

        :param str log: the file's name
        :param str script: Python to run in ``odoo shell``
        :raise Problem: if it fails; the last lines of the log are shown
        """
        path = LOG_DIR / log
        with open(path, "w") as output, contextlib.ExitStack() as stack:
            options = {"stdout": output, "stderr": output, **self.process_options()}
            if script is not None:
                script_path = LOG_DIR / f"{log}.py"
                script_path.write_text(script)
                options["stdin"] = stack.enter_context(open(script_path))
            # Not in the foreground: an Odoo that Ctrl-C has ended may exit with 0, and
            # what it leaves half installed would pass for whole.
            with running(self.odoo_command(*arguments), **options) as odoo:
                code = odoo.wait()
        text = path.read_text(errors="replace")
        # Odoo's shell ends with 0 even if what it read from a file has failed.
        if code or (script is not None and "Traceback (most recent call" in text):
            tail = "\n".join(text.splitlines()[-25:])
            raise Problem(f"{tail}\n{failure} The whole log: {path}")
        warnings = sum(" WARNING " in line for line in text.splitlines())
        errors = sum(" ERROR " in line for line in text.splitlines())
        if errors or warnings:
            say(f"    {errors} errors and {warnings} warnings in {path}")


@contextlib.contextmanager
def open_workbench(neighbours=None):
    """Bring what is missing, start the database server, stop it at the end.

    :param Neighbours neighbours: modules to have beside the addon
    """
    source = find_source()
    say(f"    Odoo: {source.origin} in {source.root}")
    python_env = PythonEnv("odoo").ensure()
    with database_server(python_env.site_packages) as server:
        if neighbours:
            neighbours.ensure(python_env)
        yield Workbench(source, python_env, server, neighbours)
