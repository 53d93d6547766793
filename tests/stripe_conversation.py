"""What the addon asks Stripe, asked of a server that plays Stripe, and what mattered of
the answers. Two servers that say the same here do for these tests.

`stripe_world.json` holds what an independent one said: `seahaven-stripe-world` 0.3 from
PyPI (StripeAPI 2026-08-26, checked by its authors against recordings of the real one).
It needs Python 3.14. To ask it again, serve it and run this file with its address:

    python tests/stripe_conversation.py ADDRESS/worlds/x > tests/stripe_world.json
"""

import json
import sys

import stripe

KEY = "sk_test_fake"
# Stripe's own test cards: works, is declined once it is charged, wants the cardholder.
NUMBERS = {
    "ok": "4242424242424242",
    "declined": "4000000000000341",
    "authenticate": "4000002760003184",
}


def make_cards(client):
    """A customer with cards, made as with the real Stripe.

    :return: the customer's id, and `{name: payment method id}`
    """
    customer = client.v1.customers.create({"description": "V-1"}).id
    cards = {}
    for name, number in NUMBERS.items():
        card = {"number": number, "exp_month": 9, "exp_year": 2040, "cvc": "314"}
        card = client.v1.payment_methods.create({"type": "card", "card": card})
        client.v1.payment_methods.attach(card.id, {"customer": customer})
        cards[name] = card.id
    return customer, cards


class Conversation:
    def __init__(self, address, customer=None, cards=None):
        self.client = stripe.StripeClient(
            KEY, base_addresses={"api": address}, max_network_retries=0
        )
        if not cards:
            customer, cards = make_cards(self.client)
        self.customer, self.cards = customer, cards
        self.facts = {}

    def ask(self, name, request):
        """Note what matters of the answer to a request.

        :return: the answer, or None for an error
        """
        try:
            answer = request()
        except stripe.StripeError as error:
            body = json.loads(error.http_body)["error"]
            intent = body.get("payment_intent") or {}
            self.facts[name] = {
                "http": error.http_status,
                "error": type(error).__name__,
                "type": body.get("type"),
                "code": body.get("code"),
                "decline_code": body.get("decline_code"),
                "intent": intent.get("status"),
                "intent error": (intent.get("last_payment_error") or {}).get("code"),
            }
            return None
        self.facts[name] = {"http": 200, **self._facts(answer.to_dict())}
        return answer

    def _facts(self, answer):
        kind = answer["object"]
        if kind == "list":
            return {
                "has_more": answer["has_more"],
                "data": [self._facts(record) for record in answer["data"]],
            }
        names = {
            "payment_intent": ("amount", "currency", "description", "metadata"),
            "refund": ("amount", "currency", "metadata"),
        }[kind]
        facts = {name: answer[name] for name in ("status", *names)}
        facts["object"] = kind
        facts["id"] = answer["id"].split("_")[0]
        if kind == "refund":
            facts["booking"] = answer["balance_transaction"].split("_")[0]
            return facts
        facts["of the customer"] = answer["customer"] == self.customer
        facts["error"] = (answer["last_payment_error"] or {}).get("code")
        charge = answer["latest_charge"]
        if isinstance(charge, dict) and charge.get("balance_transaction"):
            booking = charge["balance_transaction"]
            facts["booking"] = {
                "adds up": booking["fee"] + booking["net"] == booking["amount"],
                "currency": booking["currency"],
                "id": booking["id"].split("_")[0],
            }
        return facts

    def params(self, card, amount=7500):
        return {
            "amount": amount,
            "currency": "usd",
            "customer": self.customer,
            "payment_method": self.cards[card],
            "payment_method_types": ["card"],
            "capture_method": "automatic",
            "confirm": True,
            "off_session": True,
            "description": "fee-1",
            "metadata": {"reference": "fee-1", "key": card},
            "expand": ["latest_charge.balance_transaction"],
        }

    def hold(self):
        """Say everything that the addon says.

        :return: `{what was asked: what mattered of the answer}`
        """
        intents, refunds = (
            self.client.v1.payment_intents,
            self.client.v1.refunds,
        )

        def charge(card, key, amount=7500):
            return lambda: intents.create(
                self.params(card, amount), {"idempotency_key": key}
            )

        paid = self.ask("charge", charge("ok", "k1"))
        again = self.ask("the same again", charge("ok", "k1"))
        self.facts["one payment"] = paid.id == again.id
        self.ask("another amount with the same key", charge("ok", "k1", 100))
        self.ask("declined", charge("declined", "k2"))
        self.ask("declined, the same again", charge("declined", "k2"))
        self.ask("authentication", charge("authenticate", "k3"))
        expand = ["latest_charge.balance_transaction"]
        self.ask("by its id", lambda: intents.retrieve(paid.id, {"expand": expand}))
        self.ask("unknown", lambda: intents.retrieve("pi_unknown"))
        self.ask(
            "of the customer",
            lambda: intents.list(
                {
                    "customer": self.customer,
                    "created": {"gte": paid.created - 60},
                    "limit": 100,
                    "expand": [f"data.{name}" for name in expand],
                }
            ),
        )
        # The order of what happened within a second is nobody's promise.
        self.facts["of the customer"]["data"].sort(key=str)
        self.ask("withdraw what succeeded", lambda: intents.cancel(paid.id))

        def refund(amount, key):
            values = {
                "payment_intent": paid.id,
                "amount": amount,
                "metadata": {"reference": "R-fee-1", "key": key},
            }
            return lambda: refunds.create(values, {"idempotency_key": key})

        back = self.ask("refund", refund(5000, "r1"))
        self.ask("refund, the same again", refund(5000, "r1"))
        self.ask("refund of the rest", refund(2500, "r2"))
        self.ask("refund of more", refund(100, "r3"))
        self.ask("refund by its id", lambda: refunds.retrieve(back.id))
        self.ask(
            "refunds of the charge",
            lambda: refunds.list({"payment_intent": paid.id, "limit": 100}),
        )
        self.facts["refunds of the charge"]["data"].sort(key=str)
        return self.facts


if __name__ == "__main__":
    facts = Conversation(sys.argv[1]).hold()
    sys.stdout.write(json.dumps(facts, indent=1, sort_keys=True) + "\n")
