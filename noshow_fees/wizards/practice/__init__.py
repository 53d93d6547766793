from . import (
    base_partner_merge,
    noshow_settings,
    base_partner_merge_automatic_wizard,
)
