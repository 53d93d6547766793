"""Fills a database for ``./dev bench``: appointments, fees and payments, quickly.

One fee is made and paid by the addon's own methods; its rows are then copied by
INSERT … SELECT, so that the copies have whatever Odoo and the addon write.
"""

import time
from datetime import timedelta

from odoo import Command, fields

from odoo.addons.noshow_fees.tools.context import by_method

from .practice import Practice
from .records import Records

FEE_EVERY = 5  # of the appointments, one was missed and billed …
OPEN_EVERY = 3  # … of which one in three is not paid yet
FREE_EVERY = 20  # of the others, one was missed without a fee
UNMARKED = 2  # days of which nobody has said yet who came
VISITS = 50  # of each client, but for one who came for decades:
MANY_VISITS = 5000
SLOTS_A_DAY = 8
AFTER = 1000  # numbers of the copies: those below are the patterns' own


class Loader(Records, Practice):
    def __init__(self, env, size):  # pylint: disable=super-init-not-called
        self.env, self.cr, self.size = env, env.cr, size
        self.providers = self._make_providers(max(5, min(100, size // 10_000)))
        self.biller = self._make_user("biller", "noshow_fees.group_biller")
        self.owner = self._make_user("owner", "noshow_fees.group_owner")
        self.client = env["res.partner"].create(
            {"name": "Bench Client", "is_client": True}
        )
        self.start = fields.Datetime.now().replace(
            hour=13, minute=0, second=0, microsecond=0
        ) - timedelta(days=size // len(self.providers) // SLOTS_A_DAY)

    def _make_user(self, name, group):
        return (
            self.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": name.capitalize(),
                    "login": f"bench_{name}",
                    "tz": "America/New_York",
                    "group_ids": [Command.link(self.env.ref(group).id)],
                }
            )
        )

    def _make_providers(self, count):
        group = "noshow_fees.group_therapist"
        return self.env["res.users"].union(
            *(self._make_user(f"provider {n}", group) for n in range(count))
        )

    def _bill(self, product):
        event = self.new_appointment(self.start)
        event.with_user(self.biller)._cancel_appointments(
            "no_show", fees={event.id: {"product": product, "amount": 75.0}}
        )
        return event

    def _make_charge(self, fee, payment):
        """The charge of a card by which that payment came, and the payout to come."""
        provider = self.env.ref("payment.payment_provider_demo")
        by_method(self.env["payment.transaction"]).create(
            {
                "provider_id": provider.id,
                "payment_method_id": self.env.ref("payment.payment_method_card").id,
                "reference": "BENCH",
                "operation": "offline",
                "state": "done",
                "is_post_processed": True,
                "amount": 75.0,
                "currency_id": fee.currency_id.id,
                "partner_id": self.client.id,
                "fee_line_id": fee.id,
                "invoice_ids": [Command.set(fee.move_id.ids)],
                "payment_id": payment.id,
                "settlement_currency_id": fee.currency_id.id,
                "processing_fee": 2.48,
                "net_amount": 72.52,
                "payout_reference": "po_bench",
            }
        )

    def load(self):
        """Make ``size`` appointments, and all that belongs to them."""
        began = time.perf_counter()
        code = self.env.ref("noshow_fees.product_noshow")
        plain = self.new_appointment(self.start)
        billed, open_event = self._bill(code), self._bill(code)
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.env.company.id)], limit=1
        )
        fee = billed.fee_line_ids.with_user(self.biller)
        payment = fee._take_payment(journal, 75.0)
        self._make_charge(fee, payment)
        self.env.flush_all()
        self.clients = self._copy_clients(max(1, self.size // VISITS))
        fees = self.size // FEE_EVERY
        self._copy_events(plain, self.size - fees, fee=False)
        unpaid = fees // OPEN_EVERY
        self._copy_fees(open_event, unpaid, 0)
        self._copy_fees(billed, fees - unpaid, unpaid, payment)
        self.load_records()
        self.cr.commit()
        self._vacuum()
        self.keep(
            f"{self.size:,} appointments, {fees:,} fees,"
            f" {(self.size - fees) // FREE_EVERY:,} missed without one,"
            f" {len(self.providers)} providers,"
            f" loaded in {time.perf_counter() - began:.0f} s"
        )
        self.cr.commit()

    def _vacuum(self):
        """What PostgreSQL does by itself on a database that is in use."""
        with self.env.registry.cursor() as cr:
            cr.commit()
            cr._cnx.autocommit = True
            try:
                cr.execute("VACUUM (ANALYZE)")
            finally:
                cr._cnx.autocommit = False

    def _slot(self, number):
        """SQL of the start of the appointment with this number: an expression."""
        count = len(self.providers)
        slot = f"(({number}) / {count})"
        return (
            f"timestamp '{self.start}' + ({slot} / {SLOTS_A_DAY}) * interval '1 day'"
            f" + ({slot} % {SLOTS_A_DAY}) * interval '1 hour'"
        )

    def _provider(self, number, values):
        # Turning, since every fifth appointment has a fee.
        count = len(self.providers)
        turn = f"(({number}) + ({number}) / {count}) % {count}"
        return f"(ARRAY{list(values)})[{turn} + 1]"

    def _copy_clients(self, count):
        """:return: the first id of so many clients, which follow one another"""
        first = self._reserve("res_partner", count)
        self._copy(
            "res_partner",
            self.client.id,
            count,
            ids=f"{first} + n",
            name="'Client ' || n",
            complete_name="'Client ' || n",
            commercial_partner_id=f"{first} + n",
        )
        return first

    def _client(self, number):
        """SQL of the client of the appointment with this number: an expression."""
        every = max(1, self.size // MANY_VISITS)
        count = max(1, self.size // VISITS)
        return (
            f"CASE WHEN ({number}) % {every} = {1 % every} THEN {self.client.id}"
            f" ELSE {self.clients} + ({number}) % {count} END"
        )

    def _copy_events(self, event, count, fee, offset=0):
        """Copy an appointment over the slots; return the first id."""
        # Every fifth slot is a fee's; the others share the rest.
        other = f"n + n / {FEE_EVERY - 1} + 1"
        number = f"(n + {offset}) * {FEE_EVERY}" if fee else other
        start = self._slot(number)
        first = self._copy(
            "calendar_event",
            event.id,
            count,
            start=start,
            stop=f"{start} + interval '1 hour'",
            user_id=self._provider(number, self.providers.ids),
            client_id=self._client(f"n + {offset}"),
            **({} if fee else self._outcomes(start)),
        )
        partners = self._provider(number, self.providers.partner_id.ids)
        self.cr.execute(
            "INSERT INTO calendar_event_res_partner_rel"
            " (calendar_event_id, res_partner_id)"
            f" SELECT {first} + n, {partners} FROM generate_series(0, {count} - 1) n"
        )
        self._copy(
            "calendar_attendee",
            event.attendee_ids.id,
            count,
            event_id=f"{first} + n",
            partner_id=partners,
        )
        return first

    def _outcomes(self, start):
        """Of the appointments without a fee: most took place."""
        missed = f"n % {FREE_EVERY} = 0"
        unmarked = f"{start} > now() at time zone 'UTC' - interval '{UNMARKED} days'"
        return {
            "visit_state": f"CASE WHEN {missed} THEN 'no_show' WHEN {unmarked}"
            " THEN 'scheduled' ELSE 'attended' END",
            "uncharged_on": f"CASE WHEN {missed} THEN ({start})::date END",
            "counts_as_missed": missed,
            "active": f"NOT ({missed})",
            "cancelled_on": f"CASE WHEN {missed} THEN {start} END",
        }

    def _copy_fees(self, event, count, offset, payment=None):
        """Copy an appointment with its invoice, and with its payment."""
        events = self._copy_events(event, count, True, offset)
        number = f"(n + {offset}) * {FEE_EVERY}"
        day = f"({self._slot(number)})::date"
        fee = event.fee_line_ids
        client = self._client(f"n + {offset}")
        clients = dict.fromkeys(
            ("partner_id", "commercial_partner_id", "partner_shipping_id", "client_id"),
            client,
        )
        entries = {"fee": fee.move_id} | ({"pay": payment.move_id} if payment else {})
        moves, numbers, receivables, payments = {}, {}, {}, None
        # An invoice, its payment, the next invoice: as a practice makes them.
        first_move = self._reserve("account_move", count * len(entries))
        for place, (kind, move) in enumerate(entries.items()):
            moves[kind] = f"({first_move + place} + n * {len(entries)})"
            prefix, sequence, numbers[kind] = self._number(move, day, offset)
            self._copy(
                "account_move",
                move.id,
                count,
                ids=moves[kind],
                name=numbers[kind],
                sequence_prefix=prefix,
                sequence_number=sequence,
                date=day,
                invoice_date=day,
                invoice_date_due=day,
                access_token="NULL",  # noqa: S106 - SQL for no token
                # For stock's analysis by salesperson.
                invoice_user_id=self._provider(number, self.providers.ids),
                **clients,
            )
        if payment:
            payments = self._copy(
                "account_payment",
                payment.id,
                count,
                name=numbers["pay"],
                date=day,
                move_id=moves["pay"],
                partner_id=client,
            )
            self.cr.execute(
                "UPDATE account_move SET origin_payment_id = p.id"
                " FROM account_payment p WHERE p.move_id = account_move.id"
                f" AND p.id BETWEEN {payments} AND {payments + count - 1}"
            )
        matched = (
            payment.move_id.line_ids.matched_debit_ids if payment else payment
        ) or self.env["account.partial.reconcile"]
        full = matched.full_reconcile_id
        fulls = full and self._copy("account_full_reconcile", full.id, count)
        for kind, move in entries.items():
            for line in move.line_ids:
                first = self._copy(
                    "account_move_line",
                    line.id,
                    count,
                    move_id=moves[kind],
                    move_name=numbers[kind],
                    date=day,
                    invoice_date=day,
                    date_maturity=f"CASE WHEN t.date_maturity IS NULL THEN NULL"
                    f" ELSE {day} END",
                    **({"payment_id": f"{payments} + n"} if line.payment_id else {}),
                    **(
                        {
                            "appointment_id": f"{events} + n",
                            "date_of_service": day,
                            "provider_id": self._provider(number, self.providers.ids),
                        }
                        if line == fee
                        else {}
                    ),
                    **(
                        {"full_reconcile_id": f"{fulls} + n"}
                        if line.full_reconcile_id
                        else {}
                    ),
                    partner_id=client,
                    # The line of a payment has none.
                    **({"client_id": client} if line.client_id else {}),
                )
                if line.account_type == "asset_receivable":
                    receivables[kind] = first
                if line == fee and payment:
                    of_whom = (first, payments, moves["fee"], day, client)
                    self._copy_charges(fee, count, *of_whom)
        if matched:
            self._copy(
                "account_partial_reconcile",
                matched.id,
                count,
                debit_move_id=f"{receivables['fee']} + n",
                credit_move_id=f"{receivables['pay']} + n",
                full_reconcile_id=f"{fulls} + n",
                max_date=day,
            )

    def _copy_charges(self, fee, count, lines, payments, moves, day, client):
        """Copy the charge of a fee; a payout comes with fifty of them."""
        charge = self.env["payment.transaction"].search([("fee_line_id", "=", fee.id)])
        first = self._copy(
            "payment_transaction",
            charge.id,
            count,
            reference="'BENCH/' || n",
            fee_line_id=f"{lines} + n",
            payment_id=f"{payments} + n",
            partner_id=client,
            last_state_change=day,
            payout_reference="'po_' || n / 50",
            payout_date=f"{day} + 2",
        )
        self.cr.execute(
            "INSERT INTO account_invoice_transaction_rel (transaction_id, invoice_id)"
            f" SELECT {first} + n, {moves} FROM generate_series(0, {count} - 1) n"
        )

    def _number(self, move, day, offset):
        """SQL of prefix, number and name of a copy: of its own year, and agreeing with
        one another, since Odoo looks for the next number by the former two.

        :param str day: SQL of its date
        """
        year = f"'/' || to_char({day}, 'YYYY') || '/'"
        prefix = f"replace('{move.sequence_prefix}', '/{move.date.year}/', {year})"
        number = f"(n + {offset + AFTER})"
        digits = f"greatest(5, length({number}::text))"
        return prefix, number, f"{prefix} || lpad({number}::text, {digits}, '0')"

    def _reserve(self, table, count):
        """:return: the first of so many ids of a table, which follow one another"""
        self.cr.execute(f"SELECT nextval('{table}_id_seq')")
        [first] = self.cr.fetchone()
        self.cr.execute(f"SELECT setval('{table}_id_seq', {first} + {count})")
        return first

    def _get_columns(self, table):
        """:return: names of all its columns but the id"""
        self.cr.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = %s AND column_name != 'id'"
            " AND table_schema = current_schema",
            [table],
        )
        return [name for (name,) in self.cr.fetchall()]

    def _copy(self, table, template, count, ids=None, **columns):
        """Copy a row ``count`` times; return the first of the new ids, which follow one
        another.

        :param str ids: SQL of the new ids, where they have been reserved
        :param columns: SQL expressions over ``n``, the number of the copy, and ``t``,
            the row that is copied
        """
        names = self._get_columns(table)
        first = None if ids else self._reserve(table, count)
        values = ", ".join(columns.get(name, f't."{name}"') for name in names)
        quoted = ", ".join(f'"{name}"' for name in names)
        self.cr.execute(
            f"INSERT INTO {table} (id, {quoted}) SELECT {ids or f'{first} + n'},"
            f" {values} FROM {table} t, generate_series(0, {count} - 1) n"
            f" WHERE t.id = {template}"
        )
        return first
