"""Keep clinical text, and what a card is charged by, out of the server's log.

Odoo prints a failed statement with all its values, and with `--log-sql` every
statement (odoo/sql_db.py, `Cursor.execute`): the text of a chart entry, the reason
of a cancellation, the title of an appointment; card references, keys, and the name and
address that Odoo copies to every card payment.
"""

import logging
import re

#: Charts as a whole; of events, and of the page that cancels them, what is written.
CLINICAL = re.compile(
    r"noshow_chart|(?:INSERT INTO|UPDATE) "
    r"\W*(?:calendar_event|payment_(?:transaction|token|provider))",
    re.IGNORECASE,
)
TABLE = re.compile(r"(?:noshow_chart|calendar_event|payment_)\w*")


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
