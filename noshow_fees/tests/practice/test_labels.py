"""What Odoo would warn of when the addon is installed."""

from collections import defaultdict

from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestLabels(TransactionCase):
    def test_no_two_fields_of_a_model_have_one_label(self):
        """As Odoo compares them (base/models/ir_model.py, `_reflect_fields`)."""
        for name in self.registry:
            labels = defaultdict(list)
            for field in self.env[name]._fields.values():
                labels[field.string].append(field)
            for label, fields in labels.items():
                ours = [
                    field
                    for field in fields
                    if "noshow_fees" in field.base_field._modules
                ]
                if ours and len(fields) > 1:
                    self.fail(f"{name}: {label!r} is the label of {fields}")
