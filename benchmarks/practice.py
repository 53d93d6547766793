"""The people of a database that `load` has filled."""

import json
from datetime import timedelta

from odoo import Command, fields

#: Where such a database says what it has.
PARAMETER = "noshow_fees.bench"


class Practice:
    """:ivar start: of the first appointment
    :ivar said: what was loaded, in words"""

    def __init__(self, env):
        self.env, self.cr = env, env.cr
        known = json.loads(env["ir.config_parameter"].sudo().get_param(PARAMETER))
        self.size, self.said = known["size"], known["said"]
        self.start = fields.Datetime.to_datetime(known["start"])
        self.client = env["res.partner"].browse(known["client"])
        users = env["res.users"]
        self.biller = users.search([("login", "=", "bench_biller")])
        self.owner = users.search([("login", "=", "bench_owner")])
        self.providers = users.search(
            [("login", "=like", "bench_provider %")], order="id"
        )

    def keep(self, said):
        """Keep in the database who they are."""
        known = {
            "size": self.size,
            "said": said,
            "start": fields.Datetime.to_string(self.start),
            "client": self.client.id,
        }
        self.env["ir.config_parameter"].sudo().set_param(PARAMETER, json.dumps(known))

    def new_appointment(self, start, **vals):
        return self.new_appointments([start], **vals)

    def new_appointments(self, starts, **vals):
        """Appointments of the first provider, with one client."""
        provider = self.providers[0]
        events = self.env["calendar.event"].with_context(
            no_mail_to_attendees=True, dont_notify=True
        )
        return events.create(
            [
                {
                    "name": "Session",
                    "client_id": self.client.id,
                    "user_id": provider.id,
                    "partner_ids": [Command.set(provider.partner_id.ids)],
                    "start": start,
                    "stop": start + timedelta(hours=1),
                    **vals,
                }
                for start in starts
            ]
        )
