"""What the system tests share: a real Odoo and fresh databases, from outside."""

import contextlib

import pytest

from devtools.odoo_server import serving
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
            server = serving(bench, database, *arguments, **environment)
            return stack.enter_context(server)

        yield start
