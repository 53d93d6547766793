"""The demonstration practice's last month, for whoever closes it: money in and out by
card, cash and bank. The series begin four weeks ago, which may be this month.
"""

from datetime import time, timedelta

from odoo import Command, models

from ...tools.context import by_method
from .res_company import QUIET, SESSION
from .res_company_misses import LATE, NO_SHOW, Miss

#: No series has a session in the evening.
EVENING = time(17)
#: The first of these evenings is that many working days into the month.
FIRST_EVENING = 5
LAST_MONTH = (
    Miss("client_05", 0, NO_SHOW, "No call, and no answer.", "noshow", "charged"),
    Miss("client_08", 0, LATE, "Called in the afternoon.", "latecx", "cash"),
    Miss("client_12", 0, NO_SHOW, "Father forgot.", "noshow", "transfer"),
    Miss("client_16", 0, LATE, "Train did not run.", "latecx", "returned"),
    Miss("client_24", 0, NO_SHOW, "Did not come.", "noshow", "partly"),
    Miss("client_29", 0, LATE, "Kept at work.", "latecx", "charged"),
    Miss("client_32", 0, NO_SHOW, "No call, and no answer.", "noshow"),
)  # fmt: skip


class ResCompany(models.Model):
    _inherit = "res.company"

    def _noshow_demo_book_last_month(self):
        """Book an evening of last month for each client of `LAST_MONTH`.

        :return: `[(appointment, miss)]`
        """
        last = self._get_practice_today().replace(day=1) - timedelta(days=1)
        days = [last.replace(day=number + 1) for number in range(last.day)]
        days = [day for day in days if day.weekday() < 5][FIRST_EVENING:]
        by_client = self._noshow_demo_appointments().grouped("client_id")
        sessions = []
        for day, miss in zip(days, LAST_MONTH, strict=False):
            client = self._noshow_demo_ref(miss.client)
            therapist = by_client[client][0].user_id
            start = self._get_practice_moment(day, EVENING)
            sessions.append(
                {
                    "name": client.name,
                    "client_id": client.id,
                    "user_id": therapist.id,
                    "partner_ids": [Command.set(therapist.partner_id.ids)],
                    "start": start,
                    "stop": start + SESSION,
                }
            )
        appointments = self.env["calendar.event"].with_context(**QUIET)
        booked = appointments.with_user(self._noshow_demo_user("frontdesk")).create(
            sessions
        )
        # Without the context: what becomes of them is done as ever.
        return list(
            zip(
                booked.with_env(booked.env(context=self.env.context)),
                LAST_MONTH,
                strict=True,
            )
        )

    def _noshow_demo_charge_then(self, fee):
        """A charge of the saved card that went through on the day of the invoice: one
        that is sent now would be this month's money."""
        provider = self.env["payment.provider"].search(
            [("code", "=", "demo"), ("company_id", "=", self.id)]
        )
        # In sudo: what the card company's answer would write.
        tokens = self.env["payment.token"].sudo()._get_chargeable(self, fee.client_id)
        token = tokens[fee.client_id][:1]
        charge = by_method(self.env["payment.transaction"].sudo()).create(
            {
                "provider_id": provider.id,
                "payment_method_id": token.payment_method_id.id,
                "token_id": token.id,
                "reference": f"DEMO-{fee.move_id.name}",
                "operation": "offline",
                "state": "done",
                "is_post_processed": True,
                "amount": fee.fee_open,
                "currency_id": fee.currency_id.id,
                "partner_id": token.partner_id.id,
                "fee_line_id": fee.id,
                "invoice_ids": [Command.set(fee.move_id.ids)],
                "last_state_change": fee.appointment_id.cancelled_on,
            }
        )
        charge._create_payment(date=fee.move_id.invoice_date)

    def _noshow_demo_credit_then(self, move):
        """A credit note of the day of the invoice, by Odoo's own dialog: a fee that is
        waived now is credited today.

        :return: the posted credit note
        """
        dialog = (
            self.env["account.move.reversal"]
            .with_user(move.env.user)
            .with_context(active_model="account.move", active_ids=move.ids)
            .create(
                {
                    "journal_id": move.journal_id.id,
                    "date": move.invoice_date,
                    "reason": self.env._("The first time is free."),
                }
            )
        )
        dialog.reverse_moves()
        dialog.new_move_ids.filtered(lambda note: note.state == "draft").action_post()
        return dialog.new_move_ids
