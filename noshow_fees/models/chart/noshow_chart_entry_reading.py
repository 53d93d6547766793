"""Who reads the text of chart entries, and through which ways."""

from functools import partial

from markupsafe import escape

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.chart_text import direct_paragraphs
from ...tools.when import format_when

#: Value of the context key `noshow_chart_reading`: this reading of the text is
#: logged by the addon's own method, as a print or a search. An object has no JSON
#: form, so no RPC call can bring it along.
READING = object()


class NoshowChartEntry(models.Model):
    _inherit = "noshow.chart.entry"

    # For the record rule: a path through the client could not compare the companies.
    is_in_care = fields.Boolean(
        compute="_compute_is_in_care",
        search="_search_is_in_care",
        groups=fields.NO_ACCESS,
    )
    addenda = fields.Html(compute="_compute_addenda", sanitize=False)
    text = fields.Char(search="_search_text", store=False, string="Text of the Note")

    @api.depends("client_id.care_ids.is_open", "company_id")
    @api.depends_context("allowed_company_ids", "uid")
    def _compute_is_in_care(self):
        cares_sudo = self.env["noshow.care"].sudo()
        mine = cares_sudo.search_fetch(
            [("client_id", "in", self.client_id.ids), ("is_open", "=", True)],
            ["client_id", "company_id"],
        )
        pairs = {(care.client_id, care.company_id) for care in mine}
        for entry in self:
            entry.is_in_care = (entry.client_id, entry.company_id) in pairs

    def _search_is_in_care(self, operator, value):
        if operator != "in":
            return NotImplemented
        # In sudo: own care; that is in the domain.
        cares_sudo = self.env["noshow.care"].sudo()._search([("is_open", "=", True)])

        def to_sql(model, alias, query):
            return SQL(
                "(%s, %s) IN %s",
                model._field_to_sql(alias, "client_id", query),
                model._field_to_sql(alias, "company_id", query),
                cares_sudo.subselect("client_id", "company_id"),
            )

        return Domain.custom(to_sql=to_sql)

    @api.depends_context("uid", "tz")
    def _compute_addenda(self):
        addenda = self._get_addenda()
        addenda.fetch(["body"])
        by_parent = addenda.grouped("parent_id")
        for entry in self:
            entry.addenda = entry._origin in by_parent and self.env["ir.qweb"]._render(
                "noshow_fees.noshow_chart_addenda",
                {
                    "addenda": by_parent[entry._origin],
                    "direct": direct_paragraphs,
                    "format_time": partial(format_when, self.env),
                },
            )

    def _get_addenda(self):
        """The addenda to these that the user may read, oldest first."""
        return self.search([("parent_id", "in", self.ids)], order="id")

    def _search_text(self, operator, value):
        """Find notes by their words, addenda included; what is found is logged.

        Within one client's chart (`default_client_id`) only that chart is searched.
        """
        if operator != "ilike" or not value:
            return NotImplemented
        # As the words are written in HTML; quotation marks are not escaped there.
        words = escape(value).replace("&#34;", '"').replace("&#39;", "'")
        domain = Domain("body", "ilike", words)
        if client_id := self.env.context.get("default_client_id"):
            domain &= Domain("client_id", "=", client_id)
        found = self._as_reading().search(domain).with_env(self.env)
        self.env["noshow.chart.access"]._log("search", found)
        return Domain("id", "in", (found | found.parent_id).ids)

    # ------------------------------------------------------------
    # READING
    # ------------------------------------------------------------

    def _as_reading(self):
        """These entries for a reading of the text that the caller logs."""
        return self.with_context(noshow_chart_reading=READING)

    def _fetch_query(self, query, fields):
        """Log every reading of the text by a person."""
        if self.env.su or all(field.name != "body" for field in fields):
            return super()._fetch_query(query, fields)
        reading = self._as_reading()
        fetched = super(NoshowChartEntry, reading)._fetch_query(query, fields)
        fetched = fetched.with_env(self.env)
        if self.env.context.get("noshow_chart_reading") is not READING:
            self.env["noshow.chart.access"]._log("read", fetched)
        return fetched

    def _field_to_sql(self, alias, field_expr, query=None):
        # Every way of a column into SQL passes here: domains, orders, groups and
        # aggregates would tell the text without a line in the log.
        if (
            field_expr == "body"
            and not self.env.su
            and self.env.context.get("noshow_chart_reading") is not READING
        ):
            raise AccessError(
                self.env._(
                    "Chart entries cannot be sorted, grouped or filtered by text."
                )
            )
        return super()._field_to_sql(alias, field_expr, query)
