"""The client's page: upcoming and past appointments, and their counts."""

from datetime import timedelta

from odoo.tests import tagged

from ..common import PracticeCommon


@tagged("post_install", "-at_install")
class TestClientPage(PracticeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.later, cls.earlier, cls.before = cls.env["calendar.event"].union(
            *(
                cls._new_appointment(start=cls.tomorrow + timedelta(days=days))
                for days in (30, -10, -20)
            )
        )

    def _page(self, user):
        client = self.client_1.with_user(user)
        client.env.invalidate_all()
        return client

    def test_upcoming_ahead_past_backwards(self):
        self._cancel(self.later, visit_state="cancelled")
        self._cancel(self.before, visit_state="no_show")
        for user in (self.frontdesk, self.therapist, self.owner):
            with self.subTest(user=user.login):
                page = self._page(user)
                self.assertEqual(
                    list(page.upcoming_appointment_ids), [self.appointment, self.later]
                )
                self.assertEqual(
                    list(page.past_appointment_ids), [self.earlier, self.before]
                )

    def test_counts(self):
        self._cancel(self.before, visit_state="no_show")
        page = self._page(self.frontdesk)
        self.assertEqual((page.appointment_count, page.missed_visit_count), (4, 1))
        new = self.env["res.partner"].create({"name": "New", "is_client": True})
        self.assertEqual((new.appointment_count, new.missed_visit_count), (0, 0))

    def test_therapists_see_their_own(self):
        page = self._page(self.financial)
        self.assertFalse(page.upcoming_appointment_ids)
        self.assertFalse(page.past_appointment_ids)
        self.assertEqual(page.appointment_count, 0)

    def test_the_button_opens_what_it_counts(self):
        self._cancel(self.before, visit_state="no_show")
        page = self._page(self.frontdesk)
        action = page.action_open_appointments()
        shown = page.env["calendar.event"].with_context(active_test=False)
        self.assertEqual(shown.search_count(action["domain"]), page.appointment_count)
