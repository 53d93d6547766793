from . import (
    noshow_care_open,
    noshow_settings,
    base_partner_merge_automatic_wizard,
)
