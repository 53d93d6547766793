"""A link for a client: to save a card, or to pay a fee, without logging in."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...const import LINK_DAYS


class NoshowLink(models.TransientModel):
    _name = "noshow.link"
    _description = "Link for a Client"

    kind = fields.Selection(
        [("card", "Save a card"), ("pay", "Pay a fee")], required=True, readonly=True
    )
    client_id = fields.Many2one("res.partner", readonly=True)
    line_id = fields.Many2one("account.move.line", string="Fee", readonly=True)
    holder_ids = fields.Many2many("res.partner", compute="_compute_holder_ids")
    holder_id = fields.Many2one(
        "res.partner",
        string="For",
        compute="_compute_holder_id",
        compute_sudo=False,
        store=True,
        readonly=False,
        domain="[('id', 'in', holder_ids)]",
        help="Whose card it is: the client's, or that of who pays for them.",
    )
    email = fields.Char(
        compute="_compute_email", compute_sudo=False, store=True, readonly=False
    )
    link = fields.Char(compute="_compute_link")
    warning = fields.Char(compute="_compute_warning")
    valid_days = fields.Integer(default=LINK_DAYS, readonly=True)
    state = fields.Selection([("draft", "To send"), ("sent", "Sent")], default="draft")

    @api.depends("kind", "client_id", "line_id")
    def _compute_holder_ids(self):
        for dialog in self:
            dialog.holder_ids = dialog._get_holders()

    def _get_holders(self):
        """Who may be sent this link."""
        if self.kind == "card":
            return self.client_id and self.client_id | self.client_id._get_payer()
        self.line_id._origin.check_access("read")
        # In sudo: the payer's name stands on the fee that the user reads (checked
        # above).
        return self.line_id.sudo().move_id.partner_id.sudo(False)

    @api.depends("holder_ids")
    def _compute_holder_id(self):
        for dialog in self:
            payer = dialog.client_id and dialog.client_id._get_payer()
            dialog.holder_id = payer or dialog._get_holders()[:1]

    @api.depends("holder_id")
    def _compute_email(self):
        for dialog in self:
            client = dialog.client_id or dialog.line_id.client_id
            # Who sends somebody else's client a link has to know the address.
            known = bool(client._filter_in_care())
            dialog.email = known and dialog.holder_id.email

    @api.depends("kind", "client_id", "holder_id", "line_id")
    def _compute_link(self):
        for dialog in self:
            dialog.link = dialog._make_link() if dialog.holder_id else False

    @api.depends("kind")
    def _compute_warning(self):
        # In sudo: one of Odoo's settings.
        findings = self.env["payment.provider"].sudo()._check_portal()
        for dialog in self:
            tell = dialog.kind == "pay" and findings
            dialog.warning = findings[0]["text"] if tell else False

    def _make_link(self):
        """:raise AccessError: the user may not send this client such a link"""
        self.ensure_one()
        if self.holder_id not in self._get_holders():
            raise UserError(self.env._("Choose the client or who pays for them."))
        if self.kind == "card":
            self.client_id._check_may_ask_for_card()
            return self.client_id._get_card_link(self.holder_id)
        return self.line_id._get_payment_link()

    def action_send(self):
        """Send the link by e-mail. What it is for is not said there: e-mail is read by
        others, too.

        :raise UserError: no address
        """
        self.ensure_one()
        if not self.email:
            raise UserError(self.env._("Enter an e-mail address, or copy the link."))
        company = self.env.company
        if self.kind == "card":
            subject = self.env._("%s: save a card", company.name)
            text = self.env._("Please save a card with us here:")
        else:
            subject = self.env._("%s: pay online", company.name)
            text = self.env._("Please pay here:")
        body = Markup("<p>%s</p><p><a href='%s'>%s</a></p><p>%s</p>") % (
            text,
            self.link,
            self.link,
            company.name,
        )
        # In sudo: mails are the system's; the link was made by checked methods, and
        # only the address is the user's.
        self.env["mail.mail"].sudo().create(
            {
                "subject": subject,
                "body_html": body,
                "email_to": self.email,
                "auto_delete": True,
            }
        )
        self.state = "sent"
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The link is on its way to %s.", self.email),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
