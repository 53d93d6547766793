"""A parent who pays in the portal."""

from charge_practice import Fee

from devtools.odoo_server import RpcError


class Parent:
    """Somebody who owes three fees of 75.00, with a login and a saved card."""

    def __init__(self, practice, login):
        self.practice = practice
        self.session = practice.log_in(login)
        rows = practice.sql(
            "SELECT l.id, l.move_id, t.id, l.client_id FROM account_move_line l"
            " JOIN payment_token t ON t.partner_id = l.client_id"
            " JOIN res_users u ON u.partner_id = l.client_id"
            " WHERE l.is_noshow_fee AND u.login = %s ORDER BY l.id",
            [login],
        )
        self.fees = [Fee(practice, *row) for row in rows]

    def pay_overdue(self):
        """Press Pay on the page of what is overdue.

        :return: None, or Odoo's error
        """
        return self._press("overdue", 75.0 * len(self.fees))

    def pay(self, fee):
        """Press Pay on the page of one invoice."""
        return self._press(fee.move, 75.0)

    def open_form(self, fee):
        """Press Pay with a new card on the page of one invoice: Odoo's own form.

        :return: None, or Odoo's error
        """
        return self._press(fee.move, 75.0, token_id=None, flow="direct")

    def come_back(self, intent):
        """The browser comes back from Stripe, which has taken the money.

        :param dict intent: Stripe's
        """
        try:
            return self.session.get(
                f"/payment/stripe/return?reference={intent['description']}"
                f"&payment_intent={intent['id']}"
            )
        except OSError as error:
            return error

    def _press(self, what, amount, **vals):
        [[provider, method]] = self.practice.sql(
            "SELECT provider_id, payment_method_id FROM payment_token WHERE id = %s",
            [self.fees[0].token],
        )
        params = {
            "provider_id": provider,
            "payment_method_id": method,
            "token_id": self.fees[0].token,
            "amount": amount,
            "flow": "token",
            "tokenization_requested": False,
            "landing_route": "/my/invoices/",
            **vals,
        }
        params["payment_reference" if what == "overdue" else "access_token"] = ""
        try:
            self.session.post(f"/invoice/transaction/{what}", params)
        except RpcError as error:
            return error
        return None

    @property
    def charged(self):
        """How many payments of these have succeeded at Stripe."""
        return sum(fee.charged for fee in self.fees)

    @property
    def states(self):
        return [fee.states for fee in self.fees]
