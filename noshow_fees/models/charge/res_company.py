"""The practice's settings for charging saved cards."""

import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...const import PRACTICE

#: A suffix of this length fits behind the longest prefix: 10 + “* ” + 10 are the 22
#: characters that Stripe allows
#: (docs.stripe.com/get-started/account/statement-descriptors).
SUFFIX_LENGTH = 10
FORBIDDEN_IN_SUFFIX = re.compile(r"""[<>\\'"*]""")


class ResCompany(models.Model):
    _inherit = "res.company"

    noshow_statement_suffix = fields.Char(
        string="On the Card Statement",
        groups=PRACTICE,
        help="Stands behind the practice's name on the client's card statement. Choose "
        "something that tells nothing about health.",
    )
    noshow_charge_attempts = fields.Integer(
        string="Tries per Fee in 30 Days",
        groups=PRACTICE,
        default=4,
        help="How often a card may be tried for one fee. The card networks fine who "
        "tries too often; Visa allows 15.",
    )

    _noshow_charge_attempts_range = models.Constraint(
        "CHECK (noshow_charge_attempts BETWEEN 1 AND 15)",
        "A card may be tried 1 to 15 times in 30 days.",
    )

    @api.constrains("noshow_statement_suffix")
    def _check_noshow_statement_suffix(self):
        for company in self:
            suffix = company.noshow_statement_suffix
            if not suffix:
                continue
            if (
                len(suffix) > SUFFIX_LENGTH
                or not suffix.isascii()
                or not suffix.isprintable()
                or FORBIDDEN_IN_SUFFIX.search(suffix)
                or not any(char.isalpha() for char in suffix)
            ):
                raise ValidationError(
                    self.env._(
                        "The text on the card statement has at most %s unaccented "
                        "letters and digits, at least one letter, and none of < > \\ "
                        "' \" *.",
                        SUFFIX_LENGTH,
                    )
                )
