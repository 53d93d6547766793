def post_init_hook(env):
    """Propose the fee codes that come with the addon at the companies that are there
    already: their columns were made before these codes."""
    names = ["noshow_late_cancelled_product_id", "noshow_no_show_product_id"]
    defaults = env["res.company"].default_get(names)
    for name, product_id in defaults.items():
        env["res.company"].search([(name, "=", False)]).write({name: product_id})
    set_practice_zones(env)


def set_practice_zones(env):
    """Give the companies that have no zone of their own that of their contact, or of
    their owner; where nobody has said one, it stays to be chosen."""
    owners = env.ref("noshow_fees.group_owner").all_user_ids
    for company in env["res.company"].search([("noshow_tz", "=", False)]):
        at_work = owners.filtered(lambda user, one=company: one in user.company_ids)
        zones = [company.partner_id.tz, *at_work.mapped("tz")]
        company.noshow_tz = next(filter(None, zones), False)
