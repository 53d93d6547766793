"""Repeating appointments: an occurrence with an outcome leaves its series, and its
slot stays taken.

May import `appointment`, and loads after it: an edit of the series is looked at before
the guards are.
"""

from . import (
    calendar_event,
    calendar_recurrence,
)
