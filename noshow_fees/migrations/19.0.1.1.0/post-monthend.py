"""Waivers have a reason of a list; those of before keep their text, under “other”."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    other = env.ref("noshow_fees.waiver_reason_other")
    cr.execute(
        """
        UPDATE noshow_fee_change SET reason_id = %s
         WHERE kind IN ('waived', 'restored') AND reason_id IS NULL AND reason != ''
        """,
        [other.id],
    )
