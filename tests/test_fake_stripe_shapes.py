"""What the fake Stripe answers has the shape of the types in Stripe's own SDK: fields
and states that Stripe does not have would make the other tests worthless."""

import re
import threading

import pytest
import stripe
from test_fake_stripe import fake  # noqa: F401

TYPES = {
    "payment_intent": stripe.PaymentIntent,
    "charge": stripe.Charge,
    "refund": stripe.Refund,
    "dispute": stripe.Dispute,
    "balance_transaction": stripe.BalanceTransaction,
    "payout": stripe.Payout,
    "webhook_endpoint": stripe.WebhookEndpoint,
}
METADATA = {"metadata": {"reference": "fee-1", "key": "k"}, "description": "fee-1"}


@pytest.fixture
def client(fake):  # noqa: F811
    return stripe.StripeClient("sk_test_fake", base_addresses={"api": fake.address})


def pay(client):
    return client.v1.payment_intents.create(
        {
            "amount": 7500,
            "currency": "usd",
            "customer": "cus_fake",
            "payment_method": "pm_ok",
            "confirm": True,
            "expand": ["latest_charge.balance_transaction"],
            **METADATA,
        }
    )


def assert_shape(values):
    """Every object in it has no field, and no state, that Stripe's type has not."""
    if isinstance(values, list):
        for value in values:
            assert_shape(value)
    if not isinstance(values, dict):
        return
    if type_ := TYPES.get(values.get("object")):
        hints = type_.__annotations__
        assert not values.keys() - hints.keys() - {"object"}, type_
        for name in ("status", "reason", "type"):
            states = re.findall(r"\"([a-z_]+)\"|'([a-z_]+)'", str(hints.get(name)))
            known = {one or other for one, other in states}
            if "Literal" in str(hints.get(name)) and values.get(name):
                assert values[name] in known, (type_, name)
    for value in values.values():
        assert_shape(value)


def test_charge_refund_and_dispute(client, fake):  # noqa: F811
    intent = pay(client)
    assert_shape(intent.to_dict())
    refund = client.v1.refunds.create({"payment_intent": intent.id, "amount": 3000})
    assert_shape(refund.to_dict())
    fake.account.fail_refund(refund.id)
    refund = client.v1.refunds.retrieve(refund.id)
    assert refund.status == "failed"
    assert_shape(refund.to_dict())
    for status, end in (("needs_response", "won"), ("warning_needs_response", None)):
        dispute = fake.account.create_dispute(intent.id, status)
        if end:
            fake.account.close_dispute(dispute["id"], end)
    disputes = client.v1.disputes.list({"payment_intent": intent.id})
    assert [len(d.balance_transactions) for d in disputes.data] == [0, 2]
    assert_shape([d.to_dict() for d in disputes.data])
    fake.account.create_payout()
    assert_shape([p.to_dict() for p in client.v1.payouts.list().data])


def test_webhook_endpoint(client):
    made = client.v1.webhook_endpoints.create(
        {"url": "https://example.com/", "enabled_events": ["charge.refunded", "*"]}
    )
    assert_shape(made.to_dict())
    [listed] = client.v1.webhook_endpoints.list().data
    assert_shape(listed.to_dict())
    assert listed.enabled_events == ["charge.refunded", "*"]
    assert "secret" not in listed.to_dict()


def test_lists_come_in_pages_newest_first(client):
    intents = [pay(client).id for _n in range(5)]
    listed = client.v1.payment_intents.list({"customer": "cus_fake", "limit": 2})
    assert listed.has_more
    assert [found.id for found in listed.auto_paging_iter()] == intents[::-1]


def test_its_own_time(client, fake):  # noqa: F811
    headers = []
    for offset in (0, 3600):
        fake.account.clock_offset = offset
        headers.append(pay(client).last_response.headers["Date"])
    assert headers[0].endswith("GMT")
    assert headers[0] != headers[1]


def test_errors(client, fake):  # noqa: F811
    fake.account.unknown_customers = {"cus_fake"}
    for ask in (
        lambda: pay(client),
        lambda: client.v1.payment_intents.list({"customer": "cus_fake"}),
    ):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            ask()
        assert refusal.value.http_status == 400
        assert (refusal.value.code, refusal.value.param) == (
            "resource_missing",
            "customer",
        )
    fake.account.unknown_customers = set()
    fake.account.per_second = 1
    answers = []

    def ask_at_once():
        try:
            answers.append(pay(client).status)
        except stripe.RateLimitError as error:
            answers.append(error.http_status)

    threads = [threading.Thread(target=ask_at_once) for _n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, answers)) == ["429", "429", "succeeded"]
