"""The Chart tab in a browser."""

from odoo.tests import HttpCase, tagged

from .chart_common import ChartCase


@tagged("post_install", "-at_install")
class TestChartTour(ChartCase, HttpCase):
    def test_chart_tab(self):
        url = f"/odoo/client/{self.client_1.id}"
        self.start_tour(url, "noshow_chart_client", login=self.therapist.login)
        self.assertFalse(self._log(), "a look at the client's form reads no chart")
        self.start_tour(url, "noshow_chart_note", login=self.therapist.login)
        entries = self.env["noshow.chart.entry"].sudo()
        note = entries.search([("client_id", "=", self.client_1.id)], order="id")[2:]
        self.assertEqual(note.mapped("state"), ["signed", "signed"])
        self.assertEqual(note.author_id, self.therapist)
        self.assertEqual(note[1].parent_id, note[0])
        self.assertIn("What the tour forgot", note[1].body)
        self.assertLessEqual({"read", "search"}, set(self._log().mapped("action")))
