"""Two runs of the same calendar's synchronisation at once: nothing is there twice, and
nothing is lost. Real processes; Google and Microsoft are answered for."""

import contextlib

import pytest
from fee_practice import Books

from devtools.children import running
from devtools.settings import LOG_DIR
from devtools.templates import INSTALL

LATER = "2099-01-01T00:00:00Z"  # when somebody changed it outside: after Odoo
DAY = "2030-01-07"
PRACTICE = """
therapist = env["res.users"].with_context(no_reset_password=True).create(
    {
        "name": "Therapist",
        "login": "therapist1",
        "email": "therapist1@example.com",
        "group_ids": [(6, 0, env.ref("noshow_fees.group_therapist").ids)],
    }
)
env["res.partner"].create(
    {"name": "Client", "email": "client@example.com", "is_client": True}
)
token = {
    "rtoken": "refresh",
    "token": "token",
    "token_validity": "2099-01-01 00:00:00",
    "sync_token": "before",
}
env["res.users.settings"]._find_or_create_for_user(therapist)
# Stock keeps them in two places.
kept = therapist if SERVICE == "microsoft" else therapist.res_users_settings_id
values = {f"{SERVICE}_calendar_{name}": value for name, value in token.items()}
kept.sudo().write(values | {f"{SERVICE}_synchronization_stopped": False})
env.cr.commit()
"""
CANCEL = """
# Nobody answers for the calendar outside here.
paused = f"{SERVICE}_calendar_sync_paused"
env["ir.config_parameter"].set_param(paused, True)
env.user.group_ids += env.ref("noshow_fees.group_owner")
event = env["calendar.event"].search([("name", "=", NAME)])
event._cancel_appointments("cancelled")
env["ir.config_parameter"].set_param(paused, False)
env.cr.commit()
"""
#: One run. It tells by files how far it is, and waits for those of the other one.
RUN = """
import json, pathlib, time
import requests

folder = pathlib.Path(FOLDER)


def tell(name):
    (folder / name).touch()


def wait(name, seconds=60, must=True):
    end = time.monotonic() + seconds
    while not (folder / name).exists():
        if time.monotonic() > end:
            assert not must, name
            return
        time.sleep(0.05)


def answer(method, url, **kwargs):
    items = []
    if method == "get" and "/instances" not in url:
        tell(f"{NAME} asks")
        if NAME == "first":
            for name, seconds in MEANWHILE:
                wait(name, seconds, must=False)
        items = EVENTS
    response = requests.Response()
    response.status_code = 200
    response._content = json.dumps(
        {
            "items": items,
            "value": items,
            "nextSyncToken": "next",
            "@odata.deltaLink": "https://graph.microsoft.com/x?$deltatoken=next",
            "defaultReminders": [],
            "id": "new",
            "iCalUId": "new",
        }
    ).encode()
    return response


requests.request = answer
if NAME == "second":
    if STALE:
        # What it reads from here on is as old as this.
        env["calendar.event"].search_count([])
        tell("second has begun")
        wait("first is done")
    else:
        wait("first asks")
# What its job calls. It commits, or undoes, each account.
getattr(env["res.users"], f"_sync_all_{SERVICE}_calendar")()
tell(f"{NAME} is done")
"""


def google_event(key, hour):
    return {
        "id": key,
        "summary": key,
        "updated": LATER,
        "status": "confirmed",
        "organizer": {"email": "therapist1@example.com", "self": True},
        "attendees": [
            {"email": f"{name}@example.com", "responseStatus": "accepted"}
            for name in ("therapist1", "client")
        ],
        "reminders": {"useDefault": True},
        "start": {"dateTime": f"{DAY}T{hour}:00:00Z", "timeZone": "UTC"},
        "end": {"dateTime": f"{DAY}T{hour}:50:00Z", "timeZone": "UTC"},
    }


def microsoft_event(key, hour):
    return {
        "id": key,
        "iCalUId": f"uid-{key}",
        "subject": key,
        "isOrganizer": True,
        "organizer": {"emailAddress": {"address": "therapist1@example.com"}},
        "attendees": [
            {
                "emailAddress": {"address": f"{name}@example.com"},
                "status": {"response": "accepted"},
            }
            for name in ("therapist1", "client")
        ],
        "responseStatus": {"response": "organizer"},
        "lastModifiedDateTime": LATER,
        "start": {"dateTime": f"{DAY}T{hour}:00:00", "timeZone": "UTC"},
        "end": {"dateTime": f"{DAY}T{hour}:50:00", "timeZone": "UTC"},
        "isAllDay": False,
        "isCancelled": False,
        "showAs": "busy",
        "type": "singleInstance",
        "seriesMasterId": None,
    }


EVENT = {"google": google_event, "microsoft": microsoft_event}


class Account:
    """The therapist's account outside, and the practice beside it."""

    def __init__(self, bench, database, service, folder):
        self.bench, self.database, self.folder = bench, database, folder
        self.service = service

    def install(self):
        module = f"{self.service}_calendar"
        self.bench.odoo_quietly(
            *("-d", self.database, "-i", module, *INSTALL),
            log="two_calendar_runs_install.log",
            failure=f"{module} could not be installed.",
        )
        self.shell(PRACTICE)

    def cancel(self, name):
        self.shell(CANCEL.replace("NAME", repr(name)))

    def shell(self, script):
        self.bench.odoo_quietly(
            *("shell", "-d", self.database, "--no-http"),
            log="two_calendar_runs.log",
            failure="A script has failed.",
            script=f"SERVICE = {self.service!r}\n{script}",
        )

    @contextlib.contextmanager
    def run(self, name, events, stale=False):
        """One run of the job, in a process of its own."""
        meanwhile = [("second is done", 5)] if not stale else [("second has begun", 60)]
        values = {
            "FOLDER": str(self.folder),
            "NAME": name,
            "SERVICE": self.service,
            "EVENTS": events,
            "STALE": stale,
            "MEANWHILE": meanwhile,
        }
        script = self.folder / f"{name}.py"
        script.write_text(
            "".join(f"{key} = {value!r}\n" for key, value in values.items()) + RUN
        )
        log = LOG_DIR / f"two_calendar_runs_{name}.log"
        command = self.bench.odoo_command("shell", "-d", self.database, "--no-http")
        with open(script) as source, open(log, "w") as output:
            options = {"stdin": source, "stdout": output, "stderr": output}
            with running(command, **options, **self.bench.process_options()) as odoo:
                yield odoo
                odoo.wait(120)
        assert (self.folder / f"{name} is done").exists(), log.read_text()[-2000:]

    def run_twice(self, events, stale=False):
        for path in self.folder.glob("*"):
            path.unlink()
        with self.run("first", events, stale), self.run("second", events, stale):
            pass


@pytest.fixture(params=sorted(EVENT))
def account(request, bench, database, tmp_path):
    account = Account(bench, database, request.param, tmp_path)
    account.install()
    return account


@pytest.fixture
def books(bench, database):
    books = Books(bench, database)
    yield books
    books.close()


def test_two_runs(books, account):
    make = EVENT[account.service]
    account.run_twice([make("one", 10), make("two", 11)])
    rows = f"SELECT name, visit_state, start::text, {account.service}_id"
    rows += " FROM calendar_event WHERE client_id IS NOT NULL ORDER BY name, id"
    assert books.sql(rows) == [
        ("one", "scheduled", f"{DAY} 10:00:00", "one"),
        ("two", "scheduled", f"{DAY} 11:00:00", "two"),
    ]
    account.cancel("one")
    # Both are moved there, and another comes.
    account.run_twice([make("one", 12), make("two", 13), make("three", 14)], stale=True)
    assert books.sql(rows) == [
        ("one", "cancelled", f"{DAY} 10:00:00", "one"),
        ("three", "scheduled", f"{DAY} 14:00:00", "three"),
        ("two", "scheduled", f"{DAY} 13:00:00", "two"),
    ]
