"""What the settings page says that is still to be decided."""

from odoo.tests import tagged

from ..common import PracticeCommon


@tagged("post_install", "-at_install")
class TestSettingUp(PracticeCommon):
    def _open_page(self):
        self.env.invalidate_all()
        return self.env["noshow.settings"].with_user(self.manager).create({})

    def test_therapists_take_their_own_clients(self):
        """Proposed where nobody but Manager and Owner has a role of the front desk."""
        self.assertFalse(self._open_page().advises_taking)
        (self.frontdesk | self.biller).active = False
        page = self._open_page()
        self.assertTrue(page.advises_taking)
        page.noshow_therapists_take_clients = True
        page.action_save()
        self.assertTrue(self.company.noshow_therapists_take_clients)
        # Another company's front desk books for nobody here.
        other = self.setup_other_company(name="Other practice")["company"]
        self.biller.write(
            {"active": True, "company_ids": other.ids, "company_id": other.id}
        )
        self.assertTrue(self._open_page().advises_taking)
        self.frontdesk.active = True
        self.assertFalse(self._open_page().advises_taking)

    def test_a_time_zone_that_is_missing(self):
        self.company.noshow_tz = False
        page = self._open_page()
        self.assertFalse(page.noshow_tz)
        arch = self.env["noshow.settings"].get_view(view_type="form")["arch"]
        self.assertIn("Choose the practice", arch)
        page.noshow_tz = "America/Chicago"
        page.action_save()
        self.assertEqual(self.company._get_practice_tz().key, "America/Chicago")
