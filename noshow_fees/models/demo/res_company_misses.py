"""The demonstration practice's missed and called-off appointments, and what became of
the fees (see `res_company_demo.py`)."""

from datetime import timedelta
from typing import NamedTuple

from odoo import fields, models


class Miss(NamedTuple):
    """A past session that was missed or cancelled."""

    client: str
    sessions_ago: int
    visit_state: str
    reason: str
    #: The fee code; empty: cancelled without a fee.
    code: str = ""
    #: What became of the fee, see `_noshow_demo_settle`.
    settled: str = "open"
    user: str = "frontdesk"
    #: Other than the fee code's price; only some roles may do so.
    amount: float = 0.0
    chart_note: str = ""


NO_SHOW, LATE = "no_show", "late_cancelled"
NOTED_AFTER = {NO_SHOW: timedelta(minutes=20), LATE: timedelta(hours=-1)}
MISSES = (
    Miss("client_01", 1, NO_SHOW, "No call, and no answer.", "noshow", "card"),
    Miss("client_02", 3, NO_SHOW, "Voice mail left at quarter past.", "noshow"),
    Miss("client_02", 8, LATE, "Called an hour before: car trouble."),
    Miss("client_03", 5, LATE, "Mother wrote in the morning.", "latecx", "card"),
    Miss("client_06", 3, NO_SHOW, "Did not come.", "noshow", "partly", "therapist_1",
         chart_note="Did not come, not reached by phone."),
    Miss("client_09", 1, LATE, "Kept at work.", "latecx", "card"),
    Miss("client_10", 6, NO_SHOW, "Mixed up the day.", "noshow", "cash"),
    Miss("client_11", 2, NO_SHOW, "No call, and no answer.", "noshow", "card"),
    Miss("client_13", 7, LATE, "Father called at noon.", "latecx", "waived"),
    Miss("client_17", 4, LATE, "Called at eight for nine.", "latecx", "refunded"),
    Miss("client_19", 8, NO_SHOW, "No call, and no answer.", "noshow", "written_off"),
    Miss("client_21", 2, LATE, "Child was ill: let it pass."),
    Miss("client_25", 1, NO_SHOW, "No call, and no answer.", "noshow", "card"),
    Miss("client_28", 5, LATE, "Bus did not run.", "latecx", "cash"),
    Miss("client_31", 3, NO_SHOW, "Wrote the wrong time down."),
    Miss("client_33", 1, NO_SHOW, "Overslept.", "90834", "open", "therapist_5"),
    Miss("client_36", 3, LATE, "Second time this month.", "latecx", "open",
         "therapist_5", amount=25.0),
)  # fmt: skip
#: Sessions to come, cancelled already: client, on whose behalf, why, and whether with
#: all later ones.
CALLED_OFF = (
    ("client_04", "practice", "No heating on that day.", False),
    ("client_14", "client", "On a journey.", False),
    ("client_22", "provider", "At a training.", False),
    ("client_30", "client", "Has moved to another town.", True),
)


class ResCompany(models.Model):
    _inherit = "res.company"

    def _noshow_demo_miss_sessions(self):
        now = fields.Datetime.now()
        past = self._noshow_demo_appointments(("stop", "<", now))
        by_client = past.grouped("client_id")
        missed = [
            (by_client[self._noshow_demo_ref(miss.client)][-miss.sessions_ago], miss)
            for miss in MISSES
        ]
        missed += self._noshow_demo_book_last_month()
        # In the order of time, as the invoices are numbered.
        for own, miss in sorted(missed, key=lambda pair: pair[0].start):
            client = own.client_id
            own = own.with_user(self._noshow_demo_user(miss.user))
            fees = {}
            if miss.code:
                product = self.env.ref(f"noshow_fees.product_{miss.code}")
                # In sudo: a card is readable by its owner only (see `_get_chargeable`).
                tokens = self.env["payment.token"].sudo()._get_chargeable(self, client)
                fees[own.id] = {
                    "product": product,
                    "amount": miss.amount or product._get_list_fee(self),
                    "token": tokens[client][:1] if miss.settled == "card" else None,
                }
            own._cancel_appointments(
                miss.visit_state,
                reason=miss.reason,
                fees=fees,
                chart_note=miss.chart_note,
                cancelled_on=own.start + NOTED_AFTER[miss.visit_state],
            )
            self._noshow_demo_settle(own.fee_line_ids, miss.settled)

    def _noshow_demo_settle(self, fee, settled):
        """Let the biller do what became of a fee."""
        fee = fee.with_user(self._noshow_demo_user("biller"))
        if settled in ("cash", "refunded", "returned"):
            self._noshow_demo_pay(fee.move_id, "cash")
        if settled == "partly":
            self._noshow_demo_pay(fee.move_id, "bank", amount=30.0)
        if settled == "returned":
            self._noshow_demo_pay(self._noshow_demo_credit_then(fee.move_id), "cash")
        if settled == "transfer":
            self._noshow_demo_pay(fee.move_id, "bank")
        if settled == "charged":
            self._noshow_demo_charge_then(fee)
        if settled in ("waived", "refunded"):
            fee._waive(self.env._("The first time is free."), still_counts=False)
        if settled == "refunded":
            self._noshow_demo_pay(fee.move_id.reversal_move_ids, "cash")
        if settled == "written_off":
            fee._write_off(
                self._noshow_demo_loss_account(),
                self.env._("No answer to three reminders."),
            )

    def _noshow_demo_pay(self, move, journal_type, **values):
        """Take the money for an invoice, or give back that of a credit note."""
        register = self.env["account.payment.register"].with_user(move.env.user)
        register.with_context(active_model="account.move", active_ids=move.ids).create(
            {
                "journal_id": self._noshow_demo_journal(journal_type).id,
                "payment_date": move.invoice_date,
                **values,
            }
        ).action_create_payments()

    def _noshow_demo_loss_account(self):
        # In sudo: an accountant has made it.
        return (
            self.env["account.account"]
            .sudo()
            .with_company(self)
            .create(
                {
                    "name": self.env._("Bad Debts"),
                    "code": "659900",
                    "account_type": "expense",
                    "company_ids": self.ids,
                }
            )
        )

    def _noshow_demo_call_off_sessions(self):
        future = self._noshow_demo_appointments(("start", ">", fields.Datetime.now()))
        for name, initiator, reason, cancel_future in CALLED_OFF:
            client = self._noshow_demo_ref(name)
            own = future.filtered(
                lambda event, client=client: event.client_id == client
            )
            # Not the very next one: it may be within the notice.
            own[1]._cancel_appointments(
                "cancelled",
                initiator=initiator,
                reason=reason,
                cancel_future=cancel_future,
            )
