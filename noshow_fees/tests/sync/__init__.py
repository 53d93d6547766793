from . import (
    test_calendar_crons,
    test_optional,
    test_series_sync,
)
