"""Pages that are shown and forgotten, and one that anybody with a link reads."""

from odoo import Command
from odoo.tests import HttpCase, tagged

from .doors_common import DoorsCase


@tagged("post_install", "-at_install")
class TestPages(DoorsCase, HttpCase):
    def _get_caching(self, url):
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        return response.headers.get("Cache-Control", "")

    def test_a_printed_chart_is_not_kept(self):
        page = (
            self.env["noshow.chart.entry.print"]
            .with_user(self.owner)
            .create({"client_id": self.client_login.id})
        )
        self.authenticate(self.owner.login, self.owner.login)
        url = f"/report/html/noshow_fees.noshow_chart_report/{page.id}"
        self.assertIn("no-store", self._get_caching(url))

    def test_the_invoice_of_a_fee_is_not_kept(self):
        self._cancel(self.appointment, visit_state="no_show")
        invoice = self.appointment.fee_line_ids.move_id
        other = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.client_login.id,
                "invoice_line_ids": [
                    Command.create({"name": "Chair", "price_unit": 5.0})
                ],
            }
        )
        other.action_post()
        for move, kept in ((invoice, False), (other, True)):
            url = f"{move.access_url}?access_token={move._portal_ensure_token()}"
            self.assertEqual("no-store" not in self._get_caching(url), kept)

    def test_the_page_behind_an_invitation(self):
        self.appointment.location = "Ward 4"
        self.meeting.location = "Canteen"
        self.authenticate(None, None)
        for event, told in ((self.appointment, False), (self.meeting, True)):
            attendee = event.attendee_ids[:1]
            page = self.url_open(
                f"/calendar/meeting/view?token={attendee.access_token}&id={event.id}"
            ).text
            self.assertEqual(event.location in page, told)
            self.assertEqual(attendee.email in page, told)
            self.assertEqual(attendee.common_name in page, told)
