"""A practice with billers and fees, and an accountant's look at its books, in SQL."""

import contextlib

import psycopg2

#: `open` fees of today, `closed` ones in a period whose books are closed, and `free`
#: appointments that nobody has cancelled; each client has a card that never declines.
SCRIPT = """
from datetime import datetime, timedelta
company = env.company
env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
for login, group in %(people)s:
    env["res.users"].with_context(no_reset_password=True).create(
        {"name": login, "login": login, "password": login,
         "group_ids": [(6, 0, env.ref("noshow_fees." + group).ids)]}
    )
provider = env.ref("payment.payment_provider_demo")
provider.write({"state": "test", "journal_id": env["account.journal"].search(
    [("type", "=", "bank")], limit=1).id})
fee_code = env["product.product"].search([("cpt_code", "=", "NOSHOW")], limit=1)
fee_code.list_price = 75.0
company.noshow_no_show_product_id = fee_code
now = datetime.now().replace(microsecond=0)
clients = env["res.partner"].create(
    [{"name": f"Client {n}", "is_client": True, "card_authorized_on": "2026-01-01"}
     for n in range(%(clients)s)]
)
env["payment.token"].create(
    [{"provider_id": provider.id, "partner_id": client.id, "payment_details": "4242",
      "payment_method_id": env.ref("payment.payment_method_card").id,
      "provider_ref": f"demo {client.id}", "demo_simulated_state": "done"}
     for client in clients]
)
def book(count, days):
    start = now - timedelta(days=days)
    return env["calendar.event"].with_context(no_mail_to_attendees=True).create(
        [{"name": "Session", "client_id": clients[n %% len(clients)].id, "start": start,
          "stop": start + timedelta(hours=1)} for n in range(count)]
    )
env.user.group_ids += env.ref("noshow_fees.group_owner")
for count, days in ((%(closed)s, 40), (%(open)s, 0)):
    events = book(count, days)
    events._cancel_appointments(
        "no_show", cancelled_on=now - timedelta(days=days),
        fees={event.id: {"product": fee_code, "amount": 75.0} for event in events},
    )
company.fiscalyear_lock_date = (now - timedelta(days=20)).date()
book(%(free)s, 0)
env.cr.commit()
"""


def make_practice(bench, database, people, **sizes):
    """Fill a fresh database.

    :param people: `{login: group of the addon}`; the password is the login
    :param sizes: `clients`, `open`, `closed`, `free`
    """
    sizes = {"clients": 5, "open": 0, "closed": 0, "free": 0, **sizes}
    bench.odoo_quietly(
        *("shell", "-d", database, "--no-http"),
        log="fee_practice.log",
        failure="The practice could not be made.",
        script=SCRIPT % {"people": list(people.items()), **sizes},
    )


class Books:
    """The database itself, past Odoo."""

    def __init__(self, bench, database):
        environment = bench.environment
        self.connection = psycopg2.connect(
            dbname=database,
            host=environment["PGHOST"],
            port=environment["PGPORT"],
            user=environment["PGUSER"],
            password=environment.get("PGPASSWORD"),
        )
        self.connection.autocommit = True

    def close(self):
        self.connection.close()

    def sql(self, query, parameters=()):
        with self.connection.cursor() as cursor:
            cursor.execute(query, parameters)
            return cursor.fetchall() if cursor.description else None

    def fees(self):
        """The live fees: line, invoice, client, whether its books are closed."""
        return self.sql(
            """
            SELECT line.id, line.move_id, line.client_id,
                   line.date <= company.fiscalyear_lock_date
              FROM account_move_line line
              JOIN res_company company ON company.id = line.company_id
             WHERE line.is_noshow_fee AND line.parent_state = 'posted'
          ORDER BY line.id
            """
        )

    def live_fee(self, line):
        """The live fee of the appointment of `line`: its id and its price."""
        [[live, price]] = self.sql(
            """
            SELECT live.id, live.price_unit::float
              FROM account_move_line line
              JOIN account_move_line live USING (appointment_id)
             WHERE line.id = %s AND live.is_noshow_fee
            """,
            [line],
        )
        return live, price

    def count(self, table, where="TRUE"):
        [[count]] = self.sql(f"SELECT COUNT(*) FROM {table} WHERE {where}")  # noqa: S608
        return count

    def counts(self):
        """How many invoices, credit notes, payments and charges there are."""
        return {
            "invoices": self.count("account_move", "move_type = 'out_invoice'"),
            "credit notes": self.count("account_move", "move_type = 'out_refund'"),
            "payments": self.count("account_payment"),
            "charges": self.count("payment_transaction"),
        }

    @contextlib.contextmanager
    def held(self, move):
        """Be somebody who is changing this invoice and has not committed."""
        self.connection.autocommit = False
        try:
            self.sql(
                "SELECT id FROM account_move WHERE id = %s FOR NO KEY UPDATE", [move]
            )
            yield
        finally:
            self.connection.rollback()
            self.connection.autocommit = True

    def check(self):
        """:raise AssertionError: what an accountant would not accept"""
        for name, query in WRONG.items():
            rows = self.sql(query)
            assert not rows, f"{name}: {rows[:5]}"


#: Each finds what must not be there.
WRONG = {
    "an entry that does not balance": """
        SELECT move_id, SUM(balance) FROM account_move_line
      GROUP BY move_id HAVING SUM(balance) <> 0
    """,
    "a price that is not what is booked": """
        SELECT line.id, line.price_subtotal, line.balance
          FROM account_move_line line JOIN account_move move ON move.id = line.move_id
         WHERE line.display_type = 'product' AND move.state = 'posted'
           AND line.price_subtotal <> line.balance
               * CASE move.move_type WHEN 'out_refund' THEN 1 ELSE -1 END
           AND move.move_type IN ('out_invoice', 'out_refund')
    """,
    "a total that is not the sum of its lines": """
        SELECT move.id, move.amount_total, SUM(line.price_total)
          FROM account_move move JOIN account_move_line line ON line.move_id = move.id
         WHERE line.display_type = 'product'
           AND move.move_type IN ('out_invoice', 'out_refund')
      GROUP BY move.id HAVING move.amount_total <> SUM(line.price_total)
    """,
    "a residual that is not what is left unmatched": """
        SELECT line.id, line.amount_residual,
               line.balance - COALESCE(debit.amount, 0) + COALESCE(credit.amount, 0)
          FROM account_move_line line
          JOIN account_account account ON account.id = line.account_id
     LEFT JOIN (SELECT debit_move_id AS id, SUM(amount) AS amount
                  FROM account_partial_reconcile GROUP BY 1) debit
               ON debit.id = line.id
     LEFT JOIN (SELECT credit_move_id AS id, SUM(amount) AS amount
                  FROM account_partial_reconcile GROUP BY 1) credit
               ON credit.id = line.id
         WHERE account.account_type = 'asset_receivable'
           AND line.parent_state = 'posted'
           AND line.amount_residual
               <> line.balance - COALESCE(debit.amount, 0) + COALESCE(credit.amount, 0)
    """,
    "an invoice whose open amount is not its receivable's": """
        SELECT move.id, move.amount_residual, SUM(line.amount_residual)
          FROM account_move move JOIN account_move_line line ON line.move_id = move.id
         WHERE line.display_type = 'payment_term' AND move.state = 'posted'
           AND move.move_type IN ('out_invoice', 'out_refund')
      GROUP BY move.id
        HAVING move.amount_residual <> ABS(SUM(line.amount_residual))
    """,
    "an appointment with two live fees": """
        SELECT appointment_id FROM account_move_line WHERE is_noshow_fee
      GROUP BY appointment_id HAVING COUNT(*) > 1
    """,
    "a charge that went through without exactly one payment": """
        SELECT tx.id FROM payment_transaction tx
     LEFT JOIN account_payment payment ON payment.payment_transaction_id = tx.id
         WHERE tx.state = 'done' GROUP BY tx.id HAVING COUNT(payment.id) <> 1
    """,
    "a draft left behind": "SELECT id FROM account_move WHERE state <> 'posted'",
    "a client's balance that is not billed less received": """
        SELECT partner.id,
               (SELECT COALESCE(SUM(line.balance), 0) FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                 WHERE line.partner_id = partner.id
                   AND account.account_type = 'asset_receivable'
                   AND line.parent_state = 'posted') AS ledger,
               (SELECT COALESCE(SUM(amount_total_signed), 0) FROM account_move
                 WHERE partner_id = partner.id AND state = 'posted'
                   AND move_type IN ('out_invoice', 'out_refund'))
               - (SELECT COALESCE(SUM(CASE payment_type WHEN 'inbound' THEN amount
                                                        ELSE -amount END), 0)
                    FROM account_payment WHERE partner_id = partner.id
                     AND state NOT IN ('draft', 'canceled', 'rejected')) AS expected
          FROM res_partner partner WHERE partner.is_client
           AND (SELECT COALESCE(SUM(line.balance), 0) FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                 WHERE line.partner_id = partner.id
                   AND account.account_type = 'asset_receivable'
                   AND line.parent_state = 'posted')
            <> (SELECT COALESCE(SUM(amount_total_signed), 0) FROM account_move
                 WHERE partner_id = partner.id AND state = 'posted'
                   AND move_type IN ('out_invoice', 'out_refund'))
               - (SELECT COALESCE(SUM(CASE payment_type WHEN 'inbound' THEN amount
                                                        ELSE -amount END), 0)
                    FROM account_payment WHERE partner_id = partner.id
                     AND state NOT IN ('draft', 'canceled', 'rejected'))
    """,
    "an outcome on a line that is not its appointment's": """
        SELECT line.id, line.visit_state, event.visit_state
          FROM account_move_line line
          JOIN calendar_event event ON event.id = line.appointment_id
         WHERE (line.visit_state, line.counts_as_missed)
               IS DISTINCT FROM (event.visit_state, event.counts_as_missed)
    """,
    "a miss that counts as charged without a fee, or the other way round": """
        SELECT event.id, event.visit_state, event.uncharged_on
          FROM calendar_event event
         WHERE event.client_id IS NOT NULL
           AND (event.uncharged_on IS NOT NULL) <> (
                   event.visit_state IN ('late_cancelled', 'no_show')
                   AND event.rebooked_event_id IS NULL
                   AND NOT EXISTS (
                       SELECT FROM account_move_line fee
                        WHERE fee.appointment_id = event.id
                          AND fee.is_noshow_fee AND fee.parent_state = 'posted'))
    """,
}
