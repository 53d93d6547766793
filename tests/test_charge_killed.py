"""Exactly one charge, whatever dies: real workers killed at named moments, a fake
Stripe with injected faults, and its succeeded payments counted."""

import statistics
import time

import pytest
from charge_practice import (
    BATCH,
    WEBHOOK_SECRET,
    Aside,
    open_practice,
    wait_until,
)

from devtools.odoo_server import RpcError
from devtools.settings import LOG_DIR

LOG = LOG_DIR / "charge_killed.log"


@pytest.fixture(scope="module")
def practice(bench, templates):
    """One practice for all of these tests: each uses fees of its own."""
    with open_practice(bench, templates, LOG) as practice:
        yield practice


@pytest.fixture
def fee(practice):
    yield practice.next_fee()
    practice.stripe.control("heal")


@pytest.fixture(scope="module")
def slow(practice):
    """A charge that is answered after the time-out, made while other tests run."""
    fee = practice.next_fee().behave("pm_slow")
    yield fee, fee.charge_aside()


def assert_paid_once(fee):
    assert fee.states[-1] == "done"
    assert (fee.charged, fee.payments, fee.open) == (1, 1, 0.0)


def assert_not_charged(fee):
    assert (fee.charged, fee.payments, fee.open) == (0, 0, 75.0)


def test_slow_answer_begins(slow):
    """See `test_time_out`, near the end."""
    fee, _request = slow
    wait_until(lambda: fee.states == ["pending"])


def test_two_staff_at_once(practice, fee):
    others = [practice.log_in("biller2"), practice.biller]
    requests = [fee.charge_aside(session) for session in others]
    for request in requests:
        request.join()
    assert sorted(request.answer is None for request in requests) == [False, True]
    assert_paid_once(fee)


def test_second_click_during_the_call(practice, fee):
    practice.stripe.fault("hang_after")
    first = fee.charge_aside()
    practice.stripe.wait_for_request()
    assert "being charged" in str(fee.charge())
    practice.stripe.control("release")
    first.join()
    assert first.answer is None
    assert_paid_once(fee)


def test_looked_at_while_it_is_sent(practice, fee):
    """The job of another server finds a charge that a request has just claimed."""
    with practice.stopped_at("payment_transaction", "UPDATE OF sent_at"):
        request = fee.charge_aside()
        wait_until(lambda: practice.sql(practice.WAITING, ["advisory"]))
        look = Aside(practice.hold, "payment_transaction", "fee_line_id", fee.line)
        look.start()
        wait_until(lambda: practice.sql(practice.WAITING, ["transactionid"]))
        practice.open_gate()
        look.join()
        request.join()
    assert request.answer is None
    assert (fee.states, fee.charged) == (["done"], 1)
    practice.run_job()
    assert_paid_once(fee)


def test_killed_before_the_commit(practice, fee):
    with practice.stopped_at("payment_transaction", "INSERT") as kill:
        request = fee.charge_aside()
        kill()
    request.join()
    practice.run_job()
    assert fee.states == []
    assert_not_charged(fee)


def test_killed_between_commit_and_first_question(practice, fee):
    with practice.stopped_at("payment_transaction", "UPDATE OF sent_at") as kill:
        request = fee.charge_aside()
        kill()
    request.join()
    assert fee.states == ["pending"]
    assert fee.charged == 0
    practice.run_job()
    assert_paid_once(fee)


def test_killed_before_stripe_received_it(practice, fee):
    practice.stripe.fault("hang_before")
    request = fee.charge_aside()
    practice.stripe.wait_for_request()
    practice.kill_who_asks_stripe()
    request.join()
    fee.make_old(minutes=2)
    practice.run_job()
    assert fee.states == ["pending"]  # it may still arrive
    practice.stripe.pass_time(minutes=11)
    practice.run_job()
    assert fee.states == ["error"]
    assert_not_charged(fee)
    assert fee.charge() is None
    assert_paid_once(fee)


def test_killed_after_acceptance(practice, fee):
    practice.stripe.fault("hang_after")
    request = fee.charge_aside()
    practice.stripe.wait_for_request()
    assert fee.charged == 1
    practice.kill_who_asks_stripe()
    request.join()
    assert fee.states == ["pending"]
    assert "being charged" in str(fee.charge())
    fee.make_old(minutes=2)
    practice.run_job()
    assert_paid_once(fee)


def test_killed_before_the_answer_was_kept(practice, fee):
    with practice.stopped_at("payment_transaction", "UPDATE OF state") as kill:
        request = fee.charge_aside()
        kill()
    request.join()
    assert (fee.states, fee.charged) == (["pending"], 1)
    fee.make_old(minutes=2)
    practice.run_job()
    assert_paid_once(fee)


def test_killed_before_the_payment_was_booked(practice, fee):
    with practice.stopped_at("account_payment", "INSERT") as kill:
        request = fee.charge_aside()
        kill()
    request.join()
    assert (fee.states, fee.payments, fee.open) == (["done"], 0, 75.0)
    assert "being charged" in str(fee.charge())
    practice.run_job("payment.cron_post_process_payment_tx")
    assert_paid_once(fee)


@pytest.mark.parametrize(
    "kind", ["drop_before", "drop_after", "error_before", "error_after"]
)
def test_line_cut_or_500_once(practice, fee, kind):
    practice.stripe.fault(kind)
    assert fee.charge() is None
    assert_paid_once(fee)


@pytest.mark.parametrize("kind", ["drop_after", "error_after"])
def test_charged_though_never_answered(practice, fee, kind):
    practice.stripe.fault(kind, times=10)
    assert fee.charge() is None
    assert (fee.states, fee.charged) == (["pending"], 1)
    fee.make_old(minutes=2)
    practice.run_job()
    assert_paid_once(fee)


def test_never_reached_stripe(practice, fee):
    practice.stripe.fault("drop_before", times=10)
    assert fee.charge() is None
    fee.make_old(minutes=2)
    practice.run_job()
    assert fee.states == ["pending"]
    practice.stripe.pass_time(minutes=11)
    practice.run_job()
    assert fee.states == ["error"]
    practice.stripe.control("heal")
    assert fee.charge() is None
    assert_paid_once(fee)


def test_webhook_before_the_answer(practice, fee):
    practice.stripe.fault("hang_after")
    request = fee.charge_aside()
    practice.stripe.wait_for_request()
    assert fee.send_event("payment_intent.succeeded") == 200
    practice.stripe.control("release")
    request.join()
    assert_paid_once(fee)


def test_events_replayed_late_and_forged(practice, fee):
    practice.stripe.fault("drop_after", times=10)
    fee.charge()
    assert fee.send_event("payment_intent.succeeded", secret="whsec_wrong") == 403
    assert fee.states == ["pending"]
    for _time in range(3):
        assert fee.send_event("payment_intent.succeeded") == 200
    fee.send_event("payment_intent.payment_failed", status="requires_payment_method")
    fee.send_event("payment_intent.canceled", status="canceled")
    assert fee.states == ["done"]
    assert_paid_once(fee)


def test_forged_event_without_a_secret(practice, fee):
    practice.sql("UPDATE payment_provider SET stripe_webhook_secret = NULL")
    try:
        practice.stripe.fault("drop_before", times=10)
        fee.charge()
        assert fee.send_event("payment_intent.succeeded", secret=None) == 200
        assert fee.states == ["pending"]
        assert_not_charged(fee)
    finally:
        practice.sql(
            "UPDATE payment_provider SET stripe_webhook_secret = %s", [WEBHOOK_SECRET]
        )


def test_decline_then_retry(practice, fee):
    fee.behave("pm_declined_insufficient_funds").charge()
    assert fee.states == ["error"]
    assert_not_charged(fee)
    assert fee.behave("pm_ok").charge() is None
    assert fee.states == ["error", "done"]
    assert_paid_once(fee)


def test_stock_payment_dialog_while_pending(practice, fee):
    practice.stripe.fault("drop_after", times=10)
    fee.charge()
    context = {"active_model": "account.move", "active_ids": [fee.move]}
    dialog = practice.biller.call(
        "account.payment.register", "create", {}, context=context
    )
    with pytest.raises(RpcError, match="being charged"):
        practice.biller.call(
            "account.payment.register", "action_create_payments", dialog
        )
    assert fee.payments == 0
    fee.make_old(minutes=2)
    practice.run_job()
    assert_paid_once(fee)


def test_refund_cut_and_retried(practice, fee):
    fee.charge()
    assert_paid_once(fee)
    practice.stripe.fault("hang_after", path="/v1/refunds")
    [reason] = practice.biller.call("noshow.waiver.reason", "search", [], limit=1)
    waive = {
        "line_ids": [(6, 0, [fee.line])],
        "reason_id": reason,
        "surplus": "refund",
    }
    dialog = practice.biller.call("account.move.line.waive.fee", "create", waive)
    request = Aside(
        practice.biller.call, "account.move.line.waive.fee", "action_waive", [dialog]
    )
    request.start()
    practice.stripe.wait_for_request()
    practice.kill_who_asks_stripe()
    request.join()
    assert fee.refunded == 1
    [[payment]] = practice.sql(
        "SELECT p.id FROM account_payment p JOIN payment_transaction t"
        " ON t.id = p.payment_transaction_id WHERE t.fee_line_id = %s",
        [fee.line],
    )
    wizard = practice.biller.call(
        "payment.refund.wizard",
        "create",
        {"payment_id": payment, "amount_to_refund": 75.0},
    )
    with pytest.raises(RpcError, match="on its way back"):
        practice.biller.call("payment.refund.wizard", "action_refund", [wizard])
    fee.make_old(minutes=2)
    practice.run_job()
    assert fee.refunded == 1
    [[state]] = practice.sql(
        "SELECT state FROM payment_transaction WHERE fee_line_id = %s"
        " AND operation = 'refund'",
        [fee.line],
    )
    assert state == "done"


def test_batch_goes_on_after_its_worker_was_killed(practice):
    events = practice.sql(
        "SELECT e.id, t.id FROM calendar_event e JOIN payment_token t"
        " ON t.partner_id = e.client_id WHERE e.visit_state = 'scheduled'"
    )
    assert len(events) == BATCH
    page = practice.biller.call(
        "calendar.event.cancel",
        "create",
        {
            "event_ids": [(6, 0, [event for event, _token in events])],
            "visit_state": "no_show",
        },
    )
    rows = practice.biller.call("calendar.event.cancel", "read", [page], ["line_ids"])[
        0
    ]["line_ids"]
    [[code]] = practice.sql(
        "SELECT p.id FROM product_product p JOIN product_template t"
        " ON t.id = p.product_tmpl_id WHERE t.cpt_code = 'NOSHOW'"
    )
    practice.biller.call(
        "calendar.event.cancel.line",
        "write",
        rows,
        {"charge_card": True, "product_id": code},
    )
    practice.biller.call("calendar.event.cancel", "action_cancel", [page])
    ids = [event for event, _token in events]
    count = (
        "SELECT count(*) FROM payment_transaction t JOIN account_move_line l"
        " ON l.id = t.fee_line_id WHERE l.appointment_id = ANY(%s) AND t.state = %s"
    )
    assert practice.sql(count, [ids, "pending"]) == [(BATCH,)]
    before = len(practice.stripe.control("state")["succeeded"])
    practice.stripe.fault("hang_after", skip=3)
    job = Aside(practice.run_job)
    job.start()
    practice.stripe.wait_for_request()
    practice.kill_who_asks_stripe()
    job.join()
    assert practice.sql(count, [ids, "done"]) == [(3,)]
    practice.sql(
        "UPDATE payment_transaction SET sent_at = sent_at - interval '2 minutes'"
        " WHERE state = 'pending'"
    )
    practice.run_job()
    assert practice.sql(count, [ids, "done"]) == [(BATCH,)]
    assert len(practice.stripe.control("state")["succeeded"]) == before + BATCH


def test_how_long_it_takes(practice, capsys):
    """One charge, and the charges of ten fees at once; the fake answers at once."""
    seconds = []
    fees = [practice.next_fee() for _n in range(3)]
    for fee in fees:
        start = time.monotonic()
        assert fee.charge() is None
        seconds.append(time.monotonic() - start)
        assert_paid_once(fee)
    fees = [practice.next_fee() for _n in range(10)]
    start = time.monotonic()
    requests = [fee.charge_aside() for fee in fees]
    for request in requests:
        request.join()
    ten = time.monotonic() - start
    for fee in fees:
        assert_paid_once(fee)
    one = statistics.median(seconds)
    with capsys.disabled():
        print(f"\n    one charge: {one:.2f} s; ten at once: {ten:.2f} s")  # noqa: T201
    assert one < 5
    assert ten < 30


def test_time_out(practice, slow):
    fee, request = slow
    request.join(60)
    # The SDK has asked twice with the same key, and the job, perhaps, meanwhile.
    assert request.answer is None
    assert fee.charged == 1
    fee.make_old(minutes=2)
    practice.run_job()
    assert_paid_once(fee)


def test_nothing_personal_in_the_log(practice):
    """After all of the above, with every logger at its most talkative."""
    log = LOG.read_text()
    for sign in ("DEBUG", "odoo.sql_db", "urllib3", "Charge ", "= %s"):
        assert sign in log
    for secret in ("Zuleika", "Secret Street", "sk_test", WEBHOOK_SECRET):
        assert secret not in log
    # At DEBUG urllib3 and Stripe's own library print what is asked, with Stripe's
    # references in it, which open nothing without the key. Loggers of others are left
    # alone.
    others = (" urllib3", " stripe: ")
    ours = "\n".join(
        line for line in log.splitlines() if not any(name in line for name in others)
    )
    for reference in ("cus_", "pm_ok", "pm_declined", "pm_slow"):
        assert reference not in ours
