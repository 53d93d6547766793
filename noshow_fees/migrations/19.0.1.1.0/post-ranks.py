"""How many invoices somebody got, in a field that every employee reads."""


def migrate(cr, version):
    cr.execute(
        """
        UPDATE res_partner
           SET customer_rank = 0
         WHERE customer_rank > 0
           AND (is_client
                OR id IN (SELECT payer_id FROM res_partner WHERE payer_id IS NOT NULL)
                OR commercial_partner_id IN (
                    SELECT id FROM res_partner WHERE is_client))
        """
    )
