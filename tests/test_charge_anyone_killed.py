"""Whoever starts it, one charge a fee: parents in the portal whose server dies, and a
batch that Stripe is too busy for. Real processes; payments counted at the fake."""

import time

import pytest
from charge_parent import Parent
from charge_practice import Aside, open_practice, wait_until

from devtools.odoo_server import RpcError
from devtools.settings import LOG_DIR

BATCH = 40
PARENTS = 8


@pytest.fixture(scope="module")
def practice(bench, templates):
    counts = {"fees": 1, "batch": BATCH, "parents": PARENTS}
    log = LOG_DIR / "charge_anyone_killed.log"
    with open_practice(bench, templates, log, **counts) as practice:
        yield practice


#: Each test uses a parent of its own.
LOGINS = iter(f"parent{n}" for n in range(PARENTS))


@pytest.fixture
def parent(practice):
    yield Parent(practice, next(LOGINS))
    practice.stripe.control("heal")


def assert_paid_once(parent):
    assert parent.states == [["done"]] * 3
    assert [(fee.charged, fee.payments, fee.open) for fee in parent.fees] == [
        (1, 1, 0.0)
    ] * 3


def make_old(parent, minutes):
    for fee in parent.fees:
        fee.make_old(minutes)


def test_three_fees_by_one_press(practice, parent):
    """Charged by the time the page has its answer."""
    assert parent.pay_overdue() is None
    assert_paid_once(parent)


def test_three_fees_and_the_line_is_cut(practice, parent):
    """E1: pressed again, taken twice."""
    practice.stripe.fault("drop_after", times=30)
    assert parent.pay_overdue() is None
    assert parent.states == [["pending"]] * 3
    practice.stripe.control("heal")
    assert "being charged" in str(parent.pay_overdue())
    assert "being charged" in str(parent.fees[0].charge())
    make_old(parent, minutes=2)
    practice.run_job()
    assert_paid_once(parent)


def test_three_fees_and_the_worker_is_killed(practice, parent):
    """E2: staff charge what the portal has charged."""
    practice.stripe.fault("hang_after")
    request = Aside(parent.pay_overdue)
    request.start()
    practice.stripe.wait_for_request()
    assert parent.charged == 1
    practice.kill_who_asks_stripe()
    request.join()
    assert parent.states == [["pending"]] * 3
    for fee in parent.fees:
        assert "being charged" in str(fee.charge())
    make_old(parent, minutes=2)
    practice.run_job()
    practice.run_job()
    assert_paid_once(parent)


def test_one_invoice_and_the_worker_is_killed(practice, parent):
    """E2: the client presses again once Stripe has forgotten the key."""
    for moment in ("hang_before", "hang_after"):
        fee = parent.fees[moment == "hang_after"]
        practice.stripe.fault(moment)
        request = Aside(parent.pay, fee)
        request.start()
        practice.stripe.wait_for_request()
        practice.kill_who_asks_stripe()
        request.join()
        practice.stripe.control("do", ["forget_keys"])
        assert "being charged" in str(parent.pay(fee))
        fee.make_old(minutes=2)
        practice.run_job()
        if moment == "hang_before":
            practice.stripe.pass_time(minutes=11)
            practice.run_job()
            assert fee.states == ["error"]
            assert parent.pay(fee) is None
        assert fee.states[-1] == "done"
        assert (fee.charged, fee.payments, fee.open) == (1, 1, 0.0)


def intents_of(parent):
    """Stripe's intents of what is open of the first fee, oldest first."""
    references = parent.practice.sql(
        "SELECT t.reference FROM payment_transaction t"
        " JOIN account_invoice_transaction_rel r ON r.transaction_id = t.id"
        " WHERE r.invoice_id = %s",
        [parent.fees[0].move],
    )
    references = {reference for [reference] in references}
    found = parent.practice.stripe.control("state")["intents"]
    return [intent for intent in found if intent["description"] in references]


def test_a_new_card_and_the_worker_is_killed(practice, parent):
    """In Odoo's own form: before the browser has it, and after it has paid it."""
    fee = parent.fees[0]
    known = {i["id"] for i in practice.stripe.control("state")["intents"]}
    practice.stripe.fault("hang_after")
    request = Aside(parent.open_form, fee)
    request.start()
    practice.stripe.wait_for_request()
    practice.kill_who_asks_stripe()
    request.join()
    # Nobody has its secret: it can never be paid.
    [lost] = [
        i for i in practice.stripe.control("state")["intents"] if i["id"] not in known
    ]
    assert lost["status"] == "requires_payment_method"
    assert not intents_of(parent)
    assert parent.open_form(fee) is None
    [intent] = intents_of(parent)
    practice.stripe.control("do", ["confirm_intent", intent["id"]])
    practice.stripe.fault("hang_before", path="/v1/payment_intents/pi_", method="GET")
    request = Aside(parent.come_back, intent)
    request.start()
    practice.stripe.wait_for_request()
    practice.kill_who_asks_stripe()
    request.join()
    # Pays again, with the saved card, too; the practice charges it.
    answers = [parent.open_form(fee), parent.pay(fee), fee.charge()]
    assert all(answers), answers
    practice.sql(
        "UPDATE payment_transaction SET create_date = create_date - interval '1 hour',"
        " last_state_change = last_state_change - interval '1 hour'"
        " WHERE reference = %s",
        [intent["description"]],
    )
    fee.charge()
    practice.run_job()
    practice.run_job()
    paid = [i for i in intents_of(parent) if i["status"] == "succeeded"]
    assert [i["id"] for i in paid] == [intent["id"]]
    assert fee.open == 0.0


def open_waiver(practice, fee):
    """:return: a function that waives it; it returns None, or Odoo's error"""
    call = practice.biller.call
    [reason] = call("noshow.waiver.reason", "search", [], limit=1)
    values = {"line_ids": [(6, 0, [fee.line])], "reason_id": reason}
    dialog = call("account.move.line.waive.fee", "create", values)

    def waive():
        try:
            call("account.move.line.waive.fee", "action_waive", [dialog])
        except RpcError as error:
            return error
        return None

    return waive


def at_once(*requests):
    threads = [Aside(*request) for request in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [thread.answer for thread in threads]


def test_parent_and_practice_at_once(practice, parent):
    """Both charge, and the parent presses twice; a new card beside. Where each is in
    the other's way nothing is charged, and who presses again pays once."""
    for fee in parent.fees:
        at_once(
            (parent.pay, fee), (fee.charge,), (parent.open_form, fee), (parent.pay, fee)
        )
    practice.run_job()
    for fee in parent.fees:
        if not fee.charged:
            assert fee.open == 75.0
            assert parent.pay(fee) is None
    for fee in parent.fees:
        assert (fee.charged, fee.payments, fee.open) == (1, 1, 0.0), fee.states


def test_parent_pays_what_is_being_waived(practice, parent):
    """Either, never both."""
    for fee in parent.fees:
        waive = open_waiver(practice, fee)
        paid, waived = at_once((parent.pay, fee), (waive,))
        practice.run_job()
        assert (paid is None) != (waived is None), (paid, waived)
        assert fee.charged == (paid is None)
        assert fee.open == 0.0


def test_killed_between_commit_and_first_question(practice, parent):
    with practice.stopped_at("payment_transaction", "UPDATE OF sent_at") as kill:
        request = Aside(parent.pay_overdue)
        request.start()
        kill()
    request.join()
    assert parent.states == [["pending"]] * 3
    assert parent.charged == 0
    practice.run_job()
    assert_paid_once(parent)


def test_batch_at_one_request_a_second(practice, start_cron):
    """E8: no hand is needed; the scheduler does it."""
    rows = practice.sql(
        "SELECT e.id, t.id FROM calendar_event e JOIN payment_token t"
        " ON t.partner_id = e.client_id WHERE e.visit_state = 'scheduled'"
    )
    events = [event for event, _token in rows]
    assert len(events) == BATCH
    before = len(practice.stripe.control("state")["succeeded"])
    practice.stripe.control("per_second", 1)
    call = practice.biller.call
    values = {"event_ids": [(6, 0, events)], "visit_state": "no_show"}
    page = call("calendar.event.cancel", "create", values)
    [page_values] = call("calendar.event.cancel", "read", [page], ["line_ids"])
    [[code]] = practice.sql(
        "SELECT p.id FROM product_product p JOIN product_template t"
        " ON t.id = p.product_tmpl_id WHERE t.cpt_code = 'NOSHOW'"
    )
    call(
        "calendar.event.cancel.line",
        "write",
        page_values["line_ids"],
        {"charge_card": True, "product_id": code},
    )
    call("calendar.event.cancel", "action_cancel", [page])
    start_cron()
    done = (
        "SELECT count(*) FROM payment_transaction t JOIN account_move_line l"
        " ON l.id = t.fee_line_id WHERE l.appointment_id = ANY(%s)"
        " AND t.state = 'done' AND t.is_post_processed"
    )
    start = time.monotonic()

    def is_done():
        # A scheduler that has just started sleeps a minute first.
        practice.wake_schedulers()
        return practice.sql(done, [events]) == [(BATCH,)]

    wait_until(is_done, seconds=300)
    state = practice.stripe.control("state")
    assert len(state["succeeded"]) == before + BATCH
    # It was that busy.
    assert time.monotonic() - start > BATCH - 5
    assert state["refused"]
    practice.stripe.control("per_second", None)


@pytest.fixture
def start_cron(practice):
    """A function that starts a server with a scheduler on the practice."""
    with practice.scheduler() as start:
        yield start
