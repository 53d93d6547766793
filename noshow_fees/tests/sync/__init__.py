from . import (
    test_calendar_crons,
    test_series_sync,
)
