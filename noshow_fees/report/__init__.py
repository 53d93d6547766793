from . import (
    noshow_fee_report,
    noshow_visit_report,
)
