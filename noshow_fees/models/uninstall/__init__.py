"""Leaving: what is lost is counted and exported first, what stays is readable in Odoo.

May import every subject. `res_company` keeps the owner's agreement, `ir_module_module`
refuses to uninstall without it, `calendar_event` leaves a note on each appointment.
"""

from . import (
    res_company,
    ir_module_module,
    calendar_event,
)
