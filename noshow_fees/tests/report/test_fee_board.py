"""Fees at a glance, in a browser."""

from odoo.tests import HttpCase, tagged

from ..common import PracticeCommon


@tagged("post_install", "-at_install")
class TestFeeBoard(PracticeCommon, HttpCase):
    def test_figures_and_graphs(self):
        other = self._new_appointment(self.client_2)
        self._cancel(self.appointment | other, visit_state="no_show")
        self.appointment.fee_line_ids.with_user(self.biller)._waive("Goodwill")
        free = self._new_appointment(self.client_3, self.financial)
        self._cancel(free, visit_state="no_show", product_id=False)
        self.start_tour(
            "/odoo/missed-appointment-board",
            "noshow_fee_board",
            login=self.biller.login,
        )
