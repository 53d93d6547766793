"""Addons that practices run beside this one: Odoo's own, and OCA's from PyPI."""

import hashlib
import shutil

from .console import Problem, step
from .locks import exclusive, folder_made_whole, is_complete
from .python_env import REQUIREMENTS, run_uv
from .settings import CACHE

#: What `--with` knows by one name; any module's name will do as well.
SETS = {
    "odoo": (
        *("account_debit_note", "base_automation", "calendar_sms", "crm", "event"),
        *("google_calendar", "hr", "hr_calendar", "hr_holidays", "l10n_de", "l10n_fr"),
        *("mass_mailing", "microsoft_calendar", "point_of_sale", "project"),
        *("sale_management", "sms", "website"),
    ),
    "oca": (
        *("account_credit_control", "account_due_list", "account_financial_report"),
        *("account_move_name_sequence", "account_reconcile_oca"),
        *("account_statement_import_online_stripe", "auditlog", "mail_tracking"),
        *("partner_firstname", "partner_statement", "queue_job"),
        "web_calendar_slot_duration",
    ),
}
OCA_PINS = REQUIREMENTS / "oca.txt"


class Neighbours:
    """A set of modules to install beside the addon.

    :param str names: names of `SETS` and of modules, with commas between them
    :param bool addon_first: install them upon the addon, not the addon upon them
    """

    def __init__(self, names, addon_first=False):
        parts = [name for name in names.split(",") if name]
        modules = {module for name in parts for module in SETS.get(name, (name,))}
        if not modules:
            raise Problem(f"--with wants modules, or one of these: {', '.join(SETS)}.")
        self.modules = ",".join(sorted(modules))
        self.addon_first = addon_first
        self.pins = hashlib.sha256(OCA_PINS.read_bytes()).hexdigest()[:10]
        self.oca_folder = CACHE / "oca" / self.pins

    @property
    def key(self):
        """Part of the names of databases in which they are installed."""
        return hashlib.sha256(self.modules.encode()).hexdigest()[:8]

    @property
    def note(self):
        """What such a database was made from."""
        return f"{self.modules} {self.pins}"

    def ensure(self, python_env):
        """Bring OCA's addons. Without what they depend on: Odoo is no package."""
        with exclusive(CACHE / "oca" / "lock", "another ./dev fetches OCA's addons"):
            if not is_complete(self.oca_folder):
                with (
                    step("Fetching OCA's addons (oca.txt)"),
                    folder_made_whole(self.oca_folder) as part,
                ):
                    run_uv(
                        *("pip", "install", "-q", "--python", python_env.python),
                        *("--no-deps", "--target", part, "-r", OCA_PINS),
                        failure="OCA's addons could not be fetched.",
                    )
                    # Else this would be another `odoo` for whoever imports it.
                    shutil.move(part / "odoo" / "addons", part / "addons")
                    (part / "odoo").rmdir()

    @property
    def addons_path(self):
        return self.oca_folder / "addons"


def add_arguments(parser):
    """Let a command be told what to install beside the addon."""
    parser.add_argument(
        "--with",
        dest="neighbours",
        metavar="MODULES",
        help="install these modules beside the addon, or one of the sets "
        f"{' and '.join(SETS)}",
    )
    parser.add_argument(
        "--addon-first",
        action="store_true",
        help="install them after the addon, not before it",
    )


def chosen(options):
    """The neighbours that the options of a command name; None without any."""
    if not options.neighbours:
        return None
    return Neighbours(options.neighbours, options.addon_first)
