"""The screens of a day, as the browser asks for them, with as many rows behind them as
there are."""

from datetime import timedelta
from unittest.mock import patch

from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError

from odoo.addons.calendar.models.calendar_event import CalendarEvent as StockEvent

CANCELLED = ["cancelled", "late_cancelled", "no_show"]
STOCK_EVENT = ["name", "start", "stop", "allday", "user_id", "partner_ids", "duration"]
#: Ids that nobody has: somebody tries which there are.
UNKNOWN = 10_000
LIST_LIMIT = 80
KANBAN_LIMIT = 40
#: What a browser counts up to (RelationalModel.DEFAULT_COUNT_LIMIT), and one.
COUNT_LIMIT = 10_001
TAB_LIMIT = 40


def specification(model, arch):
    """What the browser asks for to show this view.

    :param arch: the view's element, or one of a tab's list
    """
    asked = {}
    for node in arch.xpath(".//field[not(ancestor::field)]") or arch.xpath("./field"):
        name = node.get("name")
        field = model._fields[name]
        asked[name] = {}
        if field.type == "many2one":
            asked[name] = {"fields": {"display_name": {}}}
        elif field.type in ("one2many", "many2many") and (tabs := node.xpath("./list")):
            comodel = model.env[field.comodel_name]
            columns = tabs[0].xpath("./field")
            asked[name] = {
                "fields": {
                    column.get("name"): {"fields": {"display_name": {}}}
                    if comodel._fields[column.get("name")].type == "many2one"
                    else {}
                    for column in columns
                },
                "limit": int(tabs[0].get("limit", TAB_LIMIT)),
                "order": tabs[0].get("default_order", ""),
            }
    return asked


class Screens:
    """To be mixed into `Bench`."""

    def _get_specification(self, model, xml_id=None, kind="form", env=None):
        """:return: of a view, as the biller sees it, and the view's own order"""
        records = (env or self.as_biller)[model]
        view = self.env.ref(f"noshow_fees.{xml_id}").id if xml_id else False
        arch = records.get_views([(view, kind)])["views"][kind]["arch"]
        node = etree.fromstring(arch)
        return specification(records, node), node.get("default_order")

    def _list(self, title, model, view, domain, kind="list", env=None, context=()):
        """One page of a list, and how many there are."""
        asked, order = self._get_specification(model, view, kind, env)
        records = (env or self.as_biller)[model].with_context(**dict(context))
        limit = LIST_LIMIT if kind == "list" else KANBAN_LIMIT
        self._compare(
            title,
            dict,
            addon=lambda _nothing: records.web_search_read(
                domain, asked, limit=limit, order=order, count_limit=COUNT_LIMIT
            ),
        )

    def measure_screens(self):
        events = self.as_biller["calendar.event"]
        self._compare(
            "the dashboard, its list apart",
            dict,
            addon=lambda _nothing: events.retrieve_practice_dashboard(),
        )
        missing = [("is_outcome_missing", "=", True)]
        self._list(
            "the worklist: 80 without an outcome",
            "calendar.event",
            "calendar_event_view_list_worklist",
            missing,
        )
        self._compare(
            "the worklist by provider",
            dict,
            addon=lambda _nothing: events.web_read_group(missing, ["user_id"]),
        )
        fees = [("is_noshow_fee", "=", True)]
        fee_list = ("account.move.line", "account_move_line_view_list_fee")
        self._list("the list of fees", *fee_list, fees)
        open_fees = [*fees, ("fee_state", "in", ("open", "partial"))]
        self._list("the list of open fees", *fee_list, open_fees)
        self.measure_client()
        for groupby in ("provider_id", "date:month"):
            self._compare(
                f"outcomes by {groupby.removesuffix('_id').removeprefix('date:')}",
                dict,
                addon=self._sum(
                    "noshow.visit.report",
                    [groupby],
                    ["__count", "attended_rate:avg", "no_show_rate:avg"],
                    [("visit_state", "!=", "scheduled")],
                ),
            )
        self.measure_unknown_ids()

    def measure_client(self):
        client = self.practice.client.with_env(self.as_biller)
        count = client.appointment_count
        view = "res_partner_view_form_client"
        asked, _order = self._get_specification("res.partner", view)
        self._compare(
            f"the page of a client with {count:,} appointments",
            dict,
            addon=lambda _nothing: client.web_read(asked),
        )

    def measure_weeks(self):
        """Of as many providers as a schedule can show: what stock reads, and ours."""
        week = fields.Datetime.now() - timedelta(days=7)
        providers = self.practice.providers
        for count in sorted({1, min(20, len(providers)), len(providers)}):
            domain = [
                ("start", "<=", week + timedelta(days=7)),
                ("stop", ">=", week),
                ("partner_ids", "in", providers[:count].partner_id.ids),
            ]
            self._compare_week(f"a week of {count} schedules", domain)

    def _compare_week(self, title, domain):
        shown = ["|", ("active", "=", True), ("visit_state", "in", CANCELLED)]
        events = type(self.env["calendar.event"])
        read = self._read("calendar.event", domain, STOCK_EVENT)

        def stock(nothing):
            with (
                patch.object(events, "_bound_start", lambda _self, asked: asked),
                patch.object(
                    events,
                    "_check_private_event_conditions",
                    StockEvent._check_private_event_conditions,
                ),
            ):
                return read(nothing)

        names = [*STOCK_EVENT, "visit_state", "client_id"]
        for which, more in (("not shown", []), ("shown", shown)):
            self._compare(
                f"{title}, cancellations {which}",
                dict,
                stock=stock,
                addon=self._read("calendar.event", domain + more, names),
            )

    def measure_unknown_ids(self):
        pages = self.as_biller["calendar.event.cancel"]
        last = self.env["calendar.event"].with_context(active_test=False)
        first = last.search([], order="id desc", limit=1).id + 1
        ids = list(range(first, first + UNKNOWN))
        asked, _order = self._get_specification("calendar.event.cancel")
        context = {"default_event_ids": ids}

        def open_page(_nothing):
            try:
                pages.with_context(**context).onchange({}, [], asked)
            except AccessError:
                return
            raise AssertionError("A page about what is not there.")

        self._compare(f"{UNKNOWN:,} ids of nothing: refused", dict, addon=open_page)
