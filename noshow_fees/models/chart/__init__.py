"""The clinical record: entries, who may read them, who has.

May import `appointment` and `practice`, and loads after `sync`: what a chart keeps is
looked at before anything else of an appointment changes.
"""

from . import (
    noshow_chart_entry,
    calendar_event,
    noshow_chart_access,
    noshow_chart_entry_reading,
    ir_filters,
)
