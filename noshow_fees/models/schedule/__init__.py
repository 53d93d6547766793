"""The schedule, Today, the worklist and the dashboard.

May import all above. `calendar_event_range` is about speed alone: a week of the
calendar is found by an index.
"""

from . import (
    calendar_event,
    calendar_event_booking,
    calendar_event_move,
    calendar_event_dashboard,
    res_partner,
    res_partner_page,
    res_users,
    res_users_settings,
)
