"""Without Google's and Microsoft's addons, what overrides them does nothing."""

from odoo.tests import TransactionCase

from ...tools.context import optional


class Stock:
    def notify(self, vals):
        return vals


class Ours(Stock):
    def notify(self, vals):
        return optional(super(), "notify")({**vals, "ours": True})

    def _google_values(self):
        return optional(super(), "_google_values")(self, key="x")


class TestOptional(TransactionCase):
    def test_is_called_where_it_is_there(self):
        self.assertEqual(Ours().notify({"stock": True}), {"stock": True, "ours": True})

    def test_does_nothing_where_it_is_not(self):
        self.assertIsNone(Ours()._google_values())
