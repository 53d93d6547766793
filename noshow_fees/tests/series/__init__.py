from . import (
    test_series,
    test_series_edits,
)
