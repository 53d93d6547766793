"""Calendars from outside (Google, Microsoft): what they may do to an appointment.

May import `series` and `appointment`, and loads after both: it decides whether their
guards are asked. Works without the addons that synchronise.
"""

from . import (
    calendar_event,
    calendar_event_outlook,
    calendar_event_told,
    calendar_recurrence,
)
