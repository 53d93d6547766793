"""Odoo's own pages on which invoices are paid: a fee is a payment of its own, several
of one press, too."""

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.http import request, route

from odoo.addons.account_payment.controllers.payment import PaymentPortal
from odoo.addons.account_payment.controllers.portal import PortalAccount
from odoo.addons.payment.controllers.post_processing import PaymentPostProcessing

#: Where the session keeps what was paid by one press.
TOGETHER_KEY = "noshow_fees_paid_together"


class FeePaymentPortal(PaymentPortal):
    @route()
    def archive_token(self, token_id):
        """Nobody removes a card that the page does not show them: Odoo lets everybody
        remove that of the contact above them, by its number."""
        # In sudo, as Odoo: whose card it is does not depend on who asks.
        cards_sudo = request.env["payment.token"].sudo().search([("id", "=", token_id)])
        if cards_sudo == cards_sudo._filter_shown():
            return super().archive_token(token_id)
        return None

    def _process_transaction(
        self, partner_id, currency_id, invoice_ids, payment_reference, **kwargs
    ):
        request.session.pop(TOGETHER_KEY, None)
        # In sudo: stock's routes have checked who may pay these invoices.
        moves_sudo = request.env["account.move"].sudo().browse(invoice_ids)
        if not moves_sudo._filter_fee_invoices() or len(moves_sudo) == 1:
            return super()._process_transaction(
                partner_id, currency_id, invoice_ids, payment_reference, **kwargs
            )
        return self._pay_one_by_one(moves_sudo, partner_id, currency_id, **kwargs)

    def _pay_one_by_one(self, moves_sudo, partner_id, currency_id, amount, **kwargs):
        """Charge a saved card for each of these invoices by itself.

        :param float amount: what the page has shown in all
        :return: the processing values that Odoo's page waits for
        :raise UserError: another way to pay, or another amount is open by now
        """
        transactions_sudo = request.env["payment.transaction"].sudo()
        if kwargs.get("flow") != "token":
            raise UserError(transactions_sudo._get_one_by_one_message())
        moves_sudo = moves_sudo.sorted(lambda move: (move.invoice_date_due, move.id))
        moves_sudo = moves_sudo.filtered("amount_residual")
        currency = moves_sudo.currency_id
        open_amount = sum(moves_sudo.mapped("amount_residual"))
        if currency.compare_amounts(open_amount, float(amount or 0.0)):
            raise UserError(
                request.env._(
                    "Another amount is open since this page was opened. Reload it to "
                    "see how much."
                )
            )
        # Charged below, all of them after the commit.
        request.update_context(delay_token_charge=True)
        for move_sudo in moves_sudo:
            transactions_sudo |= self._create_transaction(
                amount=move_sudo.amount_residual,
                currency_id=currency_id,
                partner_id=partner_id,
                custom_create_values={"invoice_ids": [Command.set(move_sudo.ids)]},
                **kwargs,
            )
        transactions_sudo._charge_one_by_one()
        request.session[TOGETHER_KEY] = transactions_sudo.ids
        return {**transactions_sudo[0]._get_processing_values(), "amount": open_amount}


class FeePortalAccount(PortalAccount):
    def _invoice_get_page_view_values(
        self, invoice, access_token, payment=False, amount=None, **kwargs
    ):
        """A payment link is for what was open when it was made: of a fee that is less
        by now, the page asks for what is open."""
        if amount and invoice._filter_fee_invoices():
            currency, owed = invoice.currency_id, invoice.amount_residual
            if currency.compare_amounts(float(amount), owed) > 0:
                amount = None
        return super()._invoice_get_page_view_values(
            invoice, access_token, payment=payment, amount=amount, **kwargs
        )

    def _overdue_invoices_get_page_view_values(self, overdue_invoices, **kwargs):
        """Show what is open: stock shows, and takes, what was billed. Several fees are
        paid with a saved card at once."""
        values = super()._overdue_invoices_get_page_view_values(
            overdue_invoices, **kwargs
        )
        if "payment" not in values or not overdue_invoices._filter_fee_invoices():
            return values
        open_amount = sum(overdue_invoices.mapped("amount_residual"))
        values["amount"] = values["payment"]["amount"] = open_amount
        if len(overdue_invoices) > 1:
            values["fees_one_by_one"] = True
            for name in ("providers_sudo", "payment_methods_sudo"):
                values[name] = values[name].browse()
        return values


class FeePostProcessing(PaymentPostProcessing):
    def _get_paid_together(self):
        """What was paid by the last press of this session, if it was several."""
        ids = request.session.get(TOGETHER_KEY, [])
        if request.session.get(self.MONITORED_TX_ID_KEY) not in ids:
            # It has paid something else since.
            ids = []
        # In sudo: the session has made them.
        transactions_sudo = request.env["payment.transaction"].sudo()
        return transactions_sudo.browse(ids).exists()

    @route()
    def display_status(self, **kwargs):
        if together_sudo := self._get_paid_together():
            return request.render(
                "noshow_fees.paid_together",
                {
                    "transactions": together_sudo,
                    "running": together_sudo._filter_live(),
                    "landing_route": together_sudo[0].landing_route,
                },
            )
        return super().display_status(**kwargs)

    @route()
    def poll_status(self, **kwargs):
        together_sudo = self._get_paid_together()
        if not together_sudo:
            return super().poll_status(**kwargs)
        for tx_sudo in together_sudo:
            tx_sudo._book_payment()
        together_sudo.invalidate_recordset()
        running = together_sudo._filter_live()
        return {
            "provider_code": together_sudo[0].provider_code,
            "state": "pending" if running else "done",
            # Once more, to see what became of each.
            "landing_route": "/payment/status",
        }
