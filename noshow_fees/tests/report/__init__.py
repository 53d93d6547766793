from . import (
    test_fee_board,
    test_fee_history,
    test_fee_report,
    test_fee_report_rows,
    test_month_end,
    test_one_word,
    test_published_months,
    test_statement,
    test_visit_report,
)
