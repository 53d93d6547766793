"""The history of fees knows the day at the practice."""


def migrate(cr, version):
    cr.execute("ALTER TABLE noshow_fee_change ADD COLUMN IF NOT EXISTS date date")
    cr.execute(
        """
        UPDATE noshow_fee_change change
           SET date = (change.create_date AT TIME ZONE 'UTC'
                       AT TIME ZONE COALESCE(partner.tz, 'UTC'))::date
          FROM account_move move
          JOIN res_company company ON company.id = move.company_id
          JOIN res_partner partner ON partner.id = company.partner_id
         WHERE move.id = change.invoice_id AND change.date IS NULL
        """
    )
