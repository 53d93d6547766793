from odoo import Command

from .const import PRACTICE


def post_init_hook(env):
    """Publish version 1 of the cancellation policy for the companies that are there
    already: they were there before the codes that it charges."""
    env["res.company"].search([])._publish_first_policy()
    set_practice_zones(env)


def set_practice_zones(env):
    """Give the companies that have no zone of their own that of their contact, or of
    their owner; where nobody has said one, it stays to be chosen."""
    owners = env.ref("noshow_fees.group_owner").all_user_ids
    for company in env["res.company"].search([("noshow_tz", "=", False)]):
        at_work = owners.filtered(lambda user, one=company: one in user.company_ids)
        zones = [company.partner_id.tz, *at_work.mapped("tz")]
        company.noshow_tz = next(filter(None, zones), False)


def uninstall_hook(env):
    """Leave in Odoo what can stay readable there."""
    env["calendar.event"]._leave_outcomes()
    # Who is a user of Odoo by their role here stays one without it.
    people = env.ref(PRACTICE).with_context(active_test=False).all_user_ids
    people.write({"group_ids": [Command.link(env.ref("base.group_user").id)]})
    # Codes that stand on invoices or in a policy stay: Odoo would try to delete them
    # before the policy is gone, in vain.
    used = env["account.move.line"].search([("appointment_id", "!=", False)]).product_id
    used |= env["noshow.policy.rule"].search([]).product_id
    for records in (used, used.product_tmpl_id):
        env["ir.model.data"].search(
            [
                ("module", "=", "noshow_fees"),
                ("model", "=", records._name),
                ("res_id", "in", records.ids),
            ]
        ).unlink()
