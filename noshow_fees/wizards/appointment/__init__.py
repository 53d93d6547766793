from . import (
    calendar_event_book,
    calendar_event_cancel,
    calendar_event_cancel_future,
    calendar_event_cancel_policy,
    calendar_event_cancel_payment,
    calendar_event_cancel_result,
    calendar_event_cancel_batch,
    calendar_event_cancel_line,
    calendar_event_correct,
    calendar_event_restore,
    calendar_event_undo,
    calendar_popover_delete_wizard,
)
