from . import (
    test_cancel,
    test_fee_codes,
)
