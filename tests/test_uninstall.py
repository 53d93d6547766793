"""A practice that has used the addon uninstalls it: counted, exported, readable."""

import csv
import io
import urllib.request
import zipfile

import pytest
from fee_practice import Books, make_practice

from devtools.odoo_server import RpcError, Session
from devtools.settings import ADDON, LOG_DIR
from devtools.templates import INSTALL

REASON = "Relapse of something"


@pytest.fixture
def books(bench, database):
    people = {"owner1": "group_owner", "biller1": "group_biller"}
    make_practice(bench, database, people, clients=3, open=4, closed=2, free=3)
    books = Books(bench, database)
    yield books
    books.close()


class Practice:
    def __init__(self, start_odoo, database, books):
        self.port, _process = start_odoo()
        self.database, self.books = database, books
        self.owner, self.biller, self.admin = (
            Session(self.port, database, login, login)
            for login in ("owner1", "biller1", "admin")
        )

    def miss(self):
        """One more no-show, with a reason and a chart note."""
        [[event]] = self.books.sql(
            "SELECT MIN(id) FROM calendar_event WHERE visit_state = 'scheduled'"
        )
        page = self.owner.call(
            "calendar.event.cancel",
            "create",
            {
                "event_ids": [(6, 0, [event])],
                "visit_state": "no_show",
                "reason": REASON,
                "chart_note": "A note.",
            },
        )
        self.owner.call("calendar.event.cancel", "action_cancel", [page])
        return event

    def open_dialog(self):
        [module] = self.admin.call("ir.module.module", "search", [("name", "=", ADDON)])
        values = {"module_ids": [(6, 0, [module])]}
        return self.admin.call("base.module.uninstall", "create", values)

    def uninstall(self):
        dialog = self.open_dialog()
        return self.admin.call("base.module.uninstall", "action_uninstall", [dialog])

    def export(self):
        """:return: `{file name: rows}`"""
        page = self.owner.call("noshow.export", "create", {})
        action = self.owner.call("noshow.export", "action_export", [page])
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{action['url']}",
            headers={"Cookie": self.owner.cookie},
        )
        with urllib.request.urlopen(request) as response:  # noqa: S310
            archive = zipfile.ZipFile(io.BytesIO(response.read()))
        return {
            name: list(csv.DictReader(io.StringIO(archive.read(name).decode())))
            for name in archive.namelist()
        }

    def state(self):
        [[state]] = self.books.sql(
            "SELECT state FROM ir_module_module WHERE name = %s", [ADDON]
        )
        return state


def test_uninstall(bench, start_odoo, database, books):
    practice = Practice(start_odoo, database, books)
    event = practice.miss()
    outcomes = books.count("calendar_event", "visit_state = 'no_show'")
    archived = books.count("calendar_event", "NOT active")
    entries = books.counts()
    assert outcomes == 7

    # Counted and warned, and refused until an owner has agreed.
    [dialog] = practice.admin.call(
        "base.module.uninstall", "read", [practice.open_dialog()], ["noshow_losses"]
    )
    assert f"{outcomes} outcomes" in dialog["noshow_losses"]
    assert "1 chart notes" in dialog["noshow_losses"]
    with pytest.raises(RpcError, match="An owner of"):
        practice.uninstall()
    assert practice.state() == "installed"
    for session in (practice.biller, practice.admin):
        # Neither by a write on the company, nor on the owner's page; the fresh
        # database's administrator is an owner, too.
        with pytest.raises(RpcError):
            session.call(
                "res.company", "write", [1], {"noshow_uninstall_until": "2099-01-01"}
            )
    with pytest.raises(RpcError):
        practice.biller.call("noshow.export", "create", {})

    # Exported by the owner.
    files = practice.export()
    [row] = [r for r in files["appointments.csv"] if r["cancel_reason"]]
    assert row["cancel_reason"] == REASON
    assert len(files["fees.csv"]) == outcomes
    assert [r["body"] for r in files["chart_notes.csv"]] == ["A note."]
    [[reads]] = books.sql("SELECT COUNT(*) FROM noshow_chart_access")
    assert reads

    practice.uninstall()
    assert practice.state() == "uninstalled"

    # Invoices and payments stay, and so do the appointments.
    assert books.counts() == entries
    assert books.count("calendar_event", "NOT active") == archived
    notes = books.sql(
        """
        SELECT body FROM mail_message
         WHERE model = 'calendar.event' AND res_id = %s ORDER BY id DESC LIMIT 1
        """,
        [event],
    )
    [[number]] = books.sql(
        "SELECT name FROM account_move WHERE move_type = 'out_invoice'"
        " ORDER BY id DESC LIMIT 1"
    )
    [[body]] = notes
    assert body.startswith("<p>No-show, owner1, 20")
    assert number in body
    assert books.count("mail_message", "body LIKE '<p>No-show, %%'") == outcomes
    assert not books.count("mail_message", f"body LIKE '%%{REASON}%%'")
    columns = "table_name = 'calendar_event' AND column_name = 'cancel_reason'"
    assert not books.count("information_schema.columns", columns)

    # Odoo goes on, and others see no more of an appointment than before.
    admin = Session(practice.port, database, "admin", "admin")
    events = admin.call(
        "calendar.event",
        "web_search_read",
        [("active", "in", [True, False])],
        {"name": {}, "start": {}, "privacy": {}},
    )
    assert events["length"] >= outcomes
    assert {e["privacy"] for e in events["records"]} == {"private"}
    for model, view in (
        ("calendar.event", "calendar"),
        ("calendar.event", "form"),
        ("account.move", "form"),
        ("res.partner", "form"),
        ("res.company", "form"),
    ):
        admin.call(model, "get_views", [[False, view]])
    colleague = Session(practice.port, database, "biller1", "biller1")
    names = colleague.call(
        "calendar.event", "search_read", [("active", "in", [True, False])], ["name"]
    )
    assert {e["name"] for e in names} == {"Busy"}
    log = (LOG_DIR / f"{database}.log").read_text()
    assert [line for line in log.splitlines() if " ERROR " in line] == []

    assert not books.count("res_groups", "name::text LIKE '%%financial role%%'")

    # Installed again: no meeting is computed anew, of which there may be a million.
    rows = "SELECT id, xmin::text FROM calendar_event ORDER BY id"
    before = books.sql(rows)
    assert before
    bench.odoo_quietly(
        *("-d", database, "-i", ADDON, *INSTALL),
        log="installed_again.log",
        failure="Could not be installed again.",
    )
    assert books.sql(rows) == before
