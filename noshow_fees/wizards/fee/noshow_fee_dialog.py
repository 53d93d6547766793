"""What the dialogs that move a fee's money share."""

from odoo import api, fields, models


class NoshowFeeDialog(models.AbstractModel):
    """A dialog with `line_id` or `line_ids`, that knows what it has shown: whoever
    saves it after somebody else changed or paid the fee is told so."""

    _name = "noshow.fee.dialog"
    _description = "Dialog of a Fee"

    # Goes to the browser when the dialog is opened, and comes back when it is saved.
    seen = fields.Char(
        compute="_compute_seen", compute_sudo=False, store=True, readonly=False
    )

    @api.depends(lambda self: [self._get_lines_name()])
    def _compute_seen(self):
        for dialog in self:
            lines = dialog[self._get_lines_name()]._origin
            dialog.seen = lines._get_stamp()

    @api.model
    def _get_lines_name(self):
        return "line_ids" if "line_ids" in self._fields else "line_id"
