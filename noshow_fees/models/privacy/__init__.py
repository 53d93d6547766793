"""Who sees an appointment in Odoo's own screens, mails, searches and alarms.

May import `appointment` and `practice`, and loads after them: what it hides, they have
declared.
"""

from . import (
    account_move,
    calendar_event,
    mail_activity,
    mail_message,
    mail_render_mixin,
    calendar_alarm_manager,
    res_partner,
)
