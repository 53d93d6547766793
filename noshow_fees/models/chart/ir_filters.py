"""Favourites of our own lists: who presets what others see there."""

from odoo import SUPERUSER_ID, api, models

from ...const import MANAGER

#: Lists that are there to watch people.
WATCHING = ("noshow.care", "noshow.chart.access", "noshow.chart.entry")


class IrFilters(models.Model):
    _inherit = "ir.filters"

    @api.model
    def get_filters(self, model, *args, **kwargs):
        """A favourite that somebody shares, as everybody's default, would hide rows
        from the Owner, and its maker need not be able to read the list. In our lists
        nobody but Manager and Owner shares one; of those that watch people, nobody."""
        filters = super().get_filters(model, *args, **kwargs)
        if not (model or "").startswith("noshow."):
            return filters
        # In sudo: who made one.
        makers = {
            one.id: one.create_uid
            for one in self.sudo().browse([one["id"] for one in filters])
        }
        return [
            one for one in filters if self._is_own_or_shared(model, makers[one["id"]])
        ]

    def _is_own_or_shared(self, model, maker):
        if maker.id in (self.env.uid, SUPERUSER_ID):
            return True
        return model not in WATCHING and maker.has_group(MANAGER)
