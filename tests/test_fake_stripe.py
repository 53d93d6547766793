"""The fake Stripe of these tests says what an independent one says."""

import importlib.util
import json
import os

import pytest
from stripe_conversation import Conversation

from devtools.console import say
from devtools.settings import ROOT

RECORDED = json.loads((ROOT / "tests" / "stripe_world.json").read_text())
#: The address of a running `seahaven-stripe-world`, to ask it instead of its recording.
VARIABLE = "NOSHOW_STRIPE_WORLD"


@pytest.fixture
def fake():
    path = ROOT / "noshow_fees" / "tests" / "charge" / "fake_stripe.py"
    spec = importlib.util.spec_from_file_location("fake_stripe", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    server = module.FakeStripe().start()
    yield server
    server.stop()


def test_the_fake_says_the_same(fake, capsys):
    independent = RECORDED
    address = os.environ.get(VARIABLE)
    with capsys.disabled():
        if address:
            independent = Conversation(address).hold()
            say(f"\n    the fake Stripe is held against {address}")
        else:
            say(
                "\n    the fake Stripe is held against recorded answers of seahaven-"
                f"stripe-world 0.3; to ask a running one, set {VARIABLE}"
            )
    cards = {
        "ok": "pm_ok",
        "declined": "pm_declined_generic_decline",
        "authenticate": "pm_authenticate",
    }
    said = Conversation(fake.address, "cus_fake", cards).hold()
    # Its recording went through JSON.
    assert json.loads(json.dumps(said)) == independent
