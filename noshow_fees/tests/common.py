"""A small practice: two therapists, the front desk, billers, clients with cards."""

from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields

from odoo.addons.account.models.chart_template import AccountChartTemplate
from odoo.addons.account.tests.common import AccountTestInvoicingCommon

ROLES = {
    "frontdesk": "noshow_fees.group_staff",
    "biller": "noshow_fees.group_biller",
    "manager": "noshow_fees.group_manager",
    "owner": "noshow_fees.group_owner",
    "therapist": "noshow_fees.group_therapist",
    "financial": "noshow_fees.group_therapist_financial",
}
OTHERS = {
    "employee": "base.group_user",
    "accountant": "account.group_account_user",
    "portal": "base.group_portal",
}
#: The addon, and what its own tests have beside it: queries are counted with these.
KNOWN_MODULES = (
    "noshow_fees",
    "google_calendar",
    "l10n_us_account",
    "microsoft_calendar",
    "payment_demo",
)
#: What account_move_name_sequence asks for each invoice: four for its number, two as
#: invoices are written one by one.
QUERIES_A_NUMBER = 6
#: The charts of accounts that Odoo has: the same for every class.
CHARTS = {}
find_charts = AccountChartTemplate._get_chart_template_mapping


def find_charts_once(self, get_all=False):
    """Odoo asks each module for its charts, for half a second, for each company."""
    if get_all not in CHARTS:
        CHARTS[get_all] = find_charts(self, get_all)
    return CHARTS[get_all]


#: The company that `prepare_company` has made, if it has.
PREPARED = "__test__.noshow_company"


def prepare_company(env):
    """Make once, in the database that all classes of a run start from, the company that
    each would make, with its chart of accounts: a third of what a class takes to be set
    up. Without it each makes its own, as in Odoo's own tests."""
    company = env["res.company"].create({"name": "Prepared Practice"})
    module, name = PREPARED.split(".")
    env["ir.model.data"].create(
        {"module": module, "name": name, "model": company._name, "res_id": company.id}
    )
    charts = env["account.chart.template"]
    chart = charts._guess_chart_template(company.country_id)
    charts.try_loading(chart, company=company, install_demo=False)
    if not company.account_fiscal_country_id:
        company.account_fiscal_country_id = env.ref("base.us")


class PracticeCommon(AccountTestInvoicingCommon):
    """One user per role, all in `company_data`'s company (USD, no default taxes on
    fee codes), and `cls.client_1` with an appointment tomorrow at 15:00 UTC."""

    @classmethod
    def get_default_groups(cls):
        # The user who prepares the tests' records.
        return super().get_default_groups() | cls.env.ref("noshow_fees.group_owner")

    @classmethod
    def setup_independent_company(cls, **kwargs):
        # OVERRIDE
        prepared = cls.env.ref(PREPARED, raise_if_not_found=False)
        if prepared and not (kwargs or cls.chart_template or cls.country_code):
            cls.env.user.company_ids = [Command.link(prepared.id)]
            return prepared
        return super().setup_independent_company(**kwargs)

    @classmethod
    def setUpClass(cls):
        cls.startClassPatcher(
            patch.object(
                AccountChartTemplate, "_get_chart_template_mapping", find_charts_once
            )
        )
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.company.noshow_tz = "America/New_York"
        people = cls._new_users(
            {f"noshow_{name}": group for name, group in (ROLES | OTHERS).items()}
        )
        for name, user in zip(ROLES | OTHERS, people, strict=True):
            setattr(cls, name, user)
        cls.users = {name: getattr(cls, name) for name in ROLES}
        cls.code_noshow, cls.code_late, cls.code_system = (
            cls.env.ref(f"noshow_fees.product_{name}")
            for name in ("noshow", "latecx", "90834")
        )
        cls.reason = cls.env.ref("noshow_fees.waiver_reason_first_miss")
        cls.company.write(
            {
                "noshow_no_show_product_id": cls.code_noshow.id,
                "noshow_late_cancelled_product_id": cls.code_late.id,
            }
        )
        cls.client_1, cls.client_2, cls.client_3 = cls.env["res.partner"].create(
            [
                {"name": f"Client {n}", "is_client": True, "email": f"c{n}@example.com"}
                for n in (1, 2, 3)
            ]
        )
        cls.tomorrow = fields.Datetime.now().replace(
            hour=15, minute=0, second=0, microsecond=0
        ) + timedelta(days=1)
        cls.appointment = cls._new_appointment()

    @classmethod
    def _new_user(cls, login, group):
        return cls._new_users({login: group})

    @classmethod
    def _new_users(cls, groups):
        """Create users in one batch: one by one they take most of a class's time.

        :param dict groups: XML ids of their groups, with commas between, by login
        """
        return cls.env["res.users"].create(
            [
                {
                    "login": login,
                    "name": f"{login} ({names})",
                    "password": login.ljust(8, "x"),
                    "email": f"{login}@example.com",
                    "group_ids": [
                        Command.set([cls.env.ref(name).id for name in names.split(",")])
                    ],
                    "company_id": cls.company.id,
                    "company_ids": [Command.set(cls.company.ids)],
                    "tz": "America/New_York",
                }
                for login, names in groups.items()
            ]
        )

    @classmethod
    def _new_appointment(cls, client=None, provider=None, start=None, **vals):
        """Create an appointment of one hour.

        :param datetime start: UTC; tomorrow at 15:00 by default
        """
        client, provider = client or cls.client_1, provider or cls.therapist
        start = start or cls.tomorrow
        return (
            cls.env["calendar.event"]
            .with_context(no_mail_to_attendees=True)
            .create(
                {
                    "name": "Session",
                    "client_id": client.id,
                    "user_id": provider.id,
                    "partner_ids": [Command.set(provider.partner_id.ids)],
                    "start": start,
                    "stop": start + timedelta(hours=1),
                    **vals,
                }
            )
        )

    @classmethod
    def _let_begin(cls, appointments):
        """Move appointments that are to come into the past, by whole days: nobody
        attends or misses what has not begun."""
        now = fields.Datetime.now()
        late = max(appointments.mapped("start"), default=now) - now
        if late > timedelta():
            for event in appointments:
                back = timedelta(days=late.days + 1)
                event.write({"start": event.start - back, "stop": event.stop - back})

    def _cancel(self, appointments, user=None, **vals):
        """Cancel through the page, as `user` (the front desk by default). What is
        missed has begun before.

        :return: the page, in the user's environment
        """
        if vals.get("visit_state") == "no_show":
            self._let_begin(appointments)
        page = (
            self.env["calendar.event.cancel"]
            .with_user(user or self.frontdesk)
            .create({"event_ids": [Command.set(appointments.ids)], **vals})
        )
        page.action_cancel()
        # As at the end of a request: what waits is computed for this user.
        page.env.flush_all()
        return page

    def _bank_line(self, invoice, amount, lines=()):
        """A line of a bank statement, reconciled as Odoo's own widget does: the
        suspense line gives way to the receivable and to `lines`."""
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "amount": amount,
                "payment_ref": "Transfer",
                "partner_id": invoice.partner_id.id,
            }
        )
        _liquidity, suspense, _other = line._seek_for_lines()
        receivable = invoice._get_fee_receivable()
        rest = -amount - sum(balance for _account, balance in lines)
        line.with_context(force_delete=True, skip_readonly_check=True).move_id.write(
            {
                "line_ids": [
                    Command.delete(suspense.id),
                    *(
                        Command.create(
                            {
                                "account_id": account.id,
                                "partner_id": invoice.partner_id.id,
                                "name": "x",
                                "balance": balance,
                            }
                        )
                        for account, balance in [
                            *lines,
                            (receivable.account_id, rest),
                        ]
                    ),
                ]
            }
        )
        credit = line.move_id.line_ids.filtered(
            lambda item: item.account_id == receivable.account_id
        )
        (receivable + credit).reconcile()
        return line

    def assertQueries(self, count, most, invoices=0):
        """At most `most` queries were sent. Half more are let pass beside addons that
        this one does not need: they ask questions of their own in the same steps.

        :param int invoices: how many got their number meanwhile
        """
        modules = self.env["ir.module.module"]
        known = modules.search([("name", "in", KNOWN_MODULES)])
        known += known.upstream_dependencies(exclude_states=("",))
        neighbours = modules.search_count(
            [
                ("state", "=", "installed"),
                ("auto_install", "=", False),
                ("id", "not in", known.ids),
            ],
            limit=1,
        )
        if neighbours:
            most *= 1.5
        if "sequence_id" in self.env["account.journal"]._fields:
            most += QUERIES_A_NUMBER * invoices
        self.assertLessEqual(count, most)
