"""What the cancellation page knows of the client: earlier misses, cards, credit."""

from odoo import api, fields, models


class CalendarEventCancel(models.TransientModel):
    _inherit = "calendar.event.cancel"

    missed_visit_count = fields.Integer(
        string="Earlier Missed Visits", compute="_compute_client_info"
    )
    available_token_ids = fields.Many2many(
        "payment.token", compute="_compute_available_token_ids"
    )
    client_credit = fields.Monetary(
        string="Open Credit", compute="_compute_client_info"
    )
    card_hint = fields.Char(compute="_compute_card_hint")
    card_link = fields.Char(
        compute="_compute_card_hint",
        help="There the client agrees to card charges and saves a card.",
    )
    charge_card = fields.Boolean(string="Charge the saved card?")
    has_card_choice = fields.Boolean(compute="_compute_has_card_choice")
    has_cards = fields.Boolean(
        compute="_compute_has_cards", help="One of the rows has a card to charge."
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
    amount_to_charge = fields.Monetary(
        compute="_compute_amount_to_charge",
        help="Of several appointments: at most, as credit is used first.",
    )
    use_credit = fields.Boolean(
        string="Use the credit first?",
        compute="_compute_use_credit",
        compute_sudo=False,
        store=True,
        readonly=False,
    )

    @api.depends("appointment_ids", "client_id", "company_id", "rebook_event_id")
    def _compute_client_info(self):
        for page in self:
            client, company = page._get_client(), page.company_id
            # The one that is booked again is not an earlier one.
            itself = page.rebook_event_id._origin.counts_as_missed
            page.missed_visit_count = client.missed_visit_count - bool(itself)
            # Not by booking a stranger for a minute.
            clients = page._get_checked_appointments().client_id
            payers = self.env["res.partner"].union(
                *(one._get_payer() for one in clients._filter_in_care(company))
            )
            # In sudo: the clients come from appointments that the user can read; what
            # is told is one amount.
            credit = self.env["account.move"].sudo()
            page.client_credit = -sum(
                credit._get_credit_to_use(company, payers).mapped("amount_residual")
            )

    @api.depends("appointment_ids", "client_id", "company_id")
    def _compute_available_token_ids(self):
        for page in self:
            client = page._get_client()
            # In sudo: as above; what is told is the masked name of a card.
            tokens_sudo = self.env["payment.token"].sudo()
            tokens = tokens_sudo._get_chargeable(page.company_id, client)
            page.available_token_ids = tokens.get(client)

    @api.depends("available_token_ids")
    def _compute_has_card_choice(self):
        for page in self:
            page.has_card_choice = len(page.available_token_ids) > 1

    @api.depends("line_ids.available_token_ids")
    def _compute_has_cards(self):
        for page in self:
            page.has_cards = bool(page.line_ids.available_token_ids)

    @api.depends("available_token_ids")
    def _compute_card_hint(self):
        for page in self:
            # The practice that bills, whichever is the first of those ticked.
            client = page._get_client().with_company(page.company_id)
            page.card_link = False
            if not client or page.available_token_ids:
                page.card_hint = False
            elif not client._filter_in_care(page.company_id):
                page.card_hint = client._get_card_hint()
            elif hint := self.env["payment.provider"]._get_no_card_company_hint(
                page.company_id
            ):
                # A link would lead to a dead end.
                page.card_hint = hint
            else:
                page.card_hint = client._get_card_hint()
                page.card_link = client._get_card_link(client._get_payer())

    @api.depends("available_token_ids", "charge_card")
    def _compute_payment_token_id(self):
        for page in self:
            available = page.available_token_ids
            if page.payment_token_id not in available or not page.payment_token_id:
                page.payment_token_id = available[:1]

    @api.depends("client_credit")
    def _compute_use_credit(self):
        for page in self:
            page.use_credit = page.client_credit > 0

    @api.depends(
        "amount_total",
        "client_credit",
        "line_ids.amount_total",
        "line_ids.charge_card",
        "use_credit",
    )
    def _compute_amount_to_charge(self):
        for page in self:
            if page.is_batch:
                rows = page.line_ids.filtered("charge_card")
                page.amount_to_charge = sum(rows.mapped("amount_total"))
            else:
                credit = page.client_credit if page.use_credit else 0.0
                page.amount_to_charge = max(page.amount_total - credit, 0.0)
