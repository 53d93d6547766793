"""The practice's settings for missed appointments."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from odoo.addons.base.models.res_partner import _tz_get

from ...const import PRACTICE

SALES_JOURNALS = [("type", "=", "sale")]
INCOME_ACCOUNTS = [("account_type", "in", ("income", "income_other"))]
DOMAINS = {
    "noshow_income_account_id": INCOME_ACCOUNTS,
    "noshow_journal_id": SALES_JOURNALS,
}


class ResCompany(models.Model):
    _inherit = "res.company"

    noshow_tz = fields.Selection(
        _tz_get,
        string="Practice's Time Zone",
        groups=PRACTICE,
        default=lambda self: self.env.user.tz,
        help="Decides which day an appointment is on, and when that day begins. Empty: "
        "UTC.",
    )
    noshow_journal_id = fields.Many2one(
        "account.journal",
        string="Journal for Missed-appointment Fees",
        domain=SALES_JOURNALS,
        check_company=True,
        groups=PRACTICE,
        help="Empty: the first sales journal.",
    )
    noshow_income_account_id = fields.Many2one(
        "account.account",
        string="Income Account for Missed-appointment Fees",
        domain=INCOME_ACCOUNTS,
        check_company=True,
        groups=PRACTICE,
        help="Used for fee codes that have no income account of their own.",
    )
    noshow_staff_takes_payment = fields.Boolean(
        string="Front Desk Takes Payments",
        groups=PRACTICE,
        help="Staff may take cash and checks for a fee at the desk.",
    )

    noshow_therapists_take_clients = fields.Boolean(
        string="Therapists Take Their Own Clients",
        groups=PRACTICE,
        help="A therapist who books a client in nobody's care has them in their care. "
        "For practices without a front desk.",
    )

    @api.constrains("noshow_tz")
    def _check_noshow_tz(self):
        known = dict(_tz_get(self))
        for company in self:
            if company.noshow_tz and company.noshow_tz not in known:
                raise ValidationError(self.env._("Choose the time zone from the list."))

    @api.constrains("noshow_income_account_id", "noshow_journal_id")
    def _check_noshow_domains(self):
        """What the form offers is what the server takes."""
        # In sudo: the books are the accountants'; the Manager chooses among them.
        for company_sudo in self.sudo():
            for name, domain in DOMAINS.items():
                chosen = company_sudo[name]
                fitting = chosen.filtered_domain(
                    Domain(domain) & Domain(chosen._check_company_domain(company_sudo))
                )
                if chosen - fitting:
                    raise ValidationError(
                        self.env._(
                            "%(record)s cannot be “%(setting)s” of %(company)s: choose "
                            "one from the list.",
                            record=chosen.display_name,
                            setting=self._fields[name].string,
                            company=company_sudo.name,
                        )
                    )

    @api.constrains("noshow_journal_id")
    def _check_noshow_journal_currency(self):
        for company in self:
            currency = company.noshow_journal_id.currency_id
            if currency and currency != company.currency_id:
                raise ValidationError(
                    self.env._(
                        "Fees are billed in %(currency)s: choose a journal in that "
                        "currency.",
                        currency=company.currency_id.name,
                    )
                )

    def _may_use(self, owner):
        """Whether what belongs to `owner` is this company's to use, a client or a fee
        code, say: everybody's (no owner), its own, or that of its parents, where this
        is a branch."""
        # In sudo: the people of a branch need not see its parents; `parent_ids` has
        # the company itself in it, too.
        return not owner or owner in self.sudo().parent_ids

    def _get_practice_tz(self):
        """The practice's zone, a `ZoneInfo`: its own, whoever asks; UTC where none was
        chosen."""
        self.ensure_one()
        # In sudo: any employee may know in which zone the practice works.
        try:
            return ZoneInfo(self.sudo().noshow_tz or "UTC")
        except (OSError, ValueError, ZoneInfoNotFoundError):
            # A name that this machine does not know, or did not check: nobody could
            # book any more.
            return ZoneInfo("UTC")

    def _get_practice_moment(self, day, hour=time.min):
        """When the practice's clock shows `hour` on that day, in UTC."""
        local = datetime.combine(day, hour, tzinfo=self._get_practice_tz())
        return local.astimezone(UTC).replace(tzinfo=None)

    def _get_practice_today(self):
        """Today's date at the practice."""
        self.ensure_one()
        return self._get_practice_day(fields.Datetime.now())

    def _get_practice_day(self, moment):
        """The day at the practice of a moment in UTC."""
        self.ensure_one()
        try:
            return moment.replace(tzinfo=UTC).astimezone(self._get_practice_tz()).date()
        except OverflowError:
            # The first and the last day of the calendar have no neighbour.
            return moment.date()
