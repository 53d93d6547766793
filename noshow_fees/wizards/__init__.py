"""Dialogs, by the same subjects as `models`: they collect and delegate."""

from . import (
    practice,
    fee,
    policy,
    appointment,
    charge,
    chart,
    uninstall,
)
