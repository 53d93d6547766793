"""Google's and Microsoft's crons, with both addons installed and their API
answered here."""

import json
from datetime import timedelta
from unittest.mock import patch

import requests

from odoo import fields
from odoo.exceptions import AccessError

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


class CronCommon(PracticeCommon):
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
        # As Odoo does: the superuser, in no company of the practice. What goes wrong
        # with an account is logged as an error, and undone.
        with (
            self.enter_registry_test_mode(),
            self.assertNoLogs("odoo.addons.google_calendar", "ERROR"),
            self.assertNoLogs("odoo.addons.microsoft_calendar", "ERROR"),
        ):
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


class GoogleCommon(CronCommon):
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
        stop = values.pop("stop", start + HOUR)
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
            "end": {"dateTime": f"{stop.isoformat()}Z", "timeZone": "UTC"},
            **values,
        }

    def _removed(self, key="single"):
        return {"id": key, "status": "cancelled"}

    def _series(self, start, count):
        day = start.strftime("%a")[:2].upper()
        rule = f"RRULE:FREQ=WEEKLY;COUNT={count};BYDAY={day}"
        return [self._single(key="series", start=start, recurrence=[rule])]


class MicrosoftCommon(CronCommon):
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
        stop = values.pop("stop", start + HOUR)
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
            "end": {"dateTime": stop.isoformat(), "timeZone": "UTC"},
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
