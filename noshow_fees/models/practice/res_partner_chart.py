"""Clients with a chart are kept."""

from odoo import api, models
from odoo.exceptions import UserError

#: What is kept about a client, under the name `client_id`.
RECORDS = (
    "calendar.event",
    "account.move.line",
    "noshow.chart.entry",
    "noshow.chart.access",
)


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_clients_with_records(self):
        """Say the same for every kind of record: PostgreSQL's own error names the
        table, and so tells anybody who may delete contacts who has a chart."""
        clients = [("client_id", "in", self.ids)]
        for model in RECORDS:
            # In sudo: the answer must not depend on what the user may read.
            records_sudo = self.env[model].sudo().with_context(active_test=False)
            if records_sudo.search_count(clients, limit=1):
                raise UserError(
                    self.env._(
                        "A client with records in this practice is kept. Archive the "
                        "contact instead."
                    )
                )
