"""The history of fees: reasons of a list, and what was taken from the count of missed
visits, so that the months of before stay as they are from now on."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    # The texts stay, under “other”.
    cr.execute(
        """
        UPDATE noshow_fee_change SET reason_id = %s
         WHERE kind IN ('waived', 'restored') AND reason_id IS NULL AND reason != ''
        """,
        [env.ref("noshow_fees.waiver_reason_other").id],
    )
    # A waiver that forgave the visit, and an invoice that was billed anew; whether one
    # that was restored had counted is not on record: most had.
    cr.execute(
        """
        UPDATE noshow_fee_change change
           SET missed_count = CASE WHEN
                   change.kind = 'restored'
                OR change.kind = 'reissued' AND event.counts_as_missed
                OR change.kind = 'waived' AND NOT event.counts_as_missed
                   AND event.visit_state IN ('late_cancelled', 'no_show')
                   THEN -1 ELSE 0 END
          FROM calendar_event event
         WHERE event.id = change.appointment_id AND change.missed_count IS NULL
        """
    )
