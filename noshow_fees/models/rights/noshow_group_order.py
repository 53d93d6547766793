"""Groups of people, where there are many rows."""

from odoo import models
from odoo.tools import SQL

#: SQL of the order of groups: of the comodel's own (`_order`), for an id.
ORDERS = {
    "res.users": (
        "(SELECT partner.name FROM res_users person"
        " JOIN res_partner partner ON partner.id = person.partner_id"
        " WHERE person.id = %(id)s), %(id)s"
    ),
    "res.partner": (
        "(SELECT partner.complete_name FROM res_partner partner"
        " WHERE partner.id = %(id)s), %(id)s DESC"
    ),
}


class NoshowGroupOrder(models.AbstractModel):
    """Groups of users and contacts in the order of their names, which are asked for
    each group. Odoo joins them to each row, and groups by them: of a million
    appointments by provider 1.3 seconds of a processor instead of 0.5."""

    _name = "noshow.group.order"
    _description = "Groups in the order of names"

    def _read_group_orderby(self, order, groupby_terms, query):
        parts = [part.strip() for part in (order or "").split(",")]
        orders = {
            part: ORDERS[field.comodel_name]
            for part in parts
            if part in groupby_terms
            and (field := self._fields.get(part))
            and field.type == "many2one"
            and field.comodel_name in ORDERS
        }
        if not orders:
            return super()._read_group_orderby(order, groupby_terms, query)
        self.env["res.partner"].flush_model(["complete_name", "name"])
        self.env["res.users"].flush_model(["partner_id"])
        terms = [
            SQL(orders[part], id=groupby_terms[part])
            if part in orders
            else super(NoshowGroupOrder, self)._read_group_orderby(
                part, groupby_terms, query
            )
            for part in parts
        ]
        return SQL(", ").join(term for term in terms if term)
