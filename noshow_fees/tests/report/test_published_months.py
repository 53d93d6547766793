"""What a month whose books are closed has said, it says for good."""

from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from ..common import PracticeCommon

MEASURES = ("charged", "waived", "revenue", "fee_count", "missed_count")


@tagged("post_install", "-at_install")
class TestPublishedMonths(PracticeCommon):
    def setUp(self):
        super().setUp()
        with freeze_time("2025-10-10 16:00"):
            self.events = self.env["calendar.event"].union(
                *(
                    self._new_appointment(
                        client, start=datetime.now() - timedelta(hours=2)
                    )
                    for client in (self.client_1, self.client_2, self.client_3)
                )
            )
            for event in self.events:
                self._cancel(event, visit_state="no_show")
            free = self._new_appointment(start=datetime.now() - timedelta(hours=1))
            self._cancel(free, visit_state="no_show", product_id=False)
        self.company.fiscalyear_lock_date = "2025-10-31"
        self.october = self._sums("2025-10-01", "2025-10-31")

    def _fee(self, number):
        lines = self.events[number].fee_line_ids.filtered("is_noshow_fee")
        return lines.with_user(self.biller)

    def _sums(self, first, last):
        self.env.flush_all()
        [sums] = (
            self.env["noshow.fee.report"]
            .with_user(self.accountant)
            ._read_group(
                [("date", ">=", first), ("date", "<=", last)],
                [],
                [f"{name}:sum" for name in MEASURES],
            )
        )
        return dict(zip(MEASURES, sums, strict=True))

    def _restore(self, number):
        self.env["calendar.event.restore"].with_user(self.biller).create(
            {"event_ids": [Command.set(self.events[number].ids)]}
        ).action_restore()

    def assertOctoberStays(self, **november):
        """And November has what was done in it; both together are what is true now."""
        self.assertEqual(self._sums("2025-10-01", "2025-10-31"), self.october)
        sums = self._sums("2025-11-01", "2025-11-30")
        self.assertEqual({name: sums[name] or 0 for name in november}, november)
        total = self._sums("2025-10-01", "2025-11-30")
        fees = self.events.fee_line_ids.filtered("is_noshow_fee")
        self.assertEqual(total["fee_count"], len(fees))
        missed = self.env["calendar.event"].with_context(active_test=False)
        self.assertEqual(
            total["missed_count"],
            missed.search_count(
                [("counts_as_missed", "=", True), ("company_id", "=", self.company.id)]
            ),
        )

    def test_october(self):
        self.assertEqual(
            self.october,
            {
                "charged": 225.0,
                "waived": 0.0,
                "revenue": 225.0,
                "fee_count": 3,
                "missed_count": 4,
            },
        )

    @freeze_time("2025-11-05 16:00")
    def test_billed_anew(self):
        self._fee(0)._change_fee(self.code_noshow, 50.0, "Agreed")
        self.assertOctoberStays(
            charged=-25.0, revenue=-25.0, fee_count=0, missed_count=0
        )
        rows = dict(
            self.env["noshow.fee.report"]
            .with_user(self.accountant)
            ._read_group([], ["date:month"], ["fee_rate:avg"])
        )
        self.assertEqual(list(rows.values()), [0.75, False])
        # Once more, and then not at all.
        self._fee(0)._change_fee(self.code_noshow, 60.0, "Agreed")
        self.assertOctoberStays(charged=-15.0, fee_count=0, missed_count=0)
        self._restore(0)
        self.assertOctoberStays(
            charged=-15.0, waived=60.0, fee_count=-1, missed_count=-1
        )

    @freeze_time("2025-11-05 16:00")
    def test_waived(self):
        self._fee(0)._waive("Goodwill")
        self.assertOctoberStays(waived=75.0, fee_count=0, missed_count=0)
        self._fee(1)._waive("Our mistake", still_counts=False)
        self.assertOctoberStays(waived=150.0, fee_count=0, missed_count=-1)

    @freeze_time("2025-11-05 16:00")
    def test_restored(self):
        self._restore(0)
        self.assertOctoberStays(waived=75.0, fee_count=-1, missed_count=-1)
        self._cancel(self.events[0], visit_state="late_cancelled")
        self.assertOctoberStays(fee_count=0, missed_count=0)

    @freeze_time("2025-11-05 16:00")
    def test_waived_and_restored(self):
        """The credit note is the waiver's: the restore has a row of its own."""
        self._fee(0)._waive("Goodwill")
        self._restore(0)
        self.assertOctoberStays(waived=75.0, fee_count=-1, missed_count=-1)
        self._fee(1)._waive("Our mistake", still_counts=False)
        self._restore(1)
        self.assertOctoberStays(waived=150.0, fee_count=-2, missed_count=-2)
        report = self.env["noshow.fee.report"].with_user(self.accountant)
        for row in report.search([("fee_count", "=", -1)]):
            self.assertTrue(row.action_open_fee()["res_id"])

    @freeze_time("2025-11-05 16:00")
    def test_written_off(self):
        self._fee(0)._write_off(self.company_data["default_account_expense"], "Lost")
        self.assertOctoberStays(revenue=0.0, fee_count=0, missed_count=0)

    @freeze_time("2025-11-05 16:00")
    def test_a_fee_of_nothing(self):
        """Its lines have no balance: what they are is not told by their sign."""
        self.company.fiscalyear_lock_date = False
        with freeze_time("2025-10-12 16:00"):
            event = self._new_appointment(start=datetime(2025, 10, 12, 14))
            self._cancel(event, self.biller, visit_state="no_show", amount=0.0)
        self.events += event
        self.company.fiscalyear_lock_date = "2025-10-31"
        self.october = self._sums("2025-10-01", "2025-10-31")
        self.assertEqual(self.october["fee_count"], 4)
        self._fee(3)._change_fee(self.code_noshow, 20.0, "Agreed")
        self.assertOctoberStays(charged=20.0, fee_count=0, missed_count=0)
        self._restore(3)
        self.assertOctoberStays(fee_count=-1, missed_count=-1)
