"""Charges that are not settled yet have a currency, too: without it the sums of the
list of charges and payouts were 0."""


def migrate(cr, version):
    cr.execute(
        """
        UPDATE payment_transaction
           SET settlement_currency_id = currency_id
         WHERE settlement_currency_id IS NULL
        """
    )
