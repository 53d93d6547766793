from . import (
    test_fee_change,
    test_fee_codes,
    test_fee_desk,
    test_fee_dialogs,
    test_fee_guards,
    test_fee_invoice,
    test_fee_properties,
    test_fee_refund,
    test_fee_reissue,
    test_fee_state,
    test_fee_waive,
    test_fee_write_off,
)
