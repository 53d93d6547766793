"""Favourites of the lists that say who reads what."""

from odoo import SUPERUSER_ID, api, models

#: Lists that are there to watch people.
WATCHING = ("noshow.care", "noshow.chart.access", "noshow.chart.entry")


class IrFilters(models.Model):
    _inherit = "ir.filters"

    @api.model
    def get_filters(self, model, *args, **kwargs):
        """A favourite that somebody shares, as everybody's default, would hide their
        own rows from the Owner: of these lists everybody has their own only."""
        filters = super().get_filters(model, *args, **kwargs)
        if model not in WATCHING:
            return filters
        # In sudo: who made one.
        makers = {
            one.id: one.create_uid.id
            for one in self.sudo().browse([one["id"] for one in filters])
        }
        own = (self.env.uid, SUPERUSER_ID)
        return [one for one in filters if makers[one["id"]] in own]
