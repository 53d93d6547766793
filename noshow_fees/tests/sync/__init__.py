from . import (
    test_calendar_crons,
    test_calendar_told,
    test_optional,
    test_outlook,
    test_outside,
    test_series_sync,
)
