"""A list with nothing in it says what it is for, or what to do; and none of
appointments has a *New*."""

from lxml import etree

from odoo.tests import tagged
from odoo.tools import is_html_empty

from ..common import PracticeCommon


@tagged("post_install", "-at_install")
class TestEmptyLists(PracticeCommon):
    def _get_actions(self):
        xml_ids = self.env["ir.model.data"].search(
            [("module", "=", "noshow_fees"), ("model", "=", "ir.actions.act_window")]
        )
        return self.env["ir.actions.act_window"].browse(xml_ids.mapped("res_id"))

    def test_each_says_something(self):
        lists = self._get_actions().filtered(
            lambda action: (
                action.target == "current"
                and action.view_mode.split(",")[0]
                in ("list", "kanban", "graph", "pivot")
            )
        )
        self.assertGreater(len(lists), 10)
        silent = lists.filtered(lambda action: is_html_empty(action.help))
        self.assertFalse(silent.mapped("xml_id"))

    def test_no_list_of_appointments_opens_an_empty_form(self):
        # They are booked in the pop-up.
        actions = self._get_actions().filtered(
            lambda action: action.res_model == "calendar.event"
        )
        events = self.env["calendar.event"].with_user(self.frontdesk)
        lists = [
            (action.xml_id, etree.fromstring(events.get_view(*view)["arch"]))
            for action in actions
            for view in action.views
            if view[1] in ("list", "kanban")
        ]
        self.assertGreater(len(lists), 6)
        self.assertFalse([one for one, arch in lists if arch.get("create") != "0"])
