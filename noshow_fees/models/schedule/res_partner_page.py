"""The client's page: what it says on top, and where its buttons lead."""

from odoo import api, fields, models

from ...const import PRACTICE


class ResPartner(models.Model):
    _inherit = "res.partner"

    card_summary = fields.Char(
        string="Card",
        compute="_compute_card_summary",
        groups=PRACTICE,
        help="The card that would be charged, and whose it is; or why there is none.",
    )
    can_save_card = fields.Boolean(
        compute="_compute_card_summary",
        groups=PRACTICE,
        help="A card company is connected that clients can save a card with, and the "
        "user may ask this client for one.",
    )
    noshow_credit = fields.Monetary(
        string="Credit",
        compute="_compute_noshow_credit",
        groups=PRACTICE,
        help="Already paid by who pays for this client, and not used yet.",
    )

    @api.depends("card_authorized_on", "payer_id")
    @api.depends_context("company", "uid")
    def _compute_card_summary(self):
        company = self.env.company
        hint = self.env["payment.provider"]._get_no_card_company_hint(company)
        # In sudo: fields of the administrator's tell whether a card can be charged;
        # shown are the masked names of those that the user may read.
        tokens_sudo = self.env["payment.token"].sudo()
        chargeable = tokens_sudo._get_chargeable(company, self._origin)
        in_care = self._origin._filter_in_care(company)
        for partner in self:
            cards = chargeable.get(partner._origin, tokens_sudo).sudo(False)
            cards = cards._filtered_access("read").with_context(noshow_card_holder=True)
            partner.can_save_card = not hint and partner._origin in in_care
            if cards:
                partner.card_summary = cards[0].display_name
            else:
                partner.card_summary = hint or (
                    bool(partner._origin) and partner._get_card_hint()
                )

    @api.depends("payer_id")
    @api.depends_context("company")
    def _compute_noshow_credit(self):
        company = self.env.company
        # Every employee reads contacts, and every therapist clients.
        known = self._origin.filtered("is_client")._filter_in_care(company)
        # In sudo: they are told the same on the cancellation page.
        moves_sudo = self.env["account.move"].sudo()
        for partner in self:
            payer_sudo = (
                partner._origin in known and partner._origin.sudo()._get_payer()
            )
            lines_sudo = moves_sudo._get_credit_to_use(
                company, payer_sudo or partner.browse()
            )
            partner.noshow_credit = -sum(lines_sudo.mapped("amount_residual"))

    # ------------------------------------------------------------
    # WHICH FORM
    # ------------------------------------------------------------

    def get_formview_id(self, access_uid=None):
        """A client opens in the client's page, wherever one clicks on the name."""
        if (
            len(self) == 1
            and self.env.user.has_group(PRACTICE)
            and self.is_client
            and not self.env.context.get("noshow_contact_form")
        ):
            return self.env.ref("noshow_fees.res_partner_view_form_client").id
        return super().get_formview_id(access_uid)

    def action_open_client(self):
        """Open the client's page."""
        self.ensure_one()
        return self.get_formview_action()

    def action_open_contact(self):
        """Open Odoo's own form of this contact."""
        self.ensure_one()
        action = self.with_context(noshow_contact_form=True).get_formview_action()
        view = self.env.ref("base.view_partner_form")
        return {**action, "views": [(view.id, "form")]}

    def action_book(self):
        """Open the booking pop-up for this client."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "noshow_fees.calendar_event_book_action"
        )
        context = {"dialog_size": "medium", "default_client_id": self.id}
        return {**action, "context": context}
