"""A fee: the invoice line, its life in the books, what is left of it.

May import `appointment` and `practice`. `account_move_line` declares the fields and
loads first; *bill* makes a fee, *change* edits and waives it, *state* says where it
stands.
"""

from . import (
    account_move,
    account_move_line,
    account_move_line_state,
    account_move_line_bill,
    account_move_line_change,
    account_analytic_distribution_model,
    noshow_fee_change,
    product_template,
)
