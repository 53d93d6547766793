"""The cancellation page and what Continue does."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import PracticeCommon


@tagged("post_install", "-at_install")
class TestCancel(PracticeCommon):
    def test_no_show_with_the_proposed_fee(self):
        page = self._cancel(
            self.appointment, visit_state="no_show", reason="Forgot", chart_note="<p>Called</p>"
        )
        self.assertEqual(page.state, "done")
        event = self.appointment
        self.assertEqual(event.visit_state, "no_show")
        self.assertFalse(event.active)
        self.assertEqual(event.cancelled_by_id, self.frontdesk)
        fee = event.fee_line_ids
        self.assertEqual(len(fee), 1)
        self.assertTrue(fee.is_noshow_fee)
        self.assertEqual(fee.move_id.state, "posted")
        self.assertEqual(fee.move_id.amount_total, 75.0)
        self.assertFalse(fee.tax_ids)
        self.assertEqual(fee.price_subtotal, -fee.balance)
        self.assertEqual(event.fee_state, "open")
        self.assertEqual(event.fee_amount, 75.0)
        self.assertEqual(self.client_1.missed_visit_count, 1)

    def test_staff_may_not_change_the_amount(self):
        with self.assertRaises(AccessError):
            self._cancel(self.appointment, visit_state="no_show", amount=50.0)
        self._cancel(self.appointment, self.biller, visit_state="no_show", amount=50.0)
        self.assertEqual(self.appointment.fee_amount, 50.0)

    def test_cancelled_twice(self):
        self._cancel(self.appointment, visit_state="cancelled", product_id=False)
        with self.assertRaisesRegex(UserError, "cancelled already"):
            self._cancel(self.appointment, visit_state="no_show")
