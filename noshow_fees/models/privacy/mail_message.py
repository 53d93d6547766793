"""What the logs of appointments and fees say stays said."""

from odoo import models


class MailMessage(models.Model):
    _inherit = "mail.message"

    def _get_forbidden_access(self, operation):
        """Odoo lets authors change and delete what they have written, the notes too
        that say what they did: what was sent to whom, which amount a fee had."""
        forbidden = super()._get_forbidden_access(operation)
        if operation in ("write", "unlink"):
            forbidden |= (self - forbidden)._filter_on_record()
        return forbidden

    def _filter_on_record(self):
        """Those of these messages that nobody has typed, on appointments and invoices
        of fees."""
        # In sudo: whether they are does not depend on who asks.
        notes_sudo = self.sudo().filtered(
            lambda message: message.message_type == "notification" and message.res_id
        )
        kept_sudo = notes_sudo.browse()
        for model, filter_kept in (
            ("calendar.event", "_filter_appointments"),
            ("account.move", "_filter_fee_invoices"),
        ):
            of_model = notes_sudo.filtered(lambda note: note.model == model)  # noqa: B023
            records_sudo = self.env[model].sudo().browse(of_model.mapped("res_id"))
            ids = set(getattr(records_sudo.exists(), filter_kept)().ids)
            kept_sudo |= of_model.filtered(lambda note: note.res_id in ids)  # noqa: B023
        return kept_sudo.with_env(self.env)
