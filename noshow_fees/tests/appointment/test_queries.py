"""Query counts: measured, so that nobody loses them unseen. Marks of stock Odoo: the
bare invoice of one line 75 to 93 queries, two hundred in its best batch 4.5 each."""

from odoo.tests import tagged

from ..common import PracticeCommon


@tagged("post_install", "-at_install")
class TestQueries(PracticeCommon):
    def _count(self, function):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        function()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def _fees(self, events):
        return {
            event.id: {"product": self.code_noshow, "amount": 75.0} for event in events
        }

    def test_one_cancellation_with_a_fee(self):
        self._cancel(self._new_appointment(self.client_2), visit_state="no_show")
        self._let_begin(self.appointment)
        event = self.appointment.with_user(self.frontdesk)
        count = self._count(
            lambda: event._cancel_appointments("no_show", fees=self._fees(event))
        )
        self.assertLessEqual(count, 121)

    def test_two_hundred_in_one_call(self):
        self._cancel(self._new_appointment(self.client_2), visit_state="no_show")
        events = self.env["calendar.event"].union(
            *(
                self._new_appointment(
                    (self.client_1, self.client_2, self.client_3)[n % 3]
                )
                for n in range(200)
            )
        )
        self._let_begin(events)
        events = events.with_user(self.frontdesk)
        count = self._count(
            lambda: events._cancel_appointments("no_show", fees=self._fees(events))
        )
        self.assertLessEqual(count, 200 * 5)
