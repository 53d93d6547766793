def uninstall_hook(env):
    """Give stock's rule on private events its own domain back: ours names
    `client_id`, a field that is gone after this (see
    `security/noshow_rules.xml`)."""
    rule = env.ref("calendar.calendar_event_rule_private", raise_if_not_found=False)
    if rule:
        rule.domain_force = (
            "['|', ('privacy', '!=', 'private'), '&', ('privacy', '=', 'private'), "
            "'|', ('user_id', '=', user.id), "
            "('partner_ids', 'in', user.partner_id.id)]"
        )
