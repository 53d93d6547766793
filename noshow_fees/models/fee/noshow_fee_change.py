"""The history of a fee: who changed what, when, why, and in which of the two ways."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from ...tools.context import is_by_method


class NoshowFeeChange(models.Model):
    """Written with each change of a fee, and never changed afterwards."""

    _name = "noshow.fee.change"
    _description = "Change of a Fee"
    _order = "create_date desc, id desc"

    appointment_id = fields.Many2one(
        "calendar.event", required=True, index=True, ondelete="restrict"
    )
    kind = fields.Selection(
        [
            ("changed", "Invoice changed"),
            ("reissued", "Credited and billed anew"),
            ("waived", "Waived"),
            ("restored", "Reversed: appointment restored"),
        ],
        required=True,
    )
    invoice_id = fields.Many2one("account.move", required=True, ondelete="restrict")
    credit_note_id = fields.Many2one("account.move", ondelete="restrict")
    new_invoice_id = fields.Many2one("account.move", ondelete="restrict")
    currency_id = fields.Many2one("res.currency", required=True)
    old_product_id = fields.Many2one("product.product", string="Old Code")
    new_product_id = fields.Many2one("product.product", string="New Code")
    old_amount = fields.Monetary(help="Without taxes.")
    new_amount = fields.Monetary(help="Without taxes.")
    summary = fields.Char(string="Change", compute="_compute_summary")
    reason = fields.Char()

    @api.depends("old_product_id", "old_amount", "new_product_id", "new_amount")
    def _compute_summary(self):
        for change in self:
            old = change._get_fee_text(change.old_product_id, change.old_amount)
            new = change._get_fee_text(change.new_product_id, change.new_amount)
            change.summary = f"{old} → {new}"

    @api.model_create_multi
    def create(self, vals_list):
        if not is_by_method(self.env):
            raise UserError(self.env._("The history of a fee writes itself."))
        return super().create(vals_list)

    def write(self, vals):
        if vals:
            raise UserError(self.env._("The history of a fee is never changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The history of a fee is never changed."))

    def _get_fee_text(self, product, amount):
        """A code with its amount, or a dash for no fee."""
        if not product:
            return "–"
        amount = formatLang(self.env, amount, currency_obj=self.currency_id)
        return f"{product.cpt_code} {amount}"
