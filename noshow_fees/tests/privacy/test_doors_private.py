"""Appointments under Odoo's privacy: private events, private calendars."""

from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.calendar.models.calendar_event import CalendarEvent as StockEvent

from .doors_common import TITLE, DoorsCase


@tagged("post_install", "-at_install")
class TestPrivate(DoorsCase):
    """`cls.private` are an appointment that was to be private, and one of a provider
    whose calendar is private by default."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.financial.with_user(cls.financial).calendar_default_privacy = "private"
        cls.marked = cls._new_clinical(privacy="private")
        cls.by_default = cls._new_clinical(
            provider=cls.financial, start=cls.tomorrow + timedelta(hours=3)
        )
        cls.private = cls.marked + cls.by_default
        cls.env.flush_all()
        cls.env.invalidate_all()

    def test_the_front_desk_reads_searches_and_groups(self):
        for user in (self.frontdesk, self.biller, self.owner):
            with self.subTest(user=user.login):
                self.env.invalidate_all()
                events = self.private.with_user(user)
                for values in events.read(
                    ["name", "client_id", "visit_state", "display_name"]
                ):
                    self.assertEqual(values["name"], TITLE)
                    self.assertEqual(values["display_name"], TITLE)
                    self.assertEqual(values["client_id"][0], self.client_login.id)
                    self.assertEqual(values["visit_state"], "scheduled")
                self.assertEqual(len(events.attendee_ids), 4)
                domain = [("id", "in", events.ids)]
                self.assertEqual(
                    events.search([("name", "=", TITLE), *domain]),
                    events.sorted("start")[::-1],
                )
                self.assertEqual(
                    events._read_group(domain, ["client_id"], ["__count"]),
                    [(self.client_login.with_user(user), 2)],
                )
                for values in events.read(["user_can_edit", "effective_privacy"]):
                    self.assertTrue(values["user_can_edit"])
                    self.assertNotEqual(values["effective_privacy"], "private")

    def test_the_front_desk_moves_edits_and_cancels(self):
        for event in self.private:
            with self.subTest(provider=event.user_id.login):
                as_staff = event.with_user(self.frontdesk)
                later = event.start + timedelta(hours=1)
                as_staff.write({"start": later, "stop": later + timedelta(hours=1)})
                as_staff.web_save({"name": "Moved"}, {})
                self.assertEqual((event.start, event.name), (later, "Moved"))
                as_staff.action_open_cancel()
                self._cancel(event, visit_state="no_show")
                self.assertEqual(event.fee_state, "open")
        self.by_default.with_user(self.biller).action_restore()

    def test_therapists_their_own_only(self):
        self.assertEqual(self.marked.with_user(self.therapist).name, TITLE)
        self.assertTrue(self.marked.with_user(self.therapist).user_can_edit)
        with self.assertRaises(AccessError):
            self.by_default.with_user(self.therapist).read(["name"])
        self._let_begin(self.by_default)
        self.by_default.with_user(self.financial).action_mark_attended()

    def test_a_link_to_it_is_neutral_whoever_makes_it(self):
        """It stands in other records' chatters, such as a lead's."""
        for event in self.private + self.appointment:
            self.env.invalidate_all()
            for user in (self.frontdesk, self.owner):
                link = event.with_user(user)._get_html_link()
                self.assertIn("Appointment", link)
                self.assertSaysNothing(link)
            self.assertSaysNothing(event._get_html_link(title=TITLE))
        self.assertIn("Team lunch", self.meeting.with_user(self.owner)._get_html_link())

    def test_hidden_from_outsiders(self):
        for user in self.outsiders:
            with self.subTest(user=user.login):
                self.env.invalidate_all()
                events = self.private.with_user(user)
                with self.assertRaises(AccessError):
                    events.read(["name"])
                self.assertFalse(events.search([("name", "=", TITLE)]))
                self.assertFalse(events.search([("id", "in", events.ids)]))

    def test_private_meetings_stay_private(self):
        """Odoo's privacy of plain meetings is as it was, for practice roles too."""
        meeting = (
            self.env["calendar.event"]
            .with_user(self.employee)
            .create(
                {
                    "name": "Salary talk",
                    "description": "<p>Raise</p>",
                    "privacy": "private",
                }
            )
        )
        for user in (self.frontdesk, self.owner, self.accountant):
            with self.subTest(user=user.login):
                self.env.invalidate_all()
                events = meeting + (
                    self.env["calendar.event"]
                    if user == self.accountant
                    else self.marked
                )
                values = events.with_user(user).read(
                    ["name", "display_name", "user_can_edit", "effective_privacy"]
                )[0]
                self.assertEqual(
                    (values["name"], values["display_name"]), ("Busy", "Busy")
                )
                self.assertFalse(values["user_can_edit"])
                self.assertEqual(values["effective_privacy"], "private")
                # Nor is it unmasked by what the rules fetch to decide.
                self.env.invalidate_all()
                meeting.with_user(user).check_access("read")
                self.assertFalse(meeting.with_user(user).description)
                with self.assertRaises(AccessError):
                    meeting.with_user(user).write({"name": "x"})
                groups = meeting.with_user(user)._read_group(
                    [("id", "=", meeting.id)], ["name"]
                )
                self.assertFalse(groups)

    def test_who_finds_a_meeting_private_as_odoo_says(self):
        """The short answer for what is not private is stock's own, only sooner."""
        meetings_sudo = (
            self.env["calendar.event"]
            .sudo()
            .create(
                [
                    {
                        "name": f"Meeting {privacy}",
                        "privacy": privacy,
                        "user_id": owner.id,
                        "partner_ids": [Command.set(owner.partner_id.ids)],
                    }
                    for privacy in ("public", "private", "confidential", False)
                    for owner in (self.financial, self.therapist)
                ]
            )
        )
        found = set()
        for user in (self.financial, self.therapist, self.frontdesk):
            for meeting in meetings_sudo.with_user(user):
                private = meeting._check_private_event_conditions()
                self.assertEqual(
                    private, StockEvent._check_private_event_conditions(meeting)
                )
                found.add((meeting.privacy, private))
        self.assertLessEqual({("private", True), ("private", False)}, found)
        self.assertLessEqual({(False, True), (False, False)}, found)

    def test_no_appointment_is_private(self):
        """Whoever says so, and however: Odoo's own rule would keep the front desk from
        it. A plain meeting that becomes an appointment follows."""
        self.assertEqual(set(self.private.mapped("privacy")), {"confidential"})
        own = (
            self.env["calendar.event"].with_user(self.frontdesk).create({"name": "Own"})
        )
        for user in (self.frontdesk, self.biller):
            for privacy in ("public", False, "private"):
                events = self.private + (own if user == self.frontdesk else own[:0])
                with self.subTest(user=user.login, privacy=privacy):
                    events.with_user(user).write({"privacy": privacy})
                    self.env.invalidate_all()
                    self.assertEqual(
                        events.mapped("privacy"),
                        ["confidential", "confidential", privacy][: len(events)],
                    )
        meeting = (
            self.env["calendar.event"]
            .with_user(self.therapist)
            .create({"name": TITLE, "privacy": "private"})
        )
        self.env.invalidate_all()
        self.assertEqual(meeting.with_user(self.frontdesk).name, "Busy")
        meeting.with_user(self.therapist).write(
            {"client_id": self.client_login.id, "privacy": "private"}
        )
        self.env.invalidate_all()
        self.assertEqual(meeting.with_user(self.frontdesk).name, TITLE)
        self.assertTrue(meeting.with_user(self.frontdesk).has_access("write"))

    def test_odoos_own_rule_is_untouched(self):
        rule = self.env.ref("calendar.calendar_event_rule_private")
        self.assertNotIn("client", rule.domain_force)
        rules = self.env["ir.model.data"].search(
            [("module", "=", "noshow_fees"), ("model", "=", "ir.rule")]
        )
        self.assertGreater(len(rules), 30)
        self.assertFalse(any(rules.mapped("noupdate")), "an update mends each")

    def test_reading_takes_one_query_of_the_events(self):
        """Others' meetings, private and plain, as in stock Odoo."""
        events = (
            self.env["calendar.event"]
            .with_user(self.employee)
            .create(
                [
                    {"name": f"Meeting {n}", "privacy": "private" if n % 2 else False}
                    for n in range(6)
                ]
            )
        )
        names = ["name", "display_name", "effective_privacy", "start"]
        fetch_query = type(events)._fetch_query
        for user in (self.frontdesk, self.accountant):
            with self.subTest(user=user.login):
                self.env.invalidate_all()
                with patch.object(
                    type(events), "_fetch_query", autospec=True, side_effect=fetch_query
                ) as asked:
                    events.with_user(user).read(names)
                self.assertEqual(asked.call_count, 1)
