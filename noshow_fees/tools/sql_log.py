"""Keep clinical text out of the server's log.

Odoo prints a failed statement with all its values, and with `--log-sql` every
statement (odoo/sql_db.py, `Cursor.execute`): the text of a chart entry, the reason
of a cancellation, the title of an appointment; card references, keys, and the name and
address of clients, which Odoo copies to invoices and card payments. On the level DEBUG
it prints every call with its arguments (odoo/service/model.py, `call_kw`), and at any
level the HTML that it could not sanitize (odoo/tools/mail.py, `html_sanitize`).
"""

import logging
import re

#: Charts as a whole; of events, and of the page that cancels them, what is written.
CLINICAL = re.compile(
    r"noshow[._]chart|(?:INSERT INTO|UPDATE|call) "
    r"\W*(?:account[._]move|calendar[._]event|mail[._]m|res[._]partner"
    r"|payment[._](?:transaction|token|provider))"
    # Somebody looks for a client by name.
    r"|res_partner\b.*\bilike\b",
    re.IGNORECASE | re.DOTALL,
)
PLACE = re.compile(
    r"(?:noshow[._]chart|account[._]move|calendar[._]event|mail[._]m|res[._]partner"
    r"|payment[._])[\w.]*",
    re.IGNORECASE,
)


class ClinicalTextFilter(logging.Filter):
    """Replaces the message of statements and calls that hold clinical text."""

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
            record.args = (PLACE.search(message)[0], " ".join(errors))
        return True


class HtmlFilter(logging.Filter):
    """Leaves out the HTML that could not be sanitized, whatever it is from."""

    def filter(self, record):
        record.msg = "HTML could not be sanitized; not printed: it may be clinical text"
        record.args = ()
        return True


logging.getLogger("odoo.sql_db").addFilter(ClinicalTextFilter())
logging.getLogger("odoo.service.model").addFilter(ClinicalTextFilter())
logging.getLogger("odoo.tools.mail.html_sanitize").addFilter(HtmlFilter())
