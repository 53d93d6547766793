"""Chromium for the browser tests."""

import shutil
import subprocess

from . import apt

# In the order in which Odoo's HttpCase looks for them (odoo/tests/common.py).
NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")


def works():
    """Whether Odoo would find a browser that starts.

    On Ubuntu, ``chromium-browser`` may be a stub that only says where to get it.
    """
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if not program:
        return False
    try:
        answer = subprocess.run(
            [program, "--version"], capture_output=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def ensure():
    """Whether there is a browser; as root, one is installed if need be."""
    purpose = "browser tests fail without it"
    return works() or (apt.install_as_root("chromium", purpose) and works())
