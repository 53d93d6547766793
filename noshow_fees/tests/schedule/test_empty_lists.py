"""A list with nothing in it says what it is for, or what to do."""

from odoo.tests import tagged
from odoo.tools import is_html_empty

from ..common import PracticeCommon


@tagged("post_install", "-at_install")
class TestEmptyLists(PracticeCommon):
    def test_each_says_something(self):
        xml_ids = self.env["ir.model.data"].search(
            [("module", "=", "noshow_fees"), ("model", "=", "ir.actions.act_window")]
        )
        actions = self.env["ir.actions.act_window"].browse(xml_ids.mapped("res_id"))
        lists = actions.filtered(
            lambda action: (
                action.target == "current"
                and action.view_mode.split(",")[0]
                in ("list", "kanban", "graph", "pivot")
            )
        )
        self.assertGreater(len(lists), 10)
        silent = lists.filtered(lambda action: is_html_empty(action.help))
        self.assertFalse(silent.mapped("xml_id"))
