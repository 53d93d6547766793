"""What no record of ours holds, whoever writes it."""

import math

from odoo import models
from odoo.exceptions import ValidationError


class Base(models.AbstractModel):
    _inherit = "base"

    def _validate_fields(self, field_names, excluded_names=()):
        # Odoo hands over a generator, which is used up by whoever asks first.
        field_names = list(field_names)
        if self._original_module == "noshow_fees":
            # Before a check of the database's own says it in worse words.
            self._check_finite(field_names)
        super()._validate_fields(field_names, excluded_names)

    def _check_finite(self, field_names):
        """PostgreSQL takes “not a number” for greater than all, so that no check of a
        lower bound refuses it, and JSON brings it along.

        :raise ValidationError: a number that is none, or infinite
        """
        numbers = [
            name
            for name in field_names
            if name in self._fields
            and self._fields[name].type in ("float", "monetary")
            and self._fields[name].store
        ]
        for record in self.sudo() if numbers else ():
            for name in numbers:
                if not math.isfinite(record[name]):
                    raise ValidationError(
                        self.env._(
                            "%s has to be a number.", record._fields[name].string
                        )
                    )
