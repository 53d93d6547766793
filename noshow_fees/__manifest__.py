{
    "name": "Missed-appointment Fees",
    "summary": "Cancel appointments, bill no-shows and late cancellations, "
    "charge the saved card",
    "version": "19.0.1.0.0",
    "category": "Services/Appointment",
    "author": "noshow_fees contributors",
    "website": "https://github.com/noshow-fees/noshow_fees",
    "license": "LGPL-3",
    "depends": ["calendar", "account_payment", "payment_stripe", "portal"],
    "external_dependencies": {"python": ["stripe"]},
    "data": [
        "security/noshow_groups.xml",
        "security/ir.model.access.csv",
        "security/noshow_rules.xml",
        "views/account_move_line_views.xml",
        "views/calendar_event_views.xml",
        "views/calendar_event_cancel_views.xml",
    ],
    "application": True,
    "uninstall_hook": "uninstall_hook",
}
