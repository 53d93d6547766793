"""The owner's page: everything of the practice as files, before the addon goes."""

import base64
import io
import zipfile

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import html2plaintext

from odoo.addons.web.controllers.export import CSVExport

from ...tools.when import format_when

#: By number, too: two clients may have one name, and the files are to be joined.
CLIENT = ("client_id/.id", "client_id/name")
#: File name: model, domain, fields as Odoo's own export names them.
FILES = {
    "appointments": (
        "calendar.event",
        [("client_id", "!=", False)],
        (
            *(".id", "start", "stop", "allday", *CLIENT, "user_id/name"),
            *("visit_state", "cancel_reason", "cancelled_by_id/name", "cancelled_on"),
            *("cancel_initiator", "counts_as_missed", "fee_amount", "fee_state"),
        ),
    ),
    "fees": (
        "account.move.line",
        [("appointment_id", "!=", False)],
        (
            *("appointment_id/.id", "move_name", "move_type", "date"),
            *("date_of_service", *CLIENT, "partner_id/.id", "partner_id/name"),
            *("provider_id/name", "product_id/name", "name", "price_total"),
            *("fee_amount", "fee_received", "fee_open", "fee_state", "is_noshow_fee"),
        ),
    ),
    "changes": (
        "noshow.fee.change",
        [],
        (
            *("appointment_id/.id", "date", "create_date", "create_uid/name", "kind"),
            *(*CLIENT, "invoice_id/name", "old_product_id/name"),
            *("old_amount", "new_product_id/name", "new_amount", "reason"),
        ),
    ),
    "decisions": (
        "noshow.fee.decision",
        [],
        (
            *("appointment_id/.id", "decided_on", "user_id/name", "outcome"),
            *("policy_id/version", "rule_id/.id", "notice_hours", "sentence"),
            *("proposed_product_id/name", "proposed_amount"),
            *("taken_product_id/name", "taken_amount", "deviation_reason"),
        ),
    ),
    "policies": (
        "noshow.policy",
        [],
        (
            *("version", "state", "published_on", "published_by_id/name"),
            *("applies_from", "notice_hours", "grace_minutes", "text"),
        ),
    ),
    "policy_rules": (
        "noshow.policy.rule",
        [],
        ("policy_id/version", ".id", "number", "sentence"),
    ),
    "coverage": (
        "noshow.coverage",
        [],
        (*CLIENT, "coverage_class_id/name", "date_from", "date_to"),
    ),
    "care": (
        "noshow.care",
        [],
        (
            *(*CLIENT, "therapist_id/name", "ground", "reason"),
            *("granted_by_id/name", "date_from", "date_to"),
        ),
    ),
    "clients": (
        "res.partner",
        [("is_client", "=", True)],
        (
            *(".id", "name", "phone", "email", "payer_id/.id", "payer_id/name"),
            *("card_authorized_on", "missed_visit_count"),
        ),
    ),
    "chart_notes": (
        "noshow.chart.entry",
        [],
        (
            *(".id", "parent_id/.id", "appointment_id/.id", *CLIENT, "date"),
            *("author_id/name", "state", "signed_on", "body"),
        ),
    ),
    "chart_access": (
        "noshow.chart.access",
        [],
        (
            *("date", "user_id/name", *CLIENT, "action", "ground"),
            *("entry_count", "detail"),
        ),
    ),
}
#: What several companies have together: clients, and kinds of coverage.
SHARED = ("noshow.coverage", "res.partner")


class NoshowExport(models.TransientModel):
    _name = "noshow.export"
    _description = "Export Everything"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    losses = fields.Text(
        compute="_compute_losses",
        compute_sudo=False,
        help="What uninstalling the addon deletes for good.",
    )
    until = fields.Char(
        string="May Be Uninstalled Until", compute="_compute_losses", compute_sudo=False
    )
    # In the database, and not in the file store: it has the charts in it, and goes
    # with this record.
    file = fields.Binary(attachment=False, readonly=True)

    @api.constrains("company_id")
    def _check_own_company(self):
        for export in self:
            if export.company_id not in self.env.user.company_ids:
                raise AccessError(
                    self.env._("These are the records of a company of others.")
                )

    @api.depends("company_id", "file")
    def _compute_losses(self):
        for export in self:
            self.env.user._check_practice_right("export")
            # In sudo: counts, of the owner's own company (its field is the owner's).
            company_sudo = export.company_id.sudo()
            export.losses = "\n".join(company_sudo._get_uninstall_losses())
            until = company_sudo.noshow_uninstall_until
            export.until = until and format_when(self.env, until)

    def action_export(self):
        """Make the files, and agree to uninstalling.

        :return: the download
        :raise AccessError: the user is no owner
        """
        self.ensure_one()
        self.env.user._check_practice_right("export")
        self.file = base64.b64encode(self._make_zip())
        self.company_id._agree_to_uninstall()
        day = self.company_id.sudo()._get_practice_today()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file/"
            f"noshow_fees_{day}.zip?download=true",
            "target": "download",
        }

    def action_agree(self):
        """Agree to uninstalling without the files.

        :raise AccessError: the user is no owner
        """
        self.ensure_one()
        self.company_id._agree_to_uninstall()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Export everything"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _make_zip(self):
        """The practice's records as the owner reads them, a CSV file each. Reading the
        charts is logged as any other reading."""
        result = io.BytesIO()
        with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, (model, domain, paths) in FILES.items():
                archive.writestr(f"{name}.csv", self._make_csv(model, domain, paths))
        return result.getvalue()

    def _make_csv(self, model, domain, paths):
        company = Domain("company_id", "=", self.company_id.id)
        if model in SHARED:
            company = Domain("company_id", "=", False) | Domain(
                "company_id", "parent_of", self.company_id.id
            )
        # Of this company alone, whichever others are active: those who have coverage
        # are its clients (`noshow.coverage.is_ours`).
        own = self.env[model].with_context(
            active_test=False, allowed_company_ids=self.company_id.ids
        )
        records = own.search(Domain(domain) & company, order="id").with_context(
            allowed_company_ids=(self.company_id | self.env.companies).ids
        )
        path_lists = [path.split("/") for path in paths]
        try:
            rows = records._export_rows(path_lists)
        except OverflowError:
            # A moment that is in no day of the user's zone: all in UTC then.
            rows = records.with_context(tz="UTC")._export_rows(path_lists)
        if "body" in paths:
            column = paths.index("body")
            for row in rows:
                row[column] = html2plaintext(row[column] or "")
        # Odoo's own: it makes no formulas of texts.
        return CSVExport().from_data([], list(paths), rows)
