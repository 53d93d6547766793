"""A folder is a subject, a file in it a model (CONTRIBUTING.md has the map).

The order is the order of loading: a later subject wraps the methods of an earlier one,
and imports nothing of one that comes later.
"""

from . import (
    rights,
    practice,
    appointment,
    series,
    sync,
    privacy,
    schedule,
    fee,
    charge,
    policy,
    stripe,
    chart,
    demo,
    uninstall,
)
