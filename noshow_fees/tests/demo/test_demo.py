"""The demonstration practice: whole, plausible, and right in the books."""

from datetime import date, timedelta
from itertools import pairwise

from odoo import fields
from odoo.modules.module import Manifest
from odoo.tests import TransactionCase, tagged
from odoo.tools import convert_file

from ...const import FEE_STATES
from ...models.demo.res_company import working_week


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.env.ref("noshow_fees.demo_company", raise_if_not_found=False):
            for path in Manifest.for_addon("noshow_fees")["demo"]:
                convert_file(cls.env, "noshow_fees", path, {}, noupdate=True)
        cls.env["res.company"]._noshow_load_demo()
        cls.practice = cls.env.ref("noshow_fees.demo_company")
        cls.env = cls.env(context={"allowed_company_ids": cls.practice.ids})
        cls.appointments = (
            cls.env["calendar.event"]
            .with_context(active_test=False)
            .search([("company_id", "=", cls.practice.id)], order="start")
        )
        cls.fees = cls.appointments.fee_line_ids.filtered("is_noshow_fee")

    def _send_charges(self):
        """Send the prepared charges, as the commit of `./dev run` does."""
        with self.enter_registry_test_mode():
            for charge in self.fees.move_id.transaction_ids:
                charge._send_charge()

    def test_second_call_does_nothing(self):
        self.env["res.company"]._noshow_load_demo()
        again = self.appointments.search_count([("company_id", "=", self.practice.id)])
        self.assertEqual(again, len(self.appointments))

    def test_a_day_begins_for_each_as_in_a_practice(self):
        for login, screen in (
            ("frontdesk", "schedule"),
            ("therapist", "schedule"),
            ("biller", "dashboard"),
            ("manager", "dashboard"),
            ("owner", "dashboard"),
        ):
            user = self.env["res.users"].search([("login", "=", login)])
            action = self.env.ref(f"noshow_fees.calendar_event_action_{screen}")
            self.assertEqual(user.action_id.id, action.id, login)

    def test_fees_in_every_state(self):
        # The demonstration's provider knows no disputes.
        live = {state for state, _label in FEE_STATES} - {"none", "disputed"}
        self.assertEqual(set(self.fees.mapped("fee_state")), live)
        self._send_charges()
        outcomes = self.fees.move_id.transaction_ids.mapped("state")
        self.assertEqual(set(outcomes), {"done", "error", "pending"})
        # A declined fee stays open, a paid one is matched with the payment.
        states = {
            fee.move_id.transaction_ids.state: fee.fee_state
            for fee in self.fees.filtered("move_id.transaction_ids")
        }
        self.assertEqual(
            states, {"done": "paid", "error": "open", "pending": "charging"}
        )

    def test_books_are_right(self):
        self._send_charges()
        moves = self.env["account.move"].search([("company_id", "=", self.practice.id)])
        self.assertEqual(set(moves.mapped("state")), {"posted"})
        for fee in self.fees:
            self.assertEqual(fee.price_subtotal, -fee.balance)
        receivable = self.env["account.account"].search(
            [("account_type", "=", "asset_receivable")]
        )
        lines = moves.line_ids.filtered(lambda line: line.account_id in receivable)
        owed = sum(self.fees.mapped("fee_open"))
        self.assertAlmostEqual(sum(lines.mapped("balance")), owed)
        self.assertGreater(owed, 0)

    def test_last_month_has_cash(self):
        """In by every way, and out; tied to the card's charges and to the journals of
        the ledger."""
        first = self.practice._get_practice_today().replace(day=1)
        last = first - timedelta(days=1)
        month = [("date", ">=", last.replace(day=1)), ("date", "<=", last)]
        accountant = self.env.ref("noshow_fees.demo_user_accountant")
        report = self.env["noshow.cash.report"].with_user(accountant)
        for_fees = report._read_group(
            [("is_fee", "=", True), *month],
            ["way"],
            ["money_in:sum", "money_out:sum"],
        )
        ways = {
            way: (bool(money_in), bool(money_out))
            for way, money_in, money_out in for_fees
        }
        self.assertEqual(
            ways, {"card": (True, False), "cash": (True, True), "bank": (True, False)}
        )
        charges = self.env["payment.transaction"].search(
            [
                ("fee_line_id", "in", self.appointments.fee_line_ids.ids),
                ("state", "=", "done"),
                ("last_state_change", "<", first),
            ]
        )
        card = report._read_group(
            [("way", "=", "card"), *month], [], ["money_in:sum", "__count"]
        )
        self.assertEqual(card, [(sum(charges.mapped("amount")), len(charges))])
        moved = self.env["account.move.line"]._read_group(
            [
                *month,
                ("journal_id.type", "in", ("bank", "cash")),
                ("account_id.account_type", "!=", "asset_receivable"),
            ],
            ["journal_id"],
            ["balance:sum"],
        )
        self.assertEqual(len(moved), 2)
        cash = report._read_group(month, ["journal_id"], ["amount:sum"])
        self.assertEqual(dict(cash), dict(moved))

    def test_fees_are_dated_the_day_of_the_cancellation(self):
        for fee in self.fees:
            appointment = fee.appointment_id
            day = appointment._get_practice_day(appointment.cancelled_on)
            self.assertEqual(fee.move_id.invoice_date, day)
            self.assertEqual(fee.move_id.date, day)
            self.assertLessEqual(day, self.practice._get_practice_today())
        self.assertGreater(len(set(self.fees.mapped("invoice_date"))), 5)

    def test_the_week_is_plausible(self):
        """In working hours, nobody in two places, something today."""
        zone = self.practice._get_practice_tz()
        therapists = self.appointments.user_id
        self.assertEqual(len(therapists), 5)
        for event in self.appointments:
            start = fields.Datetime.context_timestamp(
                event.with_context(tz=zone.key), event.start
            )
            self.assertIn(start.hour, (8, 9, 10, 11, 13, 14, 15, 16, 17))
            self.assertEqual(start.minute, 0)
            self.assertEqual(event.name, event.client_id.name)
        for events in self.appointments.grouped("user_id").values():
            for event, following in pairwise(events):
                self.assertLessEqual(event.stop, following.start)
        days = {event._get_date_of_service() for event in self.appointments}
        today = self.practice._get_practice_today()
        self.assertIn(today, days)
        self.assertLessEqual(min(days), today - timedelta(weeks=3))
        self.assertGreaterEqual(max(days), today + timedelta(weeks=2))

    def test_there_is_something_to_see_on_any_day(self):
        monday = date(2026, 3, 2)
        for day in range(7):
            week = working_week(monday + timedelta(days=day))
            self.assertEqual(len(week), 5)
            self.assertIn(day, week)
        self.assertEqual(set(working_week(monday)), {0, 1, 2, 3, 4})

    def test_series_go_on(self):
        future = self.appointments.filtered(
            lambda event: (
                event.start > fields.Datetime.now() and event.visit_state == "scheduled"
            )
        )
        self.assertTrue(all(event.recurrence_id for event in future))
        called_off = self.appointments.filtered(
            lambda event: event.cancel_initiator in ("practice", "provider")
        )
        self.assertTrue(called_off)
        self.assertFalse(called_off.filtered("counts_as_missed"))

    def test_worklist_is_a_handful(self):
        unmarked = self.appointments.filtered(
            lambda event: (
                event.stop < fields.Datetime.now() and event.visit_state == "scheduled"
            )
        )
        self.assertEqual(len(unmarked), 5)

    def test_cards(self):
        clients = self.appointments.client_id
        self.assertEqual(len(clients), 40)
        cards = self.env["payment.token"]._get_chargeable(self.practice, clients)
        chargeable = [client for client in clients if cards[client]]
        self.assertEqual(len(chargeable), 18)
        child = self.env.ref("noshow_fees.demo_client_03")
        self.assertEqual(cards[child].partner_id, child.payer_id)

    def test_nobody_is_told(self):
        mails = self.env["mail.mail"].search([("model", "=", "calendar.event")])
        self.assertFalse(mails)

    def test_charts_are_signed_by_the_therapist(self):
        entries = self.env["noshow.chart.entry"].search(
            [("company_id", "=", self.practice.id)]
        )
        self.assertGreaterEqual(len(entries), 10)
        addenda = entries.filtered("parent_id")
        self.assertTrue(addenda)
        for entry in entries:
            appointment = (entry.parent_id or entry).appointment_id
            self.assertEqual(entry.author_id, appointment.user_id)
