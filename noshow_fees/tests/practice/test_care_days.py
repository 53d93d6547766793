"""A whole day of a practice of one, and of nine who book for themselves: nobody meets
care once."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..charge.common_charge import ChargeCommon


@tagged("post_install", "-at_install")
class TestDays(ChargeCommon):
    def _new_client(self, user, number):
        """A new client with a card, who has agreed; `user` enters them."""
        client = (
            self.env["res.partner"]
            .with_user(user)
            .create({"name": f"New {user.login} {number}", "is_client": True})
        )
        client.card_authorized_on = fields.Date.today()
        self._new_demo_card("done", client)
        return client

    def _work(self, therapist, clients):
        """What a therapist does with three clients of theirs: one comes, one misses and
        is charged, one cancels in time; and the next ones are booked."""
        came, missed, cancelled = clients
        now = fields.Datetime.now().replace(microsecond=0)
        own = self.env(user=therapist)
        events = {
            client: own["calendar.event"].create(
                {
                    "name": "Session",
                    "client_id": client.id,
                    "start": start,
                    "stop": start + timedelta(minutes=50),
                }
            )
            for client, start in (
                (came, now - timedelta(hours=3)),
                (missed, now - timedelta(hours=2)),
                (cancelled, now + timedelta(days=3)),
            )
        }
        for client in clients:
            page = client.with_env(own)
            self.assertTrue(page.in_my_care, therapist.login)
            page.action_open_cards()
            page.action_ask_for_card()
            self.assertTrue(own["payment.token"].search([("partner_id", "=", page.id)]))
        events[came].action_mark_attended()
        entries = own["noshow.chart.entry"]
        note = entries._create_for_appointments(events[came], "<p>Calm</p>")
        entries.create({"client_id": missed.id, "body": "<p>Called</p>"})
        self.assertEqual(entries.search([("client_id", "=", came.id)]), note)
        page = own["calendar.event.cancel"].create(
            {
                "event_ids": events[missed].ids,
                "charge_card": True,
                "chart_note": "<p>Not there</p>",
            }
        )
        self.assertEqual(page.visit_state, "no_show")
        self.assertTrue(page.payment_token_id)
        page.action_cancel()
        self.assertTrue(self._charges_of(events[missed].sudo().fee_line_ids))
        free = own["calendar.event.cancel"].create({"event_ids": events[cancelled].ids})
        free.action_cancel()
        self.assertEqual(events[cancelled].visit_state, "cancelled")
        events[cancelled].action_restore()

    def _assert_never_met(self, therapists):
        cares = self.env["noshow.care"].sudo()
        met = cares.search([("therapist_id", "in", therapists.ids)])
        self.assertFalse(met.filtered(lambda care: care.ground == "reason"))
        self.assertFalse(met.activity_ids)

    def test_a_practice_of_one(self):
        """Owner and therapist in one; no setting, no list, no dialog."""
        solo = self._new_user("noshow_solo", "noshow_fees.group_owner")
        solo.group_ids += self.env.ref("noshow_fees.group_therapist_financial")
        clients = [self._new_client(solo, number) for number in range(3)]
        self._work(solo, clients)
        self._assert_never_met(solo)

    def test_nine_who_book_for_themselves(self):
        self.company.noshow_therapists_take_clients = True
        therapists = self.env["res.users"].union(
            *(
                self._new_user(f"noshow_t{number}", "noshow_fees.group_therapist")
                for number in range(9)
            )
        )
        for therapist in therapists:
            # The owner enters the client, and books nobody.
            clients = [
                self._new_client(self.owner, therapist.id * 10 + n) for n in range(3)
            ]
            self._work(therapist, clients)
        self._assert_never_met(therapists)
        # And nobody reads of another's.
        first, second = therapists[:2]
        theirs = self.env["noshow.chart.entry"].search([("author_id", "=", first.id)])
        self.assertTrue(theirs)
        entries = self.env["noshow.chart.entry"].with_user(second)
        self.assertFalse(entries.search([("id", "in", theirs.ids)]))
