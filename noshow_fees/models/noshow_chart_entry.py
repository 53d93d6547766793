"""Quick notes in the client's clinical record."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class NoshowChartEntry(models.Model):
    """No chatter, and no one2many to it on shared models: both would tell people
    without the right who has a chart, and what is in it."""

    _name = "noshow.chart.entry"
    _description = "Chart Entry"
    _order = "date desc, id desc"

    client_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("is_client", "=", True)],
    )
    appointment_id = fields.Many2one(
        "calendar.event", index="btree_not_null", ondelete="restrict"
    )
    author_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        index=True,
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    body = fields.Html(required=True, sanitize=True, sanitize_attributes=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )

    @api.depends("date")
    def _compute_display_name(self):
        # Neutral: a name is shown wherever a record is linked.
        for entry in self:
            entry.display_name = self.env._("Chart entry %s", entry.id or "")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("author_id", self.env.uid) != self.env.uid:
                raise UserError(self.env._("A chart entry is signed by who writes it."))
        return super().create(vals_list)

    def write(self, vals):
        raise UserError(
            self.env._("A chart entry is signed: it cannot be changed afterwards.")
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A chart entry is never deleted."))

    @api.model
    def _create_for_appointments(self, appointments, body):
        """Write one quick note into the record of each appointment's client, dated
        with the appointment and signed by the current user.

        :param str body: HTML
        """
        return self.create(
            [
                {
                    "client_id": appointment.client_id.id,
                    "appointment_id": appointment.id,
                    "date": appointment.start,
                    "company_id": appointment.company_id.id,
                    "body": body,
                }
                for appointment in appointments
            ]
        )
