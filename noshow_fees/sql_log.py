"""Keep clinical text out of the server's log.

Odoo prints a failed statement with all its values, and with `--log-sql` every
statement (odoo/sql_db.py, `Cursor.execute`): the text of a chart entry, the reason
of a cancellation, the title of an appointment.
"""

import logging
import re

#: Charts as a whole; of events, and of the page that cancels them, what is written.
CLINICAL = re.compile(r"noshow_chart|(?:INSERT INTO|UPDATE) \W*calendar_event", re.IGNORECASE)
TABLE = re.compile(r"(?:noshow_chart|calendar_event)\w*")


class ClinicalTextFilter(logging.Filter):
    """Replaces the message of statements that hold clinical text."""

    def filter(self, record):
        message = record.getMessage()
        if CLINICAL.search(message):
            # The error's text may quote the row as well: its kind has to do.
            errors = [
                f"{type(arg).__name__} {getattr(arg, 'pgcode', '')}"
                for arg in record.args or ()
                if isinstance(arg, Exception)
            ]
            record.msg = "statement on %s, not printed: it may hold clinical text. %s"
            record.args = (TABLE.search(message)[0], " ".join(errors))
        return True


logging.getLogger("odoo.sql_db").addFilter(ClinicalTextFilter())
