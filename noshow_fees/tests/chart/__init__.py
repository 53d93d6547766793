from . import (
    test_chart_access,
    test_chart_doors,
    test_chart_entry,
    test_chart_print,
    test_chart_rights,
    test_chart_text,
    test_chart_tour,
)
