"""Why fees are waived: the practice's own list, with one that comes along."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class NoshowWaiverReason(models.Model):
    """Chosen by whoever waives a fee, and kept in the fee's history."""

    _name = "noshow.waiver.reason"
    _description = "Reason to Waive a Fee"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    needs_text = fields.Boolean(
        string="Asks for a Text",
        help="Whoever chooses this reason has to say it in words as well.",
    )
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company,
        help="Empty: a reason of all companies.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        reasons = super().create(vals_list)
        reasons._check_may_change()
        return reasons

    def write(self, vals):
        self._check_may_change()
        result = super().write(vals)
        self._check_may_change()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._check_may_change()
        # In sudo: the history of another company counts, too.
        used = self.env["noshow.fee.change"].sudo()
        if used.search_count([("reason_id", "in", self.ids)], limit=1) or any(
            self._get_external_ids().values()
        ):
            raise UserError(
                self.env._(
                    "A reason that was used, or that came with Odoo, is archived, "
                    "not deleted."
                )
            )

    def _check_may_change(self):
        """:raise AccessError: a reason of all companies, and the user is not in all"""
        if self.env.su or all(reason.company_id for reason in self):
            return
        # In sudo: how many companies there are.
        if self.env["res.company"].sudo().search_count([]) > len(
            self.env.user.company_ids
        ):
            raise AccessError(
                self.env._(
                    "This reason belongs to all companies: archive or change it as "
                    "somebody who works in all of them, or add one of your own."
                )
            )

    def _get_text(self, text=None):
        """What is written down of this reason, in words that stay as they are when the
        list is changed later.

        :param str text: what the user has added, a billing reason, nothing clinical
        :raise UserError: no reason, one of another company, or no text where the
            reason asks for one
        """
        text = (text or "").strip()
        if not self:
            raise UserError(
                self.env._("Choose a reason: it stands in the fee's history.")
            )
        self.ensure_one()
        self.check_access("read")
        if self.needs_text and not text:
            raise UserError(
                self.env._(
                    "Say in words why: “%s” alone tells nobody later.", self.name
                )
            )
        if self.needs_text:
            return text
        return f"{self.name}: {text}" if text else self.name
