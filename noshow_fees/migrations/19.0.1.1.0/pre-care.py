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
    # Who agrees with one practice has not agreed with another: kept for those where
    # the client has appointments; for all where there are none.
    cr.execute(
        "ALTER TABLE res_partner RENAME card_authorized_on TO card_authorized_on_former"
    )
    cr.execute("ALTER TABLE res_partner ADD COLUMN card_authorized_on JSONB")
    cr.execute(
        """
        UPDATE res_partner client
           SET card_authorized_on = (
               SELECT jsonb_object_agg(company.id, client.card_authorized_on_former)
                 FROM res_company company
                WHERE EXISTS (
                          SELECT FROM calendar_event event
                           WHERE event.client_id = client.id
                             AND event.company_id = company.id)
                   OR NOT EXISTS (
                          SELECT FROM calendar_event event
                           WHERE event.client_id = client.id
                             AND event.company_id IS NOT NULL))
         WHERE client.card_authorized_on_former IS NOT NULL
        """
    )
    cr.execute("ALTER TABLE res_partner DROP COLUMN card_authorized_on_former")
