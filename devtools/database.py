"""Databases and the files that belong to them: made, copied, renamed, dropped.

A database's comment tells what it was made from. It lives and dies with the database,
so it cannot contradict it.
"""

import os
import shutil

from .console import Problem
from .settings import DATA_DIR


def filestore(name):
    """Odoo's folder for the attachments of a database."""
    return DATA_DIR / "filestore" / name


class Databases:
    def __init__(self, server):
        self.server = server

    def names(self, prefix=""):
        rows = self.server.psql("SELECT datname FROM pg_database").splitlines()
        return [name for name in rows if name.startswith(prefix)]

    def exists(self, name):
        return name in self.names()

    def note(self, name):
        """What the database was made from; None if there is no such database."""
        if not self.exists(name):
            return None
        return self.server.psql(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
            f" WHERE datname = '{name}'"
        )

    def set_note(self, name, note):
        self.server.psql(f"COMMENT ON DATABASE \"{name}\" IS '{note}'")

    def create(self, name):
        """Make an empty database, as Odoo would, for Odoo to fill.

        Odoo itself would log an error where the extension pg_trgm is not installed,
        as on the embedded server; it only makes some searches faster.
        """
        self.drop(name)
        self.server.psql(
            f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'unicode'"
            " LC_COLLATE 'C'"
        )
        if self.server.psql(
            "SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'"
        ):
            self.server.psql("CREATE EXTENSION IF NOT EXISTS pg_trgm", name)

    def drop(self, name):
        self.server.psql(
            f'DROP DATABASE IF EXISTS "{name}"',
            failure=f"The database {name} is in use: stop what uses it first.",
        )
        shutil.rmtree(filestore(name), ignore_errors=True)

    def copy(self, template, name):
        """Copy a database and its attachments, nobody being connected to it."""
        self.drop(name)
        self.server.psql(
            f'CREATE DATABASE "{name}" TEMPLATE "{template}"',
            failure=f"The database {template} could not be copied.",
        )
        if filestore(template).is_dir():
            # Attachments are named by their content and never rewritten: links do.
            shutil.copytree(filestore(template), filestore(name), copy_function=os.link)

    def rename(self, name, new_name):
        if self.exists(new_name):
            raise Problem(f"There is a database {new_name} already.")
        shutil.rmtree(filestore(new_name), ignore_errors=True)
        if filestore(name).is_dir():
            filestore(name).rename(filestore(new_name))
        self.server.psql(f'ALTER DATABASE "{name}" RENAME TO "{new_name}"')
