"""What ever had an outcome is kept; and an index goes that one absurd event spoils."""


def migrate(cr, version):
    # At once, not row by row as Odoo would compute it.
    cr.execute(
        "ALTER TABLE calendar_event ADD COLUMN IF NOT EXISTS had_outcome BOOLEAN"
    )
    cr.execute(
        "UPDATE calendar_event SET had_outcome = TRUE"
        " WHERE visit_state IS NOT NULL AND visit_state != 'scheduled'"
    )
    # It told the longest event, of which one may be absurd.
    cr.execute("DROP INDEX IF EXISTS calendar_event__length")
