"""The practice's settings: a page that Owner and Manager may save.

Odoo's own settings form needs the system administrator.
"""

from odoo import _, fields, models

from odoo.addons.base.models.res_partner import _tz_get

SETTINGS = (
    "noshow_notice_hours",
    "noshow_cancelled_product_id",
    "noshow_late_cancelled_product_id",
    "noshow_no_show_product_id",
    "noshow_journal_id",
    "noshow_income_account_id",
    "noshow_staff_takes_payment",
)


class NoshowSettings(models.TransientModel):
    _name = "noshow.settings"
    _description = "Practice Settings"

    def _default(name):
        return lambda self: self.env.company[name]

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    noshow_notice_hours = fields.Float(
        string="Notice (hours)", default=_default("noshow_notice_hours")
    )
    noshow_cancelled_product_id = fields.Many2one(
        "product.product",
        string="Cancelled in time",
        domain="[('cpt_code', '!=', False), ('company_id', 'in', [company_id, False])]",
        default=_default("noshow_cancelled_product_id"),
    )
    noshow_late_cancelled_product_id = fields.Many2one(
        "product.product",
        string="Late cancellation",
        domain="[('cpt_code', '!=', False), ('company_id', 'in', [company_id, False])]",
        default=_default("noshow_late_cancelled_product_id"),
    )
    noshow_no_show_product_id = fields.Many2one(
        "product.product",
        string="No-show",
        domain="[('cpt_code', '!=', False), ('company_id', 'in', [company_id, False])]",
        default=_default("noshow_no_show_product_id"),
    )
    noshow_journal_id = fields.Many2one(
        "account.journal",
        string="Journal",
        domain="[('type', '=', 'sale'), ('company_id', 'parent_of', company_id)]",
        default=_default("noshow_journal_id"),
    )
    noshow_income_account_id = fields.Many2one(
        "account.account",
        string="Income account",
        domain="[('account_type', 'in', ('income', 'income_other')), "
        "('company_ids', 'parent_of', company_id)]",
        default=_default("noshow_income_account_id"),
    )
    noshow_staff_takes_payment = fields.Boolean(
        string="The front desk takes payments",
        default=_default("noshow_staff_takes_payment"),
    )
    tz = fields.Selection(
        _tz_get,
        string="Time zone",
        default=lambda self: self.env.company.sudo().partner_id.tz,
    )

    def action_save(self):
        """Save the settings of the practice.

        :raise AccessError: unless the user is Owner or Manager
        """
        self.ensure_one()
        self.env.user._check_practice_right("configure")
        # In sudo: companies are the administrator's; these fields of one's own
        # company are the Manager's.
        company_sudo = self.company_id.sudo()
        if company_sudo not in self.env.companies:
            company_sudo.with_env(self.env).check_access("write")
        company_sudo.write(
            {
                name: self._fields[name].convert_to_write(self[name], self)
                for name in SETTINGS
            }
        )
        company_sudo.partner_id.tz = self.tz
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": _("The practice's settings are saved."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
