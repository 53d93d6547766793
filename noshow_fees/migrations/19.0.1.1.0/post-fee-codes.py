"""Fee codes are not sold, bought or expensed."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    templates = env["product.template"].search([("cpt_code", "!=", False)])
    templates.write(dict.fromkeys(templates._get_offers(), False))
