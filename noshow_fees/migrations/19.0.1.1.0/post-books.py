"""What became of each fee is measured anew: money is what came into a bank or cash
account, and taxes, losses and credit have measures of their own."""

from odoo import SUPERUSER_ID, api

BATCH = 1000


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    lines = env["account.move.line"]
    cr.execute(
        "SELECT id FROM account_move_line WHERE appointment_id IS NOT NULL ORDER BY id"
    )
    ids = [id_ for [id_] in cr.fetchall()]
    for start in range(0, len(ids), BATCH):
        fees = lines.browse(ids[start : start + BATCH])
        fees._update_measures()
        env.add_to_compute(lines._fields["fee_billed_on"], fees)
        env.flush_all()
        env.invalidate_all()
    # Gone: the share that is money is in the measures themselves.
    cr.execute("ALTER TABLE account_move_line DROP COLUMN IF EXISTS fee_money")
