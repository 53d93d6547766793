from . import (
    test_doors_attack,
    test_doors_attack_2,
    test_doors_attack_3,
    test_doors_books,
    test_doors_context,
    test_doors_events,
    test_doors_http,
    test_doors_mail,
    test_doors_oracles,
    test_doors_pages,
    test_doors_private,
    test_doors_wizards,
)
