"""What is sent to a client, when a person presses “Send”: a link to save a card or to
pay a fee without logging in, or a receipt."""

from lxml.html import fragment_fromstring
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize, get_lang, is_html_empty
from odoo.tools.rendering_tools import (
    parse_inline_template,
    render_inline_template,
)

from ...const import LINK_DAYS
from ...tools.context import without_flags


class NoshowLink(models.TransientModel):
    _name = "noshow.link"
    _description = "Link for a Client"

    kind = fields.Selection(
        [("card", "Card link"), ("pay", "Payment link"), ("receipt", "Receipt")],
        required=True,
        readonly=True,
    )
    client_id = fields.Many2one("res.partner", readonly=True)
    line_id = fields.Many2one("account.move.line", string="Fee", readonly=True)
    event_id = fields.Many2one(
        "calendar.event",
        compute="_compute_event_id",
        compute_sudo=False,
        store=True,
        readonly=False,
        help="Keeps what was sent, when, and by whom; its practice sends it.",
    )
    page_id = fields.Many2one(
        "calendar.event.cancel", help="The result page that this was opened from."
    )
    next_line_ids = fields.Many2many(
        "account.move.line",
        string="Then",
        help="Fees of the same batch whose turn comes after this one.",
    )
    next_count = fields.Integer(compute="_compute_next_count")
    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    amount_text = fields.Char(compute="_compute_content")
    invoice_name = fields.Char(compute="_compute_content")
    subject = fields.Char(compute="_compute_preview")
    preview = fields.Html(
        string="What the E-mail Says", compute="_compute_preview", sanitize=False
    )
    language = fields.Char(compute="_compute_preview")
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
    is_noted = fields.Boolean(
        compute="_compute_is_noted",
        help="There is an appointment to keep it on that this was sent.",
    )
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

    @api.depends("company_id", "holder_id")
    def _compute_email(self):
        for dialog in self:
            client = dialog.client_id or dialog.line_id.client_id
            # Who sends somebody else's client a link has to know the address.
            known = bool(client._filter_in_care(dialog.company_id))
            dialog.email = known and dialog.holder_id.email

    @api.depends("client_id", "event_id", "holder_id", "kind", "line_id")
    def _compute_link(self):
        for dialog in self:
            has_link = dialog.holder_id and dialog.kind != "receipt"
            dialog.link = dialog._make_link() if has_link else False

    @api.depends("line_id")
    def _compute_event_id(self):
        self.line_id._origin.check_access("read")
        for dialog in self:
            # In sudo: the fee is the user's to read (checked above), and so, by the
            # rules, is its appointment.
            event = dialog.line_id._origin.sudo().appointment_id
            dialog.event_id = event.sudo(False) or dialog.event_id

    @api.depends("event_id", "client_id")
    @api.depends_context("company")
    def _compute_is_noted(self):
        for dialog in self:
            dialog.is_noted = bool(dialog._get_event_to_note())

    @api.depends("next_line_ids")
    def _compute_next_count(self):
        for dialog in self:
            dialog.next_count = len(dialog.next_line_ids)

    @api.depends("event_id", "line_id")
    @api.depends_context("company")
    def _compute_company_id(self):
        """Whose appointment or fee it is about: the client agrees with that practice,
        and saves the card there."""
        self.line_id._origin.check_access("read")
        for dialog in self:
            # In sudo: of a fee that the user reads (checked above).
            fee_sudo = dialog.line_id._origin.sudo()
            about = fee_sudo.company_id or dialog.event_id.company_id
            dialog.company_id = about or self.env.company

    @api.depends("kind", "line_id")
    def _compute_content(self):
        self.line_id._origin.check_access("read")
        for dialog in self:
            # In sudo: number and amounts of a fee that the user reads (checked above).
            fee_sudo = dialog.line_id._origin.sudo()
            dialog.invoice_name = fee_sudo.move_id.name
            amount = fee_sudo and (
                fee_sudo._get_received_to_tell()[fee_sudo]
                if dialog.kind == "receipt"
                else fee_sudo.fee_open
            )
            lang = dialog.holder_id.lang or self.env.lang
            currency = fee_sudo.currency_id.with_context(lang=lang)
            dialog.amount_text = bool(fee_sudo) and currency.format(amount)

    @api.depends("email", "holder_id", "kind", "line_id")
    def _compute_preview(self):
        for dialog in self:
            lang = get_lang(self.env, dialog.holder_id.lang)
            dialog.language = lang.name
            # Before the rendering, which is in sudo: it checks the rights.
            sendable = dialog.kind == "receipt" or dialog.link
            dialog.subject, dialog.preview = (
                dialog._render(lang.code)
                if sendable and dialog.holder_id
                else (False, False)
            )

    def _render(self, lang):
        """The e-mail in the language of who gets it. What it is about is not said:
        others read e-mail, too.

        :return: subject, body as HTML; False where the template is no more
        """
        # In sudo: templates are Odoo's; of this dialog they print what the user has
        # been shown.
        template = self.env.ref(
            f"noshow_fees.mail_template_{self.kind}", raise_if_not_found=False
        )
        if not template:
            return False, False
        template_sudo = template.sudo().with_context(lang=lang)
        values = {"object": self.with_context(lang=lang)}
        subject = render_inline_template(
            parse_inline_template(template_sudo.subject or ""), values
        )
        # As mail/models/mail_render_mixin.py does for records that are in the database:
        # this dialog need not be, while it is shown.
        body = self.env["ir.qweb"]._render(
            fragment_fromstring(
                str(template_sudo.body_html or ""), create_parent="div"
            ),
            values,
        )
        return subject, body

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
            client = self.client_id.with_company(self.company_id)
            client._check_may_ask_for_card()
            return client._get_card_link(self.holder_id)
        return self.line_id._get_payment_link()

    @without_flags
    def action_send(self):
        """Send it by e-mail, and keep on the appointment what was sent, when and by
        whom; nothing else sends it.

        :raise UserError: no address, whoever's, sent already, or not true any more
        """
        self.ensure_one()
        if not self.email:
            raise UserError(
                self.env._("Enter an e-mail address.")
                if self.kind == "receipt"
                else self.env._("Enter an e-mail address, or copy the link.")
            )
        address = self._get_address()
        if self.state == "sent":
            raise UserError(self.env._("This was sent already."))
        if self.kind != "card" and not self.line_id:
            raise UserError(self.env._("Open this from the fee that it is about."))
        if self.holder_id not in self._get_holders():
            raise UserError(self.env._("Choose the client or who pays for them."))
        if self.kind != "card" and not self.line_id._filter_to_tell(self.kind):
            raise UserError(
                self.env._(
                    "This is not true any more: the fee has changed meanwhile. Close "
                    "this, and look at the fee again."
                )
            )
        sender, reply_to = self._get_sender()
        # As it is now, whatever a browser has shown.
        self.invalidate_recordset(["link", "preview", "subject"])
        if not self.subject or is_html_empty(self.preview):
            raise UserError(
                self.env._(
                    "This e-mail has no text any more. An administrator resets it: "
                    "Settings → Technical → Email Templates, those of the practice."
                )
            )
        event_sudo = self._get_event_to_note()
        # In sudo: mails are the system's; link and text were made by checked methods,
        # and only the address is the user's.
        self.env["mail.mail"].sudo().create(
            {
                "tells_sender": True,
                "told_event_id": event_sudo.id,
                "subject": self.subject,
                "body_html": self.preview,
                "email_from": sender,
                "reply_to": reply_to,
                "email_to": address,
                "auto_delete": True,
            }
        )
        # In sudo: else the queue waits for its hour, and somebody is on the phone.
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
        self.state = "sent"
        self._log_sent(event_sudo)
        message = self.env._(
            "%(what)s: on its way to %(email)s.",
            what=self._get_kind_label(),
            email=self.email,
        )
        if self.page_id:
            self.page_id._note_told(message)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": message,
                "next": self.action_open_next(),
            },
        }

    def _get_address(self):
        """:raise UserError: Odoo would drop a mail to this later, and tell nobody"""
        address = email_normalize(self.email) or ""
        name, _at, domain = address.rpartition("@")
        if not name or "." not in domain.strip("."):
            raise UserError(
                self.env._("“%s” is not an e-mail address: correct it.", self.email)
            )
        return address

    def _get_sender(self):
        """The addresses of who sends, and of who gets the answer: the practice if it
        has one. Odoo's own for answers would return this one, as it is about no
        document, and on a document everybody who reads it would read the answer.

        :raise UserError: there is none
        """
        sender = self.env.user.email_formatted
        practice = self.company_id.partner_id.email_formatted
        if not (sender or practice):
            raise UserError(
                self.env._(
                    "Nobody could answer: enter your e-mail address in your "
                    "preferences, or have the practice's entered in the company."
                )
            )
        return sender or practice, practice or sender

    def action_open_next(self):
        """Open what comes after this: the dialog about the next fee of a batch that
        still has something to tell, or the page that this was opened from. Sends
        nothing."""
        self.ensure_one()
        lines = self.next_line_ids._filter_to_tell(self.kind)
        if line := lines[:1]:
            action = (
                line.action_open_receipt_mail()
                if self.kind == "receipt"
                else line.action_open_payment_link()
            )
            rest = {
                "default_page_id": self.page_id.id,
                "default_next_line_ids": lines[1:].ids,
            }
            # Without a button of a form, which adds the views.
            views = [(False, "form")]
            return {**action, "views": views, "context": {**action["context"], **rest}}
        return self.action_open_page()

    def action_open_page(self):
        """Open the page that this was opened from. Sends nothing."""
        self.ensure_one()
        if self.page_id:
            return self.page_id.action_look_again()
        return {"type": "ir.actions.act_window_close"}

    def _get_kind_label(self):
        return dict(self._fields["kind"]._description_selection(self.env))[self.kind]

    def _get_event_to_note(self):
        """The appointment to note it on, in sudo: its own, else the client's latest.
        Not the contact, whose notes every employee reads."""
        self.event_id.check_access("read")
        # In sudo: for an internal note about what the user was allowed to do.
        events_sudo = self.env["calendar.event"].sudo().with_context(active_test=False)
        return self.event_id.sudo() or events_sudo.search(
            [
                ("client_id", "=", self.client_id.id),
                ("client_id", "!=", False),
                ("company_id", "=", self.company_id.id),
            ],
            order="start desc",
            limit=1,
        )

    def _log_sent(self, event_sudo):
        """Note it: who and when say the note's author and date."""
        if event_sudo:
            event_sudo._message_log(
                body=Markup("<p>%s</p>")
                % self.env._(
                    "%(what)s sent by e-mail to %(email)s.",
                    what=self._get_kind_label(),
                    email=self.email,
                )
            )
