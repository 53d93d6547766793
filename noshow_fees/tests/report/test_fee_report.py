"""The reports agree with the general ledger, and show nobody more than is theirs."""

import random
from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from ..common import PracticeCommon

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
        what = rng.choice(
            ["bill", "bill", "miss", "edit", "pay", "waive", "restore", "lock", "back"]
        )
        fee = live[rng.randrange(len(live))] if live else live
        user_fee = fee.with_user(self.biller).with_context(
            allowed_company_ids=self.companies.ids
        )
        if what == "bill" or not fee:
            return self._bill(rng)
        elif what == "miss":
            self._miss(rng, product_id=False)
        elif what == "edit":
            code = rng.choice([self.code_noshow, self.code_late])
            amount = rng.choice(AMOUNTS)
            if amount != fee.price_unit:
                return user_fee._change_fee(code, amount, "Random").sudo(False)
        elif what == "pay" and fee.fee_open:
            amount = rng.choice([fee.fee_open, fee.currency_id.round(fee.fee_open / 3)])
            self._pay(fee, amount, rng)
        elif what == "waive":
            user_fee._waive("Random", still_counts=rng.choice([True, False]))
        elif what == "restore":
            dialog = self.env["calendar.event.restore"].with_env(user_fee.env)
            dialog.create(
                {"event_ids": [Command.set(fee.appointment_id.ids)], "reason": "Random"}
            ).action_restore()
        elif what == "lock":
            # What is changed from now on is credited and billed anew.
            fee.company_id.fiscalyear_lock_date = fee.date
        elif what == "back":
            self._give_back(fees)
        return fees.browse()

    def _bill(self, rng):
        return self._miss(
            rng,
            product_id=rng.choice([self.code_noshow, self.code_late]).id,
            amount=rng.choice(AMOUNTS),
        ).fee_line_ids

    def _miss(self, rng, **vals):
        """An appointment that was missed, mostly; some were cancelled in time."""
        provider = rng.choice([self.therapist, self.therapist_2])
        appointment = self._new_appointment(
            rng.choice([self.client_1, self.client_2, self.client_3]), provider
        )
        self.assertEqual(appointment.company_id, provider.company_id)
        page = self.env["calendar.event.cancel"].with_user(self.biller)
        page.with_context(allowed_company_ids=self.companies.ids).create(
            {
                "event_ids": [Command.set(appointment.ids)],
                "visit_state": rng.choice(
                    ["no_show", "no_show", "late_cancelled", "cancelled"]
                ),
                **vals,
            }
        ).action_cancel()
        return appointment

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
                    self._check_visits()
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
            self.assertEqual(row.fee_state, row.sudo().appointment_id.fee_state)
        # The list of what the fees say themselves.
        groups = dict(self._report()._read_group([], ["fee_state"], ["fee_count:sum"]))
        fees = self.env["account.move.line"].search([("is_noshow_fee", "=", True)])
        for state, count in groups.items():
            same = fees.filtered(lambda fee, state=state: fee.fee_state == state)
            self.assertEqual(count, len(same), state)

    def _check_visits(self):
        """Outcomes say the same of how many were missed, and charged."""
        rates = set()
        for company in self.companies:
            rows = [
                self.env[model]
                .with_user(self.biller)
                .with_context(allowed_company_ids=company.ids)
                ._read_group([], ["provider_id"], ["missed_count:sum", "fee_rate:avg"])
                for model in ("noshow.fee.report", "noshow.visit.report")
            ]
            self.assertEqual(*rows)
            rates |= {rate for _provider, _count, rate in rows[0]}
        self.assertTrue(any(0 < rate < 1 for rate in rates), "Some without a fee.")
