from . import (
    account_move_line_override_coverage,
    noshow_policy_try,
    product_product_change_price,
)
