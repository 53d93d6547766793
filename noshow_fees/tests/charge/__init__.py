from . import (
    test_card_link,
    test_charge_demo,
    test_charge_guards,
    test_charge_later,
    test_charge_other,
    test_charge_portal,
    test_charge_privacy,
    test_charge_protocol,
    test_charge_refund,
    test_charge_settings,
    test_charge_webhook,
)
