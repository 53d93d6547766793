"""Who opened whose chart, when, and on what ground."""

from functools import partial

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError

from ...const import OWNER, THERAPIST
from ...tools.context import by_method, is_by_method

#: Where a transaction keeps what it has read and not yet logged.
PENDING = "noshow.chart.access.pending"


class NoshowChartAccess(models.Model):
    """One row a client, for what was read of a chart in one transaction (see
    `noshow.chart.entry._fetch_query`). Owners read it; nobody writes, changes or
    deletes it, not even in sudo."""

    _name = "noshow.chart.access"
    _inherit = "noshow.group.order"
    _description = "Chart Access"
    _order = "date desc, id desc"
    # Who and when are fields of its own.
    _log_access = False

    # Indexed: how often somebody read, 0.4 ms instead of 150 among 760 thousand rows.
    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, index=True, ondelete="restrict"
    )
    client_id = fields.Many2one(
        "res.partner", required=True, readonly=True, ondelete="restrict"
    )
    client_ref = fields.Integer(
        string="Client's ID Then",
        readonly=True,
        aggregator=None,
        help="When clients are merged, the row follows the chart, and this stays.",
    )
    company_id = fields.Many2one("res.company", readonly=True)
    # Indexed: the newest 80 in 0.1 ms instead of 650, a month's number in 4 ms
    # instead of 370.
    date = fields.Datetime(string="When", required=True, readonly=True, index=True)
    action = fields.Selection(
        [
            ("read", "Read"),
            ("search", "Found by a search for words"),
            ("print", "Printed"),
            ("merge", "Merged with another chart"),
        ],
        required=True,
        readonly=True,
    )
    ground = fields.Selection(
        [
            ("author", "Own notes"),
            ("care", "In their care"),
            ("reason", "Opened with a reason"),
            ("owner", "Owner"),
            # Rows from before care was recorded.
            ("appointment", "Own client"),
            ("self_booked", "Own client, by an appointment they booked themselves"),
        ],
        readonly=True,
        help="What gave the right to read.",
    )
    # What the rows named here may lose by and by, in words.
    user_name = fields.Char(string="Who Then", readonly=True)
    client_name = fields.Char(string="Client Then", readonly=True)
    fact = fields.Char(
        readonly=True, help="The facts behind the ground, as they were then."
    )
    entry_count = fields.Integer(string="Notes", readonly=True)
    date_from = fields.Datetime(string="From", readonly=True)
    date_to = fields.Datetime(string="To", readonly=True)
    detail = fields.Char(readonly=True)

    # A client's in 0.03 ms instead of 210; how many of each client at the companies of
    # the rule in 105 ms instead of 360.
    _of_client = models.Index("(client_id, company_id)")

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not is_by_method(self.env):
            self._refuse()
        return super().create(vals_list)

    def write(self, vals):  # pylint: disable=method-required-super
        self._refuse()

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        self._refuse()

    def _refuse(self):
        raise UserError(self.env._("The access log of the charts cannot be changed."))

    # ------------------------------------------------------------
    # LOG
    # ------------------------------------------------------------

    @api.model
    def _log(self, action, entries):
        """Log that the current user reads these entries.

        What is read in one transaction becomes one row a client, written before the
        commit: a page of the chart is read in several steps.

        :param str action: a key of the field
        """
        if not entries:
            return
        cr = self.env.cr
        pending = cr.precommit.data.get(PENDING)
        if pending is None:
            pending = cr.precommit.data[PENDING] = {}
            cr.precommit.add(self._write_pending)
            leave = partial(self._write_elsewhere, self.env.registry, pending)
            cr.postcommit.add(leave)
            cr.postrollback.add(leave)
        key = self.env.uid, action
        pending[key] = pending.get(key, frozenset()) | set(entries._ids)

    def _write_pending(self):
        pending = self.env.cr.precommit.data.pop(PENDING, {})
        rows = list(pending.items())
        if self.env.cr.readonly:
            # Odoo does the request again, with a cursor that writes.
            pending.clear()
        for (uid, action), ids in rows:
            self.with_user(uid)._write_rows(action, ids)
        pending.clear()

    @classmethod
    def _write_elsewhere(cls, registry, pending):
        """What was read in a transaction that failed afterwards, or whose savepoint did
        (which empties `precommit`), was read all the same: an error that says whether
        words were found reads a chart without leaving a row."""
        if not pending:
            return
        with registry.cursor() as cr:
            rows = api.Environment(cr, SUPERUSER_ID, {})[cls._name]
            for (uid, action), ids in pending.items():
                rows.with_user(uid)._write_rows(action, ids)
            pending.clear()

    def _write_rows(self, action, entry_ids):
        """Write one row a client for the current user's reading of these entries."""
        # In sudo: whom an entry is about is told to the log, not to the user.
        entries_sudo = self.env["noshow.chart.entry"].sudo().browse(entry_ids).exists()
        if not entries_sudo:
            return
        groups = entries_sudo.grouped(lambda entry: (entry.client_id, entry.company_id))
        grounds = self._get_grounds(groups)
        self._append(
            [
                {
                    "action": action,
                    "client_id": client.id,
                    "client_ref": client.id,
                    "client_name": client.name,
                    "company_id": company.id,
                    "entry_count": len(group),
                    "date_from": min(group.mapped("date")),
                    "date_to": max(group.mapped("date")),
                    **(
                        {"ground": "author"}
                        if group.author_id == self.env.user
                        else grounds[client, company]
                    ),
                }
                for (client, company), group in groups.items()
            ]
        )

    @api.model
    def _append(self, vals_list):
        """Write rows for the current user, now."""
        stamp = {
            "user_id": self.env.uid,
            "user_name": self.env.user.name,
            "date": fields.Datetime.now(),
        }
        # In sudo: nobody has the right to write the log; only this method does.
        rows_sudo = by_method(self.sudo())
        return rows_sudo.create([{**vals, **stamp} for vals in vals_list])

    @api.model
    def _get_ground(self, client, company):
        """As `_get_grounds`, of one chart."""
        return self._get_grounds([(client, company)])[client, company]

    @api.model
    def _get_grounds(self, pairs):
        """What gives the current user the right to read these whole charts: the access
        rules in words.

        :param pairs: an iterable of `(client, company)`
        :return: `{pair: dict}` with `ground`, and maybe `fact`; empty where they only
            read what they wrote
        """
        user = self.env.user
        clients = {client.id for client, _company in pairs}
        # In sudo: own care; what else of it may be read is another question.
        cares_sudo = self.env["noshow.care"].sudo()
        # The first one is the one that counts, and the last one here.
        cares = user.has_group(THERAPIST) and {
            (care.client_id.id, care.company_id.id): care
            for care in cares_sudo.search_fetch(
                [
                    ("client_id", "in", list(clients)),
                    ("therapist_id", "=", user.id),
                    ("is_current", "=", True),
                ],
                ["client_id", "company_id", "fact", "ground"],
                order="id desc",
            )
        }
        otherwise = {"ground": "owner"} if user.has_group(OWNER) else {}
        grounds = {}
        for client, company in pairs:
            care = cares and cares.get((client.id, company.id))
            grounds[client, company] = otherwise
            if care:
                ground = "reason" if care.ground == "reason" else "care"
                grounds[client, company] = {"ground": ground, "fact": care.fact}
        return grounds
