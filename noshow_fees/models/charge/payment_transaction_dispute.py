"""A charge that the card's bank disputes: the fee is not paid any more, and the billers
are told. Its books come later."""

from odoo import fields, models

from ...tools.context import by_method

DISPUTE_ACTIVITY = "noshow_fees.mail_activity_type_dispute"


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    dispute_reference = fields.Char(readonly=True, copy=False)
    dispute_state = fields.Char(
        readonly=True, copy=False, help="As the card company has it."
    )
    dispute_due_by = fields.Datetime(
        readonly=True, copy=False, help="Until then the practice may answer."
    )
    disputed_amount = fields.Monetary(
        readonly=True,
        copy=False,
        help="What the bank has taken back of this. An inquiry takes nothing.",
    )

    def _note_dispute(self, vals, wants_answer):
        """Keep what the provider says of the disputes of this charge, in any order, any
        number of times; tell the billers what is new.

        :param dict vals: values of the fields above
        :param bool wants_answer: whether the practice may answer now
        """
        self.ensure_one()
        if all(self[name] == value for name, value in vals.items()):
            return
        before = self.disputed_amount
        by_method(self).write(vals)
        # Of an invoice that the fee has had since, too.
        self._get_fee_to_pay().appointment_id.fee_line_ids.modified(["is_noshow_fee"])
        change = self.currency_id.compare_amounts(self.disputed_amount, before)
        if change:
            self._log_money(
                "disputed" if change > 0 else "dispute_over",
                abs(self.disputed_amount - before),
                self.env._(
                    "The card's bank: %s.", (self.dispute_state or "").replace("_", " ")
                ),
            )
        moves = self._get_fee_to_pay().move_id or self.invoice_ids
        moves.activity_unlink([DISPUTE_ACTIVITY])
        if wants_answer or self.disputed_amount:
            self._ask_billers(
                DISPUTE_ACTIVITY,
                self.env._("The card's bank disputes this payment"),
                self.env._(
                    "The bank has asked the card company for the money of this fee. "
                    "Answer in the card company's own pages before the date of this "
                    "task."
                )
                if wants_answer
                else self.env._(
                    "The bank has taken the money of this fee back. Agree with the "
                    "client how it is paid, or waive it."
                ),
                deadline=wants_answer and self.dispute_due_by,
            )
