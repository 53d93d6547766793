from . import (
    test_client_page,
    test_doors_contacts,
    test_labels,
)
