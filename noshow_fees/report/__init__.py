from . import (
    noshow_fee_report,
    noshow_visit_report,
)
from . import noshow_fee_report_uncharged
from . import ir_actions_report, noshow_chart_report
