"""The saved card."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ...const import PRACTICE


class PaymentToken(models.Model):
    _inherit = "payment.token"

    # With these, and a key, a card is charged: stock shows them to the Invoicing role.
    provider_ref = fields.Char(groups="base.group_system")
    stripe_payment_method = fields.Char(groups="base.group_system")
    stripe_mandate = fields.Char(groups="base.group_system")
    card_expiry = fields.Date(
        readonly=True, help="The last day on which the card can be charged."
    )

    is_default = fields.Boolean(
        string="Used by Default",
        readonly=True,
        copy=False,
        groups=PRACTICE,
        help="Proposed first when a missed visit is charged.",
    )

    # For the record rule: a path through the client could not compare the companies.
    is_in_care = fields.Boolean(
        compute="_compute_is_in_care",
        search="_search_is_in_care",
        groups=fields.NO_ACCESS,
    )

    _one_default_per_owner = models.UniqueIndex(
        "(partner_id, company_id) WHERE is_default AND active",
        "Another card of this person is the default now. Reload to see which.",
    )

    @api.depends_context("allowed_company_ids", "uid")
    def _compute_is_in_care(self):
        mine = self.filtered_domain(self._get_care_domain())
        for card in self:
            card.is_in_care = card in mine

    def _search_is_in_care(self, operator, value):
        return self._get_care_domain() if operator == "in" else NotImplemented

    @api.model
    def _get_care_domain(self):
        """The cards of those in the user's care at the company of the card, and of
        whoever pays for them."""
        mine = Domain.FALSE
        for company in self.env.companies:
            open_here = [("is_open", "=", True), ("company_id", "=", company.id)]
            mine |= Domain("company_id", "=", company.id) & (
                Domain("partner_id.care_ids", "any", open_here)
                | Domain("partner_id.payer_for_ids.care_ids", "any", open_here)
                | (
                    Domain("partner_id.type", "=", "invoice")
                    & Domain("partner_id.parent_id.care_ids", "any", open_here)
                )
            )
        return mine

    @api.depends("card_expiry", "partner_id.name")
    @api.depends_context("noshow_card_holder")
    def _compute_display_name(self):
        """Where a card is chosen, it says whose it is: a parent's, for a child."""
        super()._compute_display_name()
        if self.env.context.get("noshow_card_holder"):
            for card in self:
                card.display_name = self.env._(
                    "%(holder)s's card: %(card)s",
                    # In sudo: whoever is shown the card is told its holder.
                    holder=card.sudo().partner_id.name,
                    card=card.display_name,
                )

    def _build_display_name(self, *args, **kwargs):
        """Tell cards apart by brand and expiry where these are known."""
        name = super()._build_display_name(*args, **kwargs)
        if not self.card_expiry or not name:
            return name
        brand = self.payment_method_id.name
        month = self.card_expiry.strftime("%m/%Y")
        if self._is_expired():
            return self.env._(
                "%(brand)s %(card)s, expired %(month)s",
                brand=brand,
                card=name,
                month=month,
            )
        return self.env._(
            "%(brand)s %(card)s, %(month)s", brand=brand, card=name, month=month
        )

    def _is_expired(self, company=None):
        self.ensure_one()
        today = (
            company._get_practice_today()
            if company
            else fields.Date.context_today(self)
        )
        return bool(self.card_expiry) and self.card_expiry < today

    def _get_chargeable(self, company, clients):
        """The saved cards that may be charged for missed visits of `clients`: their
        payer's and their own, of an enabled provider of the company, and only when the
        client agreed to such charges (`card_authorized_on`) and is in the care of the
        therapist who asks.

        Call it in sudo, after the right to cancel was checked: a card is readable by
        its owner only.

        :return: `{client: payment.token}`: the default first, then the payer's cards,
            newest first, and expired ones last
        """
        # In sudo, as the rest: therapists are told the result for those in their care.
        agreed = clients.sudo().with_company(company).filtered("card_authorized_on")
        agreed = agreed.with_env(clients.env)._filter_in_care(company)
        payers = {client: client._get_payer() for client in agreed}
        owners = agreed.union(*payers.values())
        tokens = self.search(
            [
                ("partner_id", "in", owners.ids),
                ("company_id", "parent_of", company.id),
                ("provider_id.state", "in", ("enabled", "test")),
            ],
            order="id desc",
        ).filtered(lambda token: token._can_be_charged())
        return {
            client: tokens.filtered(
                lambda token, client=client: (
                    client in agreed and token.partner_id in (client | payers[client])
                )
            ).sorted(
                lambda token, client=client: (
                    token._is_expired(company),
                    not token.is_default,
                    token.partner_id != payers[client],
                )
            )
            for client in clients
        }

    def action_use_by_default(self):
        """Propose this card first when its owner, or whom they pay for, is charged.

        :raise AccessError: the user does not work with the owner of the card
        :raise UserError: it has expired
        """
        self.ensure_one()
        # Record rules: the front desk all clients and payers, therapists their own.
        self.check_access("read")
        if not self.env.user.has_group(PRACTICE):
            raise AccessError(
                self.env._("Only the practice chooses which card is charged first.")
            )
        self._check_not_expired(self.company_id)
        # In sudo: cards are the administrator's to write; which comes first is not.
        card_sudo = self.sudo()
        card_sudo.search(
            [
                ("partner_id", "=", card_sudo.partner_id.id),
                ("company_id", "=", card_sudo.company_id.id),
                ("is_default", "=", True),
            ]
        ).is_default = False
        # Before it: the index allows one.
        card_sudo.flush_model(["is_default"])
        card_sudo.is_default = True

    def _is_of_user(self):
        """Whether whoever asks is logged in as the holder of this card: not somebody
        with a link, and not somebody else below the same contact."""
        self.ensure_one()
        user = self.env.user
        return not user._is_public() and self.partner_id == user.partner_id

    def _filter_shown(self):
        """Those of these that Odoo's pages show to whoever asks, and let them remove:
        of the cards of clients, and of who pays for one, their holder's."""
        return self.filtered(
            lambda card: card._is_of_user() or not card.partner_id._is_client_or_payer()
        )

    def _get_available_tokens(self, *args, **kwargs):
        """On Odoo's pages the saved card of a client, or of who pays for one, is shown
        to its holder: a link to pay may be in many hands."""
        return super()._get_available_tokens(*args, **kwargs)._filter_shown()

    def _can_be_charged(self):
        """Whether this is something that can be charged while the client is away and
        answers at once."""
        if self.provider_code != "stripe":
            return True
        method = self.payment_method_id
        code = (method.primary_payment_method_id or method).code
        return code == "card" and bool(self.stripe_payment_method)

    def _check_not_expired(self, company):
        """:raise UserError: the card has expired"""
        if self._is_expired(company):
            raise UserError(
                self.env._(
                    "%s: choose another card, or ask the client for one.",
                    self.display_name,
                )
            )

    def _is_refused_for_good(self):
        """Whether the bank of one of these cards forbids another try."""
        return bool(self._find_final_refusal())

    def _find_final_refusal(self):
        return self.env["payment.transaction"].search(
            [("token_id", "in", self.ids), ("decline_is_final", "=", True)], limit=1
        )

    def _check_not_refused_for_good(self):
        """:raise UserError: the bank of one of these cards forbids another try"""
        if refused := self._find_final_refusal():
            raise UserError(
                self.env._(
                    "%s was refused for good by its bank and must not be tried again. "
                    "Ask the client for another card.",
                    refused.token_id.display_name,
                )
            )
