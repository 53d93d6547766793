"""Who is covered by what, from when to when; and the guard that asks it."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.context import changed_fields
from ...tools.when import format_day
from ..practice.res_partner import RECORD_MODELS

#: Kinds of `noshow.fee.change` after which a fee is no more.
OVERRIDES_END = ("waived", "restored", "credited")


class NoshowCoverage(models.Model):
    """What was in force on the date of service counts, both days included."""

    _name = "noshow.coverage"
    _description = "Coverage of a Client"
    _order = "client_id, date_from desc, id desc"
    _rec_name = "coverage_class_id"

    client_id = fields.Many2one(
        "res.partner",
        required=True,
        # A client's in 0.01 ms instead of 0.2 among 6,700.
        index=True,
        domain=[("is_client", "=", True)],
        ondelete="restrict",
    )
    coverage_class_id = fields.Many2one(
        "noshow.coverage.class",
        string="Coverage",
        required=True,
        ondelete="restrict",
    )
    missed_fee = fields.Selection(related="coverage_class_id.missed_fee")
    company_id = fields.Many2one(related="coverage_class_id.company_id")
    date_from = fields.Date(string="From", help="Empty: ever since.")
    date_to = fields.Date(
        string="Until", help="The last day on which it is in force. Empty: still."
    )

    is_ours = fields.Boolean(
        compute="_compute_is_ours",
        search="_search_is_ours",
        groups=fields.NO_ACCESS,
        help="For the record rule: the client has records at one of the user's "
        "companies, or at none yet.",
    )

    @api.depends("client_id")
    @api.depends_context("allowed_company_ids", "uid")
    def _compute_is_ours(self):
        companies = self.client_id._get_record_companies()
        for coverage in self:
            theirs = companies.get(coverage.client_id)
            coverage.is_ours = not theirs or bool(
                set(theirs.ids) & set(self.env.companies.ids)
            )

    def _search_is_ours(self, operator, value):
        if operator != "in":
            return NotImplemented
        tables = []
        for name in RECORD_MODELS:
            self.env[name].flush_model(["client_id", "company_id"])
            tables.append(SQL.identifier(self.env[name]._table))
        ours = tuple(self.env.companies.ids)

        def to_sql(model, alias, query):
            client = model._field_to_sql(alias, "client_id", query)

            def has_records(condition):
                return SQL(
                    "(%s)",
                    SQL(" OR ").join(
                        SQL(
                            "EXISTS (SELECT FROM %s rec"
                            " WHERE rec.client_id = %s AND %s)",
                            table,
                            client,
                            condition,
                        )
                        for table in tables
                    ),
                )

            return SQL(
                "(%s OR NOT %s)",
                has_records(SQL("rec.company_id IN %s", ours)),
                has_records(SQL("rec.company_id IS NOT NULL")),
            )

        return Domain.custom(to_sql=to_sql)

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for coverage in self:
            first, last = coverage.date_from, coverage.date_to
            if first and last and last < first:
                raise ValidationError(
                    self.env._("The coverage would end before it begins.")
                )

    def write(self, vals):
        """:raise AccessError: who is covered by what is the Owner's to change; others
        end a coverage, from today on, and do not open it again
        """
        if not self.env.su and not self.env.user._has_practice_right(
            "override_coverage"
        ):
            for coverage in self:
                if changed_fields(coverage, vals, vals.keys() - {"date_to"}):
                    coverage._refuse_change()
                # As it was entered, and as it will be.
                coverage._check_may_end()
            result = super().write(vals)
            for coverage in self:
                coverage._check_may_end()
            return result
        return super().write(vals)

    def _check_may_end(self):
        # In sudo: the practice's day, of the client's company or the user's.
        companies = self.client_id._get_record_companies().get(self.client_id)
        company = (companies or self.env.company)[:1].sudo()
        if self.date_to and self.date_to < company._get_practice_today():
            self._refuse_change()

    def _refuse_change(self):
        raise AccessError(
            self.env._(
                "A coverage is ended from today on, and what has ended stays ended. "
                "Only the owner corrects what was entered."
            )
        )

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _get_limits(self, events):
        """What coverage says about these appointments.

        :return: `{event id: Limit}`; appointments of clients without any are left out
        """
        # In sudo: the answer must not depend on what the user may read, and an
        # archived class still says what it says.
        coverages_sudo = (
            self.sudo()
            .with_context(active_test=False)
            .search([("client_id", "in", events.sudo().client_id.ids)])
        )
        if not coverages_sudo:
            return {}
        by_client = coverages_sudo.grouped("client_id")
        limits = {}
        for event_sudo in events.sudo():
            own = by_client.get(event_sudo.client_id)
            if own:
                day = event_sudo._get_date_of_service()
                limits[event_sudo.id] = own._get_limit(event_sudo.company_id, day)
        return limits

    def _get_limit(self, company, day):
        """The strictest of those of these that are in force on `day`."""
        in_force = self.filtered(
            lambda coverage: (
                (not coverage.date_from or coverage.date_from <= day)
                and (not coverage.date_to or day <= coverage.date_to)
                and company._may_use(coverage.company_id)
            )
        )
        return in_force.coverage_class_id._get_limit(company, day)

    @api.model
    def _get_refused(self, totals):
        """Which fees would be against their client's coverage, as nobody has overridden
        it.

        :param dict totals: `{event: what is owed, taxes included}`
        :return: `{event: Limit}`
        """
        limits = self._get_limits(self.env["calendar.event"].union(*totals))
        refused = {}
        for event, total in totals.items():
            limit = limits.get(event.id)
            if limit and limit.by:
                currency = event.sudo().company_id.currency_id
                too_much = currency.compare_amounts(total, limit.total) > 0
                if limit.by.missed_fee == "forbidden" or too_much:
                    refused[event] = limit
        for event in self._get_overridden(list(refused)):
            refused.pop(event)
        return refused

    @api.model
    def _get_overridden(self, events):
        """Those of these appointments whose fee the Owner has let be charged. Once that
        fee was waived or reversed, the next one is another."""
        ids = [event.id for event in events]
        # In sudo: as above.
        changes_sudo = (
            self.env["noshow.fee.change"]
            .sudo()
            .search(
                [
                    ("appointment_id", "in", ids),
                    ("kind", "in", ("overridden", *OVERRIDES_END)),
                ],
                order="id",
            )
        )
        last = {change.appointment_id: change.kind for change in changes_sudo}
        return [event for event, kind in last.items() if kind == "overridden"]

    @api.model
    def _is_told(self, event):
        """Whether the user may know what covers the client of this appointment, which
        may be asked for in sudo."""
        event_sudo = event.sudo()
        client = event_sudo.client_id.with_env(self.env)
        return bool(client._filter_in_care(event_sudo.company_id))

    @api.model
    def _get_refusal(self, event, limit):
        """Why a fee is refused. Odoo logs it: no name of a client."""
        event_sudo, kind = event.sudo(), limit.by
        if not self._is_told(event):
            return self._get_neutral_refusal(event_sudo, limit)
        values = {
            "coverage": kind.name,
            "day": format_day(self.env, event_sudo._get_date_of_service()),
            "why": kind.why or "",
        }
        if kind.missed_fee == "forbidden":
            text = self.env._(
                "On %(day)s the client is covered by %(coverage)s: a missed visit may "
                "not be charged. %(why)s",
                **values,
            )
        else:
            text = self.env._(
                "On %(day)s the client is covered by %(coverage)s: a missed visit may "
                "cost %(cap)s at most, taxes included. %(why)s",
                cap=event_sudo.company_id.currency_id.format(limit.total),
                **values,
            )
        hint = self.env._("Only the owner can override this, with a reason.")
        return f"{text.strip()} {hint}"

    @api.model
    def _get_neutral_refusal(self, event_sudo, limit):
        """The same for who is not told what covers the client."""
        day = format_day(self.env, event_sudo._get_date_of_service())
        if limit.by.missed_fee == "forbidden":
            text = self.env._(
                "On %(day)s the client's coverage allows no fee for a missed visit: it "
                "may not be charged.",
                day=day,
            )
        else:
            text = self.env._(
                "On %(day)s the client's coverage allows %(cap)s at most for a missed "
                "visit, taxes included: more may not be charged.",
                day=day,
                cap=event_sudo.company_id.currency_id.format(limit.total),
            )
        hint = self.env._("Only the owner can override this, with a reason.")
        return f"{text} {hint}"
