"""What the schedule reads, keeps and tells, by role."""

from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..common import PracticeCommon

# The fields of stock's calendar view (calendar/views/calendar_views.xml).
STOCK_FIELDS = [
    "start",
    "stop",
    "duration",
    "allday",
    "display_name",
    "partner_ids",
    "attendees_count",
    "user_can_edit",
    "is_highlighted",
    "privacy",
    "effective_privacy",
    "recurrency",
    "location",
    "videocall_location",
    "alarm_ids",
    "categ_ids",
    "partner_id",
    "description",
]


@tagged("post_install", "-at_install")
class TestSchedule(PracticeCommon):
    def _details(self, user, appointment=None):
        appointment = (appointment or self.appointment).with_user(user)
        appointment.env.invalidate_all()
        return appointment.get_schedule_details()

    def test_scheduled(self):
        late = self._new_appointment(start=self.tomorrow - timedelta(hours=20))
        for user in (self.frontdesk, self.therapist, self.biller, self.owner):
            with self.subTest(user=user.login):
                details = self._details(user, late)
                self.assertEqual(details["client_id"][1], "Client 1")
                self.assertEqual(details["visit_state"], "scheduled")
                self.assertEqual(
                    details["proposed_outcome"], late._get_outcome_by_notice()
                )
                self.assertNotEqual(details["proposed_outcome"], "cancelled")
                codes = {
                    "late_cancelled": self.code_late,
                    "no_show": self.code_noshow,
                }
                proposed = codes[late._get_outcome_by_notice()]
                self.assertEqual(details["fee_code"], proposed.cpt_code)
                self.assertEqual(details["fee_amount"], proposed.lst_price)
                self.assertFalse(details["may_restore"])

    def test_scheduled_without_a_proposed_fee(self):
        far = self._new_appointment(start=self.tomorrow + timedelta(days=30))
        details = self._details(self.frontdesk, far)
        self.assertEqual(details["proposed_outcome"], "cancelled")
        self.assertFalse(details["fee_code"])

    def test_cancelled_with_a_fee(self):
        self._cancel(
            self.appointment, visit_state="no_show", reason="Forgot\nCalled back"
        )
        details = self._details(self.therapist)
        self.assertEqual(details["visit_state"], "no_show")
        self.assertEqual(details["cancel_reason"], "Forgot\nCalled back")
        self.assertEqual(
            details["cancelled_by_id"], (self.frontdesk.id, self.frontdesk.name)
        )
        self.assertEqual(details["cancelled_on"], self.appointment.cancelled_on)
        self.assertEqual(details["fee_code"], "NOSHOW")
        self.assertEqual(details["fee_amount"], 75.0)
        self.assertEqual(details["fee_state"], "open")
        # Restoring a charged cancellation is for billers and up.
        for user in (self.frontdesk, self.therapist):
            self.assertFalse(self._details(user)["may_restore"], user.login)
        for user in (self.biller, self.manager, self.owner):
            self.assertTrue(self._details(user)["may_restore"], user.login)

    def test_cancelled_without_a_fee(self):
        self._cancel(self.appointment, visit_state="cancelled", product_id=False)
        for user in (self.frontdesk, self.therapist, self.biller):
            details = self._details(user)
            self.assertTrue(details["may_restore"], user.login)
            self.assertFalse(details["fee_code"])
            self.assertEqual(details["fee_state"], "none")

    def test_attended(self):
        self._let_begin(self.appointment)
        self.appointment.with_user(self.therapist).action_mark_attended()
        details = self._details(self.therapist)
        self.assertEqual(details["visit_state"], "attended")
        self.assertNotIn("proposed_outcome", details)
        self.assertTrue(details["may_restore"])

    def test_details_are_for_who_may_see_the_appointment(self):
        self._cancel(self.appointment, visit_state="no_show", reason="Forgot")
        for user in (self.financial, self.employee, self.accountant, self.portal):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._details(user)

    def test_the_toggle_is_each_users_own(self):
        settings = {
            user: self.env["res.users.settings"]._find_or_create_for_user(user)
            for user in (self.frontdesk, self.therapist, self.employee)
        }
        key = "noshow_show_cancellations"
        own = settings[self.frontdesk].with_user(self.frontdesk)
        self.assertFalse(own._res_users_settings_format()[key])
        self.assertTrue(own.set_res_users_settings({key: True})[key])
        self.assertFalse(settings[self.therapist][key])
        # The session of a user without a role carries it too.
        session = settings[self.employee].with_user(self.employee)
        self.assertFalse(session._res_users_settings_format()[key])
        with self.assertRaises(AccessError):
            settings[self.therapist].with_user(self.frontdesk).set_res_users_settings(
                {key: True}
            )

    def _ticked(self, user):
        filters = self.env["calendar.filters"].search([("user_id", "=", user.id)])
        self.assertTrue(all(filters.mapped("partner_checked")))
        return filters.partner_id

    def test_the_front_desk_sees_the_providers_from_the_first_day(self):
        providers = (self.therapist + self.financial).partner_id
        self.assertEqual(self._ticked(self.frontdesk), providers)
        self.assertEqual(self._ticked(self.owner), providers)
        self.assertFalse(self._ticked(self.therapist))
        self.assertFalse(self._ticked(self.employee))
        # A new receptionist, and one who becomes a therapist.
        new = self._new_user("noshow_new", "noshow_fees.group_staff")
        self.assertEqual(self._ticked(new), providers)
        self.employee.group_ids += self.env.ref("noshow_fees.group_therapist")
        self.assertIn(self.employee.partner_id, self._ticked(self.frontdesk))

    def test_who_takes_a_provider_out_is_not_overruled(self):
        self.env["calendar.filters"].search(
            [
                ("user_id", "=", self.frontdesk.id),
                ("partner_id", "=", self.therapist.partner_id.id),
            ]
        ).unlink()
        self.therapist.group_ids += self.env.ref("base.group_partner_manager")
        self._new_user("noshow_new", "noshow_fees.group_therapist")
        self.assertNotIn(self.therapist.partner_id, self._ticked(self.frontdesk))

    def test_providers_of_another_company_stay_out(self):
        other = self.env["res.company"].create({"name": "Other practice"})
        stranger = new_test_user(
            self.env,
            login="noshow_stranger",
            groups="noshow_fees.group_therapist",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertNotIn(stranger.partner_id, self._ticked(self.frontdesk))

    def test_the_schedule_reads_nothing_more_than_stock(self):
        """Off: the outcome comes with stock's own query of the events. On: the same
        number of queries, with the cancelled appointments among the answer."""
        for hours in range(1, 9):
            self._new_appointment(start=self.tomorrow + timedelta(hours=hours))
        cancelled = self._new_appointment(start=self.tomorrow + timedelta(hours=9))
        self._cancel(cancelled, visit_state="late_cancelled")
        archived = self._new_appointment(start=self.tomorrow + timedelta(hours=10))
        archived.active = False  # by hand: an appointment without an outcome
        self.env.flush_all()
        window = [
            ("start", "<=", self.tomorrow + timedelta(days=1)),
            ("stop", ">=", self.tomorrow),
            ("partner_ids", "in", self.therapist.partner_id.ids),
        ]
        shown = [
            "|",
            ("active", "=", True),
            ("visit_state", "in", ("cancelled", "late_cancelled", "no_show")),
        ]
        events = self.env["calendar.event"].with_user(self.frontdesk)

        def load(domain, fields):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            rows = events.search_read(domain, fields)
            return rows, self.env.cr.sql_log_count - before

        load(window, STOCK_FIELDS)  # warm up
        stock_rows, stock_queries = load(window, STOCK_FIELDS)
        off_rows, off_queries = load(window, [*STOCK_FIELDS, "visit_state"])
        on_rows, on_queries = load(window + shown, [*STOCK_FIELDS, "visit_state"])
        self.assertEqual(len(off_rows), len(stock_rows))
        self.assertLessEqual(off_queries, stock_queries)
        self.assertLessEqual(on_queries, stock_queries)
        self.assertNotIn(cancelled.id, [row["id"] for row in off_rows])
        states = {row["id"]: row["visit_state"] for row in on_rows}
        self.assertEqual(states[cancelled.id], "late_cancelled")
        self.assertNotIn(archived.id, states)

    def test_the_view_of_a_user_without_a_role_is_stocks(self):
        def fields_of(user):
            views = (
                self.env["calendar.event"]
                .with_user(user)
                .get_views([(False, "calendar")])
            )
            return "visit_state" in views["views"]["calendar"]["arch"], (
                "visit_state" in views["models"]["calendar.event"]["fields"]
            )

        self.assertEqual(fields_of(self.frontdesk), (True, True))
        self.assertEqual(fields_of(self.employee), (False, False))

    def test_a_cancelled_slot_is_free(self):
        self._cancel(self.appointment, visit_state="late_cancelled", reason="Ill")
        again = self._new_appointment(client=self.client_2)
        self.assertEqual(again.visit_state, "scheduled")
        self.assertEqual(
            (again.start, again.stop), (self.appointment.start, self.appointment.stop)
        )
        found = (
            self.env["calendar.event"]
            .with_user(self.frontdesk)
            .search(
                [
                    ("start", "=", self.tomorrow),
                    "|",
                    ("active", "=", True),
                    ("visit_state", "=", "late_cancelled"),
                ]
            )
        )
        self.assertEqual(found, self.appointment + again)
