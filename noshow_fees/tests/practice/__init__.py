from . import (
    test_care,
    test_care_days,
    test_care_reason,
    test_care_tours,
    test_client_page,
    test_doors_companies,
    test_doors_contacts,
    test_labels,
    test_merge,
    test_setting_up,
)
