"""Who has whom in their care: whoever has treated them."""

from odoo import SUPERUSER_ID, api

from odoo.addons.noshow_fees.hooks import set_practice_zones


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    set_practice_zones(env)
    cr.execute(
        """
        INSERT INTO noshow_care (
            client_id, therapist_id, company_id, ground, granted_by_id, date_from,
            create_uid, create_date, write_uid, write_date
        )
        SELECT event.client_id, event.user_id, event.company_id, 'attended', %(uid)s,
               MIN(event.start), %(uid)s, NOW() AT TIME ZONE 'UTC', %(uid)s,
               NOW() AT TIME ZONE 'UTC'
          FROM calendar_event event
         WHERE event.visit_state = 'attended'
           AND event.start <= NOW() AT TIME ZONE 'UTC'
           AND event.client_id IS NOT NULL
           AND event.user_id IS NOT NULL
           AND event.company_id IS NOT NULL
           AND NOT EXISTS (
               SELECT FROM noshow_care care
                WHERE care.client_id = event.client_id
                  AND care.therapist_id = event.user_id
                  AND care.company_id = event.company_id)
      GROUP BY event.client_id, event.user_id, event.company_id
        """,
        {"uid": SUPERUSER_ID},
    )
    cares = env["noshow.care"].search([("fact", "=", False)])
    env.add_to_compute(cares._fields["fact"], cares)
    cares.flush_recordset(["fact"])
