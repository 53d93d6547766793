"""The client: the person treated, and who pays for them."""

from collections import defaultdict
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ...const import OWNER, PRACTICE, STAFF, THERAPIST
from ...tools.relations import AskingOne2many

#: What is kept about a contact, and the field that names it there.
KEPT = (
    ("calendar.event", "client_id"),
    ("account.move.line", "client_id"),
    ("noshow.chart.entry", "client_id"),
    ("noshow.chart.access", "client_id"),
    ("noshow.care", "client_id"),
    ("noshow.coverage", "client_id"),
    ("res.partner", "payer_id"),
)


#: Those of `KEPT` that say where somebody is treated.
CARE_MODELS = ("noshow.chart.entry", "noshow.care")
RECORD_MODELS = ("calendar.event", "account.move.line", *CARE_MODELS)


class ResPartner(models.Model):
    _inherit = "res.partner"

    is_client = fields.Boolean(
        string="Client", groups=PRACTICE, help="Treated by this practice."
    )
    payer_id = fields.Many2one(
        "res.partner",
        # For whom somebody pays: 0.01 ms instead of 2.4 among 20 thousand.
        index="btree_not_null",
        ondelete="restrict",
        groups=PRACTICE,
        help="Who gets the invoices, when not the client: a minor's parent, say.",
    )
    payer_for_ids = fields.One2many(
        "res.partner", "payer_id", string="Pays For", groups=PRACTICE
    )
    appointment_ids = AskingOne2many(
        "calendar.event",
        "client_id",
        string="Appointments",
        # A cancelled appointment is archived, and stays part of the history.
        context={"active_test": False},
        groups=PRACTICE,
    )
    noshow_fee_line_ids = AskingOne2many(
        "account.move.line",
        "client_id",
        string="Missed-appointment Fees",
        groups=PRACTICE,
    )
    care_ids = fields.One2many(
        "noshow.care",
        "client_id",
        # For record rules, which ask in sudo. To everybody else its mere existence
        # would tell who is in whose care.
        groups=fields.NO_ACCESS,
    )
    in_my_care = fields.Boolean(
        compute="_compute_in_my_care",
        groups=PRACTICE,
        help="Whether you may open the whole chart of this client.",
    )
    therapist_ids = fields.Many2many(
        "res.users",
        string="Therapists",
        compute="_compute_therapist_ids",
        inverse="_inverse_therapist_ids",
        groups=STAFF,
        help="Who has this client in their care: they may open the chart and the saved "
        "cards.",
    )
    noshow_fee_open = fields.Monetary(
        string="Open Fees",
        compute="_compute_noshow_fee_open",
        groups=PRACTICE,
        help="What is still to be paid for missed visits, taxes included.",
    )
    noshow_fee_open_other = fields.Char(
        string="Open in Other Currencies",
        compute="_compute_noshow_fee_open",
        groups=PRACTICE,
        help="What is open to companies with another currency than the active one.",
    )
    noshow_fee_open_count = fields.Integer(
        string="Fees Not Paid Yet", compute="_compute_noshow_fee_open", groups=PRACTICE
    )
    card_authorized_on = fields.Date(
        string="Agreed to Card Charges",
        copy=False,
        # Who agrees with one practice has not agreed with another.
        company_dependent=True,
        # Nearly a list of the saved cards: of a client in their care, therapists are
        # told by `card_summary`.
        groups=STAFF,
        help="The day the client agreed that the saved card may be charged for missed "
        "visits. Without it the card can't be charged.",
    )

    @api.depends("care_ids.is_open")
    @api.depends_context("allowed_company_ids", "uid")
    def _compute_in_my_care(self):
        may_open_all = self.env.user.has_group(OWNER)
        for partner in self:
            # In sudo: own care, whatever else may be read of it.
            cares_sudo = partner.sudo().care_ids
            partner.in_my_care = may_open_all or any(cares_sudo.mapped("is_open"))

    @api.depends("care_ids.is_current")
    @api.depends_context("allowed_company_ids")
    def _compute_therapist_ids(self):
        for partner in self:
            # In sudo: who has the field may know (its groups); the companies are asked.
            cares_sudo = partner.sudo().care_ids.filtered(
                lambda care: care.is_current and care.company_id in self.env.companies
            )
            partner.therapist_ids = cares_sudo.therapist_id

    def _inverse_therapist_ids(self):
        """Name therapists on clients, or end their care."""
        cares, company = self.env["noshow.care"], self.env.company
        for client in self:
            current = cares.search(
                [
                    ("client_id", "=", client._origin.id),
                    ("company_id", "in", self.env.companies.ids),
                    ("is_current", "=", True),
                ]
            )
            therapists = client.therapist_ids._origin
            cares.create(
                [
                    {
                        "client_id": client._origin.id,
                        "therapist_id": therapist.id,
                        "company_id": company.id,
                    }
                    for therapist in therapists - current.therapist_id
                ]
            )
            ended = current.filtered(lambda care: care.therapist_id not in therapists)  # noqa: B023
            if ended:
                ended.action_end()

    @api.depends("noshow_fee_line_ids.fee_open")
    @api.depends_context("company")
    def _compute_noshow_fee_open(self):
        # Added up by the database: a client may have a thousand.
        rows = self.env["account.move.line"]._read_group(
            [("client_id", "in", self._origin.ids), ("fee_open", "!=", 0.0)],
            ["client_id", "currency_id"],
            ["fee_open:sum", "__count"],
        )
        found = defaultdict(list)
        for client, *row in rows:
            found[client].append(row)
        for partner in self:
            own = found[partner._origin]
            amounts = {currency: amount for currency, amount, _count in own}
            partner.noshow_fee_open = amounts.pop(self.env.company.currency_id, 0.0)
            partner.noshow_fee_open_other = ", ".join(
                currency.format(amount) for currency, amount in amounts.items()
            )
            partner.noshow_fee_open_count = sum(count for *_row, count in own)

    @api.constrains("is_client", "parent_id")
    def _check_client_without_parent(self):
        # In sudo: people without a role edit contacts, too, and cannot read the field.
        for partner in self.sudo():
            if partner.is_client and partner.parent_id:
                raise ValidationError(
                    self.env._(
                        "%(client)s is a client and cannot belong to another contact: "
                        "people under one contact see each other's invoices. Use "
                        "“Who Pays” for that.",
                        client=partner.display_name,
                    )
                )

    @api.constrains("card_authorized_on")
    def _check_card_authorized_on(self):
        # A day more: who types it may be east of the practice.
        latest = self.env.company._get_practice_today() + timedelta(days=1)
        for partner in self:
            if partner.card_authorized_on and partner.card_authorized_on > latest:
                raise ValidationError(
                    self.env._(
                        "Nobody has agreed to card charges in the future: enter the "
                        "day on which the client agreed."
                    )
                )

    @api.constrains("payer_id")
    def _check_payer(self):
        for partner in self:
            if partner.payer_id == partner:
                raise ValidationError(
                    self.env._(
                        "A client who pays alone needs no payer: leave it empty."
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_on_record(self):
        """Keep who has records in the practice, or pays for somebody. The same is said
        for every kind of record: PostgreSQL's own error names the table, and so tells
        anybody who may delete contacts who has a chart.

        :raise UserError: somebody with appointments, fees or a chart, or a payer
        """
        for model, field in KEPT:
            # In sudo: the answer must not depend on what the user may read.
            records_sudo = self.env[model].sudo().with_context(active_test=False)
            if records_sudo.search_count([(field, "in", self.ids)], limit=1):
                raise UserError(
                    self.env._(
                        "A client with records in this practice, or who pays for one, "
                        "is kept. Archive the contact instead."
                    )
                )

    def _get_record_companies(self):
        """:return: `{client: companies}` with records of these contacts: appointments,
        fees, chart entries, care"""
        return {
            client: self.env["res.company"].sudo().union(*since)
            for client, since in self._find_first_records().items()
        }

    def _find_first_records(self):
        """:return: `{client: {company: when the first record was made there}}`"""
        found = {partner: {} for partner in self}
        for model in RECORD_MODELS:
            # In sudo: the answer must not depend on what the user may read.
            records_sudo = self.env[model].sudo().with_context(active_test=False)
            for client, company, since in records_sudo._read_group(
                [("client_id", "in", self.ids), ("company_id", "!=", False)],
                ["client_id", "company_id"],
                ["create_date:min"],
            ):
                dates = found[client.with_env(self.env)]
                dates[company] = min(since, dates.get(company, since))
        return found

    def _get_treated(self, need):
        """Who is treated of these: themselves, and for whom they pay; in what leads to
        money and logins whose they are, too (an invoice address, say). In sudo."""
        # In sudo: it must not depend on what the user may read.
        partners_sudo = self.sudo().with_context(active_test=False)
        treated_sudo = partners_sudo | partners_sudo.payer_for_ids
        if need != "any":
            treated_sudo |= partners_sudo.commercial_partner_id.filtered("is_client")
        return treated_sudo

    def _check_record_companies(self, need="any"):
        """:param str need: where the user works of the companies with records of each
            of these, and of whom they pay for: at `any` of them, where the `first` was
            made (or at all), or at `all`
        :raise AccessError: the user does not work there
        """
        if self.env.su:
            return
        own = self.env.user.company_ids
        treated = {partner: partner._get_treated(need) for partner in self}
        records = self.browse(self.browse().union(*treated.values()).ids)
        records = records._find_first_records()
        for partner, theirs in treated.items():
            since = {}
            for client in theirs:
                for company, date in records[client.with_env(self.env)].items():
                    since[company] = min(date, since.get(company, date))
            here = [date for company, date in since.items() if company in own]
            if since and (
                not here
                or (need == "first" and min(here) != min(since.values()))
                or (need == "all" and len(here) < len(since))
            ):
                raise AccessError(partner._get_foreign_message(need))

    def _get_foreign_message(self, need):
        if not self.env.user.has_group(PRACTICE):
            # Where they are treated, and whether, is not told.
            return self.env._(
                "This is for others to change than you: ask the practice."
            )
        if need == "first":
            return self.env._(
                "%s came to another company first. Who pays, the e-mail address and "
                "the login are for its people to change.",
                self.display_name,
            )
        return self.env._(
            "%s has records at another company: that is for its people to change.",
            self.display_name,
        )

    def _filter_in_care(self, company=None):
        """Those of these clients whose chart, cards, card link and e-mail address the
        current user may open: for Staff and above all (a chart is asked for with the
        role Owner, see the rules on chart entries), for therapists those in their care.

        :param company: `res.company`; by default any that the user has active
        """
        user = self.env.user
        if user.id == SUPERUSER_ID or user.has_group(STAFF):
            return self
        if not user.has_group(THERAPIST):
            return self.browse()
        # In sudo: own care, whatever else may be read of it.
        return self.filtered(
            lambda client: any(
                care.is_open and company in (None, care.company_id)
                for care in client.sudo().care_ids
            )
        )

    def _check_in_care(self, company=None):
        """:raise AccessError: unless all of these are in the user's care"""
        if closed := self - self._filter_in_care(company):
            raise AccessError(
                self.env._(
                    "%s is not in your care. Ask the front desk to name you on the "
                    "client's page, or open the chart there with a reason.",
                    closed[:1].display_name,
                )
            )

    def action_open_care(self):
        """Open the dialog in which a therapist says why they open the chart of a client
        who is not in their care."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Open with a reason"),
            "res_model": "noshow.care.open",
            "view_mode": "form",
            "target": "new",
            "context": {"default_client_id": self.id},
        }

    def _get_payer(self):
        """Who gets the invoice for this client: the payer; if there is none, the
        client's own invoice contact; else the client.

        Not stock's `address_get`, which walks to parents and siblings.
        """
        self.ensure_one()
        if self.payer_id:
            return self.payer_id
        return (
            self.child_ids.filtered(lambda child: child.type == "invoice")[:1] or self
        )

    @api.model
    def _get_payer_sql(self):
        """The same as `_get_payer`, of `client` in a query."""
        return SQL(
            """
            COALESCE(client.payer_id, (
                SELECT child.id
                  FROM res_partner child
                 WHERE child.parent_id = client.id
                   AND child.type = 'invoice'
                   AND child.active
              ORDER BY child.complete_name, child.id DESC
                 LIMIT 1), client.id)
            """
        )
