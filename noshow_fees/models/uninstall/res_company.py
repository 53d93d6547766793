"""Whether an owner has agreed that the addon is uninstalled."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...const import OWNER
from ...tools.context import by_method, changed_fields, is_by_method

#: How long an owner's word counts, in days.
AGREED_DAYS = 7
AGREEMENT = {"noshow_uninstall_until"}


class ResCompany(models.Model):
    _inherit = "res.company"

    noshow_uninstall_until = fields.Datetime(
        string="May Be Uninstalled Until",
        readonly=True,
        copy=False,
        groups=OWNER,
        help="An owner has exported the practice's records, or agreed to lose them.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not is_by_method(self.env):
            vals_list = [
                {name: vals[name] for name in vals.keys() - AGREEMENT}
                for vals in vals_list
            ]
        return super().create(vals_list)

    def write(self, vals):
        if vals.keys() & AGREEMENT and not is_by_method(self.env):
            for company_sudo in self.sudo():
                if changed_fields(company_sudo, vals, AGREEMENT):
                    raise UserError(
                        self.env._(
                            "An owner of the practice agrees to that on the page "
                            "“Export everything”."
                        )
                    )
        return super().write(vals)

    def _agree_to_uninstall(self):
        """Note that an owner has exported what these companies have, or will lose it.

        :raise AccessError: the user is no owner of them
        """
        self.env.user._check_practice_right("export")
        self.check_access("read")
        # In sudo: companies are the administrator's, this word is the owner's.
        by_method(self.sudo()).write(
            {
                "noshow_uninstall_until": fields.Datetime.now()
                + timedelta(days=AGREED_DAYS)
            }
        )

    def _count_noshow_records(self):
        """What uninstalling would delete of these companies: how many of each.

        :return: `{name: count}`, without what there is none of
        """
        if not self:
            return {}
        self.env.flush_all()
        [counts] = self.env.execute_query_dict(
            SQL(
                """
                SELECT (SELECT COUNT(*) FROM calendar_event
                         WHERE company_id IN %(ids)s AND client_id IS NOT NULL
                           AND visit_state != 'scheduled') AS outcomes,
                       (SELECT COUNT(*) FROM account_move_line
                         WHERE company_id IN %(ids)s
                           AND appointment_id IS NOT NULL) AS fees,
                       (SELECT COUNT(*) FROM noshow_fee_change
                         WHERE company_id IN %(ids)s) AS changes,
                       (SELECT COUNT(*) FROM noshow_fee_decision
                         WHERE company_id IN %(ids)s) AS decisions,
                       (SELECT COUNT(DISTINCT client_id) FROM noshow_care
                         WHERE company_id IN %(ids)s) AS clients,
                       (SELECT COUNT(*) FROM noshow_coverage coverage
                         WHERE EXISTS (
                               SELECT FROM noshow_care care
                                WHERE care.client_id = coverage.client_id
                                  AND care.company_id IN %(ids)s)) AS coverages,
                       (SELECT COUNT(*) FROM noshow_chart_entry
                         WHERE company_id IN %(ids)s) AS notes,
                       (SELECT COUNT(*) FROM noshow_chart_access
                         WHERE company_id IN %(ids)s) AS readings
                """,
                ids=tuple(self.ids),
            )
        )
        return {name: count for name, count in counts.items() if count}

    def _get_uninstall_losses(self):
        """The same in words.

        :return: list of sentences
        """
        names = {
            "outcomes": self.env._("outcomes of appointments, with their reasons"),
            "fees": self.env._("links between invoices and appointments"),
            "changes": self.env._("changes in the history of fees"),
            "decisions": self.env._("decisions, with the policy's versions"),
            "clients": self.env._("clients, with who treats and who pays for them"),
            "coverages": self.env._("coverages of clients"),
            "notes": self.env._("chart notes"),
            "readings": self.env._("rows of the log of who opened which chart"),
        }
        return [
            f"{count:,} {names[name]}"
            for name, count in self._count_noshow_records().items()
        ]
