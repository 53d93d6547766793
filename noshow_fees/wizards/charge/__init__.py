from . import (
    account_move_line_charge,
    noshow_link,
    portal_share,
    portal_wizard_user,
)
