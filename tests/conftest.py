"""What the system tests share: a real Odoo and fresh databases, from outside."""

import pytest

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
