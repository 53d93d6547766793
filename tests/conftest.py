"""What the system tests share: a real Odoo and fresh databases, from outside."""

import contextlib

import pytest
from odoo_server import wait_until_up

from devtools.children import running
from devtools.postgres import free_port
from devtools.settings import LOG_DIR
from devtools.templates import Templates
from devtools.workbench import open_workbench


@pytest.fixture(scope="session")
def bench():
    """Odoo with its database server; ``bench.odoo_command`` and
    ``bench.process_options`` start processes that use it.
    """
    with open_workbench() as workbench:
        yield workbench


@pytest.fixture(scope="session")
def templates(bench):
    return Templates(bench)


@pytest.fixture
def database(templates):
    """The name of a fresh database with the addon, dropped after the test."""
    with templates.copy() as name:
        yield name


@pytest.fixture
def start_odoo(bench, database):
    """A function that starts an Odoo server on the test's database and returns its
    port and process; all of them are stopped after the test.
    """
    with contextlib.ExitStack() as stack:

        def start(*arguments, **environment):
            port = free_port()
            log = stack.enter_context(open(LOG_DIR / f"{database}.log", "a"))
            command = bench.odoo_command(
                *("-d", database, "--http-port", str(port), "--no-database-list"),
                *("--db-filter", f"^{database}$", *arguments),
            )
            options = bench.process_options(**environment)
            process = stack.enter_context(
                running(command, stdout=log, stderr=log, **options)
            )
            wait_until_up(port, process)
            return port, process

        yield start
