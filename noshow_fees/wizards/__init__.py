"""Dialogs, by the same subjects as `models`: they collect and delegate."""

from . import (
    practice,
    fee,
    appointment,
    charge,
    chart,
)
