"""What Google's and Microsoft's crons do, with both addons installed and their API
answered here: appointments are as if made by hand."""

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.google_calendar.utils.google_calendar import GoogleCalendarService

from .sync_common import HOUR, WEEK, GoogleCommon, MicrosoftCommon


class CronTests:
    """The same for both."""

    def test_created(self):
        event = self._make()
        self.assertWhole(event, start=self.tomorrow)
        self._cancel(event, visit_state="late_cancelled", product_id=self.code_late.id)
        self.assertEqual(event.fee_state, "open")

    def test_created_without_a_client(self):
        event = self._make(attendees=[self.therapist, self.financial])
        self.assertTrue(event)
        self.assertFalse(event.client_id or event.visit_state or event.company_id)
        self.assertEqual(event.with_user(self.employee).name, "Outside")

    def test_the_therapist_is_a_client_too(self):
        self.therapist.partner_id.is_client = True
        lunch = self._make(attendees=[self.therapist, self.financial])
        self.assertFalse(lunch.client_id or lunch.visit_state or lunch.company_id)

    def test_created_by_the_client(self):
        for client in (self.client_1, self.portal.partner_id):
            with self.subTest(client=client.name):
                name = f"By {client.name}"
                self._tell(
                    self._single(
                        key=name,
                        name=name,
                        organizer=client,
                        attendees=[self.therapist, client],
                    )
                )
                event = self._find(name)
                self.assertWhole(event, client)
                # What they change there stays theirs to change, and ours to bill.
                self._tell(
                    self._single(
                        key=name,
                        name=name,
                        organizer=client,
                        attendees=[self.therapist, client],
                        start=self.tomorrow + HOUR,
                    )
                )
                self.assertWhole(event, client, start=self.tomorrow + HOUR)

    def test_moved(self):
        event = self._make()
        self._tell(self._single(start=self.tomorrow + HOUR))
        self.assertWhole(event, start=self.tomorrow + HOUR)

    def test_deleted_and_restored(self):
        event = self._make()
        self._tell(self._removed())
        self.assertTrue(event.exists().needs_outcome)
        self.assertWhole(event)
        self._tell(self._single(start=self.tomorrow + HOUR))
        self.assertEqual(self._find(), event)
        self.assertFalse(event.needs_outcome)
        self.assertWhole(event, start=self.tomorrow + HOUR)

    def test_what_is_on_record_stays(self):
        event = self._make()
        self._cancel(event, visit_state="late_cancelled")
        for change in (
            self._single(
                start=self.tomorrow + HOUR, attendees=[self.therapist, self.client_2]
            ),
            self._removed(),
            self._single(),
        ):
            self._tell(change)
            self.assertEqual(event.exists().visit_state, "late_cancelled")
            self.assertEqual(event.client_id, self.client_1)
            self.assertEqual(event.start, self.tomorrow)
            self.assertEqual((event.fee_state, event.fee_amount), ("open", 50.0))
            self.assertFalse(event.needs_outcome)

    def test_a_series_created_and_edited_there(self):
        self._tell(*self._series(self.tomorrow, 4))
        events = self._find()
        self.assertEqual(len(events), 4)
        self.assertWhole(events, start=self.tomorrow)
        known = events[1]
        self._cancel(known, visit_state="late_cancelled")
        self._tell(*self._series(self.tomorrow + HOUR, 4))
        self.assertEqual(known.start, self.tomorrow + WEEK)
        self.assertEqual(
            (known.visit_state, known.fee_state), ("late_cancelled", "open")
        )
        events = self._find() - known
        self.assertWhole(events.filtered("active"), start=self.tomorrow + HOUR)
        self.assertEqual(len(events.filtered("active")), 3)
        self.assertFalse(any(events.mapped("needs_outcome")))


@tagged("post_install", "-at_install")
class TestGoogleCron(CronTests, GoogleCommon):
    def test_another_client_comes(self):
        event = self._make()
        self._tell(self._single(attendees=[self.therapist, self.client_2]))
        self.assertWhole(event, self.client_2)

    def test_moved_at_the_desk(self):
        """The therapist whose calendar it is has not to accept it."""
        event = self._make()
        times = {"start": event.start + HOUR, "stop": event.stop + HOUR}
        event.with_user(self.frontdesk).action_move(times)
        with self.enter_registry_test_mode():
            self.env.cr.postcommit.run()
        answers = {
            one["responseStatus"]
            for _method, _url, values in self.network.sent()
            for one in values.get("attendees", ())
            if one["email"] == self.therapist.email
        }
        self.assertEqual(answers, {"accepted"})

    def test_no_message_to_the_client(self):
        """Google writes to attendees unless it is told not to."""
        event = self._make()
        self._cancel(event, visit_state="cancelled")
        series = self._series(self.tomorrow + HOUR, 3)
        self._tell(*series)
        rule = self._find().recurrence_id
        google = GoogleCalendarService(self.env["google.service"])
        with self.enter_registry_test_mode():
            self.env.cr.postcommit.run()
            rule.with_user(self.therapist).sudo()._google_delete(google, "series")
            self.env.cr.postcommit.run()
        sent = self.network.sent()
        self.assertEqual({method for method, _url, _values in sent}, {"PATCH"})
        cancelled = [
            url.rsplit("/")[-1]
            for _method, url, values in sent
            if values["status"] == "cancelled"
        ]
        self.assertTrue([url for url in cancelled if url.startswith("single")])
        self.assertTrue([url for url in cancelled if url.startswith("series")])
        for _method, url, _values in sent:
            self.assertIn("sendUpdates=none", url)

    def test_what_google_refuses_is_logged_without_its_title(self):
        event = self._make()
        self._tell(*self._series(self.tomorrow + HOUR, 3))
        rule = self._find().recurrence_id
        self.network.refuses = True
        event.with_user(self.frontdesk).location = "Room 2"
        google = GoogleCalendarService(self.env["google.service"])
        patched = rule.with_user(self.therapist).sudo()._google_values()
        with (
            self.enter_registry_test_mode(),
            mute_logger("odoo.addons.google_account.models.google_service"),
            self.assertLogs("odoo.addons.noshow_fees", "WARNING") as logs,
            self.assertNoLogs("odoo.addons.google_calendar", "WARNING"),
        ):
            self.env.cr.postcommit.run()
            rule.with_user(self.therapist).sudo()._google_patch(
                google, "series", patched
            )
            self.env.cr.postcommit.run()
        self.assertEqual(len(logs.output), 2)
        self.assertNotIn("Outside", str(logs.output))
        self.assertIn("refused", event.message_ids[0].body)


@tagged("post_install", "-at_install")
class TestMicrosoftCron(CronTests, MicrosoftCommon):
    def test_another_client_comes(self):
        """Stock keeps who was taken out in Outlook (microsoft_calendar/models/
        calendar.py, `_odoo_attendee_commands_m`): of two clients, people decide."""
        event = self._make()
        self._tell(self._single(attendees=[self.therapist, self.client_2]))
        self.assertIn(self.client_1, event.partner_ids)
        self.assertWhole(event)
        event.with_user(self.frontdesk).client_id = self.client_2
        self._tell(self._single(attendees=[self.therapist, self.client_2]))
        self.assertWhole(event, self.client_2)
