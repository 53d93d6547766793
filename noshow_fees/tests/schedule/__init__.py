from . import (
    test_booking,
    test_booking_odd,
    test_dashboard,
    test_empty_lists,
    test_range,
    test_schedule,
    test_schedule_js,
    test_schedule_tours,
    test_undo,
    test_when,
)
