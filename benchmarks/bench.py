"""What ``./dev bench`` measures, run in Odoo's shell: the addon and stock Odoo in turn.

Every measurement is rolled back, and includes what Odoo does just before a commit.
"""

import statistics
import sys
import time
from datetime import timedelta
from pathlib import Path

from odoo import Command, fields
from odoo.exceptions import UserError

from .desk import Desk
from .indexes import count_uses, find_unused
from .month_end import STOCK_INVOICE, STOCK_PAYMENT, MonthEnd
from .practice import Practice
from .record_screens import RecordScreens
from .screens import Screens

TIMES = 5
#: Queries of a bare invoice, created and posted: other figures say that the database is
#: not as a practice's (numbers that do not follow one another, say).
BARE_INVOICE = range(69, 80)
SERIES = 260
FEE = [
    "date_of_service",
    "client_id",
    "move_name",
    "fee_amount",
    "fee_received",
    "fee_open",
    "fee_state",
]
CHARGE = ["reference", "amount", "processing_fee", "net_amount", "payout_reference"]
FIRST_MEASURES = [
    *(f"{name}:sum" for name in ("charged", "waived", "revenue", "open_amount")),
    "missed_count:sum",
    "fee_rate:avg",
]


def write(line):
    sys.stdout.write(f"NOSHOW-BENCH {line}\n")
    sys.stdout.flush()


def specification(names):
    return {name: {} for name in names}


class Bench(Screens, RecordScreens, MonthEnd, Desk):
    """:param env: of a database that `load` has filled
    :param int batch: no-shows at once"""

    def __init__(self, env, batch):
        self.env, self.batch = env, batch
        self.practice = Practice(env)
        write(self.practice.said)
        self.as_biller = env(user=self.practice.biller.id)
        self.as_owner = env(user=self.practice.owner.id)
        self.code = env.ref("noshow_fees.product_noshow")
        now = fields.Datetime.now().replace(minute=0, second=0, microsecond=0)
        self.later = now + timedelta(days=3)
        env.cr.execute("SELECT pg_backend_pid()")
        [self.backend] = env.cr.fetchone()
        # A no-show is one from its start on.
        self.earlier = now - timedelta(days=1)

    def run(self):
        before = count_uses(self.env)
        self.check_itself()
        self.measure_cancelling()
        self.measure_desk()
        self.measure_two_at_once()
        self.measure_series()
        self.measure_reading()
        self.measure_weeks()
        self.measure_screens()
        self.measure_records()
        self.measure_reports()
        self.measure_month_end()
        unused = ", ".join(find_unused(self.env, before)) or "none"
        write(f"Indexes that nothing here has used: {unused}.")

    # The stopwatch ------------------------------------------------------------

    def _measure(self, prepare, act):
        """:return: (milliseconds, milliseconds of processors, queries) of one run,
        after which nothing is left"""
        cr = self.env.cr
        savepoint = cr.savepoint()
        try:
            prepared = prepare()
            cr.flush()
            self.env.invalidate_all()
            queries, cpu, start = (
                cr.sql_log_count,
                self._get_cpu(),
                time.perf_counter(),
            )
            act(prepared)
            cr.flush()
            return (
                (time.perf_counter() - start) * 1000,
                (self._get_cpu() - cpu) * 1000,
                cr.sql_log_count - queries,
            )
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()

    def _get_cpu(self):
        """Seconds of processors that this and the database's process have used: others
        may be at work on the machine, too."""
        try:
            [used, *_rest] = Path(f"/proc/{self.backend}/schedstat").read_text().split()
        except FileNotFoundError:  # a server elsewhere
            used = 0
        return time.process_time() + int(used) / 1e9

    def _compare(self, title, prepare, times=None, **ways):
        """Run the ways in turn, after one run of each that is not counted.

        :param title: of the row, or a function that is asked for it at the end
        :return: `{way: (ms, ms of processors, queries)}`, medians
        """
        results = {name: [] for name in ways}
        for turn in range((times or TIMES) + 1):
            for name, act in ways.items():
                result = self._measure(prepare, act)
                if turn:
                    results[name].append(result)
        medians = {
            name: [statistics.median(column) for column in zip(*runs, strict=True)]
            for name, runs in results.items()
        }
        cells = [
            "{:,.0f} ms ({:,.0f}), {:,.0f} q".format(*medians[name])
            if name in medians
            else "–"
            for name in ("stock", "addon", "floor")
        ]
        ratio = "–"
        if "stock" in medians:
            ratio = f"{medians['addon'][1] / (medians['stock'][1] or 1):.2f}"
        title = title if isinstance(title, str) else title()
        write(f"| {title} | {' | '.join(cells)} | {ratio} |")
        return medians

    # Whether it is valid --------------------------------------------------------

    def check_itself(self):
        """A bare invoice costs what it costs, today and as the first of a new year."""
        today = self.env.company._get_practice_today()
        for title, day in (
            ("today", today),
            ("of a new year", today.replace(year=today.year + 1, month=1, day=1)),
        ):
            runs = [
                self._measure(dict, lambda _nothing, day=day: self._invoice(None, day))
                for _turn in range(3)
            ]
            queries = runs[-1][2]
            if queries not in BARE_INVOICE:
                write(
                    f"NOT VALID: a bare invoice {title} takes {queries} queries, not"
                    f" {BARE_INVOICE[0]} to {BARE_INVOICE[-1]}."
                )

    # Cancelling ---------------------------------------------------------------

    def _new_appointment(self):
        return self.practice.new_appointment(self.earlier).with_env(self.as_biller)

    def _new_appointments(self):
        events = self.practice.new_appointments(
            [self.earlier - timedelta(hours=n) for n in range(self.batch)]
        )
        return events.with_env(self.as_biller)

    def _cancel(self, events):
        fees = {event.id: {"product": self.code, "amount": 75.0} for event in events}
        events._cancel_appointments("no_show", reason="Ill", fees=fees)

    def _invoice(self, _event, day=None, count=1):
        moves = self.as_biller["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": self.practice.client.id,
                    "invoice_date": day or self.env.company._get_practice_today(),
                    "invoice_line_ids": [
                        Command.create({"product_id": self.code.id, "price_unit": 75.0})
                    ],
                }
                for _number in range(count)
            ]
        )
        moves.action_post()

    def _in_batch(self, events):
        """The quickest that stock offers for many."""
        events._message_log_batch(bodies=dict.fromkeys(events.ids, "No-show"))
        events.action_archive()
        self._invoice(events, count=len(events))

    def _by_hand(self, events):
        """What stock offers for the same result, an appointment at a time."""
        for event in events:
            event.message_post(body="No-show")
            event.action_archive()
            self._invoice(event)
            self.env.cr.flush()

    def measure_cancelling(self):
        self._compare(
            "a no-show with its fee; stock: a bare invoice, created and posted",
            self._new_appointment,
            stock=self._invoice,
            addon=self._cancel,
        )
        self._compare(
            "the same; stock: a note, archived, invoiced",
            self._new_appointment,
            stock=self._by_hand,
            addon=self._cancel,
        )
        self._compare(
            f"{self.batch} no-shows at once; stock: in one batch",
            self._new_appointments,
            stock=self._in_batch,
            addon=self._cancel,
        )
        self._compare(
            f"{self.batch} no-shows at once; stock: one by one",
            self._new_appointments,
            times=2,  # it takes long
            stock=self._by_hand,
            addon=self._cancel,
        )

    def measure_two_at_once(self):
        """How soon the second is told who cancels what the first has not committed."""
        event = self._new_appointment()
        self.env.cr.commit()
        results = []
        for turn in range(TIMES + 1):
            with self.env.registry.cursor() as one, self.env.registry.cursor() as two:
                self._cancel(event.with_env(event.env(cr=one)))
                one.flush()
                loser = event.with_env(event.env(cr=two))
                queries, start = two.sql_log_count, time.perf_counter()
                try:
                    self._cancel(loser)
                except UserError:
                    seconds = time.perf_counter() - start
                else:
                    raise AssertionError("Both cancelled it.")
                if turn:
                    results.append((seconds * 1000, two.sql_log_count - queries))
                one.rollback()
                two.rollback()
        milliseconds, queries = map(statistics.median, zip(*results, strict=True))
        write(
            "| two cancel the same: the second is told | –"
            f" | {milliseconds:,.0f} ms, {queries:,.0f} q | – | – |"
        )

    def _new_series(self):
        first = self.practice.new_appointment(
            self.later,
            recurrency=True,
            rrule_type_ui="weekly",
            interval=1,
            end_type="count",
            count=SERIES,
            **{self.later.strftime("%a").lower(): True},
        )
        return first.recurrence_id.calendar_event_ids.sorted("start")[0]

    def measure_series(self):
        self._compare(
            f"{SERIES} occurrences; stock: archived",
            self._new_series,
            stock=lambda event: event.action_mass_archive("future_events"),
            addon=lambda event: event.with_env(self.as_biller)._cancel_appointments(
                "cancelled", cancel_future=True
            ),
            floor=lambda event: self.env.cr.execute(
                "UPDATE calendar_event SET active = false WHERE recurrence_id = %s",
                [event.recurrence_id.id],
            ),
        )

    # Reading ------------------------------------------------------------------

    def _read(self, model, domain, names, **options):
        return lambda _nothing: self.as_biller[model].web_search_read(
            domain, specification(names), **options
        )

    def measure_reading(self):
        self._compare(
            "80 fees with their state; stock: 80 invoices",
            dict,
            stock=self._read(
                "account.move",
                [("move_type", "=", "out_invoice")],
                STOCK_INVOICE,
                limit=80,
            ),
            addon=self._read(
                "account.move.line", [("is_noshow_fee", "=", True)], FEE, limit=80
            ),
        )

        charged = [("fee_line_id", "!=", False), ("state", "=", "done")]
        self._compare(
            "80 card charges with their payout; stock: 80 payments",
            dict,
            stock=self._read("account.payment", [], STOCK_PAYMENT, limit=80),
            addon=self._read(
                "payment.transaction",
                charged,
                [*CHARGE, "payment_id", "last_state_change"],
                limit=80,
                order="last_state_change desc, id desc",
            ),
        )

    # Reports ------------------------------------------------------------------

    def _sum(self, model, groupby, measures, domain):
        return lambda _nothing: self.as_biller[model].formatted_read_group(
            domain, groupby, measures
        )

    def _compare_report(self, title, measures, groupby=None, domain=(), months=None):
        """Beside stock's invoice analysis by month and salesperson on the same rows."""
        stock_domain, domain = [("move_type", "=", "out_invoice")], list(domain)
        if months:
            first, end = months
            domain += [("date", ">=", first), ("date", "<", end)]
            stock_domain += [
                ("invoice_date", ">=", first),
                ("invoice_date", "<", end),
            ]
        self._compare(
            title,
            dict,
            stock=self._sum(
                "account.invoice.report",
                ["invoice_date:month", "invoice_user_id"],
                ["price_subtotal:sum"],
                stock_domain,
            ),
            addon=self._sum(
                "noshow.fee.report",
                groupby or ["date:month", "provider_id"],
                measures,
                domain,
            ),
        )

    def measure_reports(self):
        first = (self.practice.start + timedelta(days=40)).date().replace(day=1)
        months = (first, (first + timedelta(days=32)).replace(day=1))
        others = ("collected", "refunded", "processing_fee", "fee_count")
        everything = [*FIRST_MEASURES, *(f"{name}:sum" for name in others)]
        report = self._compare_report
        report("fees by month and provider: revenue", ["revenue:sum"])
        report("the same: the measures shown first", FIRST_MEASURES)
        report("the same: all measures", everything)
        report("one month by provider: revenue", ["revenue:sum"], months=months)
        report("the same: the measures shown first", FIRST_MEASURES, months=months)
        report("the same: all measures", everything, months=months)
        self._compare(
            "card charges by payout; stock: payments by day",
            dict,
            stock=self._sum("account.payment", ["date:day"], ["amount:sum"], []),
            addon=self._sum(
                "payment.transaction",
                ["payout_reference"],
                ["amount:sum", "processing_fee:sum", "net_amount:sum"],
                [("fee_line_id", "!=", False), ("state", "=", "done")],
            ),
        )
        report("fees by state", ["fee_count:sum"], ["fee_state"])
        report(
            "ageing of open fees",
            ["open_amount:sum"],
            ["age"],
            [("open_amount", "!=", 0)],
        )
