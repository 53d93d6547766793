from . import (
    account_move_line_charge,
    noshow_link,
    portal_wizard_user,
)
