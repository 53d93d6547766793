def post_init_hook(env):
    """Propose the fee codes that come with the addon at the companies that are there
    already: their columns were made before these codes."""
    names = ["noshow_late_cancelled_product_id", "noshow_no_show_product_id"]
    defaults = env["res.company"].default_get(names)
    for name, product_id in defaults.items():
        env["res.company"].search([(name, "=", False)]).write({name: product_id})


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
