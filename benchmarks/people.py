"""Eight people at once on a server with four workers: each deals with one missed visit
after the other, by the calls that a browser sends."""

import math
import time
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree

from devtools.odoo_server import Session, serving

PEOPLE, WORKERS = 8, 4
#: Seconds of each way, in each of so many turns; those of the first are not counted.
SECONDS, TURNS = 20, 3
#: What somebody at the desk leaves as it was proposed, and sends along.
PROPOSED = ("visit_state", "amount", "opening", "cancel_initiator")

SCRIPT = """
from datetime import datetime, timedelta
env["account.chart.template"].try_loading(
    "generic_coa", env.company, install_demo=False
)
code = env.ref("noshow_fees.product_noshow")
code.write({"list_price": 75.0, "default_code": "NOSHOW"})
env.company.noshow_no_show_product_id = code
start = datetime.now().replace(microsecond=0) - timedelta(days=1)
clients = env["res.partner"].create(
    [{"name": f"Client {n}", "is_client": True} for n in range(200)]
)
contact = env["res.partner"].create({"name": "Contact 1"})
ways = ("addon", "noshow_fees.group_biller"), ("stock", "account.group_account_invoice")
for way, group in ways:
    for n in range(PEOPLE):
        user = env["res.users"].with_context(no_reset_password=True).create(
            {"name": f"{way}{n}", "login": f"{way}{n}", "password": f"{way}{n}",
             "group_ids": [(6, 0, (env.ref(group) + env.ref("base.group_user")).ids)]}
        )
        env["calendar.event"].with_context(no_mail_to_attendees=True).create(
            [{"name": "Session", "user_id": user.id, "start": start,
              "stop": start + timedelta(hours=1),
              **({"client_id": clients[m % 200].id} if way == "addon" else
                 {"partner_ids": [(6, 0, [contact.id, user.partner_id.id])]})}
             for m in range(EVENTS)]
        )
env.cr.commit()
"""
#: More than one person gets through.
EVENTS = 150


class Person:
    """Somebody with a login, and with meetings or appointments of their own."""

    def __init__(self, port, database, login):
        self.call = Session(port, database, login, login).call
        self.events = self.call(
            "calendar.event", "search", [("user_id.login", "=", login)]
        )
        [self.code] = self.call(
            "product.product", "search", [("default_code", "=", "NOSHOW")]
        )
        [self.contact] = self.call(
            "res.partner", "search", [("name", "=", "Contact 1")]
        )
        self.views, self.took = {}, []

    def work_until(self, end, deal):
        while time.monotonic() < end:
            event, began = self.events.pop(), time.monotonic()
            deal(self, event)
            self.took.append(time.monotonic() - began)

    def deal_by_stock(self, event):
        """A note, the meeting archived, an invoice: without the pages between."""
        self.call("calendar.event", "message_post", [event], body="Did not come.")
        self.call("calendar.event", "action_archive", [event])
        line = {"product_id": self.code, "price_unit": 75.0, "tax_ids": [(5, 0, 0)]}
        invoice = {
            "move_type": "out_invoice",
            "partner_id": self.contact,
            "invoice_line_ids": [(0, 0, line)],
        }
        [id_] = self.call("account.move", "create", [invoice])
        self.call("account.move", "action_post", [id_])

    def deal_by_addon(self, event):
        """The cancellation page, Continue, and the page that says what happened."""
        model = "calendar.event.cancel"
        page = self.call("calendar.event", "action_open_cancel", [event])
        context = page["context"]
        asked = self._read_view((False, "form"))
        answer = self.call(model, "onchange", [], {}, [], asked, context=context)
        vals = {name: answer["value"][name] for name in PROPOSED}
        vals |= {"product_id": self.code, "event_ids": [(4, event)]}
        result = self.call(model, "web_cancel", [], vals, context=context)
        shown = self._read_view(tuple(result["views"][0]))
        self.call(model, "web_read", [result["res_id"]], shown)

    def _read_view(self, view):
        """The fields that a page asks for; the browser keeps its views."""
        if view not in self.views:
            found = self.call("calendar.event.cancel", "get_views", [view])
            arch = ElementTree.fromstring(found["views"]["form"]["arch"])  # noqa: S314
            below = {
                inner
                for field in arch.iter("field")
                for inner in field.iter("field")
                if inner is not field
            }
            fields = [node for node in arch.iter("field") if node not in below]
            self.views[view] = {field.get("name"): {} for field in fields}
        return self.views[view]


WAYS = {"stock": Person.deal_by_stock, "addon": Person.deal_by_addon}


def percentile(values, share):
    return sorted(values)[math.ceil(len(values) * share) - 1]


def measure_people(bench, database):
    """:return: the table's row: a missed visit in a second, and the seconds within
    which 95 of 100 are dealt with, from the first call to the last answer"""
    bench.odoo_quietly(
        *("shell", "-d", database, "--no-http"),
        script=f"PEOPLE, EVENTS = {PEOPLE}, {EVENTS}\n{SCRIPT}",
        log="bench_people.log",
        failure="The practice could not be made.",
    )
    with serving(bench, database, "--workers", str(WORKERS)) as (port, _process):
        people = {
            way: [Person(port, database, f"{way}{n}") for n in range(PEOPLE)]
            for way in WAYS
        }
        for turn in range(TURNS):
            for way, persons in people.items():
                end = time.monotonic() + SECONDS
                with ThreadPoolExecutor(PEOPLE) as pool:
                    work = [
                        pool.submit(person.work_until, end, WAYS[way])
                        for person in persons
                    ]
                for done in work:
                    done.result()
                if not turn:
                    for person in persons:
                        person.took.clear()
    took = {
        way: [seconds for person in persons for seconds in person.took]
        for way, persons in people.items()
    }
    cells = {
        way: f"{len(values) / SECONDS / (TURNS - 1):.1f} a second,"
        f" 95 % in {percentile(values, 0.95):.2f} s"
        for way, values in took.items()
    }
    ratio = percentile(took["addon"], 0.95) / percentile(took["stock"], 0.95)
    return (
        f"| {PEOPLE} people on {WORKERS} workers; stock: a note, archived, invoiced"
        f" | {cells['stock']} | {cells['addon']} | – | {ratio:.2f} |"
    )
