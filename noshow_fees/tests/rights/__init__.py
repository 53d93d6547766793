from . import (
    test_own_defaults,
    test_rights,
    test_rights_calls,
    test_rights_elsewhere,
    test_rights_field_table,
    test_rights_fields,
    test_rights_methods,
    test_rights_practice,
)
