"""Tasks that our methods give to people."""

from odoo import SUPERUSER_ID, models
from odoo.exceptions import UserError

from ...tools.context import without_flags


class MailActivityMixin(models.AbstractModel):
    _inherit = "mail.activity.mixin"

    @without_flags
    def _give_task_to(self, users, activity, summary, note="", deadline=None):
        """Give each of these users a task about each of these records. It is theirs:
        nobody else changes, finishes or deletes it, not even who caused it, and no
        context of a caller leaves it out.

        :param str activity: the task's type, an xmlid
        :param date deadline: today by default
        :raise UserError: a task was not made; what it is about is not done then
        """
        # As superuser, which `sudo()` is not: who made a task may delete it
        # (mail/security/mail_security.xml), and they are to be told.
        records = self.with_user(SUPERUSER_ID)
        tasks = records.env["mail.activity"]
        for user in users:
            tasks |= (
                records.activity_schedule(
                    activity,
                    date_deadline=deadline,
                    user_id=user.id,
                    summary=summary,
                    note=note,
                )
                or tasks
            )
        if len(tasks.filtered("active")) != len(records) * len(users):
            raise UserError(
                self.env._("Somebody has to be told of this, and could not be.")
            )
        return tasks
