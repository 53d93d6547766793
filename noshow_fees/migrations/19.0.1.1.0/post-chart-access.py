"""Whose people read a row of the access log: those of merges had no company."""


def migrate(cr, version):
    cr.execute(
        """
        UPDATE noshow_chart_access access
           SET company_id = COALESCE(
                (SELECT MIN(entry.company_id)
                   FROM noshow_chart_entry entry
                  WHERE entry.client_id = access.client_id),
                (SELECT MIN(event.company_id)
                   FROM calendar_event event
                  WHERE event.client_id = access.client_id),
                client.company_id,
                person.company_id)
          FROM res_partner client, res_users person
         WHERE client.id = access.client_id
           AND person.id = access.user_id
           AND access.company_id IS NULL
        """
    )
