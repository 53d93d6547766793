from . import (
    calendar_event_cancel,
    calendar_event_cancel_line,
    calendar_event_correct,
    calendar_event_restore,
    account_move_line_edit_fee,
    account_move_line_pay_fee,
    account_move_line_waive_fee,
    calendar_popover_delete_wizard,
    account_payment_register,
    base_partner_merge,
    noshow_settings,
)
