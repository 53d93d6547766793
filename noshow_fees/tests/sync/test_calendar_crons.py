"""What Google's and Microsoft's crons do, with both addons installed and their API
answered here: appointments are as if made by hand."""

import json
from datetime import timedelta
from unittest.mock import patch

import requests

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.google_calendar.utils.google_calendar import GoogleCalendarService

from ..common import PracticeCommon

LATER = "2099-01-01T00:00:00Z"  # when somebody changed it outside: after Odoo
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)


class Network:
    """Answers for Google and Microsoft.

    :param dict events: what has changed there: `{part of an address: events}`
    """

    def __init__(self):
        self.events = {}
        self.requests = []
        self.refuses = False

    def __call__(self, method, url, **kwargs):
        self.requests.append((method.upper(), url, kwargs.get("data") or "{}"))
        found = [items for part, items in self.events.items() if part in url]
        answer = {"id": "new", "iCalUId": "new"}
        if method == "get":
            items = found[0] if found else []
            answer = {"items": items, "value": items, "nextSyncToken": "next"}
            answer["@odata.deltaLink"] = "https://graph.microsoft.com/x?$deltatoken=n"
            answer["defaultReminders"] = []
        response = requests.Response()
        response.status_code = 200
        if self.refuses and method != "get":
            response.status_code, answer = 403, {"error": {"message": "No"}}
        response._content = json.dumps(answer).encode()
        return response

    def sent(self):
        """What has been asked for but events: `[(method, address, values)]`"""
        return [
            (method, url, json.loads(data))
            for method, url, data in self.requests
            if method != "GET"
        ]


class CronTests:
    """The same for both. `self.therapist` has an account outside."""

    cron = None

    def setUp(self):
        super().setUp()
        self.network = Network()
        self.startPatcher(patch("requests.request", self.network))
        for user in self.users.values():
            user.email = user.partner_id.email = f"{user.login}@example.com"
        self._connect(self.therapist)
        self.portal.partner_id.write(
            {"is_client": True, "email": "portal@example.com", "name": "Portal client"}
        )
        self.portal.email = "portal@example.com"

    def _run(self):
        # As Odoo does: the superuser, in no company of the practice.
        with self.enter_registry_test_mode():
            self.env.ref(self.cron).method_direct_trigger()
        self.env.invalidate_all()

    def _find(self, name="Outside"):
        domain = [("name", "=", name), ("active", "in", [True, False])]
        return self.env["calendar.event"].search(domain, order="start")

    def _make(self, **values):
        self._tell(self._single(**values))
        return self._find()

    def assertWhole(self, events, client=None, provider=None, start=None):
        """As if made by hand: whole, and open to the same people."""
        self.assertTrue(events)
        for event in events:
            self.assertEqual(event.client_id, client or self.client_1)
            self.assertEqual(event.visit_state, "scheduled")
            self.assertEqual(event.company_id, self.company)
            self.assertEqual(event.user_id, provider or self.therapist)
            self.assertTrue(event.active)
            for user in (self.frontdesk, provider or self.therapist):
                self.assertTrue(event.with_user(user).user_can_edit)
                event.with_user(user)._check_scheduled()
                event.with_user(user)._check_may_schedule()
            event.with_user(self.frontdesk).location = "Room 1"
            for user in (self.employee, self.financial):
                with self.assertRaises(AccessError):
                    event.with_user(user).read(["name"])
        if start:
            self.assertEqual(events[0].start, start)

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
class TestGoogleCron(CronTests, PracticeCommon):
    cron = "google_calendar.ir_cron_sync_all_cals"

    def _connect(self, user):
        user.sudo().res_users_settings_id.write(
            {
                "google_calendar_rtoken": "refresh",
                "google_calendar_token": "token",
                "google_calendar_token_validity": fields.Datetime.now() + 9 * HOUR,
                "google_calendar_sync_token": "before",
                "google_synchronization_stopped": False,
            }
        )

    def _tell(self, *events):
        self.network.events = {"googleapis": list(events)}
        self._run()

    def _single(self, key="single", name="Outside", **values):
        start = values.pop("start", self.tomorrow)
        organizer = values.pop("organizer", self.therapist.partner_id)
        attendees = values.pop("attendees", [self.therapist, self.client_1])
        return {
            "id": key.replace(" ", ""),
            "summary": name,
            "updated": LATER,
            "status": "confirmed",
            "organizer": {
                "email": organizer.email,
                "self": organizer == self.therapist.partner_id,
            },
            "attendees": [
                {
                    "email": attendee.email,
                    "responseStatus": "accepted",
                    "self": attendee == self.therapist,
                }
                for attendee in attendees
            ],
            "reminders": {"useDefault": True},
            "start": {"dateTime": f"{start.isoformat()}Z", "timeZone": "UTC"},
            "end": {"dateTime": f"{(start + HOUR).isoformat()}Z", "timeZone": "UTC"},
            **values,
        }

    def _removed(self, key="single"):
        return {"id": key, "status": "cancelled"}

    def _series(self, start, count):
        day = start.strftime("%a")[:2].upper()
        rule = f"RRULE:FREQ=WEEKLY;COUNT={count};BYDAY={day}"
        return [self._single(key="series", start=start, recurrence=[rule])]

    def test_another_client_comes(self):
        event = self._make()
        self._tell(self._single(attendees=[self.therapist, self.client_2]))
        self.assertWhole(event, self.client_2)

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
class TestMicrosoftCron(CronTests, PracticeCommon):
    cron = "microsoft_calendar.ir_cron_sync_all_cals"

    def _connect(self, user):
        user.sudo().write(
            {
                "microsoft_calendar_rtoken": "refresh",
                "microsoft_calendar_token": "token",
                "microsoft_calendar_token_validity": fields.Datetime.now() + 9 * HOUR,
                "microsoft_calendar_sync_token": "before",
                "microsoft_synchronization_stopped": False,
            }
        )

    def _tell(self, *events):
        self.network.events = {
            "/instances": [event for event in events if event.get("seriesMasterId")],
            "/delta": [event for event in events if not event.get("seriesMasterId")],
        }
        self._run()

    def _single(self, key="single", name="Outside", **values):
        start = values.pop("start", self.tomorrow)
        organizer = values.pop("organizer", self.therapist.partner_id)
        attendees = values.pop("attendees", [self.therapist, self.client_1])
        return {
            "id": key,
            "iCalUId": f"uid-{key}",
            "subject": name,
            "isOrganizer": organizer == self.therapist.partner_id,
            "organizer": {"emailAddress": {"address": organizer.email}},
            "attendees": [
                {
                    "emailAddress": {"address": attendee.email},
                    "status": {"response": "accepted"},
                }
                for attendee in attendees
            ],
            "responseStatus": {"response": "organizer"},
            "lastModifiedDateTime": LATER,
            "start": {"dateTime": start.isoformat(), "timeZone": "UTC"},
            "end": {"dateTime": (start + HOUR).isoformat(), "timeZone": "UTC"},
            "isAllDay": False,
            "isCancelled": False,
            "showAs": "busy",
            "type": "singleInstance",
            "seriesMasterId": None,
            **values,
        }

    def _removed(self, key="single"):
        return {"id": key, "@removed": {"reason": "deleted"}}

    def _series(self, start, count):
        pattern = {
            "type": "weekly",
            "interval": 1,
            "daysOfWeek": [start.strftime("%A").lower()],
            "dayOfMonth": 0,
            "index": "first",
        }
        master = self._single(
            key="series",
            start=start,
            type="seriesMaster",
            recurrence={
                "pattern": pattern,
                "range": {"type": "numbered", "numberOfOccurrences": count},
            },
        )
        return [
            master,
            *(
                self._single(
                    key=f"series{number}",
                    start=start + number * WEEK,
                    type="occurrence",
                    seriesMasterId="series",
                )
                for number in range(count)
            ),
        ]

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
