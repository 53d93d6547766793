"""The reports agree with the general ledger, and show nobody more than is theirs."""

import random
from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import PracticeCommon

AMOUNTS = (0.0, 0.01, 33.33, 49.99, 75.0, 120.0)


@tagged("post_install", "-at_install")
class TestFeeReport(PracticeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_2 = cls.setup_other_company(
            name="Second practice",
            currency_id=cls.setup_other_currency("EUR").id,
        )["company"]
        cls.companies = cls.company | cls.company_2
        cls.therapist_2 = cls._new_user("noshow_other", "noshow_fees.group_therapist")
        cls.therapist_2.write(
            {
                "company_ids": [Command.set(cls.company_2.ids)],
                "company_id": cls.company_2.id,
            }
        )
        cls.biller.write({"company_ids": [Command.set(cls.companies.ids)]})
        for company in cls.companies:
            account = (
                cls.env["account.account"]
                .with_company(company)
                .create(
                    {"code": "444777", "name": "Missed", "account_type": "income_other"}
                )
            )
            company.noshow_income_account_id = account
            company.write(
                {
                    "noshow_no_show_product_id": cls.code_noshow.id,
                    "noshow_late_cancelled_product_id": cls.code_late.id,
                }
            )
        for code in cls.code_noshow | cls.code_late:
            for company in cls.companies:
                code.with_company(company).property_account_income_id = False
        cls.tax = cls.tax_sale_a
        cls.code_late.taxes_id = [Command.set(cls.tax.ids)]

    def _report(self, user=None, company=None):
        companies = company or self.companies
        return (
            self.env["noshow.fee.report"]
            .with_user(user or self.biller)
            .with_context(allowed_company_ids=companies.ids)
        )

    def _sums(self, company, domain=(), *measures):
        row = self._report(company=company)._read_group(
            list(domain), aggregates=[f"{name}:sum" for name in measures]
        )
        return dict(zip(measures, (value or 0.0 for value in row[0]), strict=True))

    def _ledger(self, company, first, last):
        """The balance of the income account between two accounting dates."""
        [[balance]] = self.env["account.move.line"]._read_group(
            [
                ("account_id", "=", company.noshow_income_account_id.id),
                ("company_id", "=", company.id),
                ("parent_state", "=", "posted"),
                ("date", ">=", first),
                ("date", "<=", last),
            ],
            aggregates=["balance:sum"],
        )
        return -(balance or 0.0)

    # The ledger ---------------------------------------------------------------

    def _make_history(self, rng):
        """Three months of misses, changes, waivers and payments, in two companies."""
        fees = self.env["account.move.line"]
        for _step in range(50):
            day = date(2025, 1, 2) + timedelta(days=rng.randrange(90))
            # As time goes by: a change is never booked before its invoice.
            self._days.append(day)
        for day in sorted(self._days):
            with freeze_time(f"{day} 16:00:00"):
                fees |= self._do_something(rng, fees)
        return fees

    def _do_something(self, rng, fees):
        live = fees.appointment_id.fee_line_ids.filtered(
            lambda fee: (
                fee.is_noshow_fee
                and fee.fee_state not in ("waived", "refunded", "charging")
            )
        )
        what = rng.choice(["bill", "bill", "edit", "pay", "waive", "lock", "back"])
        fee = live[rng.randrange(len(live))] if live else live
        user_fee = fee.with_user(self.biller).with_context(
            allowed_company_ids=self.companies.ids
        )
        if what == "bill" or not fee:
            return self._bill(rng)
        elif what == "edit":
            code = rng.choice([self.code_noshow, self.code_late])
            amount = rng.choice(AMOUNTS)
            if amount != fee.price_unit:
                return user_fee._change_fee(code, amount, "Random").sudo(False)
        elif what == "pay" and fee.fee_open:
            amount = rng.choice([fee.fee_open, fee.currency_id.round(fee.fee_open / 3)])
            self._pay(fee, amount, rng)
        elif what == "waive":
            user_fee._waive("Random")
        elif what == "lock":
            # What is changed from now on is credited and billed anew.
            fee.company_id.fiscalyear_lock_date = fee.date
        elif what == "back":
            self._give_back(fees)
        return fees.browse()

    def _bill(self, rng):
        provider = rng.choice([self.therapist, self.therapist_2])
        appointment = self._new_appointment(
            rng.choice([self.client_1, self.client_2, self.client_3]), provider
        )
        self.assertEqual(appointment.company_id, provider.company_id)
        code = rng.choice([self.code_noshow, self.code_late])
        page = self.env["calendar.event.cancel"].with_user(self.biller)
        page.with_context(allowed_company_ids=self.companies.ids).create(
            {
                "event_ids": [Command.set(appointment.ids)],
                "visit_state": rng.choice(["no_show", "late_cancelled"]),
                "product_id": code.id,
                "amount": rng.choice(AMOUNTS),
            }
        ).action_cancel()
        return appointment.fee_line_ids

    def _pay(self, fee, amount, rng):
        """Pay in the company's currency, or in the other one."""
        if not amount:
            return
        currency = rng.choice(self.companies.currency_id)
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", fee.company_id.id)], limit=1
        )
        converted = fee.currency_id._convert(amount, currency, fee.company_id, fee.date)
        if currency.is_zero(converted):
            return
        self.env["account.payment.register"].with_company(fee.company_id).with_context(
            active_model="account.move", active_ids=fee.move_id.ids
        ).create(
            {"journal_id": journal.id, "currency_id": currency.id, "amount": converted}
        )._create_payments()

    def _give_back(self, fees):
        """Pay what is left of a credit note back."""
        note = fees.appointment_id.fee_line_ids.move_id.filtered(
            lambda move: move.move_type == "out_refund" and move.amount_residual
        )[:1]
        if note:
            self.env["account.payment.register"].with_company(
                note.company_id
            ).with_context(active_model="account.move", active_ids=note.ids).create(
                {}
            )._create_payments()

    def test_agrees_with_the_ledger(self):
        """Edits, waivers, credit notes, part payments; two currencies and companies."""
        for seed in (1, 2):
            with self.subTest(seed=seed):
                savepoint = self.env.cr.savepoint()
                try:
                    self._days = []
                    fees = self._make_history(random.Random(seed))  # noqa: S311
                    self._check_ledger()
                    self._check_money(fees)
                    self._check_states()
                finally:
                    self.env.cr.flush()
                    savepoint.close(rollback=True)
                    self.env.invalidate_all()

    def _check_ledger(self):
        for company in self.companies:
            total = 0.0
            for first, last in (
                (date(2025, 1, 1), date(2025, 1, 31)),
                (date(2025, 2, 1), date(2025, 2, 28)),
                (date(2025, 3, 1), date(2025, 12, 31)),
            ):
                period = [("date", ">=", first), ("date", "<=", last)]
                sums = self._sums(company, period, "revenue", "charged", "waived")
                ledger = self._ledger(company, first, last)
                self.assertAlmostEqual(sums["revenue"], ledger, places=6)
                self.assertAlmostEqual(
                    sums["charged"] - sums["waived"], ledger, places=6
                )
                total += abs(ledger)
            self.assertTrue(total, "There is something to agree on.")

    def _check_money(self, fees):
        """What was matched with the receivable, seen from the payments' side."""
        for company in self.companies:
            moves = fees.appointment_id.fee_line_ids.move_id.filtered(
                lambda move, company=company: move.company_id == company
            )
            payments = self.env["account.move.line"].search(
                [
                    ("company_id", "=", company.id),
                    ("payment_id", "!=", False),
                    ("account_id.account_type", "=", "asset_receivable"),
                ]
            )
            received = sum(payments.matched_debit_ids.mapped("amount"))
            given_back = sum(payments.matched_credit_ids.mapped("amount"))
            sums = self._sums(company, [], "collected", "refunded", "open_amount")
            self.assertAlmostEqual(sums["collected"], received, places=6)
            self.assertAlmostEqual(sums["refunded"], given_back, places=6)
            residual = sum(
                move.amount_residual_signed
                for move in moves
                if move.move_type == "out_invoice"
            )
            self.assertAlmostEqual(sums["open_amount"], residual, places=6)

    def _check_states(self):
        self.env.flush_all()
        self.env.invalidate_all()
        for row in self._report().search([]):
            line = self.env["account.move.line"].browse(row.id)
            self.assertEqual(row.fee_state, line.appointment_id.fee_state)
        # The list of what the fees say themselves.
        groups = dict(self._report()._read_group([], ["fee_state"], ["fee_count:sum"]))
        fees = self.env["account.move.line"].search([("is_noshow_fee", "=", True)])
        for state, count in groups.items():
            same = fees.filtered(lambda fee, state=state: fee.fee_state == state)
            self.assertEqual(count, len(same), state)

    # Measures -----------------------------------------------------------------

    def test_a_fee_billed_anew_is_charged_once(self):
        self._cancel(self.appointment, self.biller, visit_state="no_show", amount=75.0)
        fee = self.appointment.fee_line_ids
        self.company.fiscalyear_lock_date = fee.date
        with freeze_time(fee.date + timedelta(days=40)):
            fee.with_user(self.biller)._change_fee(self.code_noshow, 50.0, "Test")
            sums = self._sums(
                self.company, [], "charged", "waived", "revenue", "fee_count"
            )
        self.assertEqual(
            sums, {"charged": 50.0, "waived": 0.0, "revenue": 50.0, "fee_count": 1}
        )

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
                groups = self._report(company=self.company)._read_group(
                    [("open_amount", "!=", 0)], ["age"], ["open_amount:sum"]
                )
            self.assertEqual(groups, [(age, 75.0)], f"{days} days")

    def test_processing_fee_in_another_currency(self):
        self._cancel(self.appointment, self.biller, visit_state="no_show", amount=75.0)
        fee = self.appointment.fee_line_ids
        self._charge(fee, settlement="USD", processing_fee=2.48, net_amount=72.52)
        self._charge(fee, settlement="EUR", processing_fee=1.0, net_amount=49.0)
        sums = self._sums(self.company, [], "processing_fee")
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
            report = self._report(getattr(self, name), self.company)
            self.assertEqual(set(report.search([]).ids), set(lines.ids), name)
        for name in ("frontdesk", "employee", "portal"):
            with self.assertRaises(AccessError):
                self._report(getattr(self, name), self.company).search([])
        self.assertFalse(self._report(self.biller, self.company_2).search([]))

    def test_accountants_see_no_appointment(self):
        self._cancel(self.appointment, self.biller, visit_state="no_show", amount=75.0)
        report = self._report(self.accountant, self.company)
        with self.assertRaises(AccessError):
            report.search([]).mapped("appointment_id")
        for view_type in ("pivot", "graph", "list", "search"):
            report.get_view(view_type=view_type)

    def test_therapists_see_no_account(self):
        report = self._report(self.therapist, self.company)
        with self.assertRaises(AccessError):
            report._read_group([], ["account_id"], ["revenue:sum"])

    def test_drill_down(self):
        self._cancel(self.appointment, self.biller, visit_state="no_show", amount=75.0)
        for user in (self.biller, self.therapist, self.accountant):
            row = self._report(user, self.company).search([])
            action = row.action_open_fee()
            self.assertEqual(action["res_id"], self.appointment.fee_line_ids.id)
