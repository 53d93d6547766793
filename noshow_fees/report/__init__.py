from . import (
    noshow_fee_report,
    noshow_visit_report,
    noshow_open_report,
    noshow_cash_report,
)
from . import noshow_fee_report_uncharged, noshow_fee_report_released
from . import ir_actions_report, noshow_chart_report, noshow_statement_report
