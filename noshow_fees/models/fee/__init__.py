"""A fee: the invoice line, its life in the books, what is left of it.

May import `appointment` and `practice`. `account_move_line` declares the fields and
loads first; *bill* makes a fee, *change* edits it, *waive* credits it, *write_off*
gives it up, *left* says what is left of it and *state* where it stands.
"""

from . import (
    account_move_seal,
    account_move,
    account_move_line,
    account_move_line_state,
    account_move_matched,
    account_move_line_matched,
    account_move_line_bill,
    account_move_line_left,
    account_move_line_change,
    account_move_line_waive,
    account_move_line_write_off,
    account_account,
    account_move_line_refund,
    account_analytic_distribution_model,
    noshow_waiver_reason,
    noshow_fee_change,
    noshow_fee_receipt,
    account_partial_reconcile,
    product_template,
    product_product,
    product_product_choice,
    res_partner,
)
