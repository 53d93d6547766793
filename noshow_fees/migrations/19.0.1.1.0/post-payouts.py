"""Charges that are not settled yet have a currency, too: without it the sums of the
list of charges and payouts were 0. What went back has a net amount: Stripe keeps its
fee of the charge, and takes none. What clients have paid with Odoo's own form, and what
went back of it, knows the fee, as the charge of a saved card does."""


def migrate(cr, version):
    cr.execute(
        """
        UPDATE payment_transaction
           SET settlement_currency_id = currency_id
         WHERE settlement_currency_id IS NULL
        """
    )
    cr.execute(
        """
        UPDATE payment_transaction refund
           SET net_amount = refund.amount, processing_fee = 0
          FROM payment_transaction paid
         WHERE paid.id = refund.source_transaction_id
           AND paid.settlement_currency_id = refund.currency_id
           AND refund.operation = 'refund'
           AND refund.balance_reference IS NOT NULL
           AND COALESCE(refund.net_amount, 0) = 0
        """
    )
    cr.execute(
        """
        UPDATE payment_transaction paid
           SET fee_line_id = (
                   SELECT fee.id
                     FROM account_invoice_transaction_rel invoice
                     JOIN account_move_line fee ON fee.move_id = invoice.invoice_id
                    WHERE invoice.transaction_id = paid.id
                      AND fee.appointment_id IS NOT NULL
                 ORDER BY fee.is_noshow_fee DESC NULLS LAST, fee.id LIMIT 1)
         WHERE fee_line_id IS NULL AND operation NOT IN ('refund', 'validation')
           AND state = 'done' AND is_post_processed AND payment_id IS NOT NULL
           AND EXISTS (
                   SELECT FROM account_invoice_transaction_rel invoice
                     JOIN account_move_line fee ON fee.move_id = invoice.invoice_id
                    WHERE invoice.transaction_id = paid.id
                      AND fee.appointment_id IS NOT NULL)
        """
    )
    cr.execute(
        """
        UPDATE payment_transaction refund
           SET fee_line_id = paid.fee_line_id
          FROM payment_transaction paid
         WHERE paid.id = refund.source_transaction_id
           AND refund.fee_line_id IS NULL AND refund.operation = 'refund'
           AND refund.state = 'done'
        """
    )
