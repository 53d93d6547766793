"""Two Odoo servers on one database, under load: no fee is lost, none is doubled, and
the ledger agrees.

`NOSHOW_LOAD_SECONDS` makes it longer than the half minute of every test run.
"""

import collections
import os
import random
import re
import statistics
import threading
import time

import pytest
from fee_practice import Books, make_practice

from devtools.odoo_server import RpcError, Session
from devtools.settings import LOG_DIR

SECONDS = int(os.environ.get("NOSHOW_LOAD_SECONDS") or 25)
#: So many people at each server.
PEOPLE = 3
#: Refusals in words; anything else is a fault of the program.
IN_WORDS = (
    "odoo.exceptions.UserError",
    "odoo.exceptions.ValidationError",
    "odoo.exceptions.RedirectWarning",
)
#: What PostgreSQL says when two are at the same rows: Odoo repeats the request.
REPEATED = re.compile(
    # The addon prints some statements without their text (`sql_log.py`), and leaves a
    # charge to its job when it cannot be booked at once.
    "could not serialize access|deadlock detected|SerializationFailure|40001|40P01"
)


@pytest.fixture
def books(bench, database):
    people = {f"biller{n}": "group_biller" for n in range(2 * PEOPLE)}
    make_practice(
        bench, database, people, clients=40, open=20, closed=20, free=30 + 6 * SECONDS
    )
    books = Books(bench, database)
    yield books
    books.close()


class Shared:
    """What the people of the practice know of each other's work."""

    def __init__(self, books):
        self.lock = threading.Lock()
        rows = books.sql(
            "SELECT id FROM calendar_event WHERE visit_state = 'scheduled' ORDER BY id"
        )
        self.scheduled = [id_ for [id_] in rows]
        self.fees = [line for line, *_rest in books.fees()]
        self.cancelled = []
        self.charges = 0
        self.answers = collections.defaultdict(list)
        self.faults = []

    def next_appointments(self):
        """A few, so that two people take the same one now and then."""
        with self.lock:
            return self.scheduled[:3]

    def was_cancelled(self, event_id, fees, charged):
        with self.lock:
            self.cancelled.append(event_id)
            self.scheduled.remove(event_id)
            self.fees += fees
            self.charges += charged

    def some_fee(self, choice):
        """One of the last few, or any."""
        with self.lock:
            return choice(self.fees[-6:] if choice((True, False)) else self.fees)


class Person(threading.Thread):
    """A biller who does one thing after the other until it is time to go home."""

    def __init__(self, number, session, shared, end):
        super().__init__()
        self.choice = random.Random(number).choice  # noqa: S311
        self.session, self.shared, self.end = session, shared, end

    def run(self):
        work = [self.cancel, self.cancel, self.edit, self.edit, self.waive]
        work += [self.charge, self.charge, self.pay, self.pay]
        while time.monotonic() < self.end:
            act = self.choice(work)
            start = time.monotonic()
            try:
                act()
                answer = "done"
            except RpcError as error:
                answer = "refused"
                if error.name not in IN_WORDS:
                    self.shared.faults.append((act.__name__, error.name, str(error)))
            seconds = time.monotonic() - start
            with self.shared.lock:
                self.shared.answers[act.__name__, answer].append(seconds)

    def _dialog(self, model, values, save, **context):
        dialog = self.session.call(model, "create", values, context=context)
        return self.session.call(model, save, [dialog])

    def _fee(self):
        """A fee, as its list shows it: the live one of its appointment."""
        line = self.shared.some_fee(self.choice)
        domain = [
            ("appointment_id.fee_line_ids", "in", [line]),
            ("is_noshow_fee", "=", True),
        ]
        [fee] = self.session.call(
            "account.move.line", "search_read", domain, ["move_id"]
        )
        return fee["id"], fee["move_id"][0]

    def cancel(self):
        event_id = self.choice(self.shared.next_appointments())
        charged = self.choice((True, False))
        self._dialog(
            "calendar.event.cancel",
            {
                "event_ids": [(6, 0, [event_id])],
                "visit_state": "no_show",
                "charge_card": charged,
                # What a waived fee left would be used first, and less be charged.
                "use_credit": False,
            },
            "action_cancel",
        )
        fees = self.session.call(
            "account.move.line", "search", [("appointment_id", "=", event_id)]
        )
        self.shared.was_cancelled(event_id, fees, charged)

    def edit(self):
        line, _move = self._fee()
        amount = self.choice((25.0, 50.0, 75.0, 100.0))
        values = {"line_id": line, "amount": amount, "reason": "Load"}
        self._dialog("account.move.line.edit.fee", values, "action_save")

    def waive(self):
        line, _move = self._fee()
        [reason] = self.session.call("noshow.waiver.reason", "search", [], limit=1)
        values = {"line_ids": [(6, 0, [line])], "reason_id": reason}
        self._dialog("account.move.line.waive.fee", values, "action_waive")

    def charge(self):
        line, _move = self._fee()
        values = {"line_id": line, "use_credit": False}
        self._dialog("account.move.line.charge", values, "action_charge")
        with self.shared.lock:
            self.shared.charges += 1

    def pay(self):
        """Odoo's own dialog; all of it, or a part."""
        _line, move = self._fee()
        self._dialog(
            "account.payment.register",
            self.choice(({}, {"amount": 10.0, "custom_user_amount": 10.0})),
            "action_create_payments",
            active_model="account.move",
            active_ids=[move],
        )


class Watch(threading.Thread):
    """How long each fee says that its card is being charged, seen from outside."""

    def __init__(self, bench, database):
        super().__init__()
        self.books = Books(bench, database)
        self.since, self.seconds = {}, []
        self.stopped = threading.Event()

    def run(self):
        while not self.stopped.wait(0.25):
            now = time.monotonic()
            rows = self.books.sql(
                "SELECT id FROM account_move_line WHERE fee_state = 'charging'"
            )
            charging = {id_ for [id_] in rows}
            for id_ in self.since.keys() - charging:
                self.seconds.append(now - self.since.pop(id_))
            for id_ in charging - self.since.keys():
                self.since[id_] = now

    def stop(self):
        self.stopped.set()
        self.join()
        self.books.close()


def settle(books, admin):
    """Run the jobs until no money is on its way."""
    waiting = (
        "state IN ('draft', 'pending') OR state = 'done' AND NOT is_post_processed"
    )
    [[job]] = books.sql(
        "SELECT res_id FROM ir_model_data WHERE name = 'ir_cron_charge'"
    )
    end = time.monotonic() + 60
    while books.count("payment_transaction", waiting):
        assert time.monotonic() < end, "Charges did not settle"
        admin.call("ir.cron", "method_direct_trigger", [job])


def assert_fees_are_right(books, admin):
    """What Odoo says of each fee is what the ledger's rows say."""
    rows = books.sql(
        """
        SELECT fee.id, fee.price_total::float, move.amount_residual::float,
               COALESCE((SELECT SUM(line.price_total) FROM account_move note
                           JOIN account_move_line line ON line.move_id = note.id
                          WHERE note.reversed_entry_id = move.id
                            AND line.appointment_id = fee.appointment_id), 0)::float,
               COALESCE((SELECT SUM(part.amount) FROM account_partial_reconcile part
                           JOIN account_move_line term ON term.id = part.debit_move_id
                           JOIN account_move_line other
                                ON other.id = part.credit_move_id
                           JOIN account_move against ON against.id = other.move_id
                          WHERE term.move_id = move.id AND against.reversed_entry_id
                                IS DISTINCT FROM move.id), 0)::float
          FROM account_move_line fee JOIN account_move move ON move.id = fee.move_id
         WHERE fee.is_noshow_fee
        """
    )
    names = ["fee_state", "fee_amount", "fee_received", "fee_open"]
    said = {
        fee["id"]: tuple(fee[name] for name in names)
        for fee in admin.call(
            "account.move.line", "read", [row[0] for row in rows], names
        )
    }
    for id_, total, residual, credited, money in rows:
        owed = total - credited
        if not owed:
            state = "waived"
        elif not residual:
            state = "paid"
        else:
            state = "partial" if money else "open"
        expected = (state, owed, min(money, total), min(residual, owed))
        assert said[id_] == pytest.approx(expected), (id_, said[id_], expected)


def assert_log_is_clean(database):
    """No traceback and no error but of requests that Odoo has repeated."""
    text = (LOG_DIR / f"{database}.log").read_text()
    records = re.split(r"^(?=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)", text, flags=re.MULTILINE)
    bad = [
        record
        for record in records
        if ("Traceback" in record or re.search(r" (ERROR|CRITICAL) ", record[:80]))
        and not REPEATED.search(record)
    ]
    assert not bad, "".join(bad[:3])
    # Booking repeats itself.
    given_up = [record for record in records if "booking failed with" in record]
    assert not given_up, "".join(given_up[:3])
    return sum("tries left, try again" in record for record in records)


def test_two_servers_on_one_database(books, bench, database, start_odoo, capsys):
    ports = [start_odoo("--max-cron-threads=1")[0] for _server in range(2)]
    admin = Session(ports[0], database, "admin", "admin")
    sessions = [
        Session(ports[n % 2], database, f"biller{n}", f"biller{n}")
        for n in range(2 * PEOPLE)
    ]
    shared = Shared(books)
    end = time.monotonic() + SECONDS
    people = [Person(n, session, shared, end) for n, session in enumerate(sessions)]
    watch = Watch(bench, database)
    for thread in [watch, *people]:
        thread.start()
    for person in people:
        person.join()
    settle(books, admin)
    watch.stop()

    assert not shared.faults
    for act in ("cancel", "edit", "waive", "charge", "pay"):
        assert shared.answers[act, "done"], f"Not one {act}"
    # Not one fee lost, not one too many: each answer has its appointment, and each
    # appointment its fee.
    assert len(shared.cancelled) == len(set(shared.cancelled))
    with_a_fee = books.sql(
        "SELECT appointment_id, COUNT(*) FROM account_move_line WHERE is_noshow_fee"
        " AND parent_state = 'posted' AND appointment_id = ANY(%s)"
        " GROUP BY appointment_id",
        [shared.cancelled],
    )
    assert dict(with_a_fee) == dict.fromkeys(shared.cancelled, 1)
    assert books.count("calendar_event", "visit_state = 'no_show'") == 40 + len(
        shared.cancelled
    )
    # One charge for each that was answered, and what was not charged says why.
    assert books.count("payment_transaction") == shared.charges
    assert not books.count("payment_transaction", "state NOT IN ('done', 'error')")
    books.check()
    assert_fees_are_right(books, admin)
    repeated = assert_log_is_clean(database)
    [[deadlocks]] = books.sql(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )
    with capsys.disabled():
        report(shared, repeated, sorted(watch.seconds), deadlocks)
    assert not deadlocks


def report(shared, repeated, charging, deadlocks):
    """Print what was done, and how long people waited."""
    total = sum(map(len, shared.answers.values()))
    print(  # noqa: T201
        f"\n    {total} operations in {SECONDS} s by {2 * PEOPLE} people at two servers"
        f"; {repeated} requests were repeated by Odoo, {deadlocks} deadlocks"
    )
    if charging:
        late = charging[int(len(charging) * 0.95)]
        print(  # noqa: T201
            f"    {len(charging)} fees said “charging”: median"
            f" {statistics.median(charging):.2f} s, 95 % {late:.2f} s, longest"
            f" {charging[-1]:.2f} s"
        )
    for (act, answer), seconds in sorted(shared.answers.items()):
        ordered = sorted(seconds)
        print(  # noqa: T201
            f"    {act:7} {answer:8} {len(ordered):5}"
            f"   median {statistics.median(ordered):5.2f} s"
            f"   95 % {ordered[int(len(ordered) * 0.95)]:5.2f} s"
            f"   longest {ordered[-1]:5.2f} s"
        )
