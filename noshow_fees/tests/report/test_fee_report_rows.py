"""What the rows of the fee report say, and who may read them."""

from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import PracticeCommon


@tagged("post_install", "-at_install")
class TestFeeReportRows(PracticeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_2 = cls.setup_other_company(
            currency_id=cls.setup_other_currency("EUR").id
        )["company"]
        cls.biller.company_ids += cls.company_2

    def _report(self, user=None):
        return self.env["noshow.fee.report"].with_user(user or self.biller)

    def _sums(self, *measures):
        [sums] = self._report()._read_group(
            [], [], [f"{name}:sum" for name in measures]
        )
        return dict(zip(measures, sums, strict=True))

    # Measures -----------------------------------------------------------------

    def test_a_fee_billed_anew_is_charged_once(self):
        self._cancel(self.appointment, self.biller, visit_state="no_show", amount=75.0)
        fee = self.appointment.fee_line_ids
        self.company.fiscalyear_lock_date = fee.date
        with freeze_time(fee.date + timedelta(days=40)):
            fee.with_user(self.biller)._change_fee(self.code_noshow, 50.0, "Test")
            sums = self._sums("charged", "waived", "revenue", "fee_count")
        self.assertEqual(
            sums, {"charged": 50.0, "waived": 0.0, "revenue": 50.0, "fee_count": 1}
        )

    def test_billed_anew_with_nothing_left_to_credit(self):
        """There is no credit note then: the fee is counted once all the same, and what
        was waived of others stays."""
        self._cancel(self.appointment, self.biller, visit_state="no_show", amount=75.0)
        fee = self.appointment.fee_line_ids.with_user(self.biller)
        other = self._new_appointment(start=self.tomorrow + timedelta(hours=2))
        self._cancel(other, self.biller, visit_state="no_show", amount=60.0)
        other.fee_line_ids.with_user(self.biller)._waive("Test")
        loss = self.env["account.move"].create(
            {
                "move_type": "entry",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": self.company_data[
                                "default_account_expense"
                            ].id,
                            "balance": 75.0,
                        }
                    ),
                    Command.create(
                        {
                            "account_id": self.company_data[
                                "default_account_receivable"
                            ].id,
                            "partner_id": fee.partner_id.id,
                            "balance": -75.0,
                        }
                    ),
                ],
            }
        )
        loss.action_post()
        receivable = fee.sudo().move_id._get_fee_receivable()
        (receivable + loss.line_ids[1]).reconcile()
        fee._change_fee(self.code_noshow, 50.0, "Test")
        change = self.env["noshow.fee.change"].search([("kind", "=", "reissued")])
        self.assertFalse(change.credit_note_id)
        expected = {
            "charged": 185.0,
            "waived": 60.0,
            "written_off": 75.0,
            "fee_count": 2,
            "missed_count": 2,
        }
        self.assertEqual(self._sums(*expected), expected)

    def test_ageing(self):
        self._cancel(self.appointment, self.biller, visit_state="no_show", amount=75.0)
        day = self.appointment.fee_line_ids.date
        for days, age in (
            (0, "0"),
            (30, "0"),
            (31, "31"),
            (60, "31"),
            (61, "61"),
            (90, "61"),
            (91, "91"),
        ):
            # Past noon in the practice's zone.
            with freeze_time(f"{day + timedelta(days=days)} 18:00:00"):
                groups = self._report()._read_group(
                    [("open_amount", "!=", 0)], ["age"], ["open_amount:sum"]
                )
            self.assertEqual(groups, [(age, 75.0)], f"{days} days")

    def test_processing_fee_in_another_currency(self):
        self._cancel(self.appointment, self.biller, visit_state="no_show", amount=75.0)
        fee = self.appointment.fee_line_ids
        self._charge(fee, settlement="USD", processing_fee=2.48, net_amount=72.52)
        self._charge(fee, settlement="EUR", processing_fee=1.0, net_amount=49.0)
        sums = self._sums("processing_fee")
        self.assertAlmostEqual(sums["processing_fee"], 2.48 + 75.0 / 50.0)

    def _charge(self, fee, settlement, **vals):
        """What the provider has settled, as its answer leaves it."""
        provider = self.env["payment.provider"].search([], limit=1)
        currency = self.env["res.currency"].with_context(active_test=False)
        self.env["payment.transaction"].sudo().create(
            {
                "provider_id": provider.id,
                "payment_method_id": self.env.ref("payment.payment_method_card").id,
                "reference": f"T-{settlement}",
                "amount": 75.0,
                "currency_id": fee.currency_id.id,
                "partner_id": fee.partner_id.id,
                "fee_line_id": fee.id,
                "state": "done",
                "settlement_currency_id": currency.search(
                    [("name", "=", settlement)]
                ).id,
                **vals,
            }
        )

    # Without a fee ------------------------------------------------------------

    def _visits(self, user=None, groupby=()):
        return self._report(user)._read_group(
            [],
            groupby,
            ["missed_count:sum", "fee_rate:avg", "fee_count:sum", "revenue:sum"],
        )

    def test_missed_without_a_fee(self):
        """Counted on the day it was noted at the practice, and no money."""
        free = self._new_appointment(start=datetime(2025, 1, 6, 15))
        # 03:30 UTC is still the evening before in New York.
        with freeze_time("2025-01-09 03:30:00"):
            self._cancel(free, visit_state="late_cancelled", product_id=False)
        row = self._report().search([])
        self.assertEqual(str(row.date), "2025-01-08")
        self.assertEqual(str(row.date_of_service), "2025-01-06")
        self.assertEqual(row.client_id, self.client_1)
        self.assertEqual(row.provider_id, self.therapist)
        self.assertEqual((row.fee_state, row.age), ("none", "91"))
        self.assertFalse(row.move_name or row.move_type or row.product_id)
        self.assertEqual(self._visits(), [(1, 0.0, 0, 0.0)])

    def test_fee_rate(self):
        billed, free, in_time, waived = (self._new_appointment() for _n in range(4))
        self._cancel(billed, visit_state="no_show")
        self._cancel(free, visit_state="no_show", product_id=False)
        # Neither is a missed visit, whatever it cost.
        self._cancel(in_time, visit_state="cancelled", product_id=self.code_late.id)
        attended = self._new_appointment()
        self._let_begin(attended)
        attended.with_user(self.frontdesk).action_mark_attended()
        self._cancel(waived, visit_state="no_show")
        revenue = sum((billed + in_time).fee_line_ids.mapped("price_subtotal"))
        waived.fee_line_ids.with_user(self.biller)._waive("Ill", still_counts=False)
        # The waived one was charged, and does not count any more.
        self.assertEqual(self._visits(), [(2, 2 / 3, 3, revenue)])

    def test_corrected_and_restored(self):
        self._cancel(self.appointment, visit_state="no_show", product_id=False)
        self.assertEqual(self._visits(), [(1, 0.0, 0, 0.0)])
        self.appointment._correct_cancellation("cancelled", "client", "")
        self.assertEqual(self._visits(), [(False, False, False, False)])
        self.appointment._correct_cancellation("late_cancelled", "client", "")
        self.assertEqual(self._visits(), [(1, 0.0, 0, 0.0)])
        self.appointment.action_restore()
        self.assertEqual(self._visits(), [(False, False, False, False)])

    def test_a_fee_whose_outcome_is_corrected(self):
        self._cancel(self.appointment, visit_state="no_show")
        fee = self.appointment.fee_line_ids
        self.appointment._correct_cancellation("cancelled", "practice", "")
        self.assertEqual(self._visits(), [(0, False, 1, fee.price_subtotal)])
        self.appointment._correct_cancellation("late_cancelled", "client", "")
        self.assertEqual(
            self._visits(groupby=["visit_state"]),
            [("late_cancelled", 1, 1.0, 1, fee.price_subtotal)],
        )

    def test_booked_again_is_counted_once(self):
        self._cancel(self.appointment, visit_state="no_show", product_id=False)
        new = self.appointment.with_user(self.frontdesk)._rebook_and_cancel(
            {"product": self.code_noshow, "amount": 75.0}
        )
        self.assertEqual(self._visits(), [(1, 1.0, 1, 75.0)])
        self.assertEqual(self._report().search([]).id, new.fee_line_ids.id)

    def test_its_payer_is_who_would_have_got_the_invoice(self):
        parent = self.env["res.partner"].create({"name": "Parent"})
        self.client_2.payer_id = parent
        contacts = self.env["res.partner"].create(
            [
                {"name": "B", "type": "invoice", "parent_id": self.client_3.id},
                {"name": "A", "type": "invoice", "parent_id": self.client_3.id},
                {"name": "0", "type": "contact", "parent_id": self.client_3.id},
            ]
        )
        for client in (self.client_1, self.client_2, self.client_3):
            visit = self._new_appointment(client)
            self._cancel(visit, visit_state="no_show", product_id=False)
            row = self._report().search([("client_id", "=", client.id)])
            self.assertEqual(row.partner_id, client._get_payer())
        self.assertEqual(row.partner_id, contacts[1])

    def test_accountants_count_and_read_no_names(self):
        self._cancel(self.appointment, visit_state="no_show", product_id=False)
        self.assertEqual(self._visits(self.accountant), [(1, 0.0, 0, 0.0)])
        row = self._report(self.accountant).search([])
        self.assertFalse(row.client_id or row.partner_id)
        client = [("client_id", "=", self.client_1.id)]
        self.assertFalse(self._report(self.accountant).search(client))
        with self.assertRaisesRegex(UserError, "there is no invoice"):
            row.action_open_fee()

    def test_open_the_appointment(self):
        self._cancel(self.appointment, visit_state="no_show", product_id=False)
        for user in (self.biller, self.therapist):
            row = self._report(user).search([])
            action = row.action_open_fee()
            self.assertEqual(
                (action["res_model"], action["res_id"]),
                ("calendar.event", self.appointment.id),
            )
        self.assertFalse(self._report(self.financial).search([]))

    # Rights -------------------------------------------------------------------

    def test_who_sees_what(self):
        mine = self.appointment
        other = self._new_appointment(self.client_2, self.financial)
        for appointment in mine | other:
            self._cancel(appointment, self.biller, visit_state="no_show", amount=75.0)
        both = (mine | other).fee_line_ids
        seen = {
            "biller": both,
            "manager": both,
            "owner": both,
            "accountant": both,
            "therapist": mine.fee_line_ids,
            "financial": other.fee_line_ids,
        }
        for name, lines in seen.items():
            report = self._report(getattr(self, name))
            self.assertEqual(set(report.search([]).ids), set(lines.ids), name)
        for name in ("frontdesk", "employee", "portal"):
            with self.assertRaises(AccessError):
                self._report(getattr(self, name)).search([])
        report = self._report().with_context(allowed_company_ids=self.company_2.ids)
        self.assertFalse(report.search([]))

    def test_accountants_see_no_appointment(self):
        self._cancel(self.appointment, self.biller, visit_state="no_show", amount=75.0)
        report = self._report(self.accountant)
        with self.assertRaises(AccessError):
            report.search([]).mapped("appointment_id")
        for view_type in ("pivot", "graph", "list", "search"):
            report.get_view(view_type=view_type)

    def test_accountants_find_the_reports(self):
        menus = self.env["ir.ui.menu"].with_user(self.accountant)._visible_menu_ids()
        for name in ("fee_report_board", "fee_report", "fee_report_ageing", "payouts"):
            menu = self.env.ref(f"noshow_fees.menu_account_{name}")
            self.assertIn(menu.id, menus, name)

    def test_therapists_see_no_account(self):
        report = self._report(self.therapist)
        with self.assertRaises(AccessError):
            report._read_group([], ["account_id"], ["revenue:sum"])

    def test_drill_down(self):
        self._cancel(self.appointment, self.biller, visit_state="no_show", amount=75.0)
        for user in (self.biller, self.therapist, self.accountant):
            row = self._report(user).search([])
            action = row.action_open_fee()
            self.assertEqual(action["res_id"], self.appointment.fee_line_ids.id)
