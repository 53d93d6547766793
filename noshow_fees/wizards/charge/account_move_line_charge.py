"""The dialog that charges a saved card for a fee later, or again."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountMoveLineCharge(models.TransientModel):
    _name = "account.move.line.charge"
    _inherit = "noshow.fee.dialog"
    _description = "Charge Fee"

    state = fields.Selection(
        [("draft", "To confirm"), ("done", "Done")], default="draft", readonly=True
    )
    line_id = fields.Many2one(
        "account.move.line", string="Fee", required=True, ondelete="cascade"
    )
    client_id = fields.Many2one("res.partner", compute="_compute_cards")
    currency_id = fields.Many2one(related="line_id.currency_id")
    available_token_ids = fields.Many2many("payment.token", compute="_compute_cards")
    has_card_choice = fields.Boolean(compute="_compute_cards")
    card_hint = fields.Char(compute="_compute_cards")
    payment_token_id = fields.Many2one(
        "payment.token",
        string="Saved Card",
        compute="_compute_payment_token_id",
        compute_sudo=False,
        store=True,
        readonly=False,
        domain="[('id', 'in', available_token_ids)]",
    )
    client_credit = fields.Monetary(string="Open Credit", compute="_compute_credit")
    use_credit = fields.Boolean(
        string="Use the credit first?",
        compute="_compute_use_credit",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    amount = fields.Monetary(
        string="Will Be Charged", compute="_compute_amount", help="Tax included."
    )
    result = fields.Html(compute="_compute_result", sanitize=False)
    needs_payment_link = fields.Boolean(compute="_compute_result")

    @api.depends("line_id")
    def _compute_cards(self):
        self.line_id._origin.check_access("read")
        for dialog in self:
            line = dialog.line_id
            dialog.client_id = line.client_id
            # In sudo: the fee is the user's to read (checked above); what is told of a
            # card is its masked name.
            tokens = (
                self.env["payment.token"]
                .sudo()
                ._get_chargeable(line.company_id, line.client_id)
            )
            dialog.available_token_ids = tokens.get(line.client_id)
            dialog.has_card_choice = len(dialog.available_token_ids) > 1
            client = line.client_id.with_company(line.company_id)
            dialog.card_hint = (
                bool(client)
                and not dialog.available_token_ids
                and client._get_card_hint()
            )

    @api.depends("available_token_ids")
    def _compute_payment_token_id(self):
        for dialog in self:
            if dialog.payment_token_id not in dialog.available_token_ids:
                dialog.payment_token_id = dialog.available_token_ids[:1]

    @api.depends("line_id")
    def _compute_credit(self):
        self.line_id._origin.check_access("read")
        for dialog in self:
            # In sudo: one amount about the payer of a fee that the user may see
            # (checked above).
            line_sudo = dialog.line_id.sudo()
            client = line_sudo.client_id.with_env(self.env)
            if not client._filter_in_care(line_sudo.company_id):
                line_sudo = line_sudo.browse()
            credit = line_sudo and line_sudo._get_credit_lines()
            dialog.client_credit = credit and -sum(credit.mapped("amount_residual"))

    @api.depends("client_credit")
    def _compute_use_credit(self):
        for dialog in self:
            dialog.use_credit = dialog.client_credit > 0

    @api.depends("line_id", "client_credit", "use_credit", "state")
    def _compute_amount(self):
        self.line_id._origin.check_access("read")
        for dialog in self:
            credit = dialog.client_credit if dialog.use_credit else 0.0
            dialog.amount = max(dialog.line_id.fee_open - credit, 0.0)

    @api.depends("state")
    def _compute_result(self):
        self.line_id._origin.check_access("read")
        for dialog in self:
            dialog.result = (
                dialog.state == "done" and dialog.line_id._render_card_payments(last=1)
            )
            charges_sudo = dialog.line_id._get_card_payments()
            dialog.needs_payment_link = charges_sudo._needs_payment_link()

    def action_ask_for_card(self):
        """Open the dialog with the link by which the client saves a card."""
        self.ensure_one()
        client = self.client_id.with_company(self.line_id.company_id)
        action = client.action_ask_for_card()
        event = {"default_event_id": self.line_id.appointment_id.id}
        return {**action, "context": {**action["context"], **event}}

    def action_open_payment_link(self):
        """Open the dialog with the link by which the fee is paid online."""
        self.ensure_one()
        return self.line_id.action_open_payment_link()

    def action_charge(self):
        """Charge the card for what is open; by the time the browser asks what became of
        it, it has been sent.

        :raise AccessError: the user may not charge this fee
        :raise UserError: what `account.move.line._charge` refuses
        """
        self.ensure_one()
        if self.state == "done":
            raise UserError(self.env._("This is done already. Close this page."))
        if not self.payment_token_id:
            raise UserError(self.card_hint or self.env._("Choose a card."))
        self.line_id._charge_later(
            self.payment_token_id, self.use_credit, seen=self.seen
        )
        self.state = "done"
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What happened"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
