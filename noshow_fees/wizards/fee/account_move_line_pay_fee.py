"""The front desk takes cash or a check for a fee."""

from odoo import api, fields, models

from ...const import PRACTICE


class AccountMoveLinePayFee(models.TransientModel):
    _name = "account.move.line.pay.fee"
    _inherit = "noshow.fee.dialog"
    _description = "Take a Payment"

    line_id = fields.Many2one(
        "account.move.line", string="Fee", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="line_id.company_id")
    currency_id = fields.Many2one(related="line_id.currency_id")
    journal = fields.Selection(
        selection="_selection_journal",
        string="Paid By",
        required=True,
        # Cash first: see the order of `_selection_journal`.
        default=lambda self: next((key for key, _name in self._selection_journal()), 0),
        help="Cash, or the bank account that checks go to.",
    )
    amount = fields.Monetary(
        compute="_compute_amount", compute_sudo=False, store=True, readonly=False
    )
    after_all = fields.Boolean(
        help="The fee was written off: the write-off is reversed by what is paid."
    )
    credit = fields.Monetary(
        string="The Payer's Credit",
        compute="_compute_credit",
        help="What the payer has paid beyond what was owed: a bank line without an "
        "invoice, say.",
    )
    memo = fields.Char(help="The number of a check, say. Nothing clinical.")

    @api.model
    def _selection_journal(self):
        """The journals that money at the desk may go to."""
        if not self.env.user.has_group(PRACTICE):
            return []
        # In sudo: journals are the accountants'; only names are told, to practice
        # roles (checked above).
        journals_sudo = (
            self.env["account.journal"]
            .sudo()
            .search(
                [
                    ("type", "in", ("cash", "bank")),
                    # A branch has its parents' journals.
                    ("company_id", "parent_of", self.env.companies.ids),
                ],
                order="type desc, sequence",
            )
        )
        return [(str(journal.id), journal.name) for journal in journals_sudo]

    @api.depends("line_id", "after_all")
    def _compute_amount(self):
        # As the user, not in sudo as Odoo computes stored fields: the fee may be
        # somebody else's.
        self.line_id._origin.check_access("read")
        for dialog in self:
            line = dialog.line_id
            dialog.amount = line.fee_open
            if dialog.after_all:
                dialog.amount += line.fee_write_off_left

    @api.depends("line_id", "after_all")
    def _compute_credit(self):
        for dialog in self:
            line = dialog.line_id._origin
            line.check_access("read")
            dialog.credit = line._get_payer_credit() if dialog.after_all else 0.0

    def action_use_credit(self):
        """Pay a fee that was written off with credit that the payer has.

        :raise AccessError: the user may not undo a write-off
        :raise UserError: what `account.move.line._pay_with_credit` refuses
        """
        self.ensure_one()
        self.line_id._pay_with_credit(seen=self.seen)
        return {"type": "ir.actions.act_window_close"}

    def action_pay(self):
        """Register the payment.

        :raise AccessError: the user may not take payments
        :raise UserError: what `account.move.line._take_payment` refuses
        """
        self.ensure_one()
        journal = self.env["account.journal"].browse(int(self.journal))
        self.line_id._take_payment(
            journal,
            self.amount,
            self.memo,
            seen=self.seen,
            after_all=self.after_all,
        )
        return {"type": "ir.actions.act_window_close"}
