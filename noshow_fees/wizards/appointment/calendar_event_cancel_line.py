"""A row of the cancellation page of several appointments."""

from odoo import api, fields, models

from ...const import FEE_CODE_DOMAIN


class CalendarEventCancelLine(models.TransientModel):
    _name = "calendar.event.cancel.line"
    _description = "Cancel Appointments: Fee of One"

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
    currency_id = fields.Many2one(related="company_id.currency_id")
    product_id = fields.Many2one(
        "product.product",
        string="CPT / Fee",
        compute="_compute_product_id",
        compute_sudo=False,
        store=True,
        readonly=False,
        domain=FEE_CODE_DOMAIN,
    )
    amount = fields.Monetary(
        compute="_compute_amount",
        compute_sudo=False,
        store=True,
        readonly=False,
        help="Without taxes.",
    )
    # What the row follows: see the computes.
    page_product_id = fields.Many2one(
        "product.product", compute="_compute_product_id", compute_sudo=False, store=True
    )
    page_amount = fields.Monetary(
        compute="_compute_amount", compute_sudo=False, store=True
    )
    amount_product_id = fields.Many2one(
        "product.product", compute="_compute_amount", compute_sudo=False, store=True
    )
    amount_total = fields.Monetary(
        string="Total",
        compute="_compute_amount_total",
        help="Taxes included: what is owed, and charged to the card.",
    )
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

    # What is chosen above the rows is for all that do not differ from it.

    @api.depends("cancel_id.product_id")
    def _compute_product_id(self):
        for row in self:
            if row.product_id == row.page_product_id:
                row.product_id = row.cancel_id.product_id
            else:
                row.product_id = row.product_id
            row.page_product_id = row.cancel_id.product_id

    @api.depends("product_id", "cancel_id.amount")
    def _compute_amount(self):
        for row in self:
            page, product = row.cancel_id, row.product_id
            same_code = product == row.amount_product_id
            differs = row.currency_id.compare_amounts(row.amount, row.page_amount)
            if same_code and (differs or product != page.product_id):
                row.amount = row.amount
            elif product == page.product_id:
                row.amount = page.amount
            else:
                row.amount = product._get_list_fee(row.company_id) if product else 0.0
            row.amount_product_id, row.page_amount = product, page.amount

    @api.depends("cancel_id.charge_card", "available_token_ids")
    def _compute_charge_card(self):
        for row in self:
            row.charge_card = row.cancel_id.charge_card and row.available_token_ids

    @api.depends("product_id", "amount", "client_id")
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
