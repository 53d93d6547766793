"""What was sent to a client and did not arrive: who has sent it is told."""

from markupsafe import Markup

from odoo import fields, models

#: So many addresses are named at once; the others are counted.
NAMED = 5


class MailMail(models.Model):
    _inherit = "mail.mail"

    tells_sender = fields.Boolean(
        readonly=True,
        groups="base.group_system",
        help="Whoever has pressed Send is told if it cannot be sent.",
    )
    told_event_id = fields.Many2one(
        "calendar.event",
        string="Appointment",
        # For each meeting that is deleted, also by stock: 0.2 ms instead of 8.6 among
        # 100 thousand mails.
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        groups="base.group_system",
        help="On this appointment, if there is one, it is noted if it cannot be sent.",
    )

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        if failure_type:
            # Before: stock deletes some of them. In sudo: whoever's job sends them, the
            # right was checked when somebody pressed *Send*.
            failed_sudo = self.sudo().filtered("tells_sender")
            for mails_sudo in failed_sudo.grouped("create_uid").values():
                mails_sudo._tell_of_failure()
        return super()._postprocess_sent_message(
            success_pids,
            success_emails,
            failure_reason=failure_reason,
            failure_type=failure_type,
        )

    def _tell_of_failure(self):
        """Note it on the appointments, and tell who has pressed *Send* a moment ago."""
        user = self.create_uid
        mails = self.with_context(lang=user.lang)
        notes = {mail: mail._get_failure_note() for mail in mails}
        for mail, note in notes.items():
            if event := mail.told_event_id:
                event._message_log(body=Markup("<p>%s</p>") % note)
        message = notes[mails] if len(mails) == 1 else mails._get_failures_note()
        user._bus_send(
            "simple_notification",
            {"type": "danger", "message": message, "sticky": True},
        )

    def _get_failure_note(self):
        return self.env._(
            "“%(subject)s” could not be sent to %(email)s. Correct the address and "
            "send it again, or ask an administrator to look at Odoo's outgoing mail.",
            subject=self.subject,
            email=self.email_to,
        )

    def _get_failures_note(self):
        """One for all that a mail server has refused at once: with a batch, nobody
        closes two hundred."""
        named = ", ".join(self[:NAMED].mapped("email_to"))
        return self.env._(
            "%(count)s e-mails could not be sent: %(emails)s. Ask an administrator to "
            "look at Odoo's outgoing mail, and send them again.",
            count=len(self),
            emails=f"{named}, …" if len(self) > NAMED else named,
        )
