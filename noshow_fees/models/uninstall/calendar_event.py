"""What stays of an appointment when the addon is uninstalled."""

from odoo import models
from odoo.tools import SQL

from ...const import VISIT_STATES


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def _leave_outcomes(self):
        """Write on each appointment with an outcome what it was, and make all of them
        private: Odoo's own rule then shows others no more than that the provider is
        busy. Called by the uninstall hook.

        The note says outcome, who, when, and the invoice: any employee who may open the
        event can read it. The reason for the cancellation is for roles that are gone by
        then, and goes with the field. Cancelled appointments stay archived, so that
        their slot stays free and nobody is reminded.

        In SQL: it runs within a request, for every appointment that there ever was.
        """
        self.env.flush_all()
        states = dict(self._fields["visit_state"]._description_selection(self.env))
        labels = SQL(", ").join(
            SQL("(%s, %s)", state, states[state])
            for state, _label in VISIT_STATES
            if state != "scheduled"
        )
        odoobot = self.env.ref("base.partner_root").id
        note = self.env.ref("mail.mt_note").id
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO mail_message (
                       model, res_id, message_type, subtype_id, author_id, is_internal,
                       date, create_date, write_date, create_uid, write_uid, body)
                SELECT 'calendar.event', event.id, 'notification', %(note)s, %(bot)s,
                       TRUE, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC',
                       now() AT TIME ZONE 'UTC', %(uid)s, %(uid)s,
                       CONCAT_WS(
                           '', '<p>', outcome.label,
                           ', ' || replace(replace(partner.name, '&', '&amp;'), '<',
                                           '&lt;'),
                           ', ' || to_char(event.cancelled_on, 'YYYY-MM-DD HH24:MI')
                                || ' UTC',
                           ', ' || invoices.names, '.</p>')
                  FROM calendar_event event
                  JOIN (VALUES %(labels)s) outcome (state, label)
                    ON outcome.state = event.visit_state
             LEFT JOIN res_users who ON who.id = event.cancelled_by_id
             LEFT JOIN res_partner partner ON partner.id = who.partner_id
             LEFT JOIN LATERAL (
                       SELECT string_agg(line.move_name, ', ' ORDER BY line.id) AS names
                         FROM account_move_line line
                        WHERE line.appointment_id = event.id
                          AND line.parent_state = 'posted') invoices ON TRUE
                 WHERE event.client_id IS NOT NULL
                """,
                bot=odoobot,
                labels=labels,
                note=note,
                uid=self.env.uid,
            )
        )
        self.env.cr.execute(
            "UPDATE calendar_event SET privacy = 'private' WHERE client_id IS NOT NULL"
        )
        self.env.invalidate_all()
