from . import (
    test_cancel,
    test_demo,
    test_fee_codes,
    test_fee_change,
    test_fee_invoice,
    test_fee_state,
    test_page,
    test_queries,
    test_refusals,
    test_restore,
    test_charge_protocol,
    test_doors_events,
)
