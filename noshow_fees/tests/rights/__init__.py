from . import (
    test_rights,
    test_rights_calls,
    test_rights_practice,
)
