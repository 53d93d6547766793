"""Care: what opens a client's chart, cards and card link to a therapist, what gives it,
and what does not."""

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ...tools.context import by_sync
from ..charge.common_charge import ChargeCommon
from ..chart.chart_common import ChartCase


@tagged("post_install", "-at_install")
class TestCare(ChartCase):
    """`cls.nobodys` is a client in nobody's care, about whom the owner has a note."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.care = cls.env["noshow.care"]
        cls.nobodys = cls.client_3
        cls.secret = (
            cls.env["noshow.chart.entry"]
            .with_user(cls.owner)
            .create({"client_id": cls.nobodys.id, "body": "<p>Private</p>"})
        )

    def _reads(self, user, note=None):
        note = note or self.secret
        return self._rpc(user, "noshow.chart.entry", "search", [("id", "=", note.id)])

    def _book(self, user, provider, client=None, **vals):
        """Book `client` with `provider` as `user` does."""
        return (
            self.env["calendar.event"]
            .with_user(user)
            .create(
                {
                    "name": "Session",
                    "client_id": (client or self.nobodys).id,
                    "user_id": provider.id,
                    "start": self.tomorrow,
                    "stop": self.tomorrow + timedelta(hours=1),
                    **vals,
                }
            )
        )

    def _get_care(self, client=None):
        return self.care.sudo().search(
            [("client_id", "=", (client or self.nobodys).id)]
        )

    # ------------------------------------------------------------
    # WHAT GIVES IT
    # ------------------------------------------------------------

    def test_the_practice_books(self):
        for user in (self.frontdesk, self.biller, self.manager, self.owner):
            with self.subTest(user.login), self.cr.savepoint() as point:
                self.assertFalse(self._reads(self.therapist))
                self._book(user, self.therapist)
                [care] = self._get_care()
                self.assertEqual(care.therapist_id, self.therapist)
                self.assertEqual(care.company_id, self.company)
                self.assertEqual(care.ground, "booked")
                self.assertEqual(care.granted_by_id, user)
                self.assertTrue(self._reads(self.therapist))
                self.assertFalse(self._reads(self.colleague))
                point.rollback()

    def test_the_practice_reassigns(self):
        event = self._book(self.therapist, self.therapist)
        self.assertFalse(self._get_care())
        event.with_user(self.frontdesk).user_id = self.colleague
        self.assertEqual(self._get_care().therapist_id, self.colleague)
        self.assertTrue(self._reads(self.colleague))
        self.assertFalse(self._reads(self.therapist))

    def test_the_practice_gives_a_meeting_a_client(self):
        meeting = self._book(self.therapist, self.therapist, client_id=False)
        meeting.with_user(self.frontdesk).write(
            {"partner_ids": [Command.link(self.nobodys.id)]}
        )
        self.assertEqual(meeting.client_id, self.nobodys)
        self.assertTrue(self._reads(self.therapist))

    def test_the_practice_names_a_therapist(self):
        client = self.nobodys.with_user(self.frontdesk)
        client.therapist_ids = self.therapist
        self.assertEqual(self._get_care().ground, "named")
        self.assertTrue(self._reads(self.therapist))
        self.assertEqual(client.therapist_ids, self.therapist)
        with self.assertRaises(AccessError):
            client.therapist_ids = False
        self.assertTrue(self._reads(self.therapist))
        client.with_user(self.owner).therapist_ids = False
        self.assertFalse(self._reads(self.therapist))
        self.assertEqual(len(self._get_care()), 1, "it is ended, not deleted")

    def test_an_own_booking(self):
        """Opens nothing, whatever becomes of it; but for Manager and Owner."""
        past = fields.Datetime.now() - timedelta(days=3)
        event = self._book(
            self.therapist, self.therapist, start=past, stop=past + timedelta(hours=1)
        )
        event.action_mark_attended()
        self.assertFalse(self._get_care())
        self.assertFalse(self._reads(self.therapist))
        event.action_restore()
        with self.assertRaises(UserError):
            event.unlink()
        for user in (self.frontdesk, self.biller, self.manager):
            user.group_ids += self.env.ref("noshow_fees.group_therapist")
            with self.subTest(user.login), self.cr.savepoint() as point:
                self._book(user, user)
                self.assertEqual(bool(self._reads(user)), user == self.manager)
                # Nor by naming themselves, where booking is not enough.
                named = {"client_id": self.client_1.id, "therapist_id": user.id}
                if user == self.manager:
                    self.care.with_user(user).create(named)
                else:
                    with self.assertRaises(AccessError):
                        self.care.with_user(user).create(named)
                point.rollback()

    def test_what_is_no_booking(self):
        """A series that is edited, a synchronisation, an import, superuser code, and
        what books a slot again to charge it."""
        vals = {
            "recurrency": True,
            "rrule_type": "weekly",
            "end_type": "count",
            "count": 3,
            self.tomorrow.strftime("%a").lower(): True,
        }
        series = self._book(self.therapist, self.therapist, **vals)
        self.assertEqual(len(series.recurrence_id.calendar_event_ids), 3)
        start = series.start + timedelta(hours=1)
        series.with_user(self.frontdesk).write(
            {
                "recurrence_update": "all_events",
                "start": start,
                "stop": start + timedelta(hours=1),
            }
        )
        self.assertFalse(self._get_care(), "an edit of the series")
        by_sync(self.env["calendar.event"].with_user(self.frontdesk)).create(
            {
                "name": "From outside",
                "client_id": self.nobodys.id,
                "user_id": self.therapist.id,
                "start": start,
                "stop": start,
            }
        )
        self.assertFalse(self._get_care(), "a synchronisation")
        result = (
            self.env["calendar.event"]
            .with_user(self.frontdesk)
            .load(
                ["name", "client_id/.id", "user_id/.id", "start", "stop"],
                [
                    [
                        "Old",
                        str(self.nobodys.id),
                        str(self.therapist.id),
                        "2020-01-01 10:00:00",
                        "2020-01-01 11:00:00",
                    ]
                ],
            )
        )
        self.assertTrue(result["ids"], result["messages"])
        self.assertFalse(self._get_care(), "an import")
        self._book(self.frontdesk, self.therapist).sudo()
        care = self._get_care()
        self.assertEqual(len(care), 1, "and a booking is one")

    def test_booking_again_is_no_booking(self):
        past = fields.Datetime.now() - timedelta(days=1)
        event = self._book(self.therapist, self.therapist, start=past, stop=past)
        self._cancel(event, visit_state="no_show", product_id=False)
        page = (
            self.env["calendar.event.cancel"]
            .with_user(self.frontdesk)
            .create({"rebook_event_id": event.id, "product_id": self.code_noshow.id})
        )
        page.action_cancel()
        self.assertFalse(self._get_care())

    def test_therapists_take_their_own_clients(self):
        """A client in nobody's care, and nobody else's; and not again what the Owner
        has ended."""
        self._book(self.therapist, self.therapist)
        self.assertFalse(self._reads(self.therapist), "not unless the practice says so")
        self.company.noshow_therapists_take_clients = True
        self._book(self.therapist, self.therapist)
        self.assertEqual(self._get_care().ground, "taken")
        self.assertTrue(self._reads(self.therapist))
        self._book(self.colleague, self.colleague)
        self.assertEqual(self._get_care().therapist_id, self.therapist)
        self.assertFalse(self._reads(self.colleague))
        self._get_care().with_user(self.owner).action_end()
        self.assertFalse(self._reads(self.therapist))
        self._book(self.therapist, self.therapist)
        self.assertFalse(self._reads(self.therapist))
        self._book(self.colleague, self.colleague)
        self.assertTrue(self._reads(self.colleague))

    def test_a_reason(self):
        self._book(self.therapist, self.therapist)
        dialog = self.nobodys.with_user(self.therapist).action_open_care()
        self.assertEqual(dialog["res_model"], "noshow.care.open")
        dialogs = self.env["noshow.care.open"].with_user(self.therapist)
        empty = dialogs.create({"client_id": self.nobodys.id, "reason": "  "})
        with self.assertRaises(UserError):
            empty.action_open()
        self.assertFalse(self._reads(self.therapist))
        reason = "Standing in this week"
        dialogs.create({"client_id": self.nobodys.id, "reason": reason}).action_open()
        care = self._get_care()
        self.assertEqual((care.ground, care.reason), ("reason", reason))
        self.assertEqual(care.granted_by_id, self.therapist)
        self.assertTrue(self._reads(self.therapist))
        task = care.activity_ids.filtered(lambda one: one.user_id == self.owner)
        self.assertEqual(len(task), 1)
        self.assertNotIn(reason, f"{task.summary}{task.note}")
        self.assertNotIn(self.nobodys.name, f"{task.summary}{task.res_name}")
        with self.assertRaises(AccessError):
            care.with_user(self.therapist).read(["reason"])
        [row] = care.with_user(self.owner).read(["reason"])
        self.assertEqual(row["reason"], reason)
        task.with_user(self.owner).action_done()
        for user in (self.frontdesk, self.owner, self.employee):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._rpc(
                    user,
                    "noshow.care.open",
                    "create",
                    {"client_id": self.client_1.id, "reason": "x"},
                )
        with self.assertRaises(AccessError):
            empty.with_user(self.colleague).action_open()

    # ------------------------------------------------------------
    # THE ROWS
    # ------------------------------------------------------------

    def test_who_gives_and_ends(self):
        vals = {"client_id": self.nobodys.id, "therapist_id": self.therapist.id}
        for user in (self.therapist, self.financial, self.employee, self.portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._rpc(user, "noshow.care", "create", [vals])
        for user in (self.frontdesk, self.biller, self.manager, self.owner):
            [id_] = self._rpc(user, "noshow.care", "create", [vals])
            care = self.care.browse(id_)
            for change in ({"granted_by_id": self.owner.id}, {"ground": "booked"}):
                if change.get("granted_by_id") != user.id:
                    with self.assertRaises(AccessError):
                        self._rpc(user, "noshow.care", "create", [{**vals, **change}])
            if user != self.owner:
                with self.subTest(user.login), self.assertRaises(AccessError):
                    self._rpc(user, "noshow.care", "action_end", care.ids)
            with self.assertRaises(AccessError):
                self._rpc(user, "noshow.care", "unlink", care.ids)
            with self.assertRaises(UserError):
                self._rpc(
                    user, "noshow.care", "write", care.ids, {"client_id": user.id}
                )
        with self.assertRaises(UserError):
            self._get_care().sudo().unlink()
        with self.assertRaises(UserError):
            self._get_care().sudo().write({"therapist_id": self.colleague.id})
        self.assertTrue(self._reads(self.therapist))
        self._rpc(self.owner, "noshow.care", "action_end", self._get_care().ids)
        self.assertFalse(self._reads(self.therapist))

    def test_its_time(self):
        now = fields.Datetime.now()
        vals = {"client_id": self.nobodys.id, "therapist_id": self.therapist.id}
        cares = self.care.with_user(self.owner)
        later = cares.create({**vals, "date_from": now + timedelta(days=1)})
        self.assertFalse(self._reads(self.therapist))
        care = cares.create({**vals, "date_to": now + timedelta(days=1)})
        self.assertTrue(self._reads(self.therapist))
        self.assertEqual(
            cares.search([("id", "in", (later | care).ids), ("is_current", "=", True)]),
            care,
        )
        care.action_end()
        self.assertFalse(self._reads(self.therapist))

    def test_its_company(self):
        """Care at one company opens nothing of another, to who works at both."""
        other = self.setup_other_company(name="Other practice")["company"]
        both = self._new_user("noshow_both", "noshow_fees.group_therapist")
        both.company_ids += other
        boss = self._new_user("noshow_boss", "noshow_fees.group_owner")
        boss.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        theirs = (
            self.env["noshow.chart.entry"]
            .with_user(boss)
            .create({"client_id": self.nobodys.id, "body": "<p>Theirs</p>"})
        )
        self.assertEqual(theirs.company_id, other)
        self.care.with_user(self.frontdesk).create(
            {"client_id": self.nobodys.id, "therapist_id": both.id}
        )
        companies = {"allowed_company_ids": (self.company | other).ids}
        found = self._rpc(
            both,
            "noshow.chart.entry",
            "search",
            [("id", "in", (self.secret | theirs).ids)],
            context=companies,
        )
        self.assertEqual(found, self.secret.ids)
        with self.assertRaises(AccessError):
            self._rpc(
                both,
                "noshow.chart.entry",
                "read",
                theirs.ids,
                ["body"],
                context=companies,
            )
        with self.assertRaises(ValidationError):
            self.care.with_user(self.frontdesk).create(
                {"client_id": self.nobodys.id, "therapist_id": boss.id}
            )

    def test_its_existence_is_no_oracle(self):
        self._book(self.frontdesk, self.colleague)
        for user in (self.therapist, self.frontdesk, self.employee, self.portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._rpc(user, "res.partner", "search", [("care_ids", "!=", False)])
        self.assertFalse(
            self._rpc(
                self.therapist,
                "noshow.care",
                "search",
                [("client_id", "=", self.nobodys.id)],
            )
        )
        self.assertTrue(
            self._rpc(
                self.frontdesk,
                "noshow.care",
                "search",
                [("client_id", "=", self.nobodys.id)],
            )
        )

    def test_the_log_names_the_facts(self):
        self.nobodys.with_user(self.frontdesk).therapist_ids = self.therapist
        self._rpc(
            self.therapist, "noshow.chart.entry", "read", self.secret.ids, ["body"]
        )
        row = self._log(("client_id", "=", self.nobodys.id))
        self.assertEqual(row.ground, "care")
        names = (self.therapist.name, self.nobodys.name, self.frontdesk.name)
        self._get_care().with_user(self.owner).action_end()
        (self.therapist | self.frontdesk).write({"name": "Renamed"})
        self.nobodys.name = "Renamed"
        self.assertEqual((row.user_name, row.client_name), names[:2])
        self.assertIn(names[2], row.fact)

    def test_a_batch_asks_once(self):
        """Two hundred bookings cost no more queries for their care than two."""
        clients = self.env["res.partner"].create(
            [{"name": f"Client {n}", "is_client": True} for n in range(42)]
        )

        def count(some):
            pairs = [(client, self.therapist, self.company) for client in some]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.care._give(pairs, "booked")
            self.env.flush_all()
            return self.cr.sql_log_count - before

        self.assertLessEqual(count(clients[2:]), count(clients[:2]) + 2)


@tagged("post_install", "-at_install")
class TestCareAndCards(ChargeCommon):
    """No card, no card link and no charge without care (an appointment in the past that
    a therapist invents for a stranger)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lone = cls._new_user("noshow_lone", "noshow_fees.group_therapist_financial")
        past = fields.Datetime.now() - timedelta(hours=5)
        cls.invented = (
            cls.env["calendar.event"]
            .with_user(cls.lone)
            .create(
                {
                    "name": "Invented",
                    "client_id": cls.client_1.id,
                    "start": past,
                    "stop": past,
                }
            )
        )
        cls.care = cls.env["noshow.care"].with_user(cls.frontdesk)

    def _new_page(self, **vals):
        return (
            self.env["calendar.event.cancel"]
            .with_user(self.lone)
            .create({"event_ids": [Command.set(self.invented.ids)], **vals})
        )

    def test_the_page(self):
        page = self._new_page(visit_state="no_show")
        self.assertFalse(page.available_token_ids)
        self.assertFalse(page.card_link)
        self.assertIn("care", page.card_hint)
        for vals in (
            {"charge_card": True},
            {"charge_card": True, "payment_token_id": self.card.id},
        ):
            page = self._new_page(visit_state="no_show", **vals)
            with self.subTest(vals), self.assertRaises(UserError):
                page.action_cancel()
        self.care.create({"client_id": self.client_1.id, "therapist_id": self.lone.id})
        page = self._new_page(visit_state="no_show", charge_card=True)
        self.assertEqual(page.payment_token_id, self.card)
        page.action_cancel()
        charge = self.invented.fee_line_ids.sudo()._get_card_payments()
        self.assertEqual(charge.token_id, self.card)

    def test_later(self):
        page = self._new_page(visit_state="no_show")
        page.action_cancel()
        fee = self.invented.fee_line_ids.with_user(self.lone)
        with self.assertRaises(UserError):
            fee._charge_later(self.card)
        self.care.create({"client_id": self.client_1.id, "therapist_id": self.lone.id})
        fee._charge_later(self.card)
        self.assertEqual(fee.sudo()._get_card_payments().token_id, self.card)

    def test_card_link_and_address(self):
        client = self.client_1.with_user(self.lone)
        self.client_1.email = "one@example.com"
        links = self.env["noshow.link"].with_user(self.lone)
        for call in (
            client.action_ask_for_card,
            client.action_open_cards,
            lambda: client._get_card_link(client),
            lambda: links.create({"kind": "card", "client_id": client.id}).link,
        ):
            with self.assertRaises(AccessError):
                call()
        self.assertFalse(self.env["payment.token"].with_user(self.lone).search([]))
        page = self._new_page(visit_state="no_show")
        page.action_cancel()
        fee = self.invented.fee_line_ids.with_user(self.lone)
        self.assertFalse(links.create({"kind": "pay", "line_id": fee.id}).email)
        self.care.create({"client_id": self.client_1.id, "therapist_id": self.lone.id})
        self.env.invalidate_all()
        self.assertTrue(links.create({"kind": "card", "client_id": client.id}).link)
        self.assertTrue(links.create({"kind": "pay", "line_id": fee.id}).email)
        client.action_ask_for_card()
        self.assertIn(
            self.card.id, self.env["payment.token"].with_user(self.lone).search([]).ids
        )
