"""The demonstration practice, made by `./dev run`.

May import all; nothing imports it.
"""

from . import (
    res_company,
    res_company_last_month,
    res_company_misses,
)
