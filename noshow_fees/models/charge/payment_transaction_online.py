"""What a client pays for a fee, or saves as a card, on Odoo's own pages with Stripe:
kept safe from a second charge, and told as little of as the card network needs."""

import uuid

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...const import FEE_PREFIX
from ...tools.context import by_method

#: So many charges are sent while the holder of the card waits; more go to the job.
SENT_AT_ONCE_ONLINE = 5


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    @api.model
    def _new_fee_reference(self):
        """An opaque reference, which goes to the provider: neither the client nor the
        invoice is told, and none comes twice, whatever is rolled back or restored."""
        return f"{FEE_PREFIX}{uuid.uuid4().hex[:20]}"

    @api.model
    def _with_fee_reference(self, vals):
        """Values of a new transaction whose reference is opaque if it pays a fee: Odoo
        takes the invoice's number, or what a page names."""
        field = self._fields["invoice_ids"]
        ids = field.convert_to_cache(vals.get("invoice_ids") or [], self)
        named = str(vals.get("reference") or "").startswith(FEE_PREFIX)
        if named or not self.env["account.move"].browse(ids)._filter_fee_invoices():
            return vals
        return {**vals, "reference": self._new_fee_reference()}

    def _charge_one_by_one(self):
        """Charge a saved card for each of these, which its holder pays by one press: in
        two phases, the invoices beside the fees, too.

        :raise UserError: somebody else asks for it
        """
        self._check_holder_pays()
        for tx in self:
            by_method(tx).write(
                {"fee_line_id": tx._get_fee_to_pay().id, **tx._prepare_phase_one_vals()}
            )
        # Now: the index refuses it if the practice is charging the card already.
        self.flush_recordset()
        self._send_after_commit(SENT_AT_ONCE_ONLINE)

    def _keep_fee_paid(self):
        """Note on what a client has paid with Odoo's own form which fee that was. Not
        before it is booked: a charge of the same fee may be live until then
        (`_one_live_charge_per_fee`)."""
        for tx in self:
            is_booked = tx.state == "done" and tx.payment_id
            if is_booked and not tx.fee_line_id and (fee := tx._get_fee_to_pay()):
                by_method(tx).write({"fee_line_id": fee.id})

    def _extract_token_values(self, payment_data):
        """Keep until when a saved card can be charged: stock keeps four digits only."""
        values = super()._extract_token_values(payment_data)
        method = payment_data.get("payment_method")
        card = (method.get("card") if isinstance(method, dict) else None) or {}
        if values and self.provider_code == "stripe" and card.get("exp_year"):
            first_day = fields.Date.to_date(
                f"{card['exp_year']:04}-{card['exp_month']:02}-01"
            )
            values["card_expiry"] = fields.Date.end_of(first_day, "month")
        return values

    # ------------------------------------------------------------
    # PRIVACY
    # ------------------------------------------------------------

    def _is_of_client(self):
        """Whether this tells about somebody who is treated here, or pays for one."""
        return self.partner_id._is_client_or_payer() or bool(self._filter_of_fees())

    def _stripe_prepare_payment_intent_payload(self):
        payload = super()._stripe_prepare_payment_intent_payload()
        if self._is_of_client():
            payload = {
                name: value
                for name, value in payload.items()
                if not name.startswith("shipping")
            }
        return payload

    def _stripe_create_customer(self):
        """A customer without a name: stock sends name, address, e-mail and phone."""
        if not self._is_of_client():
            return super()._stripe_create_customer()
        return self._send_api_request(
            "POST", "customers", data={"description": self.reference}
        )

    # ------------------------------------------------------------
    # FORMS LEFT OPEN
    # ------------------------------------------------------------

    def _withdraw_forms(self):
        """Take back those of these that are forms nobody has finished. Providers that
        cannot take one back leave it as it is.

        :raise UserError: one could not be taken back; nothing may be charged now
        """
        for form in self.filtered(
            lambda tx: tx.state == "draft" and tx.operation.startswith("online_")
        ):
            if not form.try_lock_for_update(allow_referencing=True):
                raise UserError(self._get_paying_message())
            form._withdraw_form()

    def _withdraw_form(self):
        """Take this form back at its provider; to be overridden by who knows one.

        :raise UserError: it could not be taken back
        """
        if self.provider_code == "demo":
            by_method(self)._set_canceled()

    def _get_obstacle(self):
        """Why the card must not be charged after all: since this was prepared, the
        invoice may have been paid in another way.

        :return: the reason in words, or None
        """
        invoices = self.invoice_ids
        if self.token_id._is_refused_for_good():
            return self.env._("The bank has refused this card for good meanwhile.")
        if not self.token_id.active:
            return self.env._("The card was removed meanwhile. Nothing was charged.")
        try:
            (invoices.transaction_ids - self)._withdraw_forms()
            invoices._check_no_live_charge(besides=self)
            self._get_fee_to_pay()._check_no_charge_lost()
        except UserError as error:
            return str(error)
        owed = sum(invoices.mapped("amount_residual"))
        if self.currency_id.compare_amounts(owed, self.amount) < 0:
            return self.env._("The fee was paid meanwhile. Nothing was charged.")
        return None

    # ------------------------------------------------------------
    # REFUSED, IN WORDS
    # ------------------------------------------------------------

    def _get_paying_message(self):
        return self.env._(
            "The client is paying this invoice online right now. Try again in half an "
            "hour if nothing has arrived by then."
        )

    def _get_card_not_here_message(self):
        if not self.env.user._is_internal():
            return self.env._(
                "A saved card is charged for its holder, who has to log in for that. "
                "Log in, or pay with a new card."
            )
        return self.env._(
            "Charge the saved card from the fee itself, on the client's Billing tab: "
            "there it is charged once, whatever happens meanwhile. For anything but a "
            "missed appointment the saved card of a client, or of who pays for one, is "
            "not charged by the practice: send a payment link."
        )

    def _get_one_by_one_message(self):
        return self.env._(
            "Several invoices of missed appointments are paid at once with a saved "
            "card only: each is its own payment. Choose a saved card, or open the "
            "invoices and pay them one by one."
        )
