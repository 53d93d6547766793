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

    def copy_data(self, default=None):
        """Who may not read a field of ours duplicates the rest of a record: stock reads
        all that is copied, and would refuse a contact's *Duplicate* to employees."""
        hidden = {
            name: False
            for name, field in self._fields.items()
            if field.groups
            and field.copy
            and field._modules == ("noshow_fees",)
            and name not in (default or {})
            and not self._has_field_access(field, "read")
        }
        if not hidden:
            return super().copy_data(default)
        return [
            {name: value for name, value in vals.items() if name not in hidden}
            for vals in super().copy_data({**(default or {}), **hidden})
        ]
