"""Relations that tell nobody of records that they may not read.

Stock Odoo answers `('field', '!=', False)` and `('field', 'in', ids)` of a one2many or
many2many as superuser (odoo/orm/fields_relational.py, `condition_to_sql`): whoever may
read contacts learns who of them has an appointment, a saved card, an invoice. With
`any` it asks the rules, and so do these with the others. They stand in the field, and
not in a model's search: users have the fields of contacts and pass it by.
"""

from collections.abc import Set as AbstractSet

from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL


class _Asking:
    def condition_to_sql(self, field_expr, operator, value, model, alias, query):
        stock = super().condition_to_sql
        if (
            model.env.su
            or operator not in ("in", "not in")
            or not isinstance(value, (list, tuple, AbstractSet))
        ):
            return stock(field_expr, operator, value, model, alias, query)
        ids = set(value) - {False}
        comodel = model.env[self.comodel_name].with_context(active_test=False)
        is_in, has_none = operator == "in", False in value
        if not comodel.has_access("read"):
            # As if nobody had any.
            return SQL("TRUE") if is_in == has_none else SQL("FALSE")
        found = []
        if has_none:
            readable = comodel._search(Domain.TRUE)
            found.append(stock(field_expr, "not any", readable, model, alias, query))
        if ids:
            named = comodel._search(Domain("id", "in", ids))
            found.append(stock(field_expr, "any", named, model, alias, query))
        sql = SQL("(%s)", SQL(" OR ").join(found) if found else SQL("FALSE"))
        return sql if is_in else SQL("NOT %s", sql)


class AskingOne2many(_Asking, fields.One2many):
    """A one2many whose searches ask the rules of its records."""


class AskingMessages(fields.One2many):
    """Messages. Odoo finds records by the words of all of them; here that is for who
    reads these records with all that is noted on them, and others find what they read.
    Give it `bypass_search_access=False`: Odoo's own field says otherwise."""

    #: Groups of users who find as in stock.
    whole_for = ()

    def _get_query_for_condition_value(self, model, comodel, operator, value):
        if (
            operator in ("any", "not any")
            and isinstance(value, Domain)
            and any(model.env.user.has_group(group) for group in self.whole_for)
        ):
            operator += "!"
        return super()._get_query_for_condition_value(model, comodel, operator, value)


class AskingMany2many(_Asking, fields.Many2many):
    """A many2many whose searches ask the rules of its records."""
