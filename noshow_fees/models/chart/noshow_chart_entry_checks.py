"""What must hold before a chart entry is written or changed."""

from odoo import models
from odoo.exceptions import AccessError, UserError, ValidationError


class NoshowChartEntry(models.Model):
    _inherit = "noshow.chart.entry"

    def _check_links(self):
        """:raise ValidationError: client, appointment and addendum do not match"""
        # In sudo: whether links match does not depend on who asks.
        for entry_sudo in self.sudo():
            client, parent = entry_sudo.client_id, entry_sudo.parent_id
            appointment = entry_sudo.appointment_id
            if not client.is_client:
                raise ValidationError(self.env._("A chart entry needs a client."))
            if appointment and appointment.client_id != client:
                raise ValidationError(
                    self.env._("This appointment is another client's.")
                )
            if appointment and appointment.company_id != entry_sudo.company_id:
                raise ValidationError(
                    self.env._("This appointment is another company's.")
                )
            if parent and (parent.parent_id or parent.state != "signed"):
                raise ValidationError(
                    self.env._(
                        "An addendum belongs to a signed note: change the draft, or "
                        "add to the note itself."
                    )
                )

    def _check_may_be_written(self):
        """:raise AccessError: unless the user may write these: about an appointment
        that they may cancel, about a client of their own (the front desk: any), or
        as an addendum to a note that they can read"""
        self.parent_id.check_access("read")
        self.appointment_id.check_access("read")
        for provider in self.appointment_id.user_id:
            self.env.user._check_practice_right("schedule", provider)
        others = self.filtered(lambda e: not e.parent_id and not e.appointment_id)
        if not others or self.env.user._has_practice_right("schedule"):
            return
        self.env.user._check_practice_right("schedule", self.env.user)
        appointments = self.env["calendar.event"].with_context(active_test=False)
        own = appointments._read_group(
            [("client_id", "in", others.client_id.ids), ("user_id", "=", self.env.uid)],
            ["client_id"],
        )
        if others.client_id.filtered(lambda client: (client,) not in own):
            raise AccessError(
                self.env._(
                    "You may only write about clients who have appointments with you."
                )
            )

    def _check_own_draft(self):
        """:raise UserError: unless all of these are drafts of the user's own; holds in
        sudo too: no right, import or job changes a signed entry

        :raise AccessError: another's draft, or out of the user's reach
        """
        self.check_access("read")
        if any(entry_sudo.state == "signed" for entry_sudo in self.sudo()):
            raise UserError(
                self.env._(
                    "A chart entry is signed: it cannot be changed or deleted. Correct "
                    "it with an addendum."
                )
            )
        if any(entry_sudo.author_id != self.env.user for entry_sudo in self.sudo()):
            raise AccessError(self.env._("A draft belongs to its author."))
