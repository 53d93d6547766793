"""Two therapists take one client at once: one has them in care. Real processes."""

import threading

import psycopg2
import pytest

from devtools.odoo_server import RpcError, Session

CLIENTS = 8
PRACTICE = f"""
company = env.company
company.noshow_therapists_take_clients = True
group = env.ref("noshow_fees.group_therapist")
for login in ("therapist1", "therapist2"):
    env["res.users"].with_context(no_reset_password=True).create(
        {{"name": login, "login": login, "password": login, "group_ids": [(6, 0,
        group.ids)]}}
    )
env["res.partner"].create(
    [{{"name": f"Client {{n}}", "is_client": True}} for n in range({CLIENTS})]
)
env.cr.commit()
"""


@pytest.fixture
def practice(bench, database):
    """Two therapists who take their own clients."""
    bench.odoo_quietly(
        *("shell", "-d", database, "--no-http"),
        log="two_therapists.log",
        failure="The practice could not be made.",
        script=PRACTICE,
    )
    return database


def query(bench, practice, sql):
    environment = bench.environment
    connection = psycopg2.connect(
        dbname=practice,
        host=environment["PGHOST"],
        port=environment["PGPORT"],
        user=environment["PGUSER"],
        password=environment.get("PGPASSWORD"),
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()
    finally:
        connection.close()


def test_one_takes(bench, practice, start_odoo):
    # In processes of their own: within one the interpreter takes turns.
    servers = [start_odoo()[0] for _n in range(2)]
    people = [
        Session(port, practice, login, login)
        for port, login in zip(servers, ("therapist1", "therapist2"), strict=True)
    ]
    clients = [
        row[0]
        for row in query(
            bench, practice, "SELECT id FROM res_partner WHERE is_client ORDER BY id"
        )
    ]
    assert len(clients) == CLIENTS
    # The first of each warms its server.
    for session, client in zip(people, clients[:2], strict=True):
        book(session, client)
    errors = []
    for client in clients[2:]:
        barrier = threading.Barrier(len(people))

        def work(session, client=client, barrier=barrier):
            barrier.wait()
            try:
                book(session, client)
            except RpcError as error:
                errors.append(error)

        threads = [threading.Thread(target=work, args=(one,)) for one in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not errors, "both have booked"
    care = query(
        bench, practice, "SELECT client_id, COUNT(*) FROM noshow_care GROUP BY 1"
    )
    assert dict(care) == dict.fromkeys(clients, 1)
    [[booked]] = query(
        bench,
        practice,
        "SELECT COUNT(*) FROM calendar_event WHERE client_id IS NOT NULL",
    )
    assert booked == 2 + 2 * len(clients[2:])


def book(session, client):
    """Book `client` for oneself."""
    session.call(
        "calendar.event",
        "create",
        [
            {
                "name": "Session",
                "client_id": client,
                "start": "2030-01-07 15:00:00",
                "stop": "2030-01-07 16:00:00",
            }
        ],
    )
