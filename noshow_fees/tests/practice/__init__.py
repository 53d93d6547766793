from . import (
    test_care,
    test_client_page,
    test_doors_contacts,
    test_labels,
)
