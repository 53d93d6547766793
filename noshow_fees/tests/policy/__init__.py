from . import (
    test_coverage,
    test_policy_booking,
    test_policy_cases,
    test_policy_edges,
    test_policy_evaluator,
    test_policy_migration,
    test_policy_queries,
    test_policy_report,
    test_policy_rights,
    test_policy_sentence,
    test_policy_versions,
)
