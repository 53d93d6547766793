"""A pytest plug-in: a browser test that could not run is a failure, not a skip.

Odoo skips a tour when Chromium or its connection is missing, which would pass for
success. With ``--no-browser`` such tests are left out, and said to be.
"""

import pytest

# Reasons that Odoo's ChromeBrowser gives (odoo/tests/common.py).
REASONS = ("chrome", "websocket-client")
LEFT_OUT = "browser tests are left out (--no-browser)"


def pytest_addoption(parser):
    parser.addoption("--no-browser", action="store_true", help="leave tours out")


def pytest_configure(config):
    if config.getoption("--no-browser"):
        from odoo.tests.common import HttpCase

        def browser_js(self, *args, **kwargs):
            self.skipTest(LEFT_OUT)

        HttpCase.browser_js = browser_js


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.skipped and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2]
        if LEFT_OUT not in reason and any(word in reason.lower() for word in REASONS):
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} needs a browser. {reason}"
