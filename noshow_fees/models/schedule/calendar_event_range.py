"""The events of a day, a week or a month, found by their start.

The calendar asks for what starts before the end of the week and stops after its begin:
two half-open ranges, each of which is half of all events there ever were. What stops
after a moment starts, at the earliest, the length of the longest event before it.
"""

from odoo import api, models
from odoo.fields import Datetime, Domain
from odoo.tools import SQL


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    _length = models.Index("((stop - start))")

    @api.model
    def _search(self, domain, *args, **kwargs):
        return super()._search(
            Domain(domain).map_conditions(self._bound_start), *args, **kwargs
        )

    def _bound_start(self, condition):
        """Add to a lower bound of `stop` the one of `start` that follows from it: no
        other events are found, in whatever domain it stands."""
        moment = condition.field_expr == "stop" and condition.operator in (">", ">=")
        if not moment or not condition.value:
            return condition
        try:
            since = Datetime.to_datetime(condition.value)
        except ValueError:  # “now -1d”, say
            return condition

        def to_sql(model, alias, query):
            return SQL(
                "%s >= %s - (SELECT MAX(stop - start) FROM calendar_event)",
                model._field_to_sql(alias, "start", query),
                since,
            )

        return condition & Domain.custom(to_sql=to_sql)
