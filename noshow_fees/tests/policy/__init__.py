from . import (
    test_policy_evaluator,
)
