from . import (
    noshow_fee_choice,
    noshow_fee_dialog,
    noshow_waive_dialog,
    account_move_line_edit_fee,
    account_move_line_pay_fee,
    account_move_line_refund_fee,
    account_move_line_waive_fee,
    account_move_line_write_off_fee,
    account_move_reversal,
    account_payment_register,
    noshow_open_report_show,
)
