"""One appointment: its fields, guards, outcome and cancellation.

May import `rights` and `practice`. `calendar_event` declares the fields and loads
first; the guards come before what acts, so that `series` and `sync` wrap them.
"""

from . import (
    calendar_event,
    calendar_event_guards,
    calendar_event_outcome,
    calendar_event_cancellation,
    calendar_attendee,
    res_partner,
)
