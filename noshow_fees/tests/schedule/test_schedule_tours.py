"""In a real browser: cancel from everywhere, see it in red, in batch, on a phone."""

from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from ..charge.common_charge import ChargeCommon
from ..common import PracticeCommon

SCHEDULE = "/odoo/practice-schedule"
DASHBOARD = "/odoo/practice-dashboard"
REASON = "Forgot, wants a new date"


class TourCommon(PracticeCommon, HttpCase):
    """Clients 1 to 5, each with an appointment of the therapist's now."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # No welcome of the chat bot over the phone's screen.
        cls.env["res.users"].search([]).odoobot_state = "disabled"
        cls.client_4, cls.client_5 = cls.env["res.partner"].create(
            [{"name": f"Client {number}", "is_client": True} for number in (4, 5)]
        )
        cls.clients = (
            cls.client_1 + cls.client_2 + cls.client_3 + cls.client_4 + cls.client_5
        )
        cls.appointment.unlink()
        # Of today in every time zone: the first login takes over the browser's.
        cls.now = fields.Datetime.now().replace(second=0)
        cls.today = cls.env["calendar.event"].union(
            *(cls._new_appointment(client, start=cls.now) for client in cls.clients)
        )
        cls.today[0].name = "From the schedule"

    def _traces(self, event):
        """What a cancellation leaves, wherever it was started from."""
        fee = event.fee_line_ids
        self.assertEqual(len(fee), 1)
        return {
            "visit_state": event.visit_state,
            "active": event.active,
            "reason": event.cancel_reason,
            "by": event.cancelled_by_id,
            "initiator": event.cancel_initiator,
            "counts": event.counts_as_missed,
            "missed": event.client_id.missed_visit_count,
            "code": fee.product_id,
            "charged": fee.price_total,
            "state": fee.fee_state,
            "label": fee.name,
        }


@tagged("post_install", "-at_install")
class TestScheduleTours(TourCommon):
    def test_cancel_from_everywhere(self):
        self._new_appointment(name="Archived", start=self.now).active = False
        for url, tour in (
            (SCHEDULE, "noshow_cancel_from_schedule"),
            (DASHBOARD, "noshow_cancel_from_dashboard"),
            ("/odoo/practice-today", "noshow_cancel_from_today"),
            ("/odoo/clients", "noshow_cancel_from_client"),
        ):
            self.start_tour(url, tour, login="noshow_frontdesk")
        self.env.invalidate_all()
        *cancelled, attended = self.today
        outcomes = [self._traces(event) for event in cancelled]
        self.assertEqual(outcomes[0]["visit_state"], "no_show")
        self.assertEqual(outcomes[0]["reason"], REASON)
        self.assertEqual(outcomes[0]["by"], self.frontdesk)
        self.assertEqual(outcomes[0]["charged"], 75.0)
        for outcome in outcomes[1:]:
            self.assertEqual(outcome, outcomes[0])
        self.assertEqual(attended.visit_state, "attended")
        settings = self.frontdesk.res_users_settings_id
        self.assertTrue(settings.noshow_show_cancellations)

    def test_dashboard_of_an_owner(self):
        self._new_appointment(self.client_3, start=self.now - timedelta(days=1))
        self.start_tour(DASHBOARD, "noshow_dashboard_owner", login="noshow_owner")
        self.assertEqual(self.today[1].fee_state, "open")

    def test_the_dashboard_loads_in_five_calls(self):
        self.start_tour(SCHEDULE, "noshow_dashboard_calls", login="noshow_owner")

    def test_the_desk_cancels_in_four_calls(self):
        self.start_tour(DASHBOARD, "noshow_desk_calls", login="noshow_frontdesk")
        self.assertEqual(self.today[2].fee_line_ids.fee_state, "open")

    def test_book_from_the_schedule(self):
        self.client_1.phone = "+1 (212) 555-0148"
        self.start_tour(SCHEDULE, "noshow_book_from_schedule", login="noshow_frontdesk")
        booked = self.client_1.appointment_ids - self.today
        self.assertEqual(len(booked), 12)
        self.assertEqual(booked.user_id, self.therapist)
        self.assertEqual(booked.partner_ids, self.therapist.partner_id)

    def test_nobody_is_made_by_enter(self):
        before = self.env["res.partner"].search_count([])
        self.start_tour(
            SCHEDULE, "noshow_book_nobody_by_enter", login="noshow_frontdesk"
        )
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    def test_the_clients_page_is_fresh(self):
        self.start_tour("/odoo/clients", "noshow_client_fresh", login="noshow_biller")

    def test_undo_attended(self):
        self.start_tour(DASHBOARD, "noshow_undo_attended", login="noshow_frontdesk")
        self.env.invalidate_all()
        self.assertEqual(self.today[4].visit_state, "scheduled")

    def test_from_the_popover_to_the_client(self):
        self.client_1.phone = "+1 (212) 555-0148"
        self.start_tour(SCHEDULE, "noshow_popover_to_client", login="noshow_frontdesk")

    def test_choose_a_fee(self):
        self.start_tour(SCHEDULE, "noshow_choose_fee", login="noshow_frontdesk")

    def test_schedule_of_a_therapist(self):
        self._cancel(self.today[0], visit_state="no_show", reason=REASON)
        self.start_tour(SCHEDULE, "noshow_schedule_therapist", login="noshow_therapist")

    def test_restore_from_the_schedule(self):
        self._cancel(self.today[0], visit_state="no_show", reason=REASON)
        self.start_tour(SCHEDULE, "noshow_restore_from_schedule", login="noshow_biller")
        self.env.invalidate_all()
        self.assertEqual(self.today[0].visit_state, "scheduled")
        self.assertTrue(self.today[0].active)
        self.assertEqual(self.today[0].fee_state, "none")

    def test_billing_tab_of_a_client(self):
        self._cancel(self.today[0], visit_state="no_show", reason=REASON)
        self.start_tour("/odoo/clients", "noshow_client_billing", login="noshow_biller")

    def test_batch_of_five_past_appointments(self):
        past = self.env["calendar.event"].union(
            *(
                self._new_appointment(client, start=self.now - timedelta(days=days))
                for days, client in enumerate(self.clients, start=1)
            )
        )
        self.today.with_user(self.frontdesk).action_mark_attended()
        self.start_tour(
            "/odoo/practice-worklist", "noshow_batch", login="noshow_biller"
        )
        self.env.invalidate_all()
        self.assertEqual(set(past.mapped("visit_state")), {"no_show"})
        self.assertEqual(
            sorted(event.fee_amount for event in past), [0.0, 20.0, 75.0, 75.0, 75.0]
        )
        self.assertEqual(len(past.fee_line_ids), 4)


@tagged("post_install", "-at_install")
class TestBatchTour(TourCommon, ChargeCommon):
    def test_cards_of_a_batch(self):
        one, two, three = self.today[:3]
        self.today[3:].with_user(self.frontdesk).action_mark_attended()
        (one | two | three).start = self.now - timedelta(days=1)
        self.client_2.card_authorized_on = fields.Date.today()
        self._new_demo_card("done", self.client_2)
        self.start_tour(
            "/odoo/practice-worklist", "noshow_batch_cards", login="noshow_frontdesk"
        )
        self.env.invalidate_all()
        fees = (one | two | three).fee_line_ids
        self.assertEqual(fees.mapped("fee_amount"), [75.0] * 3)
        charges = self.env["payment.transaction"].sudo()
        charge = charges.search([("fee_line_id", "in", fees.ids)])
        self.assertEqual(charge.fee_line_id, one.fee_line_ids)


@tagged("post_install", "-at_install")
class TestScheduleToursPhone(TourCommon):
    browser_size = "375x667"
    touch_enabled = True

    def test_schedule(self):
        self._cancel(self.today[0], visit_state="no_show", reason=REASON)
        self.start_tour(SCHEDULE, "noshow_schedule_phone", login="noshow_frontdesk")

    def test_book_somebody(self):
        self.client_1.phone = "+1 (212) 555-0148"
        self.start_tour(SCHEDULE, "noshow_book_on_phone", login="noshow_frontdesk")

    def test_dashboard(self):
        self.start_tour(
            DASHBOARD, "noshow_cancel_from_dashboard", login="noshow_frontdesk"
        )
        self.assertEqual(self.today[1].visit_state, "no_show")
        self.assertEqual(self.today[4].visit_state, "attended")

    def test_billing_tab_of_a_client(self):
        self._cancel(self.today[0], visit_state="no_show", reason=REASON)
        self.start_tour("/odoo/clients", "noshow_client_billing", login="noshow_biller")


@tagged("post_install", "-at_install")
class TestScheduleToursEnlarged(TourCommon):
    """A laptop of 1366×768 whose browser enlarges to 200 %."""

    browser_size = "683x384"

    def test_choose_day_and_time(self):
        self.start_tour(SCHEDULE, "noshow_book_enlarged", login="noshow_frontdesk")
