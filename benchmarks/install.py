"""Fills a database without the addon, for the time that its installation takes."""


def fill(env, size):
    """Insert so many plain meetings of one user, eight a day."""
    env.cr.execute(
        """
        INSERT INTO calendar_event
               (name, user_id, active, start, stop, show_as, privacy, create_uid,
                create_date, write_uid, write_date)
        SELECT 'Meeting', %(user)s, TRUE,
               timestamp '2020-01-01 09:00' + n / 8 * interval '1 day'
                                            + n %% 8 * interval '1 hour',
               timestamp '2020-01-01 10:00' + n / 8 * interval '1 day'
                                            + n %% 8 * interval '1 hour',
               'busy', 'public', %(user)s,
               timestamp '2020-01-01', %(user)s, timestamp '2020-01-01'
          FROM generate_series(1, %(size)s) n
        """,
        {"user": env.ref("base.user_admin").id, "size": size},
    )
    env.cr.execute(
        """
        INSERT INTO calendar_event_res_partner_rel (calendar_event_id, res_partner_id)
        SELECT id, %s FROM calendar_event WHERE name = 'Meeting'
        """,
        [env.ref("base.partner_admin").id],
    )
    env.cr.commit()
    env.cr.execute("ANALYZE")
    env.cr.commit()
