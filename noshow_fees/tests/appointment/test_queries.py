"""Query counts: measured, so that nobody loses them unseen. Marks of stock Odoo: the
bare invoice of one line 75 to 93 queries, two hundred in its best batch 4.5 each."""

from contextlib import ExitStack
from unittest.mock import patch

from lxml import etree

from odoo.service.model import call_kw
from odoo.tests import tagged

from ...models.fee.account_analytic_distribution_model import (
    AccountAnalyticDistributionModel as DistributionModel,
)
from ...models.fee.account_move import AccountMove as FeeMove
from ...models.fee.account_move_line_bill import AccountMoveLine as FeeLine
from ..common import PracticeCommon

#: What differs between two invoices of the same: keys of rows, and secrets.
NEW_EACH_TIME = {"id", "move_id", "access_token", "matching_number", "fee_change_ids"}


@tagged("post_install", "-at_install")
class TestQueries(PracticeCommon):
    def _count(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def _fees(self, events):
        return {
            event.id: {"product": self.code_noshow, "amount": 75.0} for event in events
        }

    def test_one_cancellation_with_a_fee(self):
        self._cancel(self._new_appointment(self.client_2), visit_state="no_show")
        self._let_begin(self.appointment)
        event = self.appointment.with_user(self.frontdesk)
        count = self._count(
            lambda: event._cancel_appointments("no_show", fees=self._fees(event))
        )
        self.assertQueries(count, 70)

    def test_desk_from_click_to_result(self):
        """What the browser asks for from *Cancel* to the page that says what happened,
        views apart, which it keeps."""
        self._cancel(self._new_appointment(self.client_2), visit_state="no_show")
        self._let_begin(self.appointment)
        total = 0

        def ask(model, method, *args, **kwargs):
            nonlocal total
            answers = []
            env = self.env(user=self.frontdesk)
            total += self._count(
                lambda: answers.append(call_kw(env[model], method, args, kwargs))
            )
            return answers.pop()

        def specification(view):
            found = self.env["calendar.event.cancel"].get_views([view])
            arch = etree.fromstring(found["views"]["form"]["arch"])
            names = arch.xpath("//field[not(ancestor::field)]/@name")
            return {name: {} for name in names}

        ids = self.appointment.ids
        page = ask("calendar.event", "action_open_cancel", ids)
        names = specification((False, "form"))
        model, context = "calendar.event.cancel", page["context"]
        values = ask(model, "onchange", [], {}, [], names, context=context)["value"]
        chosen = ("visit_state", "product_id", "amount", "opening", "cancel_initiator")
        vals = {name: values[name] for name in chosen}
        vals |= {"event_ids": [(4, ids[0])], "reason": "Ill"}
        result = ask(model, "web_cancel", [], vals, context=context)
        names = specification(result["views"][0])
        [shown] = ask(model, "web_read", [result["res_id"]], names)
        self.assertIn("NOSHOW", shown["result"])
        self.assertTrue(self.appointment.fee_line_ids)
        self.assertQueries(total, 136)

    def test_two_hundred_in_one_call(self):
        self._cancel(self._new_appointment(self.client_2), visit_state="no_show")
        clients = self.env["res.partner"].create(
            [{"name": f"Client {n}", "is_client": True} for n in range(200)]
        )
        events = self.env["calendar.event"].union(
            *(self._new_appointment(client) for client in clients)
        )
        self._let_begin(events)
        events = events.with_user(self.frontdesk)
        count = self._count(
            lambda: events._cancel_appointments(
                "no_show", fees=self._fees(events), chart_note="<p>Did not come.</p>"
            )
        )
        self.assertQueries(count, 100, invoices=200)

    def _read_rows(self, events):
        """What the invoices of these appointments are in the books, by client."""
        rows = {}
        for move in events.fee_line_ids.move_id:
            for records in (move, move.line_ids.sorted("display_type")):
                rows.setdefault(move.partner_id, []).extend(
                    {
                        name: value
                        for name, value in record.read(load=None)[0].items()
                        if record._fields[name].store
                        and record._fields[name].type not in ("one2many", "datetime")
                        and name not in NEW_EACH_TIME
                    }
                    for record in records
                )
        return rows

    def _read_rows_twice(self, events, fees):
        """:return: the rows of these fees by us, and with what Odoo does by itself"""
        rows = []
        stock = (
            patch.object(
                FeeMove,
                "_get_next_sequence_format",
                lambda move: super(FeeMove, move)._get_next_sequence_format(),
            ),
            patch.object(
                DistributionModel, "_in_batch", lambda _self, records: records
            ),
            patch.object(FeeLine, "_prepare_booked_vals", lambda *_args: {}),
        )
        for patches in ((), stock):
            with ExitStack() as stack, self.env.cr.savepoint() as savepoint:
                for one in patches:
                    stack.enter_context(one)
                events._cancel_appointments("no_show", fees=fees)
                self.env.flush_all()
                rows.append(self._read_rows(events))
                savepoint.close(rollback=True)
            self.env.invalidate_all()
        return rows

    def test_a_batch_writes_the_rows_of_stock(self):
        """Numbers and analytic distributions are found with fewer queries in a batch;
        what is written is what Odoo writes by itself."""
        plan = self.env["account.analytic.plan"].create({"name": "Providers"})
        accounts = self.env["account.analytic.account"].create(
            [{"name": name, "plan_id": plan.id} for name in ("A", "B")]
        )
        category = self.env["res.partner.category"].create({"name": "Plan A"})
        self.client_2.category_id = category
        self.env["account.analytic.distribution.model"].create(
            [
                {
                    "partner_category_id": category.id,
                    "analytic_distribution": {accounts[0].id: 100},
                },
                {
                    "provider_id": self.financial.id,
                    "account_prefix": "4",
                    "analytic_distribution": {accounts[1].id: 100},
                },
            ]
        )
        events = (
            self._new_appointment(self.client_1)
            + self._new_appointment(self.client_2)
            + self._new_appointment(self.client_3, provider=self.financial)
        )
        self._let_begin(events)
        # Both times from the same numbers.
        self._cancel(self._new_appointment(self.client_1), visit_state="no_show")
        rows = self._read_rows_twice(events, self._fees(events))
        self.assertEqual(len(rows[0]), 3)
        distributions = [
            row.get("analytic_distribution")
            for client in rows[0].values()
            for row in client
        ]
        self.assertEqual(sum(map(bool, distributions)), 2)
        self.assertEqual(*rows)

    def test_amounts_are_booked_as_by_stock(self):
        """Without tax the amount is said; with a tax, and with a tag on the code, it is
        Odoo's to find. The rows are the same."""
        tag = self.env["account.account.tag"].create(
            {"name": "Missed", "applicability": "products"}
        )
        tax = self.env["account.tax"].create(
            {"name": "Tax of fees", "amount": 10.0, "company_id": self.company.id}
        )
        tagged_code, taxed_code = self.code_noshow.copy(), self.code_noshow.copy()
        tagged_code.write({"cpt_code": "TAGGED", "account_tag_ids": tag})
        taxed_code.write({"cpt_code": "TAXED", "taxes_id": tax})
        self._cancel(self._new_appointment(self.client_1), visit_state="no_show")
        for code, amount, booked in (
            (self.code_noshow, 75.0, -75.0),
            (self.code_noshow, 33.33, -33.33),
            (tagged_code, 20.0, -20.0),
            (taxed_code, 20.0, -20.0),
        ):
            with self.subTest(code=code.cpt_code, amount=amount):
                events = self._new_appointment(self.client_1)
                events += self._new_appointment(self.client_2)
                self._let_begin(events)
                fees = {
                    event.id: {"product": code, "amount": amount} for event in events
                }
                ours, stock = self._read_rows_twice(events, fees)
                self.assertEqual(ours, stock)
                [row] = [
                    row
                    for row in ours[self.client_1]
                    if row.get("display_type") == "product"
                ]
                self.assertEqual(row["balance"], booked)
                self.assertEqual(bool(row["tax_ids"]), code == taxed_code)
                self.assertEqual(bool(row["tax_tag_ids"]), code == tagged_code)
