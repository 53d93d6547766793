from . import (
    test_series_sync,
)
