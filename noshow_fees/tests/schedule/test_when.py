"""One moment is written one way, wherever the desk reads it. Finding C16."""

from datetime import date, timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.fields import Datetime
from odoo.tests import tagged

from ...tools.when import format_day
from ..common import PracticeCommon

START = Datetime.to_datetime("2027-01-21 20:00:00")
#: In New York; as Odoo's own fields write it (web/static/src/core/l10n/dates.js).
WHEN = "Jan 21, 3:00 PM"


@tagged("post_install", "-at_install")
class TestWhen(PracticeCommon):
    def _words(self, text):
        # Some versions of CLDR have a narrow blank before “PM”.
        return " ".join(str(text).split())

    def _get_texts(self):
        """What the desk is told about an appointment of that moment, by where."""
        desk = self.frontdesk
        book = self.env["calendar.event.book"].with_user(desk)
        page = book.create(
            {
                "client_id": self.client_2.id,
                "provider_id": self.therapist.id,
                "start": START,
            }
        )
        yield "booked", page.action_book()["params"]["message"]
        event = self.client_2.appointment_ids
        again = book.create(
            {
                "client_id": self.client_2.id,
                "provider_id": self.therapist.id,
                "start": START,
            }
        )
        yield "who is it", again.client_summary
        yield "an overlap", again.overlap_warning
        event.with_user(desk).write({"start": START - timedelta(hours=2)})
        moved = event.with_user(desk).action_move(
            {
                "start": Datetime.to_string(START),
                "stop": Datetime.to_string(START + timedelta(minutes=50)),
            }
        )
        yield "moved", moved["message"]
        cancelled = self._cancel(event, visit_state="cancelled", cancel_future=False)
        yield "what happened", cancelled.result
        with self.assertRaises(UserError) as refused:
            event.with_user(desk).action_open_cancel()
        yield "refused", refused.exception

    def test_one_moment_one_form(self):
        with freeze_time("2027-01-20 12:00:00"):
            for where, text in self._get_texts():
                with self.subTest(where=where):
                    self.assertIn(WHEN, self._words(text))
                    self.assertNotRegex(self._words(text), r"2027|01/21|\b0\d:|20:00")

    def test_the_year_where_it_is_another(self):
        with freeze_time("2026-12-20 12:00:00"):
            page = self.env["calendar.event.book"].with_user(self.frontdesk)
            page = page.create(
                {
                    "client_id": self.client_2.id,
                    "provider_id": self.therapist.id,
                    "start": START,
                }
            )
            message = page.action_book()["params"]["message"]
        self.assertIn("Jan 21, 2027, 3:00 PM", self._words(message))

    def test_in_another_language(self):
        """The months in words, as in Odoo's own fields, the year or not."""
        self.env["res.lang"]._activate_lang("de_DE")
        german = self.env(context={**self.env.context, "lang": "de_DE"})
        with freeze_time("2026-12-20 12:00:00"):
            self.assertEqual(format_day(german, date(2026, 12, 1)), "1. Dez.")
            self.assertEqual(format_day(german, date(2027, 1, 21)), "21. Jan. 2027")
