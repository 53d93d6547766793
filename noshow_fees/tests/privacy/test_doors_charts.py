"""Charts of others: notes, prints, and searches that leave their trace."""

import contextlib
import time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import HttpCase, JsonRpcException, tagged

from ..chart.chart_common import SECRET, ChartCase


@tagged("post_install", "-at_install")
class TestChartsOfOthers(ChartCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company(name="Other practice")["company"]

    def test_a_note_of_another_century(self):
        """It would make the chart unprintable for ever: it is signed."""
        vals = {"client_id": self.client_1.id, "body": "<p>hi</p>"}
        for date in (
            "0001-01-01 00:00:00",
            "9999-12-31 23:59:59",
            "1234-05-06 00:00:00",
        ):
            for user in (self.frontdesk, self.therapist):
                with self.assertRaises(ValidationError):
                    self._rpc(
                        user, "noshow.chart.entry", "create", [{**vals, "date": date}]
                    )
                draft = self._rpc(
                    user, "noshow.chart.entry", "create", [{**vals, "state": "draft"}]
                )
                with self.assertRaises(ValidationError):
                    self._rpc(
                        user, "noshow.chart.entry", "write", draft, {"date": date}
                    )
                self._rpc(
                    user,
                    "noshow.chart.entry",
                    "write",
                    draft,
                    {"date": "2020-01-01 00:00:00"},
                )

    def test_one_that_is_there_is_printed(self):
        for date in ("0001-01-01 00:00:00", "9999-12-31 23:59:59"):
            self.cr.execute(
                "UPDATE noshow_chart_entry SET date = %s WHERE id = %s",
                (date, self.note.id),
            )
            self.env.invalidate_all()
            page = (
                self.env["noshow.chart.entry.print"]
                .with_user(self.owner)
                .create({"client_id": self.client_1.id})
            )
            for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
                self.company.noshow_tz = zone
                html, _kind = (
                    self.env["ir.actions.report"]
                    .with_user(self.owner)
                    ._render_qweb_html("noshow_fees.noshow_chart_report", page.ids)
                )
                self.assertIn("dysthymia", html.decode())

    def test_a_print_is_told_to_whose_notes_it_shows(self):
        both = self._new_user("noshow_both", "noshow_fees.group_therapist")
        both.company_ids += self.other
        self.env["noshow.care"].create(
            {"client_id": self.client_1.id, "therapist_id": both.id}
        )
        companies = {"allowed_company_ids": (self.other | self.company).ids}
        page = (
            self.env["noshow.chart.entry.print"]
            .with_user(both)
            .with_context(**companies)
            .create({"client_id": self.client_1.id})
        )
        report = self.env["report.noshow_fees.noshow_chart_report"]
        report = report.with_user(both).with_context(**companies)
        report._get_report_values(page.ids)
        rows = self.env["noshow.chart.access"].search(
            [("user_id", "=", both.id), ("action", "=", "print")]
        )
        self.assertEqual(rows.company_id, self.company)
        self.assertEqual(rows.ground, "care")
        self.assertEqual(rows.entry_count, 2)

    def test_a_reason_of_nothing(self):
        for reason in (" ", "\u200b", "\ufeff \u2060", "\u3164", "\u2800"):
            dialog = self.env["noshow.care.open"].with_user(self.therapist)
            with (
                self.subTest(ascii(reason)),
                self.assertRaises(UserError),
            ):
                dialog.create(
                    {"client_id": self.client_2.id, "reason": reason}
                ).action_open()
        dialog.create({"client_id": self.client_2.id, "reason": "休"}).action_open()


@tagged("post_install", "-at_install")
class TestReadingThatFails(HttpCase, ChartCase):
    def test_a_search_for_words_leaves_its_row(self):
        """Also where the request fails afterwards, which told that words were found."""
        domain = [("action", "=", "search"), ("client_id", "=", self.client_1.id)]
        access = self.env["noshow.chart.access"]
        self.owner.password = self.owner.login
        self.authenticate(self.owner.login, self.owner.login)
        for words, found in ((SECRET, 1), ("nothing of this", 0)):
            before = access.search_count(domain)
            for specification in ({"client_id": {"fields": {"nope": {}}}}, {}):
                call = {
                    "model": "noshow.chart.entry",
                    "method": "web_search_read",
                    "args": [[["text", "ilike", words]], specification],
                    "kwargs": {},
                }
                with contextlib.suppress(JsonRpcException):
                    self.make_jsonrpc_request("/web/dataset/call_kw", call)
            self.env.invalidate_all()
            self.assertEqual(access.search_count(domain) - before, 2 * found)


@tagged("post_install", "-at_install")
class TestNotesThatOccupy(ChartCase):
    def test_at_once(self):
        entries = self.env["noshow.chart.entry"].with_user(self.frontdesk)
        for body in ("<a " * 8000, "<p a=" * 8000, "<" * 200_000, "x" * 2_000_000):
            start = time.monotonic()
            with self.assertRaises(ValidationError):
                entries.create({"client_id": self.client_1.id, "body": body})
            self.assertLess(time.monotonic() - start, 2)
        entries.create({"client_id": self.client_1.id, "body": "<p>" + "x " * 50_000})

    def test_the_notice_is_the_systems(self):
        dialogs = self.env["noshow.care.open"].with_user(self.therapist)
        dialogs.create(
            {"client_id": self.client_2.id, "reason": "Standing in"}
        ).action_open()
        care = self.env["noshow.care"].search(
            [("client_id", "=", self.client_2.id), ("ground", "=", "reason")]
        )
        notices = (
            self.env["mail.message"]
            .sudo()
            .search([("model", "=", "noshow.care"), ("res_id", "=", care.id)])
        )
        self.assertTrue(notices)
        self.assertFalse(care.sudo().message_follower_ids)
        for notice in notices:
            with self.assertRaises(AccessError):
                self._rpc(
                    self.therapist, "mail.message", "write", notice.ids, {"body": "x"}
                )
        self.assertEqual(
            notices.notified_partner_ids & self.owner.partner_id, self.owner.partner_id
        )


@tagged("post_install", "-at_install")
class TestFavourites(ChartCase):
    def test_of_lists_that_watch(self):
        """Nobody hides their rows from the Owner."""
        for model in ("noshow.chart.access", "noshow.care"):
            vals = {
                "name": "Newest first",
                "model_id": model,
                "domain": f"[('user_id', '!=', {self.therapist.id})]",
                "is_default": True,
                "user_ids": [Command.set([])],
            }
            for user_ids in ([], [self.therapist.id, self.owner.id]):
                vals["user_ids"] = [Command.set(user_ids)]
                vals["name"] += "!"
                self.env["ir.filters"].with_user(self.therapist).create(vals)
            filters = self.env["ir.filters"].with_user(self.owner)
            self.assertFalse(filters.get_filters(model))
            own = filters.create(
                {**vals, "name": "Mine", "user_ids": [Command.set(self.owner.ids)]}
            )
            self.assertEqual(filters.get_filters(model)[0]["id"], own.id)

    def test_a_key_that_everybody_can_send(self):
        """It kept care from arising, by a favourite's context."""
        event = call_kw(
            self.env["calendar.event"].with_user(self.frontdesk),
            "create",
            [
                {
                    "name": "Session",
                    "client_id": self.client_3.id,
                    "user_id": self.therapist.id,
                    "start": self.tomorrow,
                    "stop": self.tomorrow,
                }
            ],
            {"context": {"noshow_not_booked": True}},
        )
        self.assertTrue(event)
        care = self.env["noshow.care"].search([("client_id", "=", self.client_3.id)])
        self.assertEqual(care.therapist_id, self.therapist)

    def test_of_our_other_lists(self):
        """Who cannot read a list presets nothing of it; Manager and Owner may share."""
        models = [name for name in self.env if name.startswith("noshow.")]
        for model in models:
            if self.env[model]._abstract or self.env[model]._transient:
                continue
            made = {}
            for user in (self.employee, self.therapist, self.manager):
                vals = {
                    "name": user.login,
                    "model_id": model,
                    "domain": "[('id', '<', 0)]",
                    "user_ids": False,
                }
                made[user] = self.env["ir.filters"].with_user(user).create(vals)
            filters = self.env["ir.filters"].with_user(self.owner).get_filters(model)
            found = {one["id"] for one in filters}
            with self.subTest(model):
                self.assertNotIn(made[self.employee].id, found)
                self.assertNotIn(made[self.therapist].id, found)
                watching = ("noshow.care", "noshow.chart.access", "noshow.chart.entry")
                self.assertEqual(made[self.manager].id in found, model not in watching)
                own = self.env["ir.filters"].with_user(self.therapist)
                self.assertIn(
                    made[self.therapist].id,
                    {one["id"] for one in own.get_filters(model)},
                )
