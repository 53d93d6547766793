"""Who agrees that the records of a practice go (and tests/test_uninstall.py)."""

import base64
import csv
import io
import zipfile
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import PracticeCommon


@tagged("post_install", "-at_install")
class TestExport(PracticeCommon):
    def setUp(self):
        super().setUp()
        self.module = self.env["ir.module.module"].search(
            [("name", "=", "noshow_fees")]
        )
        self._cancel(
            self.appointment, visit_state="no_show", reason="Relapse", chart_note="Note"
        )
        # The practices of other tests' data agree.
        others = self.env["res.company"].search([("id", "!=", self.company.id)])
        for company in others:
            self._agree(company)

    def _agree(self, company):
        self.owner.company_ids += company
        company.with_user(self.owner)._agree_to_uninstall()

    def _remove(self):
        """What every way to uninstall writes; taken back at once."""
        with self.cr.savepoint() as savepoint:
            self.module.write({"state": "to remove"})
            savepoint.rollback()
        self.module.invalidate_recordset()

    def _page(self, user):
        return self.env["noshow.export"].with_user(user).create({})

    def test_refused_until_an_owner_agrees(self):
        with self.assertRaisesRegex(UserError, "1 outcomes(.|\n)*An owner of"):
            self._remove()
        self._page(self.owner).action_agree()
        self._remove()
        with (
            freeze_time(fields.Datetime.now() + timedelta(days=8)),
            self.assertRaisesRegex(UserError, "An owner of"),
        ):
            self._remove()

    def test_every_practice_has_to_agree(self):
        company = self.setup_other_company(name="Other practice")["company"]
        self._agree(self.company)
        # Nothing there: nobody is asked.
        self._remove()
        self.therapist.write(
            {"company_ids": [(4, company.id)], "company_id": company.id}
        )
        now = fields.Datetime.now()
        visit = self._new_appointment(start=now - timedelta(hours=2))
        visit.with_user(self.therapist).action_mark_attended()
        with self.assertRaisesRegex(UserError, "Other practice"):
            self._remove()
        self._agree(company)
        self._remove()

    def test_only_owners(self):
        for user in (self.frontdesk, self.biller, self.manager, self.accountant):
            with self.assertRaises(AccessError):
                self._page(user)
            with self.assertRaises(AccessError):
                self.company.with_user(user)._agree_to_uninstall()
        page = self._page(self.owner)
        with self.assertRaises(AccessError):
            page.with_user(self.manager).action_export()

    def test_the_word_is_not_written_by_hand(self):
        """Not by the administrator, not in sudo, not at creation."""
        later = fields.Datetime.now() + timedelta(days=1)
        for company in (self.company, self.company.sudo()):
            with self.assertRaises(UserError):
                company.write({"noshow_uninstall_until": later})
        new = self.env["res.company"].create(
            {"name": "New", "noshow_uninstall_until": later}
        )
        self.assertFalse(new.noshow_uninstall_until)

    def test_the_files(self):
        """Coverage of a kind that all companies share, too; and nobody else's."""
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.owner.company_ids |= elsewhere
        self.therapist.write(
            {"company_ids": [(4, elsewhere.id)], "company_id": elsewhere.id}
        )
        self._new_appointment(self.client_2)
        kind = self.env.ref("noshow_fees.coverage_class_medicaid")
        self.env["noshow.coverage"].create(
            [
                {"client_id": client.id, "coverage_class_id": kind.id}
                for client in (self.client_1, self.client_2)
            ]
        )
        page = self._page(self.owner).with_context(
            allowed_company_ids=(self.company | elsewhere).ids
        )
        action = page.action_export()
        self.assertIn(f"/web/content/noshow.export/{page.id}/file/", action["url"])
        archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(page.file)))
        text = {name: archive.read(name).decode() for name in archive.namelist()}
        self.assertIn("Relapse", text["appointments.csv"])
        self.assertIn(self.appointment.fee_line_ids.move_name, text["fees.csv"])
        self.assertIn("Note", text["chart_notes.csv"])
        for name in ("clients.csv", "coverage.csv", "decisions.csv", "care.csv"):
            self.assertIn("Client 1" if name != "decisions.csv" else "75", text[name])
        self.assertIn(kind.name, text["coverage.csv"])
        self.assertIn("24", text["policies.csv"])
        self.assertIn("No-show", text["policy_rules.csv"])
        rows = {
            name: list(csv.DictReader(io.StringIO(content)))
            for name, content in text.items()
        }
        # Two may have one name: the files are joined by numbers, Odoo's own.
        clients = {row[".id"] for row in rows["clients.csv"]}
        for name in ("appointments", "fees", "chart_notes", "care", "coverage"):
            own = {row["client_id/.id"] for row in rows[f"{name}.csv"]}
            self.assertTrue(own and own <= clients, name)
        events = {row[".id"] for row in rows["appointments.csv"]}
        for name in ("fees", "chart_notes", "decisions"):
            own = {row["appointment_id/.id"] for row in rows[f"{name}.csv"]} - {""}
            self.assertTrue(own and own <= events, name)
        self.assertNotIn("Client 2", text["coverage.csv"])
        # Somebody else's page is not theirs to open.
        other = self._new_user("noshow_owner_2", "noshow_fees.group_owner")
        with self.assertRaises(AccessError):
            page.with_user(other).read(["file"])

    def test_what_odoo_asks(self):
        """Odoo's own dialog counts, also for a module that this one builds on."""
        calendar = self.env["ir.module.module"].search([("name", "=", "calendar")])
        for module in (self.module, calendar):
            dialog = self.env["base.module.uninstall"].create(
                {"module_ids": [(6, 0, module.ids)]}
            )
            self.assertIn("1 chart notes", dialog.noshow_losses)
        web = self.env["ir.module.module"].search([("name", "=", "payment_demo")])
        dialog = self.env["base.module.uninstall"].create(
            {"module_ids": [(6, 0, web.ids)]}
        )
        self.assertFalse(dialog.noshow_losses)
