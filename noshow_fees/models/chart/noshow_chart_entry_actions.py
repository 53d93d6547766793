"""What people do with chart entries on the screen."""

from odoo import api, fields, models


class NoshowChartEntry(models.Model):
    _inherit = "noshow.chart.entry"

    is_own_draft = fields.Boolean(compute="_compute_is_own_draft")
    # The appointment's title is not for everybody who reads the note.
    has_appointment = fields.Boolean(compute="_compute_has_appointment")

    @api.depends("state", "author_id")
    @api.depends_context("uid")
    def _compute_is_own_draft(self):
        for entry in self:
            entry.is_own_draft = (
                entry.state == "draft" and entry.author_id == self.env.user
            )

    @api.depends("appointment_id")
    def _compute_has_appointment(self):
        for entry in self:
            entry.has_appointment = bool(entry.appointment_id)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_new(self):
        """Open an empty note, kept as a draft until it is signed."""
        return self._open_form(self.env._("Quick note"), {"default_state": "draft"})

    def action_edit(self):
        """Open a draft."""
        self.ensure_one()
        return {**self._open_form(self.env._("Quick note"), {}), "res_id": self.id}

    def action_sign(self):
        """Sign drafts: from now on they stay as they are.

        :raise UserError: signed already, or another's draft
        """
        self._sign()
        return True

    def action_discard(self):
        """Throw drafts away.

        :raise UserError: signed already, or another's draft
        """
        return self.unlink()

    def action_open_addendum(self):
        """Open an empty addendum to this note."""
        self.ensure_one()
        return self._open_form(
            self.env._("Addendum"),
            {"default_parent_id": self.id, "default_client_id": self.client_id.id},
        )

    def action_open_print(self):
        """Open the dialog that prints the chart of `default_client_id`."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Print chart"),
            "res_model": "noshow.chart.entry.print",
            "view_mode": "form",
            "target": "new",
            "context": {"default_client_id": self.env.context.get("default_client_id")},
        }

    def action_open_access_log(self):
        """Open what the access log says about the chart of `default_client_id`."""
        self.env["noshow.chart.access"].check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "noshow_fees.noshow_chart_access_action"
        )
        client_id = self.env.context.get("default_client_id")
        return {**action, "domain": [("client_id", "=", client_id)]}

    @api.model
    def _open_form(self, name, context):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": self._name,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {**self.env.context, **context},
        }
