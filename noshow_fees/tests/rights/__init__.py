from . import (
    test_rights,
    test_rights_calls,
    test_rights_fields,
    test_rights_methods,
    test_rights_practice,
)
