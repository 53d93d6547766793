from . import (
    noshow_chart_entry_print,
)
