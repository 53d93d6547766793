"""What is decided in one place: names, modules, demo logins, folders."""

import hashlib
import os
from pathlib import Path

ADDON = "noshow_fees"
ODOO_SERIES = "19.0"
PYTHON_VERSIONS = ("3.11", "3.12", "3.13")  # what Odoo 19 and its pins allow

# Modules of the demonstration practice.
DEMO_MODULES = (ADDON, "l10n_us_account", "payment_demo")
# Modules that the tests need beside the addon's own dependencies.
TEST_MODULES = (
    "l10n_us_account",
    "payment_demo",
    "payment_stripe",
    "google_calendar",
    "microsoft_calendar",
)

# (role, login): in the demonstration practice the password is the login.
DEMO_LOGINS = (
    ("Owner", "owner"),
    ("Practice manager", "manager"),
    ("Biller", "biller"),
    ("Front desk", "frontdesk"),
    ("Therapist", "therapist"),
    ("Therapist, sees money", "therapist.fin"),
    ("Accountant, no role in the practice", "accountant"),
    ("Administrator", "admin"),
)
# Runs in Odoo's shell after the demonstration database was made.
DEMO_SCRIPT = """
company = env["res.company"]
if hasattr(company, "_noshow_load_demo"):
    company._noshow_load_demo()
env.cr.commit()
"""

FIRST_PORT = 8069

ROOT = Path(__file__).resolve().parent.parent
# The one folder of the checkout for everything that can be made again.
WORK = ROOT / ".dev"
DATA_DIR = WORK / "data"
LOG_DIR = WORK / "log"
LOCK_DIR = WORK / "locks"
# Downloads, shared by all checkouts of this user.
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / ADDON

CHECKOUT_ID = hashlib.sha256(str(ROOT).encode()).hexdigest()[:6]
