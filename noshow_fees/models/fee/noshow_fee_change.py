"""The history of a fee: who changed what, when, why, and in which of the two ways."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...const import BOOKS, PRACTICE
from ...tools.context import is_by_method

#: The fee stays what it is; what is paid of it changes.
MONEY_KINDS = (
    "written_off",
    "write_off_reversed",
    "lost",
    "loss_undone",
    "payment_undone",
    "paid_back",
    "back_undone",
    "refunded",
    "refund_failed",
    "settled",
    "disputed",
    "dispute_over",
)
#: Of these what was received is said, of the others what was open.
RECEIVED_KINDS = ("refunded", "refund_failed", "paid_back", "back_undone")


class NoshowFeeChange(models.Model):
    """Written with each change of a fee, and never changed afterwards."""

    _name = "noshow.fee.change"
    _description = "Change of a Fee"
    _order = "create_date desc, id desc"

    # Indexed, as the invoice: those of 80 in 0.02 ms instead of 2.7 among 40 thousand.
    appointment_id = fields.Many2one(
        "calendar.event",
        required=True,
        index=True,
        ondelete="restrict",
        # Accountants read the history without the title of the appointment.
        groups=PRACTICE,
    )
    kind = fields.Selection(
        [
            ("changed", "Invoice changed"),
            ("reissued", "Credited and billed anew"),
            ("waived", "Waived"),
            ("restored", "Reversed: appointment restored"),
            ("credited", "Credited by an accountant"),
            ("written_off", "Written off"),
            ("lost", "Written off by an accountant"),
            ("loss_undone", "Write-off by an accountant undone"),
            ("payment_undone", "Payment cancelled or taken off by hand"),
            ("paid_back", "Money given back by hand"),
            ("back_undone", "Money given back by hand, undone"),
            ("write_off_reversed", "Paid after all: write-off reversed"),
            ("refunded", "Money back to the card"),
            ("refund_failed", "Could not go back to the card"),
            ("settled", "Charge settled by hand"),
            ("disputed", "Disputed by the card's bank"),
            ("dispute_over", "No longer disputed by the card's bank"),
        ],
        required=True,
    )
    date = fields.Date(
        required=True, help="The day at the practice, as the books have it."
    )
    invoice_id = fields.Many2one(
        "account.move", required=True, index=True, ondelete="restrict"
    )
    credit_note_id = fields.Many2one("account.move", ondelete="restrict")
    new_invoice_id = fields.Many2one("account.move", ondelete="restrict")
    entry_id = fields.Many2one(
        "account.move",
        # 0.01 ms instead of 2.3.
        index="btree_not_null",
        # Cancelling a payment deletes its entry (account/models/account_payment.py).
        ondelete="set null",
        help="Of a write-off or its reversal, or of money given back.",
    )
    company_id = fields.Many2one(related="invoice_id.company_id", store=True)
    client_id = fields.Many2one(
        related="appointment_id.client_id", store=True, groups=BOOKS
    )
    currency_id = fields.Many2one("res.currency", required=True)
    old_product_id = fields.Many2one("product.product", string="Old Code")
    new_product_id = fields.Many2one("product.product", string="New Code")
    old_amount = fields.Monetary(
        string="Before",
        help="Without taxes; of a write-off or refund what was open or received, taxes "
        "included.",
    )
    new_amount = fields.Monetary(
        string="After",
        help="Without taxes; of a write-off or refund what was open or received, taxes "
        "included.",
    )
    missed_count = fields.Integer(
        string="Missed Visits",
        help="−1 where this invoice counts as a missed visit no longer.",
    )
    summary = fields.Char(string="Change", compute="_compute_summary")
    reason_id = fields.Many2one(
        "noshow.waiver.reason", string="Reason of the List", ondelete="restrict"
    )
    reason = fields.Char(help="In words, as they were on that day.")

    @api.depends("kind", "old_product_id", "old_amount", "new_product_id", "new_amount")
    def _compute_summary(self):
        for change in self:
            if change.kind in MONEY_KINDS:
                change.summary = change._get_money_text()
                continue
            old = change._get_fee_text(change.old_product_id, change.old_amount)
            new = change._get_fee_text(change.new_product_id, change.new_amount)
            change.summary = f"{old} → {new}"

    @api.model_create_multi
    def create(self, vals_list):
        if not is_by_method(self.env):
            raise UserError(self.env._("The history of a fee writes itself."))
        invoices = self.env["account.move"]
        for vals in vals_list:
            company = invoices.browse(vals["invoice_id"]).company_id
            vals.setdefault("date", company._get_practice_today())
        return super().create(vals_list)

    def write(self, vals):
        if vals:
            raise UserError(self.env._("The history of a fee is never changed."))
        return super().write(vals)

    def action_open_invoice(self):
        """Open the invoice as it is now, for who may see invoices."""
        self.ensure_one()
        return (self.new_invoice_id or self.invoice_id)._get_records_action()

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The history of a fee is never changed."))

    def _get_money_text(self):
        """What was open, or received, before and after; of a charge, how much."""
        if self.kind in ("settled", "disputed", "dispute_over"):
            return self.currency_id.format(self.new_amount)
        text = (
            self.env._("%(old)s received → %(new)s")
            if self.kind in RECEIVED_KINDS
            else self.env._("%(old)s open → %(new)s")
        )
        return text % {
            "old": self.currency_id.format(self.old_amount),
            "new": self.currency_id.format(self.new_amount),
        }

    def _get_fee_text(self, product, amount):
        """A code with its amount, or a dash for no fee."""
        if not product:
            return "–"
        amount = self.currency_id.format(amount)
        return f"{product.cpt_code} {amount}"
