"""The page on which a client agrees to card charges and saves a card, by a link.

The link's secret stands behind a "#" and in forms: no browser sends the one in an
address, and no server or proxy logs the other.
"""

from odoo import http
from odoo.http import request

from odoo.addons.payment import utils as payment_utils
from odoo.addons.payment.controllers.portal import PaymentPortal

#: Where the session keeps the link that was opened in it.
LINK_KEY = "noshow_fees_card_link"


class CardPage(PaymentPortal):
    @http.route(
        "/noshow/card",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def card_link(self, **kwargs):
        """Where a link leads: its secret goes on to `card_page`, in a form."""
        return request.render(
            "noshow_fees.card_link", {"res_company": request.env.company.sudo()}
        )

    @http.route(
        # The second: links of the first version, whose secret was logged.
        ["/noshow/card/page", "/noshow/card/<string:old>"],
        type="http",
        auth="public",
        methods=["GET", "POST"],
        website=True,
        sitemap=False,
    )
    def card_page(self, token="", agree=None, **kwargs):
        """Ask for the agreement, then show Odoo's own form for saving a card."""
        if request.httprequest.method != "POST":
            token = ""
        return self._render_page(token, agree)

    @http.route(
        "/noshow/card/saved",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def card_saved(self, **kwargs):
        """Where the card company leads back to. Odoo keeps this address for accountants
        to read: the secret stays in the session."""
        return self._render_page(request.session.get(LINK_KEY, ""))

    def _render_page(self, token, agree=None):
        # In sudo: whoever holds the signed link may see this page, and nothing else.
        found = request.env["res.partner"].sudo()._find_card_link(token)
        if not found:
            company = request.env.company.sudo()
            return request.render(
                "noshow_fees.card_page",
                {"client": None, "page_company": company, "res_company": company},
            )
        client_sudo, holder_sudo, company_sudo = found
        client_sudo = client_sudo.with_company(company_sudo)
        if agree:
            client_sudo._agree_to_card_charges()
        values = {
            "client": client_sudo,
            "token": token,
            "page_company": company_sudo,
            # The layout's logo and footer.
            "res_company": company_sudo,
        }
        if client_sudo.card_authorized_on:
            request.session[LINK_KEY] = token
            values |= self._get_saving_values(holder_sudo, company_sudo)
        return request.render("noshow_fees.card_page", values)

    def _get_saving_values(self, holder_sudo, company_sudo):
        """What Odoo's own page for saving a card shows (`payment_method` in
        payment/controllers/portal.py, which needs a login), for this card holder."""
        report = {}
        providers_sudo = (
            request.env["payment.provider"]
            .sudo()
            ._get_compatible_providers(
                company_sudo.id,
                holder_sudo.id,
                0.0,
                force_tokenization=True,
                is_validation=True,
                report=report,
            )
        )
        methods_sudo = (
            request.env["payment.method"]
            .sudo()
            ._get_compatible_payment_methods(
                providers_sudo.ids,
                holder_sudo.id,
                force_tokenization=True,
                report=report,
            )
        )
        return {
            "mode": "validation",
            "allow_token_selection": False,
            "allow_token_deletion": False,
            "reference_prefix": payment_utils.singularize_reference_prefix(prefix="V"),
            "partner_id": holder_sudo.id,
            "providers_sudo": providers_sudo,
            "payment_methods_sudo": methods_sudo,
            "tokens_sudo": request.env["payment.token"]
            .sudo()
            .search([("partner_id", "=", holder_sudo.id)]),
            "availability_report": report,
            "transaction_route": "/payment/transaction",
            "landing_route": "/noshow/card/saved",
            "access_token": payment_utils.generate_access_token(
                holder_sudo.id, None, None
            ),
        }
