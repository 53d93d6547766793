"""The schedule, Today, the worklist and the dashboard.

May import all above. `calendar_event` tells the schedule what it shows, and finds a
week by an index; *booking* proposes who and when, *move* asks who wanted a late move;
`res_partner` is how a desk finds a client, *page* what the client's page says.
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
