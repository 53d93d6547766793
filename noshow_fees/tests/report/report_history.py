"""A random history of misses, edits, waivers, payments and closed books."""

import random
from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command

from .report_common import ReportCase

AMOUNTS = (0.0, 0.01, 33.33, 49.99, 75.0, 120.0)
STEPS = 50


class HistoryCase(ReportCase):
    """`cls.fees` are all that happened at random, told by `seed`."""

    seed = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rng = random.Random(cls.seed)  # noqa: S311
        cls.fees = cls._make_history()

    @classmethod
    def _make_history(cls):
        """Three months in two companies, as time goes by: a change is never booked
        before its invoice."""
        fees = cls.env["account.move.line"]
        first = date(2025, 1, 2)
        days = [first + timedelta(days=cls.rng.randrange(90)) for _step in range(STEPS)]
        for day in sorted(days):
            with freeze_time(f"{day} 16:00:00"):
                fees |= cls._do_something(fees)
        return fees

    @classmethod
    def _do_something(cls, fees):
        live = fees.appointment_id.fee_line_ids.filtered(
            lambda fee: (
                fee.is_noshow_fee
                and fee.fee_state not in ("waived", "refunded", "charging")
            )
        )
        what = cls.rng.choice(
            ["bill", "bill", "miss", "edit", "pay", "waive", "restore", "lock", "back"]
        )
        fee = live[cls.rng.randrange(len(live))] if live else live
        user_fee = fee.with_user(cls.biller).with_context(
            allowed_company_ids=cls.companies.ids
        )
        if what == "bill" or not fee:
            return cls._bill()
        elif what == "miss":
            cls._miss(product_id=False)
        elif what == "edit":
            code = cls.rng.choice([cls.code_noshow, cls.code_late])
            amount = cls.rng.choice(AMOUNTS)
            if amount != fee.price_unit:
                return user_fee._change_fee(code, amount, "Random").sudo(False)
        elif what == "pay" and fee.fee_open:
            amount = cls.rng.choice(
                [fee.fee_open, fee.currency_id.round(fee.fee_open / 3)]
            )
            cls._pay(fee, amount)
        elif what == "waive":
            user_fee._waive("Random", still_counts=cls.rng.choice([True, False]))
        elif what == "restore":
            dialog = cls.env["calendar.event.restore"].with_env(user_fee.env)
            dialog.create(
                {"event_ids": [Command.set(fee.appointment_id.ids)], "reason": "Random"}
            ).action_restore()
        elif what == "lock":
            # What is changed from now on is credited and billed anew.
            fee.company_id.fiscalyear_lock_date = fee.date
        elif what == "back":
            cls._give_back(fees)
        return fees.browse()

    @classmethod
    def _bill(cls):
        return cls._miss(
            product_id=cls.rng.choice([cls.code_noshow, cls.code_late]).id,
            amount=cls.rng.choice(AMOUNTS),
        ).fee_line_ids

    @classmethod
    def _miss(cls, **vals):
        """An appointment that was missed, mostly; some were cancelled in time."""
        provider = cls.rng.choice([cls.therapist, cls.therapist_2])
        appointment = cls._new_appointment(
            cls.rng.choice([cls.client_1, cls.client_2, cls.client_3]), provider
        )
        visit_state = cls.rng.choice(
            ["no_show", "no_show", "late_cancelled", "cancelled"]
        )
        if visit_state == "no_show":
            cls._let_begin(appointment)
        page = cls.env["calendar.event.cancel"].with_user(cls.biller)
        page.with_context(allowed_company_ids=cls.companies.ids).create(
            {
                "event_ids": [Command.set(appointment.ids)],
                "visit_state": visit_state,
                **vals,
            }
        ).action_cancel()
        return appointment

    @classmethod
    def _pay(cls, fee, amount):
        """Pay in the company's currency, or in the other one."""
        if not amount:
            return
        currency = cls.rng.choice(cls.companies.currency_id)
        journal = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", fee.company_id.id)], limit=1
        )
        converted = fee.currency_id._convert(amount, currency, fee.company_id, fee.date)
        if currency.is_zero(converted):
            return
        cls.env["account.payment.register"].with_company(fee.company_id).with_context(
            active_model="account.move", active_ids=fee.move_id.ids
        ).create(
            {"journal_id": journal.id, "currency_id": currency.id, "amount": converted}
        )._create_payments()

    @classmethod
    def _give_back(cls, fees):
        """Pay what is left of a credit note back."""
        note = fees.appointment_id.fee_line_ids.move_id.filtered(
            lambda move: move.move_type == "out_refund" and move.amount_residual
        )[:1]
        if note:
            cls.env["account.payment.register"].with_company(
                note.company_id
            ).with_context(active_model="account.move", active_ids=note.ids).create(
                {}
            )._create_payments()
