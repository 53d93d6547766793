"""A row of the cancellation page of several appointments."""

from odoo import api, fields, models


class CalendarEventCancelLine(models.TransientModel):
    _name = "calendar.event.cancel.line"
    _inherit = "noshow.fee.choice"
    _description = "Cancel Appointments: Fee of One"

    # 200 rows of one page among the 20,000 of a day: 0.05 ms instead of 0.8.
    cancel_id = fields.Many2one(
        "calendar.event.cancel", required=True, ondelete="cascade", index=True
    )
    event_id = fields.Many2one(
        "calendar.event",
        string="Appointment",
        required=True,
        readonly=True,
        ondelete="cascade",
        context={"active_test": False},
    )
    # Not related fields, which Odoo reads as superuser.
    client_id = fields.Many2one("res.partner", compute="_compute_appointment")
    provider_id = fields.Many2one("res.users", compute="_compute_appointment")
    start = fields.Datetime(compute="_compute_appointment")
    company_id = fields.Many2one(related="cancel_id.company_id")
    # What the row follows: see the computes. Not readonly: of a saved row, Odoo would
    # compute them without what they were (odoo/orm/fields.py, `__get__`).
    page_product_id = fields.Many2one(
        "product.product",
        compute="_compute_product_id",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    page_amount = fields.Monetary(
        compute="_compute_amount", compute_sudo=False, store=True, readonly=False
    )
    amount_product_id = fields.Many2one(
        "product.product",
        compute="_compute_amount",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    amount_total = fields.Monetary(
        string="Total",
        compute="_compute_amount_total",
        help="Taxes included: what is owed, and charged to the card.",
    )
    sentence = fields.Char(string="Why", compute="_compute_sentence")
    may_change_amount = fields.Boolean(compute="_compute_may_change_amount")
    available_token_ids = fields.Many2many(
        "payment.token", compute="_compute_available_token_ids"
    )
    charge_card = fields.Boolean(
        compute="_compute_charge_card",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    payment_token_id = fields.Many2one(
        "payment.token",
        string="Saved Card",
        compute="_compute_payment_token_id",
        compute_sudo=False,
        store=True,
        readonly=False,
        domain="[('id', 'in', available_token_ids)]",
    )

    @api.depends("event_id")
    def _compute_appointment(self):
        self.event_id._origin.check_access("read")
        for row in self:
            # As it is in the database, not as a browser sends it along.
            event = row.event_id._origin
            row.client_id = event.client_id
            row.provider_id = event.user_id
            row.start = event.start

    # What is above the rows, the policy's own proposal for each or one fee for all, is
    # for those that do not differ from it.

    @api.depends("cancel_id.by_policy", "cancel_id.product_id", "event_id")
    def _compute_product_id(self):
        for page, rows in self.grouped("cancel_id").items():
            proposals = page.by_policy and page._get_proposals()
            for row in rows:
                if page.by_policy:
                    followed = row._get_proposal(proposals)["proposed_product_id"]
                else:
                    followed = page.product_id.id
                if row.product_id == row.page_product_id:
                    row.product_id = followed
                else:
                    row.product_id = row.product_id
                row.page_product_id = followed

    @api.depends("product_id", "cancel_id.amount", "cancel_id.by_policy")
    def _compute_amount(self):
        for page, rows in self.grouped("cancel_id").items():
            proposals = page._get_proposals()
            for row in rows:
                product, proposal = row.product_id, row._get_proposal(proposals)
                if page.by_policy:
                    followed = product.browse(proposal["proposed_product_id"])
                    followed_amount = proposal["proposed_amount"]
                else:
                    followed, followed_amount = page.product_id, page.amount
                same_code = product == row.amount_product_id
                differs = row.currency_id.compare_amounts(row.amount, row.page_amount)
                if same_code and (differs or product != followed):
                    row.amount = row.amount
                elif product == followed:
                    row.amount = followed_amount
                else:
                    event_sudo = row.event_id._origin.sudo()
                    row.amount = (
                        event_sudo._get_listed_amount(product, proposal)
                        if product
                        else 0.0
                    )
                row.amount_product_id, row.page_amount = product, followed_amount

    @api.depends("event_id", "cancel_id.visit_state", "cancel_id.cancel_initiator")
    @api.depends_context("uid")
    def _compute_sentence(self):
        for page, rows in self.grouped("cancel_id").items():
            proposals = page._get_proposals()
            for row in rows:
                row.sentence = row._get_proposal(proposals).get("sentence")

    def _get_proposal(self, proposals):
        """What the policy proposes for the appointment of this row."""
        none = {"proposed_product_id": False, "proposed_amount": 0.0}
        return (proposals or {}).get(self.event_id._origin, none)

    def _follows_proposal(self):
        return (
            self.cancel_id.by_policy
            and self.product_id == self.page_product_id
            and not self.currency_id.compare_amounts(self.amount, self.page_amount)
        )

    def _get_chosen_values(self, proposals):
        """What the user has chosen in this row, for a row of another page.

        :param dict proposals: what the policy proposes there
        """
        chosen = {
            "event_id": self.event_id.id,
            "charge_card": self.charge_card,
            "payment_token_id": self.payment_token_id.id,
        }
        page = self.cancel_id
        followed = (page.product_id.id, page.amount)
        if page.by_policy:
            if self._follows_proposal():
                return chosen
            proposal = self._get_proposal(proposals)
            followed = (proposal["proposed_product_id"], proposal["proposed_amount"])
        return {
            **chosen,
            "product_id": self.product_id.id,
            "amount": self.amount,
            "amount_product_id": self.product_id.id,
            "page_product_id": followed[0],
            "page_amount": followed[1],
        }

    def _is_proposed(self, proposals):
        proposal = self._get_proposal(proposals)
        return proposal["proposed_product_id"] == self.product_id.id and not (
            self.currency_id.compare_amounts(proposal["proposed_amount"], self.amount)
        )

    @api.depends("cancel_id.charge_card", "available_token_ids")
    def _compute_charge_card(self):
        for row in self:
            row.charge_card = row.cancel_id.charge_card and row.available_token_ids

    @api.depends("product_id", "amount", "client_id", "company_id")
    def _compute_amount_total(self):
        for row in self:
            row.amount_total = row.cancel_id._get_total(
                row.client_id, row.product_id, row.amount
            )

    @api.depends("event_id")
    @api.depends_context("uid")
    def _compute_may_change_amount(self):
        for row in self:
            row.may_change_amount = self.env.user._has_practice_right(
                "change_amount", row.provider_id
            )

    @api.depends("event_id", "company_id")
    def _compute_available_token_ids(self):
        self.event_id._origin.check_access("read")
        for company, rows in self.grouped("company_id").items():
            # In sudo: as on the page; the clients come from readable appointments.
            tokens = (
                self.env["payment.token"]
                .sudo()
                ._get_chargeable(company, rows.event_id._origin.client_id)
            )
            for row in rows:
                row.available_token_ids = tokens.get(row.event_id._origin.client_id)

    @api.depends("available_token_ids", "charge_card")
    def _compute_payment_token_id(self):
        for row in self:
            if (
                not row.payment_token_id
                or row.payment_token_id not in row.available_token_ids
            ):
                row.payment_token_id = row.available_token_ids[:1]
