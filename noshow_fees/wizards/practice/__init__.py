from . import (
    noshow_settings,
    base_partner_merge_automatic_wizard,
)
