"""Who may do what: the design's table of rights, asked before something is done.

Imports nothing of the other subjects, and loads first: all of them ask it.
"""

from . import (
    base,
    ir_default,
    mail_activity_mixin,
    noshow_group_order,
    res_users_rights,
)
