from . import (
    test_appointment,
    test_batch_steps,
    test_cancel,
    test_made_by_superuser,
    test_organiser,
    test_outcome_time,
    test_page,
    test_provider_attends,
    test_queries,
    test_refusals,
    test_restore,
)
