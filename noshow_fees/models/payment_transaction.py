"""The charge of a saved card for a fee: prepared with the invoice, sent after the
commit, so that no card is charged for an invoice that was rolled back."""

import uuid

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

LIVE_STATES = ("draft", "pending", "authorized")


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    fee_line_id = fields.Many2one(
        "account.move.line",
        string="Fee",
        index="btree_not_null",
        readonly=True,
        ondelete="restrict",
    )
    charge_key = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="Idempotency key: the same for every try of this charge.",
    )

    _one_live_charge_per_fee = models.UniqueIndex(
        "(fee_line_id) WHERE state IN ('draft', 'pending', 'authorized')",
        "The card is being charged for this fee already.",
    )

    @api.model
    def _prepare_charge(self, fee_line, token):
        """Create the transaction that will charge `token` for what is open of a fee.

        Runs in the database transaction that posts the invoice; nothing is sent
        before its commit.

        :raise UserError: a charge is running already
        """
        invoice = fee_line.move_id
        if invoice.transaction_ids.filtered(lambda tx: tx.state in LIVE_STATES):
            raise UserError(
                self.env._("The card is being charged for this fee already.")
            )
        charge = self.create(
            {
                "provider_id": token.provider_id.id,
                "payment_method_id": token.payment_method_id.id,
                "token_id": token.id,
                "operation": "offline",
                # Opaque: neither the client nor the invoice is told to the provider.
                "reference": f"fee-{uuid.uuid4().hex[:20]}",
                "charge_key": uuid.uuid4().hex,
                "amount": invoice.amount_residual,
                "currency_id": invoice.currency_id.id,
                "partner_id": token.partner_id.id,
                "invoice_ids": [(6, 0, invoice.ids)],
                "fee_line_id": fee_line.id,
                # Pending at once: the portal's Pay button is blocked by it.
                "state": "pending",
                "last_state_change": fields.Datetime.now(),
            }
        )
        charge._send_after_commit()
        return charge

    def _send_after_commit(self):
        """Send these charges once the current transaction is committed, each in a
        cursor of its own; after a rollback nothing is sent."""
        registry, uid, ids = self.env.registry, self.env.uid, self.ids

        @self.env.cr.postcommit.add
        def send():
            for id_ in ids:
                with registry.cursor() as cr:
                    charge = api.Environment(cr, uid, {})["payment.transaction"].browse(id_)
                    # In sudo: the right to charge was checked when it was prepared.
                    charge.sudo()._send_charge()

    def _send_charge(self):
        """Charge the card, and match the payment with the invoice."""
        self.ensure_one()
        if not self.try_lock_for_update() or self.state != "pending":
            return
        self._charge_with_token()
        if self.state == "done":
            self._post_process()

    def _get_charge_message(self):
        """What happened to this charge, for a person at the desk.

        :return: `{"level": success, warning or danger, "text": sentence}`
        """
        self.ensure_one()
        amount = formatLang(self.env, self.amount, currency_obj=self.currency_id)
        card = self.token_id.display_name
        if self.state == "done":
            text = self.env._(
                "%(card)s was charged %(amount)s. Receipt number %(reference)s.",
                card=card,
                amount=amount,
                reference=self.reference,
            )
            return {"level": "success", "text": text}
        if self.state in LIVE_STATES:
            text = self.env._(
                "The charge of %(amount)s on %(card)s is still being checked. It settles by "
                "itself: do not charge again.",
                amount=amount,
                card=card,
            )
            return {"level": "warning", "text": text}
        text = self.env._(
            "%(card)s was not charged: %(reason)s The fee stays open; ask the client for "
            "another card or payment.",
            card=card,
            reason=self.state_message or self.env._("it was declined."),
        )
        return {"level": "danger", "text": text}
