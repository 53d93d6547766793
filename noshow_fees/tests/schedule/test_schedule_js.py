"""The addon's own hoot tests, at desktop and at phone width."""

from odoo.tests import HttpCase, tagged

# The module, not its classes: their tests would be collected here again.
from odoo.addons.web.tests import test_js

SUITE = "@noshow_fees"


class HootCase(HttpCase):
    def _run_hoot(self, preset):
        # `web`'s own way to name a suite in the address (HOOTCommon there).
        suite = test_js.HOOTCommon._generate_hash(self, SUITE)
        self.browser_js(
            f"/web/tests?headless&loglevel=2&timeout=15000&id={suite}&preset={preset}",
            "",
            "",
            login="admin",
            timeout=600,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=test_js.unit_test_error_checker,
        )


@tagged("post_install", "-at_install")
class TestScheduleDesktop(HootCase):
    def test_hoot(self):
        self._run_hoot("desktop")


@tagged("post_install", "-at_install")
class TestSchedulePhone(HootCase):
    browser_size = "375x667"
    touch_enabled = True

    def test_hoot(self):
        self._run_hoot("mobile&tag=-headless")
