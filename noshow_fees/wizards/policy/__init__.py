from . import (
    account_move_line_override_coverage,
    account_payment_register,
    noshow_policy_try,
    product_product_change_price,
)
