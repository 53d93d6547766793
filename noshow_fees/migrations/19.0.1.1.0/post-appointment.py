"""Make appointments whole that superuser's code had left without an outcome, and plain
meetings of those whose only "client" is the person who holds them. And providers have
accepted what somebody else had moved: the schedule showed it as a mere invitation."""


def migrate(cr, version):
    # What has an outcome or a fee stays as it is on record: a person has to decide.
    cr.execute(
        """
        UPDATE calendar_event event
           SET client_id = NULL
          FROM res_users provider
         WHERE provider.id = event.user_id
           AND provider.partner_id = event.client_id
           AND COALESCE(event.visit_state, 'scheduled') = 'scheduled'
           AND NOT EXISTS (
                   SELECT FROM account_move_line line
                    WHERE line.appointment_id = event.id)
           AND NOT EXISTS (
                   SELECT FROM noshow_chart_entry entry
                    WHERE entry.appointment_id = event.id)
        """
    )
    cr.execute(
        """
        UPDATE calendar_event
           SET visit_state = NULL, company_id = NULL
         WHERE client_id IS NULL
           AND COALESCE(visit_state, 'scheduled') = 'scheduled'
           AND (visit_state IS NOT NULL OR company_id IS NOT NULL)
        """
    )
    cr.execute(
        """
        UPDATE calendar_event event
           SET visit_state = COALESCE(event.visit_state, 'scheduled'),
               company_id = COALESCE(
                   event.company_id,
                   (SELECT company_id FROM res_users WHERE id = event.user_id),
                   (SELECT min(id) FROM res_company))
         WHERE event.client_id IS NOT NULL
           AND (event.visit_state IS NULL OR event.company_id IS NULL)
        """
    )
    cr.execute(
        """
        UPDATE calendar_attendee attendee
           SET state = 'accepted'
          FROM calendar_event event
          JOIN res_users provider ON provider.id = event.user_id
         WHERE attendee.event_id = event.id
           AND attendee.partner_id = provider.partner_id
           AND attendee.state = 'needsAction'
           AND event.client_id IS NOT NULL
        """
    )
