"""Eight people at once on a server with four workers: each deals with one missed visit
after the other, by the calls that a browser sends."""

import math
import time
from concurrent.futures import ThreadPoolExecutor

from devtools.odoo_server import Session, serving

from .browser import Browser

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
        self.browser = Browser(Session(port, database, login, login))
        self.call = self.browser.call
        self.events = self.call(
            "calendar.event", "search", [("user_id.login", "=", login)]
        )
        [self.code] = self.call(
            "product.product", "search", [("default_code", "=", "NOSHOW")]
        )
        [self.contact] = self.call(
            "res.partner", "search", [("name", "=", "Contact 1")]
        )
        self.took = []

    def work_until(self, end, deal):
        while time.monotonic() < end:
            event, began = self.events.pop(), time.monotonic()
            deal(self, event)
            self.took.append(time.monotonic() - began)

    def deal_by_stock(self, event):
        """The meeting's page, a note on it, archived; a new invoice by its page:
        client, code and price are chosen, it is saved, posted and shown.

        As recorded in Chromium (2026-11-28) up to the line's product, and from
        there on as the web client's code asks. What it asks while one types a name, who
        comes to a meeting, and the messages below a page are left out, as they are for
        the addon.
        """
        self._open("calendar.event", event)
        self.call("calendar.event", "message_post", [event], body="Did not come.")
        self.call("calendar.event", "action_archive", [event])
        # The page reads itself again, and so does what is below it.
        self._open("calendar.event", event)
        self._open("calendar.event", event)
        asked = self.browser.get_view("account.move")
        context = {"default_move_type": "out_invoice"}

        def change(values, *names):
            return self.call(
                "account.move", "onchange", [], values, names, asked, context=context
            )

        found = change({})["value"]
        values = {"move_type": "out_invoice"}
        for name in ("journal_id", "currency_id", "company_id"):
            values[name] = found[name]["id"]
        values["partner_id"] = self.contact
        change(values, "partner_id")
        # “Add a line”: it asks for itself, and then the page does.
        self.call(
            *("account.move.line", "onchange", [], {"move_id": values}, []),
            asked["invoice_line_ids"]["fields"],
            context={**context, "default_display_type": "product"},
        )
        lines = [(0, "virtual_1", {"display_type": "product"})]
        change({**values, "invoice_line_ids": lines}, "invoice_line_ids")
        line = {"product_id": self.code, "price_unit": 75.0, "tax_ids": [(5, 0, 0)]}
        # One chooses the code, then the price.
        for names in (("product_id",), ("product_id", "price_unit", "tax_ids")):
            chosen = {name: line[name] for name in names}
            lines = [(0, "virtual_1", chosen)]
            change({**values, "invoice_line_ids": lines}, "invoice_line_ids")
        values["invoice_line_ids"] = [(0, "virtual_1", line)]
        [saved] = self.call(
            *("account.move", "web_save", [], values, asked), context=context
        )
        self.call("account.move", "action_post", [saved["id"]])
        self._open("account.move", saved["id"])

    def _open(self, model, id_):
        self.call(model, "web_read", [id_], self.browser.get_view(model))

    def deal_by_addon(self, event):
        """The cancellation page, Continue, and the page that says what happened."""
        model = "calendar.event.cancel"
        page = self.call("calendar.event", "action_open_cancel", [event])
        context = page["context"]
        asked = self.browser.get_view(model)
        answer = self.call(model, "onchange", [], {}, [], asked, context=context)
        vals = {name: answer["value"][name] for name in PROPOSED}
        vals |= {"product_id": self.code, "event_ids": [(4, event)]}
        result = self.call(model, "web_cancel", [], vals, context=context)
        shown = self.browser.get_view(model, result["views"][0][0])
        self.call(model, "web_read", [result["res_id"]], shown)


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
        f"| {PEOPLE} people on {WORKERS} workers; stock: the meeting's page, a note,"
        " archived, the invoice's page"
        f" | {cells['stock']} | {cells['addon']} | – | {ratio:.2f} |"
    )
