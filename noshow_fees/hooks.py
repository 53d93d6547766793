def post_init_hook(env):
    """Propose the fee codes that come with the addon at the companies that are there
    already: their columns were made before these codes."""
    names = ["noshow_late_cancelled_product_id", "noshow_no_show_product_id"]
    defaults = env["res.company"].default_get(names)
    for name, product_id in defaults.items():
        env["res.company"].search([(name, "=", False)]).write({name: product_id})
