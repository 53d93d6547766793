"""The practice and its people: the company's settings, clients and payers, and who
is kept.

Imports nothing of the other subjects; what they keep of a client is named here.
"""

from . import (
    res_company,
    noshow_care,
    product_template,
    product_product,
    res_partner,
    res_users,
)
