"""Keep clinical text out of the server's log, and leave the log to others.

Odoo prints a failed statement with all its values, and with `--log-sql` every statement
(odoo/sql_db.py, `Cursor.execute`): the text of a chart entry, the reason of a
cancellation, the title of an appointment; card references, keys, and the name and
address of clients, which Odoo copies to invoices and card payments. It prints what the
cursor of the database says of itself: so, in databases that have this addon, the cursor
says the statement on such tables without the values. No logger is touched; statements
on other tables, and those of other databases of the process, are printed as ever.

What Odoo prints on the level DEBUG of its calls (odoo/service/model.py) is for nobody
to mask: see docs/doors.md.
"""

import re

import psycopg2
import psycopg2.extensions

#: Tables that hold what is clinical or names a client; of these, what is written, and
#: of charts and contacts what somebody looks for, too.
SECRET = re.compile(
    r"noshow_(?:chart|care)"
    r"|(?:INSERT\s+INTO|UPDATE)\s+\W*(?:account_move|calendar_|mail_m|res_partner"
    r"|payment_(?:transaction|token|provider))"
    r"|res_partner\b.*\bilike\b",
    re.IGNORECASE | re.DOTALL,
)


def _is_secret(statement):
    if isinstance(statement, bytes):
        statement = statement.decode(errors="replace")
    return isinstance(statement, str) and bool(SECRET.search(statement))


def _to_bytes(statement):
    return statement.encode() if isinstance(statement, str) else statement


def _describe(error):
    """What PostgreSQL refused, without the row, which it quotes."""
    place = (error.diag.table_name, error.diag.column_name, error.diag.constraint_name)
    return " ".join(
        filter(None, (type(error).__name__, error.pgcode, *place, "(values masked)"))
    )


class MaskingCursor(psycopg2.extensions.cursor):
    """A cursor that tells no values of a statement on one of our tables."""

    _statement = None

    def execute(self, query, vars=None):  # noqa: A002 - psycopg2's name
        self._statement = query
        try:
            return super().execute(query, vars)
        except psycopg2.Error as error:
            if _is_secret(query):
                error.args = (_describe(error),)
            raise

    def mogrify(self, query, vars=None):  # noqa: A002
        if _is_secret(query):
            return _to_bytes(query)
        return super().mogrify(query, vars)

    @property
    def query(self):
        if _is_secret(self._statement):
            return _to_bytes(self._statement)
        return super().query


class MaskingConnection:
    """A database (`odoo.sql_db.Connection`) whose cursors mask values."""

    def __init__(self, database):
        self._database = database

    def __getattr__(self, name):
        return getattr(self._database, name)

    def cursor(self):
        cursor = self._database.cursor()
        cursor._obj.close()
        cursor._obj = cursor._cnx.cursor(cursor_factory=MaskingCursor)
        return cursor


def mask_statements(registry):
    """Let the cursors that a registry gives from now on mask values. A registry is of
    one database, and made anew when modules are installed or uninstalled."""
    for name in ("_db", "_db_readonly"):
        database = getattr(registry, name)
        if database is not None and not isinstance(database, MaskingConnection):
            setattr(registry, name, MaskingConnection(database))
