"""The two days of `test_care_days.py`, walked in a browser: nobody meets *Open with a
reason* or a refusal once."""

from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from ..charge.common_charge import ChargeCommon

SCHEDULE = "/odoo/practice-schedule"


@tagged("post_install", "-at_install")
class TestDaysInABrowser(ChargeCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # No welcome of the chat bot over the screen.
        cls.env["res.users"].search([]).odoobot_state = "disabled"
        cls.appointment.unlink()
        now = fields.Datetime.now().replace(second=0, microsecond=0)
        # At any hour: what is today does not reach into tomorrow.
        cls.now = min(now, now.replace(hour=23, minute=0))

    def _new_client(self, name):
        client = self.env["res.partner"].create({"name": name, "is_client": True})
        client.card_authorized_on = fields.Date.today()
        self._new_demo_card("done", client)
        return client

    def _prepare_day(self, therapist):
        """What stands in the therapist's schedule, booked by themselves.

        :return: the client who comes today
        """
        here, known, after = (
            self._new_client(name)
            for name in ("Casey Present", "Robin Known", "Taylor Next")
        )
        for client, title, start in (
            (here, "Here now", self.now),
            (here, "Later today", self.now + timedelta(hours=3)),
            (known, "Long ago", self.now - timedelta(days=30)),
            (after, "Day after", self.now + timedelta(days=1)),
        ):
            self.env["calendar.event"].with_user(therapist).create(
                {
                    "name": title,
                    "client_id": client.id,
                    "start": start,
                    "stop": start + timedelta(minutes=50),
                }
            )
        return here

    def _assert_worked(self, therapist, here):
        """The day has been worked, and nobody opened anything with a reason."""
        self.env.invalidate_all()
        states = here.appointment_ids.sorted("start").mapped("visit_state")
        self.assertEqual(states, ["attended", "late_cancelled"])
        fee = here.noshow_fee_line_ids
        self.assertTrue(self._charges_of(fee))
        self._assert_booked(therapist, "Nora Newcomer")
        self._assert_booked(therapist, "Robin Known", 2)
        note = self._notes_of(therapist)
        self.assertEqual(note.client_id, here)
        self._assert_no_reason(therapist)

    def _assert_booked(self, therapist, name, count=1):
        client = self.env["res.partner"].search([("name", "=", name)])
        self.assertEqual(len(client.appointment_ids), count)
        self.assertEqual(client.appointment_ids.user_id, therapist)
        self.assertEqual(client.with_user(therapist).in_my_care, True)

    def _notes_of(self, author):
        entries = self.env["noshow.chart.entry"].sudo()
        return entries.search([("author_id", "=", author.id)])

    def _assert_no_reason(self, therapists):
        cares = self.env["noshow.care"].sudo()
        rows = cares.search([("therapist_id", "in", therapists.ids)])
        self.assertTrue(rows)
        self.assertNotIn("reason", rows.mapped("ground"))

    def test_a_practice_of_one(self):
        solo = self._new_user("noshow_solo", "noshow_fees.group_owner")
        solo.group_ids += self.env.ref("noshow_fees.group_therapist_financial")
        here = self._prepare_day(solo)
        self.start_tour(SCHEDULE, "noshow_day_of_one", login=solo.login, timeout=180)
        self._assert_worked(solo, here)

    def test_nine_who_book_for_themselves(self):
        """One a whole day, the others a short one: a new client, whom the Owner has
        entered, is booked, and has a note and cards."""
        self.company.noshow_therapists_take_clients = True
        first, *others = (
            self._new_user(f"noshow_t{number}", "noshow_fees.group_therapist")
            for number in range(9)
        )
        here = self._prepare_day(first)
        self._new_client("Nora Newcomer")
        self.start_tour(SCHEDULE, "noshow_day_of_nine", login=first.login, timeout=180)
        self._assert_worked(first, here)
        clients = [self._new_client(f"Nora {number}") for number in range(1, 9)]
        # In one browser, which loads Odoo once.
        self.start_tour(
            "/odoo/clients", "noshow_days_of_others", login=others[0].login, timeout=180
        )
        self.env.invalidate_all()
        for therapist, client in zip(others, clients, strict=True):
            with self.subTest(therapist.login):
                self._assert_booked(therapist, client.name)
                self.assertEqual(self._notes_of(therapist).client_id, client)
        self._assert_no_reason(self.env["res.users"].union(*others))
