"""The dashboard's figures and counts, and the worklist, by role."""

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.fields import Datetime
from odoo.tests import Form, freeze_time, tagged

from ...const import FIGURES
from ...tools.context import by_sync
from ..charge.common_charge import ChargeCommon
from ..common import PracticeCommon


class DashboardCommon(PracticeCommon):
    def _dashboard(self, user):
        self.env.invalidate_all()
        return self.env["calendar.event"].with_user(user).retrieve_practice_dashboard()

    def _no_show(self, client=None, provider=None, user=None, **vals):
        """A fee for a no-show, billed today.

        :return: the fee
        """
        event = self._new_appointment(client, provider)
        self._cancel(event, user or self.biller, visit_state="no_show", **vals)
        return event.fee_line_ids

    def _pay(self, fee, amount):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=fee.move_id.ids
        ).create({"amount": amount})._create_payments()

    def _amounts(self, *amounts):
        return dict(zip(FIGURES, amounts, strict=True))


@tagged("post_install", "-at_install")
class TestDashboardFigures(DashboardCommon):
    @freeze_time("2026-03-18 15:00:00")
    def test_figures_are_the_sums_of_the_fees(self):
        paid, partial, waived, paid_and_waived, _open = (
            self._no_show(self.client_1) for _n in range(5)
        )
        self._pay(paid, 75.0)
        self._pay(partial, 25.0)
        self._pay(paid_and_waived, 75.0)
        (waived + paid_and_waived).with_user(self.biller)._waive("Goodwill")
        figures = self._dashboard(self.owner)["figures"]
        self.assertEqual(figures["month"], self._amounts(375.0, 100.0, 125.0, 150.0))
        # The same, from what each fee says of itself.
        fees = self.env["account.move.line"].search(
            [("is_noshow_fee", "=", True), ("company_id", "=", self.company.id)]
        )
        self.assertEqual(figures["month"]["charged"], sum(fees.mapped("price_total")))
        self.assertEqual(figures["month"]["open"], sum(fees.mapped("fee_open")))
        self.assertEqual(
            figures["month"]["collected"],
            sum(min(fee.fee_received, fee.fee_amount) for fee in fees),
        )
        self.assertEqual(figures["currency_id"], self.company.currency_id.id)
        self.assertFalse(figures["own"])

    def test_a_restored_cancellation_was_never_charged(self):
        fee = self._no_show()
        fee.with_user(self.biller)._waive("Mistake", release=True)
        self.assertEqual(
            self._dashboard(self.owner)["figures"]["month"],
            self._amounts(0.0, 0.0, 0.0, 0.0),
        )

    def test_an_edited_fee_is_charged_once(self):
        fee = self._no_show()
        self.env["account.move.line.edit.fee"].with_user(self.biller).create(
            {"line_id": fee.id, "amount": 50.0, "reason": "Agreed"}
        ).action_save()
        self.assertEqual(
            self._dashboard(self.owner)["figures"]["month"],
            self._amounts(50.0, 0.0, 50.0, 0.0),
        )

    def test_weeks_and_month(self):
        # 18 March 2026 is a Wednesday; weeks start on Sunday where English (US) is
        # spoken.
        for day in (
            "2025-12-27",
            "2025-12-28",
            "2026-02-27",
            "2026-03-15",
            "2026-03-18",
        ):
            with freeze_time(f"{day} 18:00:00"):
                self._no_show()
        with freeze_time("2026-03-18 20:00:00"):
            figures = self._dashboard(self.owner)["figures"]
        charged = {
            fields.Date.to_string(week["start"]): week["charged"]
            for week in figures["weeks"]
        }
        self.assertEqual(len(charged), 12)
        self.assertEqual(min(charged), "2025-12-28")
        self.assertEqual(max(charged), "2026-03-15")
        self.assertEqual(charged["2025-12-28"], 75.0)
        self.assertEqual(charged["2026-02-22"], 75.0)
        self.assertEqual(charged["2026-03-15"], 150.0)
        self.assertEqual(sum(charged.values()), 300.0)
        self.assertEqual(figures["month"]["charged"], 150.0)

    def test_today_is_the_practices(self):
        # 02:00 in UTC on the first is still the last evening of the month in New York.
        with freeze_time("2026-03-01 02:00:00"):
            self._no_show()
            figures = self._dashboard(self.owner)["figures"]
        self.assertEqual(figures["month"]["charged"], 75.0)
        with freeze_time("2026-03-01 12:00:00"):
            figures = self._dashboard(self.owner)["figures"]
        self.assertEqual(figures["month"]["charged"], 0.0)

    def test_who_may_know_the_practices_money(self):
        self._no_show(provider=self.therapist)
        self._no_show(provider=self.financial, amount=100.0)
        for user in (self.biller, self.manager, self.owner):
            figures = self._dashboard(user)["figures"]
            self.assertEqual(figures["month"]["charged"], 175.0, user.login)
        for user, own in ((self.therapist, 75.0), (self.financial, 100.0)):
            figures = self._dashboard(user)["figures"]
            self.assertTrue(figures["own"], user.login)
            self.assertEqual(figures["month"]["charged"], own, user.login)
        self.assertIsNone(self._dashboard(self.frontdesk)["figures"])

    def test_front_desk_who_also_treats_knows_the_own_money_only(self):
        self.therapist.group_ids += self.env.ref("noshow_fees.group_staff")
        self._no_show(provider=self.therapist)
        self._no_show(provider=self.financial)
        figures = self._dashboard(self.therapist)["figures"]
        self.assertTrue(figures["own"])
        self.assertEqual(figures["month"]["charged"], 75.0)

    def test_the_active_companies_count(self):
        self._no_show()
        other = self.env["res.company"].create(
            {"name": "Other practice", "currency_id": self.company.currency_id.id}
        )
        self.owner.company_ids += other
        for active, charged in (
            (other, 0.0),
            (self.company, 75.0),
            (other + self.company, 75.0),
        ):
            events = self.env["calendar.event"].with_user(self.owner)
            figures = events.with_context(
                allowed_company_ids=active.ids
            ).retrieve_practice_dashboard()["figures"]
            self.assertEqual(figures["month"]["charged"], charged)

    def test_nobody_from_outside(self):
        for user in (self.employee, self.accountant, self.portal):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._dashboard(user)

    def test_many_fees_cost_no_query_each(self):
        def count():
            self.env.invalidate_all()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.env["calendar.event"].with_user(self.owner)._get_dashboard_figures()
            return self.env.cr.sql_log_count - before

        self._no_show()
        count()  # warm up
        few = count()
        for _n in range(10):
            self._no_show()
        self.assertLessEqual(count(), few)


@tagged("post_install", "-at_install")
class TestWorklist(DashboardCommon):
    def setUp(self):
        super().setUp()
        yesterday = self.tomorrow - timedelta(days=2)
        self.past = self._new_appointment(start=yesterday)
        self.past_of_other = self._new_appointment(
            self.client_2, self.financial, start=yesterday
        )
        attended = self._new_appointment(start=yesterday + timedelta(hours=2))
        attended.with_user(self.frontdesk).action_mark_attended()
        cancelled = self._new_appointment(start=yesterday + timedelta(hours=4))
        self._cancel(cancelled, visit_state="no_show")
        # A plain meeting, and one by hand archived.
        self.env["calendar.event"].create(
            {"name": "Team", "start": yesterday, "stop": yesterday + timedelta(hours=1)}
        )
        self._new_appointment(start=yesterday + timedelta(hours=6)).active = False

    def _worklist(self, user):
        action = (
            self.env["calendar.event"].with_user(user).action_open_attention("outcome")
        )
        self.assertEqual(action["res_model"], "calendar.event")
        return (
            self.env["calendar.event"]
            .with_user(user)
            .search([("is_outcome_missing", "=", True)])
        )

    def test_past_and_still_scheduled(self):
        both = self.past + self.past_of_other
        self.assertEqual(self._worklist(self.frontdesk), both)
        self.assertEqual(self._worklist(self.therapist), self.past)
        self.assertEqual(self._dashboard(self.frontdesk)["attention"]["outcome"], 2)
        self.assertEqual(self._dashboard(self.financial)["attention"]["outcome"], 1)
        self.assertEqual(both.mapped("is_outcome_missing"), [True, True])
        self.assertFalse(self.appointment.is_outcome_missing)

    def test_removed_in_an_outside_calendar(self):
        by_sync(self.appointment).unlink()
        self.assertTrue(self.appointment.is_outcome_missing)
        self.assertIn(self.appointment, self._worklist(self.frontdesk))
        self.assertEqual(self._dashboard(self.frontdesk)["attention"]["outcome"], 3)

    def test_it_goes_down_with_each_outcome(self):
        self.past.with_user(self.frontdesk).action_mark_attended()
        self.assertEqual(self._dashboard(self.frontdesk)["attention"]["outcome"], 1)
        self._cancel(self.past_of_other, visit_state="no_show")
        self.assertEqual(self._dashboard(self.frontdesk)["attention"]["outcome"], 0)

    def test_an_appointment_that_goes_on_is_not_past(self):
        now = fields.Datetime.now()
        self._new_appointment(self.client_3, start=now - timedelta(minutes=20))
        self.assertEqual(len(self._worklist(self.frontdesk)), 2)


@tagged("post_install", "-at_install")
class TestDashboardCharges(ChargeCommon, DashboardCommon):
    def _attention(self, user):
        counts = self._dashboard(user)["attention"]
        return counts["declined"], counts["unanswered"]

    def _opened(self, user, kind):
        action = self.env["calendar.event"].with_user(user).action_open_attention(kind)
        self.assertEqual(action["res_model"], "account.move.line")
        return self.env["account.move.line"].with_user(user).search(action["domain"])

    def test_a_decline_needs_attention_until_it_is_settled(self):
        self.assertEqual(self._attention(self.biller), (0, 0))
        self._cancel_and_charge(card=self._new_demo_card("error"))
        self._commit()
        fee = self.appointment.fee_line_ids
        self.assertEqual(self._attention(self.biller), (1, 0))
        self.assertEqual(self._opened(self.biller, "declined"), fee)
        # Who sees the fee sees the count; the other therapist does not.
        self.assertEqual(self._attention(self.frontdesk), (1, 0))
        self.assertEqual(self._attention(self.therapist), (1, 0))
        self.assertEqual(self._attention(self.financial), (0, 0))
        self._pay(fee, 75.0)
        self.assertEqual(self._attention(self.biller), (0, 0))

    def test_a_charge_under_way_is_no_decline(self):
        self._cancel_and_charge(card=self._new_demo_card("error"))
        self._commit()
        fee = self.appointment.fee_line_ids
        fee._charge({fee: self._new_demo_card("pending")})
        self._commit()
        self.assertEqual(self._attention(self.biller), (0, 0))

    def test_no_answer_for_an_hour(self):
        charge = self._cancel_and_charge(card=self._new_demo_card("pending"))
        self._commit()
        self.assertEqual(self._attention(self.biller), (0, 0))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE payment_transaction SET create_date = create_date - interval '2 h'"
            " WHERE id = %s",
            [charge.id],
        )
        self.assertEqual(self._attention(self.biller), (0, 1))
        self.assertEqual(
            self._opened(self.biller, "unanswered"), self.appointment.fee_line_ids
        )

    def test_waived_fees_need_no_card(self):
        self._cancel_and_charge(card=self._new_demo_card("error"))
        self._commit()
        self.appointment.fee_line_ids.with_user(self.biller)._waive("Goodwill")
        self.assertEqual(self._attention(self.biller), (0, 0))


@tagged("post_install", "-at_install")
class TestToday(PracticeCommon):
    def _today(self, user):
        events = self.env["calendar.event"].with_user(user)
        events = events.with_context(active_test=False)
        mine = [("client_id", "=", self.client_2.id)]
        return events.search([*mine, ("is_today", "=", True)], order="start")

    def test_it_is_the_practices_day(self):
        # A quarter past midnight in New York is late on the day before in Honolulu.
        with freeze_time("2027-03-02 05:15:00"):
            first, last = (
                self._new_appointment(self.client_2, start=Datetime.to_datetime(start))
                for start in ("2027-03-02 05:00:00", "2027-03-03 04:00:00")
            )
            for start in ("2027-03-02 04:59:00", "2027-03-03 05:00:00"):
                self._new_appointment(self.client_2, start=Datetime.to_datetime(start))
            whole = self._new_appointment(
                self.client_2,
                start=Datetime.to_datetime("2027-03-02 08:00:00"),
                allday=True,
                start_date="2027-03-02",
                stop_date="2027-03-02",
            )
            for zone in ("Pacific/Honolulu", "Asia/Tokyo"):
                self.frontdesk.tz = zone
                found = self._today(self.frontdesk.with_context(tz=zone))
                self.assertEqual(set(found), set(first + last + whole))
                self.assertTrue(all(found.mapped("is_today")))
            action = self.env.ref("noshow_fees.calendar_event_action_today")
            self.assertIn("is_today", action.domain)


@tagged("post_install", "-at_install")
class TestFirstScreen(PracticeCommon):
    def test_everybody_chooses_in_their_preferences(self):
        """Odoo lets only administrators read what there is to choose from."""
        preferences = self.env.ref("base.view_users_form_simple_modif")
        for login in ("frontdesk", "therapist"):
            user = self.users[login]
            own = user.with_user(user)
            with Form(own, view=preferences) as form:
                self.assertEqual(form.noshow_first_screen, "schedule")
                form.noshow_first_screen = "today"
                form.noshow_session_minutes = 45
            today = self.env.ref("noshow_fees.calendar_event_action_today")
            self.assertEqual(user.action_id.id, today.id)
            self.assertEqual(user.noshow_session_minutes, 45)
            own.noshow_first_screen = False
            self.assertFalse(user.action_id)
        with self.assertRaises(AccessError):
            self.biller.with_user(self.frontdesk).noshow_first_screen = "today"
        with Form(self.employee.with_user(self.employee), view=preferences) as form:
            self.assertNotIn("noshow_first_screen", form._view["fields"])

    def test_where_a_day_begins(self):
        for login, screen in (
            ("frontdesk", "schedule"),
            ("therapist", "schedule"),
            ("biller", "dashboard"),
            ("owner", "dashboard"),
        ):
            action = self.env.ref(f"noshow_fees.calendar_event_action_{screen}")
            self.assertEqual(self.users[login].action_id.id, action.id)
        self.assertFalse(self.employee.action_id)
        self.assertFalse(self.accountant.action_id)

    def test_who_joins_later_and_who_has_chosen(self):
        today = self.env.ref("noshow_fees.calendar_event_action_today")
        schedule = self.env.ref("noshow_fees.calendar_event_action_schedule")
        staff = Command.link(self.env.ref("noshow_fees.group_staff").id)
        self.employee.group_ids = [staff]
        self.assertEqual(self.employee.action_id.id, schedule.id)
        self.accountant.action_id = today.id
        self.accountant.group_ids = [staff]
        self.assertEqual(self.accountant.action_id.id, today.id)
        self.frontdesk.action_id = False
        self.frontdesk.group_ids = [
            Command.link(self.env.ref("noshow_fees.group_manager").id)
        ]
        self.assertFalse(self.frontdesk.action_id)
