"""Care: what a therapist may open of a client."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...const import MANAGER, OWNER, STAFF
from ...tools.context import by_method, is_by_method

GROUNDS = [
    ("booked", "Booked by the practice"),
    ("named", "Named by the practice"),
    ("own", "Own booking, as Manager or Owner"),
    ("taken", "Own booking of a client in nobody's care"),
    ("reason", "Opened with a reason"),
    ("attended", "Attended before the practice recorded care"),
]
QUIET = {"mail_create_nolog": True, "mail_create_nosubscribe": True}
ACTIVITY = "noshow_fees.mail_activity_type_care"
#: Everything else of a row is as it was when the row arose.
CHANGEABLE = {"date_to"}
#: Whose care it is, for whom, and where.
PAIR = ("client_id", "therapist_id", "company_id")


class NoshowCare(models.Model):
    """A therapist has a client in their care, at one company, for some time. Only this
    answers whether they may open the client's chart, cards and card link, and charge a
    card; no appointment does, which therapists book for themselves.

    Rows are never deleted: they are the ground on which a chart was read. There may be
    several of one pair, as a merge of contacts makes of two clients one.
    """

    _name = "noshow.care"
    _description = "Care"
    # For the Owner's task; nothing is tracked, and nobody follows.
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_from desc, id desc"

    client_id = fields.Many2one(
        "res.partner",
        required=True,
        readonly=True,
        # A client's, 0.01 ms instead of 0.4 among 30 thousand.
        index=True,
        ondelete="restrict",
        domain=[("is_client", "=", True)],
    )
    therapist_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
    )
    ground = fields.Selection(GROUNDS, required=True, readonly=True, default="named")
    reason = fields.Text(
        readonly=True,
        groups=OWNER,
        help="Why the therapist opened the chart of a client who was not in their "
        "care, in their words.",
    )
    granted_by_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
    )
    date_from = fields.Datetime(
        string="From", required=True, readonly=True, default=fields.Datetime.now
    )
    date_to = fields.Datetime(
        string="Until", help="From this moment on the chart is closed again."
    )
    fact = fields.Char(
        compute="_compute_fact",
        store=True,
        groups=OWNER,
        help="How it arose, in words that stand when names have changed.",
    )
    is_current = fields.Boolean(
        string="In Force", compute="_compute_is_current", search="_search_is_current"
    )
    is_open = fields.Boolean(
        string="In My Care", compute="_compute_is_open", search="_search_is_open"
    )

    # What every rule asks: is this client in the care of this therapist? A therapist's
    # clients in 0.4 ms instead of 1.7 among 30 thousand.
    _pair = models.Index("(therapist_id, client_id)")

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    # Not of the name: what was true when it arose.
    @api.depends("date_from", "granted_by_id", "ground", "reason")
    def _compute_fact(self):
        grounds = dict(self._fields["ground"]._description_selection(self.env))
        for care in self:
            fact = self.env._(
                "%(ground)s: %(who)s, %(date)s",
                ground=grounds[care.ground],
                who=care.granted_by_id.name,
                date=fields.Datetime.to_string(care.date_from),
            )
            care.fact = f"{fact}. {care.reason}" if care.reason else fact

    @api.depends("date_from", "date_to")
    def _compute_is_current(self):
        now = fields.Datetime.now()
        for care in self:
            care.is_current = (
                bool(care.date_from)
                and care.date_from <= now
                and (not care.date_to or care.date_to > now)
            )

    def _search_is_current(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        return Domain("date_from", "<=", now) & (
            Domain("date_to", "=", False) | Domain("date_to", ">", now)
        )

    @api.depends("company_id", "is_current", "therapist_id")
    @api.depends_context("allowed_company_ids", "uid")
    def _compute_is_open(self):
        for care in self:
            care.is_open = (
                care.is_current
                and care.therapist_id.id == self.env.uid
                and care.company_id in self.env.companies
            )

    def _search_is_open(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain(
            [
                ("therapist_id", "=", self.env.uid),
                ("company_id", "in", self.env.companies.ids),
                ("is_current", "=", True),
            ]
        )

    @api.depends("therapist_id")
    def _compute_display_name(self):
        # Neutral: names of linked records are read in sudo.
        for care in self:
            care.display_name = self.env._("Care %s", care.id or "")

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Give clients into the care of therapists.

        :raise AccessError: not the user's to give, or somebody they may not read
        :raise UserError: it would have begun before now
        """
        if not is_by_method(self.env):
            self._check_named(vals_list)
        cares = super(NoshowCare, self.with_context(**QUIET)).create(vals_list)
        cares = cares.with_env(self.env)
        if not self.env.su:
            self.env.user._check_practice_right("give_care")
            own = cares.filtered(lambda care: care.therapist_id == self.env.user)
            if own and not self.env.user.has_group(MANAGER):
                raise AccessError(
                    self.env._(
                        "Nobody but Manager and Owner takes a client into their own "
                        "care: ask somebody else of the practice."
                    )
                )
        return cares

    def write(self, vals):
        """:raise UserError: anything but the end of the care, or an end before now
        :raise AccessError: the end, by somebody else than the Owner
        """
        ours = {
            name
            for name in vals.keys() & self._fields.keys()
            if self._fields[name].store and not name.startswith("activity_")
        }
        if not is_by_method(self.env):
            if ours - CHANGEABLE:
                raise UserError(
                    self.env._("Care is ended, and given anew; it is not changed.")
                )
            if "date_to" in ours:
                self._check_end(fields.Datetime.to_datetime(vals["date_to"]))
        if ours and not self.env.su:
            self.env.user._check_practice_right("end_care")
        return super().write(vals)

    def _check_named(self, vals_list):
        """Check what somebody says who gives care otherwise than by booking."""
        now = fields.Datetime.now()
        names = ["date_from", "granted_by_id", "ground", "reason"]
        defaults = self.default_get([*names, *PAIR, "date_to"])
        for vals in vals_list:
            said = {**defaults, **vals}
            # Before anything is said about them.
            for name in PAIR:
                self.env[self._fields[name].comodel_name].browse(
                    said.get(name)
                ).check_access("read")
            if (
                said["ground"] != "named"
                or said["granted_by_id"] != self.env.uid
                or said.get("reason")
            ):
                raise AccessError(
                    self.env._(
                        "Whoever names a therapist on a client does so in their own "
                        "name."
                    )
                )
            start, end = (
                fields.Datetime.to_datetime(said.get(name))
                for name in ("date_from", "date_to")
            )
            if (start and start < now) or (end and end < (start or now)):
                raise UserError(
                    self.env._("Care begins now or later, and ends after that.")
                )

    def _check_end(self, end):
        """What a chart was read on stands: nobody ends care before now, or gives it
        back as if it had never ended."""
        now = fields.Datetime.now()
        if any(care.date_to and care.date_to <= now for care in self):
            raise UserError(self.env._("This care has ended: give it anew."))
        if end and end < now:
            raise UserError(self.env._("Care ends now or later, not before."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._(
                "Care is ended, not deleted: it says why somebody could read a chart."
            )
        )

    @api.constrains("client_id", "company_id", "therapist_id")
    def _check_pair(self):
        # In sudo: whether they belong together does not depend on who asks.
        for care_sudo in self.sudo():
            client, company = care_sudo.client_id, care_sudo.company_id
            if not client.is_client:
                raise ValidationError(
                    self.env._("%s is not a client.", client.display_name)
                )
            if not company._may_use(client.company_id):
                raise ValidationError(
                    self.env._(
                        "%(client)s is a client of another company than %(company)s.",
                        client=client.display_name,
                        company=company.display_name,
                    )
                )
            if company not in care_sudo.therapist_id.company_ids:
                raise ValidationError(
                    self.env._(
                        "%(therapist)s does not work at %(company)s.",
                        therapist=care_sudo.therapist_id.name,
                        company=company.display_name,
                    )
                )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_end(self):
        """End this care now: what it opened is closed again.

        :raise AccessError: unless the user is the Owner
        """
        now = fields.Datetime.now()
        ended = self.filtered(lambda care: not care.date_to or care.date_to > now)
        by_method(ended).write({"date_to": now})
        return True

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _give(self, pairs, ground, **vals):
        """Note that the current user gave clients into care; who has one already keeps
        them on the ground that was first. The caller has checked that they may.

        :param pairs: an iterable of `(client, therapist, company)`
        :param str ground: one of `GROUNDS`
        :return: the new rows, in sudo
        """
        # In sudo: rows that arise by what people do are not theirs to write.
        cares_sudo = by_method(self.sudo()).with_context(**QUIET)
        pairs = set(pairs) - set(self._get_current(pairs))
        return cares_sudo.create(
            [
                {
                    "client_id": client.id,
                    "therapist_id": therapist.id,
                    "company_id": company.id,
                    "ground": ground,
                    "granted_by_id": self.env.uid,
                    **vals,
                }
                for client, therapist, company in sorted(
                    pairs, key=lambda pair: [record.id for record in pair]
                )
            ]
        )

    @api.model
    def _get_current(self, pairs):
        """:return: `{(client, therapist, company): rows}`, in sudo, of all care that is
        in force for the clients of `pairs`"""
        # In sudo: the answer must not depend on who asks.
        clients = {client.id for client, _therapist, _company in pairs}
        rows_sudo = self.sudo().search(
            [("client_id", "in", list(clients)), ("is_current", "=", True)]
        )
        return rows_sudo.grouped(
            lambda care: (
                care.client_id.with_env(self.env),
                care.therapist_id.with_env(self.env),
                care.company_id.with_env(self.env),
            )
        )

    @api.model
    def _filter_free(self, pairs):
        """Those of `pairs` whose client a therapist may take: in nobody's care at the
        company, and not taken from this therapist by the Owner."""
        clients = {client.id for client, _therapist, _company in pairs}
        # In sudo: as above.
        now = fields.Datetime.now()
        rows_sudo = self.sudo().search([("client_id", "in", list(clients))])
        taken = {
            (care.client_id.id, care.company_id.id)
            for care in rows_sudo
            # What is to begin counts, too.
            if not care.date_to
            or care.date_to > now
            or care.therapist_id == self.env.user
        }
        free = [
            (client, therapist, company)
            for client, therapist, company in pairs
            if (client.id, company.id) not in taken
        ]
        if free:
            # Who takes one of them at the same time does not see what is written here,
            # however long they wait: PostgreSQL refuses the second one, and Odoo lets
            # them try again (`retrying`, odoo/service/model.py).
            ids = tuple(sorted({client.id for client, _therapist, _company in free}))
            self.env.cr.execute(
                SQL(
                    "UPDATE res_partner SET write_date = write_date WHERE id IN %s", ids
                )
            )
        return free

    def _ask_owners(self):
        """Give the Owners a task: to look at why these charts were opened.

        :raise UserError: a company without an Owner; a chart that nobody would learn
            of stays closed
        """
        # In sudo: groups are the administrator's.
        owners_sudo = self.env.ref(OWNER).sudo().all_user_ids.filtered("active")
        # In sudo: the row tells of the reason, which is the Owner's to read.
        for company, cares_sudo in self.sudo().grouped("company_id").items():
            told_sudo = owners_sudo.filtered(
                lambda user, company=company: company in user.company_ids
            )
            if not told_sudo:
                raise UserError(
                    self.env._(
                        "Opening a chart with a reason tells the Owner, and nobody at "
                        "%s has that role. Ask the front desk to name you on the "
                        "client's page, or your administrator to name an Owner.",
                        company.name,
                    )
                )
            # Neutral: Odoo sends the text by e-mail.
            cares_sudo._give_task_to(
                told_sudo, ACTIVITY, self.env._("Look at why this was opened")
            )
            # Every employee counts followers.
            cares_sudo.message_unsubscribe(told_sudo.partner_id.ids)

    @api.model
    def _is_desk_staffed(self, company):
        """Whether somebody books for the therapists of `company`: where nobody does,
        they take their own clients (`noshow_therapists_take_clients`)."""
        # In sudo: groups are the administrator's.
        desk_sudo = self.env.ref(STAFF).sudo().all_user_ids.filtered("active")
        return any(
            company in user.company_ids and not user.has_group(MANAGER)
            for user in desk_sudo
        )
