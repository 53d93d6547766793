"""Rules of earlier versions could not be mended by an update, and one of them rewrote
Odoo's own rule on private events, which is given back here: appointments are no private
events any more (`models/privacy/calendar_event.py`)."""

from odoo import SUPERUSER_ID, api

# calendar/security/calendar_security.xml; Odoo does not update it either.
STOCK_DOMAIN = (
    "['|', ('privacy', '!=', 'private'), '&', ('privacy', '=', 'private'), "
    "'|', ('user_id', '=', user.id), ('partner_ids', 'in', user.partner_id.id)]"
)


def migrate(cr, version):
    cr.execute(
        """
        UPDATE ir_model_data SET noupdate = FALSE
         WHERE module = 'noshow_fees' AND model = 'ir.rule'
        """
    )
    cr.execute(
        """
        UPDATE calendar_event SET privacy = 'confidential'
         WHERE client_id IS NOT NULL AND privacy IS DISTINCT FROM 'confidential'
        """
    )
    env = api.Environment(cr, SUPERUSER_ID, {})
    rule = env.ref("calendar.calendar_event_rule_private", raise_if_not_found=False)
    if rule and "client_id" in (rule.domain_force or ""):
        rule.domain_force = STOCK_DOMAIN
