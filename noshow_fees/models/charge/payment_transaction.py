"""The charge of a saved card for a fee, as a record, and who may write it.

How it is made and sent: `payment_transaction_protocol.py`.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...const import LIVE_STATES
from ...tools.context import is_by_method

#: How long somebody who opened Odoo's payment form is taken to be paying.
FORM_OPEN = timedelta(minutes=30)


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    # Indexed: those of 80 fees in 0.01 ms instead of 34 among 133 thousand.
    fee_line_id = fields.Many2one(
        "account.move.line",
        string="Fee",
        index="btree_not_null",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    charge_key = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="Idempotency key: the same for every try of this charge.",
    )
    sent_at = fields.Datetime(
        readonly=True,
        copy=False,
        help="When the card company was asked. Empty: it will be.",
    )
    tries = fields.Integer(
        readonly=True, copy=False, help="How often the card company was too busy."
    )
    retry_at = fields.Datetime(
        readonly=True, copy=False, help="When the card company is asked for it again."
    )
    checked_at = fields.Datetime(
        readonly=True,
        copy=False,
        help="When the card company said, before it was sent, that it knows nothing of "
        "it.",
    )
    missing_since = fields.Datetime(
        readonly=True,
        copy=False,
        help="The card company's own time when it first said that it knows nothing of "
        "it.",
    )
    asked_about = fields.Selection(
        [("unanswered", "Not answered"), ("unbooked", "Not booked")],
        copy=False,
        groups=fields.NO_ACCESS,
        help="The billers have a task about it, or had one: each is given once.",
    )
    decline_code = fields.Char(readonly=True, copy=False)
    decline_is_final = fields.Boolean(
        readonly=True,
        copy=False,
        help="The card's bank forbids another try with this card.",
    )
    settlement_currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_settlement_currency_id",
        store=True,
        copy=False,
        help="Of what the card company keeps and pays out; until it says so, that of "
        "the amount.",
    )
    processing_fee = fields.Monetary(
        currency_field="settlement_currency_id",
        readonly=True,
        copy=False,
        help="What the card company keeps.",
    )
    net_amount = fields.Monetary(
        currency_field="settlement_currency_id",
        readonly=True,
        copy=False,
        help="What the card company pays out for this: the amount less its fee.",
    )
    balance_reference = fields.Char(
        readonly=True, copy=False, help="The card company's own booking of this."
    )
    payout_reference = fields.Char(
        string="Payout", readonly=True, copy=False, help="The payout that it came with."
    )
    payout_date = fields.Date(readonly=True, copy=False)

    _one_live_charge_per_fee = models.UniqueIndex(
        "(fee_line_id) WHERE operation != 'refund' AND (state IN ('pending',"
        " 'authorized') OR state = 'done' AND is_post_processed IS NOT TRUE)",
        "The card is being charged for this fee already. Reload to see what became of "
        "it.",
    )
    # Of those that are sent from here: in the provider's own pages several may wait.
    # Those bear its own id as their key.
    _one_live_refund_per_charge = models.UniqueIndex(
        "(source_transaction_id) WHERE fee_line_id IS NOT NULL"
        " AND state IN ('pending', 'authorized') AND operation = 'refund'"
        " AND LEFT(COALESCE(charge_key, ''), 3) <> 're_'",
        "Money of this charge is on its way back already.",
    )
    # The list of charges to payouts in its order: 0.1 ms instead of 49 among 133
    # thousand.
    _charges_in_order = models.Index(
        "(last_state_change, id) WHERE fee_line_id IS NOT NULL AND state = 'done'"
    )

    @api.depends("currency_id")
    def _compute_settlement_currency_id(self):
        # Never empty: where some rows of a list have a currency and others have none,
        # Odoo's sum is 0 (web/static/src/views/list/list_renderer.js, `aggregates`).
        for tx in self:
            tx.settlement_currency_id = tx.settlement_currency_id or tx.currency_id

    @api.constrains("token_id")
    def _check_token_is_active(self):
        # Stock expects one card for the whole recordset.
        for tx in self:
            super(PaymentTransaction, tx)._check_token_is_active()

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        charges = super().create([self._with_fee_reference(v) for v in vals_list])
        if not is_by_method(self.env):
            charges._check_not_by_hand()
            charges._check_invoices_free()
        return charges

    def write(self, vals):
        if is_by_method(self.env):
            return super().write(vals)
        self._check_not_by_hand(not vals.keys().isdisjoint(self._get_own_fields()))
        result = super().write(vals)
        # As it is now: a fee's, maybe, or its refund.
        self._check_not_by_hand()
        return result

    @api.model
    def _get_own_fields(self):
        """The stored fields that this addon adds."""
        return {
            name
            for name, field in self._fields.items()
            if field.store and field._modules == ("noshow_fees",)
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fee(self):
        # In sudo: the answer must not depend on what the user may read.
        if self.sudo()._filter_of_fees():
            raise UserError(
                self.env._("What was tried with a card for a fee stays on record.")
            )

    def _check_not_by_hand(self, says_more=False):
        """Nobody makes or changes what a card was charged for a fee, over RPC neither:
        stock lets the Invoicing role write `state`, and an “error” would permit a
        second charge. Odoo's own flows run in sudo, which no RPC call can ask for.

        :param bool says_more: something that this addon notes is written
        :raise UserError: a user writes that, or a transaction of a fee, or one that
            gives money of one back
        """
        if self.env.su:
            return
        # In sudo: the answer must not depend on what the user may read.
        theirs_sudo = self.sudo()
        if (
            says_more
            or (theirs_sudo | theirs_sudo.source_transaction_id)._filter_of_fees()
        ):
            raise UserError(
                self.env._(
                    "What a card was charged for a fee cannot be entered or changed by "
                    "hand. Use the buttons on the fee."
                )
            )

    def _check_invoices_free(self):
        """Keep Odoo's own ways to pay (its payment dialog, payment links, the portal)
        off the invoice of a fee while money may be moving already.

        :raise UserError: a charge is running, the invoice is settled, several are paid
            at once, or a saved card is charged past the fee's own button
        """
        for tx in self:
            if tx.operation == "offline":
                tx._check_holder_pays()
            moves = tx.invoice_ids._filter_fee_invoices()
            if not moves or tx.operation == "refund":
                continue
            if tx.operation == "validation":
                # A card that is checked pays nothing, and would be waited for.
                raise UserError(self.env._("A card is not checked on an invoice."))
            moves._lock_for_charge()
            if tx.operation != "offline":
                # The client's own former try, in another window maybe.
                (moves.transaction_ids - tx)._withdraw_forms()
            moves._check_no_live_charge(tx)
            if len(tx.invoice_ids) > 1:
                raise UserError(self._get_one_by_one_message())
            if moves.currency_id.is_zero(moves.amount_residual):
                raise UserError(self.env._("This invoice has been paid already."))
            if moves.currency_id.compare_amounts(tx.amount, moves.amount_residual) > 0:
                raise UserError(
                    self.env._(
                        "Less is open of this invoice since the page was opened. "
                        "Reload it to see how much."
                    )
                )

    def _check_holder_pays(self):
        """A client's saved card is charged through a fee only, by whichever of Odoo's
        screens, jobs or modules; its holder may pay any invoice with it.

        :raise UserError: somebody else asks for it
        """
        for tx in self:
            # In sudo: the answer must not depend on what the user may read.
            card_sudo = tx.sudo().token_id
            if tx.operation == "online_token" and card_sudo._is_of_user():
                continue
            if card_sudo.partner_id._is_client_or_payer() or tx._filter_of_fees():
                raise UserError(self._get_card_not_here_message())

    def action_post_process(self):
        """Book what a fee's card was charged, whoever of the accountants asks."""
        self.check_access("write")
        # In sudo: nobody writes these by hand (`_check_not_by_hand`); booking what the
        # provider has confirmed is Odoo's own doing.
        return super(PaymentTransaction, self.sudo()).action_post_process()

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    def _filter_of_fees(self):
        """Those of these transactions that move money for a fee, or together with one:
        they take the two phases."""
        fee_moves = self.invoice_ids._filter_fee_invoices()
        return self.filtered(
            lambda tx: (
                # In sudo: the key is nobody's to read.
                tx.sudo().charge_key or tx.fee_line_id or tx.invoice_ids & fee_moves
            )
        )

    def _goes_two_phases(self):
        self.ensure_one()
        return bool(self._filter_of_fees())

    def _get_fee_to_pay(self):
        """The fee that this pays or has paid; none if it pays something else beside
        fees."""
        self.ensure_one()
        return self.fee_line_id or self.invoice_ids._get_fee_lines()[:1]

    def _get_processing_fee(self):
        """What the provider kept, in the currency of this: its share of what it
        booked, in whatever currency that was."""
        self.ensure_one()
        booked = self.processing_fee + self.net_amount
        if self.settlement_currency_id == self.currency_id or not booked:
            return self.processing_fee
        return self.amount * self.processing_fee / booked

    def _is_live(self):
        """Whether money may be moving by this, or has moved without being booked yet:
        the invoice still shows it as open then."""
        self.ensure_one()
        if self.provider_code in ("none", "custom"):
            # A wire transfer that somebody has announced; stock does not wait for it
            # either (account_payment/models/account_move.py, `_has_to_be_paid`).
            return False
        return self.state in LIVE_STATES or self._is_unbooked()

    def _is_unbooked(self):
        """As the domain `UNBOOKED`."""
        return not self.is_post_processed and (
            self.state == "done"
            or (
                self.operation == "refund"
                and bool(self.payment_id)
                and self.state in ("error", "cancel")
            )
        )

    def _check_none_lost(self):
        """What was charged is asked of the charges, not of the books alone.

        :raise UserError: one of these charges went through, was not given back, and its
            payment is not in the books any more
        """
        for charge in self:
            payment = charge.payment_id
            if (
                payment
                and charge.operation != "refund"
                and charge.state == "done"
                and not charge.disputed_amount
                and charge._get_refundable_amount() > 0
                and not payment._is_in_books()
            ):
                raise UserError(
                    self.env._(
                        "A card was charged %(amount)s for this fee already, and its "
                        "payment %(payment)s was taken out of the books or changed. "
                        "Ask your accountant to put it back.",
                        amount=charge.currency_id.format(charge.amount),
                        payment=payment.name or charge.reference,
                    )
                )

    def _filter_live(self):
        """Those of these transactions by which money may be moving right now."""
        since = fields.Datetime.now() - FORM_OPEN
        return self.filtered(
            lambda tx: (
                tx._is_live()
                or (
                    tx.state == "draft"
                    and (tx.last_state_change or tx.create_date) > since
                )
            )
        )
