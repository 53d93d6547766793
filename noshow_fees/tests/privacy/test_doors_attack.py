"""What an attack by somebody who did not build the doors has found (2026-11-28): each
with who may, on the same record."""

import contextlib
from datetime import datetime, timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, HttpCase, JsonRpcException, tagged

from ..charge.common_charge import ChargeCommon
from ..chart.chart_common import SECRET, ChartCase


class TwoPractices(ChargeCommon):
    """`cls.other` is another practice with an owner, a front desk and a therapist of
    its own; `cls.both` is a therapist at either. `client_1` has records here only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company(name="Other practice")["company"]
        cls.their_owner, cls.their_desk, cls.their_therapist = (
            cls._new_their_user(f"noshow_their_{role}", f"noshow_fees.group_{role}")
            for role in ("owner", "staff", "therapist")
        )
        cls.both = cls._new_user("noshow_both", "noshow_fees.group_therapist")
        cls.both.company_ids += cls.other
        cls.contacts = cls._new_user(
            "noshow_contacts", "base.group_user,base.group_partner_manager"
        )

    @classmethod
    def _new_their_user(cls, login, group):
        user = cls._new_user(login, group)
        user.write(
            {"company_ids": [Command.set(cls.other.ids)], "company_id": cls.other.id}
        )
        return user


@tagged("post_install", "-at_install")
class TestClientsOfOthers(TwoPractices):
    def test_a_write_that_changes_nothing_tells_nothing(self):
        plain = self.env["res.partner"].create({"name": "Plain"})
        their_employee = self._new_their_user("noshow_their_emp", "base.group_user")
        for vals in ({"company_id": False}, {"payer_id": False}, {"is_client": True}):
            answers = set()
            for contact in (self.client_1, plain):
                with self.assertRaises(AccessError) as caught:
                    contact.with_user(their_employee).write(vals)
                answers.add(str(caught.exception).replace(contact.name, "…"))
            self.assertEqual(len(answers), 1, answers)
        their_contacts = self._new_their_user(
            "noshow_their_contacts", "base.group_user,base.group_partner_manager"
        )
        # Nothing changes; and a change is refused without a word on where.
        for user in (self.their_desk, their_contacts):
            self.client_1.with_user(user).write({"company_id": False})
            with self.assertRaises(AccessError) as caught:
                self.client_1.with_user(user).write({"company_id": self.other.id})
            self.assertNotIn(self.company.name, str(caught.exception))
        self.client_1.with_user(self.frontdesk).write({"company_id": self.company.id})

    def test_who_pays(self):
        """A contact of the type “invoice” below a client is who pays."""
        partners = self.env["res.partner"]
        vals = {"name": "Elsewhere", "type": "invoice", "parent_id": self.client_1.id}
        own = partners.create({**vals, "name": "Somebody", "type": "contact"})
        alone = partners.create({"name": "Alone", "type": "invoice"})
        for user in (self.their_desk, self.contacts):
            for number, call in enumerate(
                (
                    lambda user=user: partners.with_user(user).create(vals),
                    lambda user=user: self.client_1.with_user(user).write(
                        {
                            "child_ids": [
                                Command.create({"name": "B", "type": "invoice"})
                            ]
                        }
                    ),
                    lambda user=user: own.with_user(user).write({"type": "invoice"}),
                    lambda user=user: alone.with_user(user).write(
                        {"parent_id": self.client_1.id}
                    ),
                )
            ):
                with (
                    self.subTest(user=user.login, number=number),
                    self.assertRaises(AccessError),
                ):
                    call()
                self.env.invalidate_all()
                self.assertEqual(self.client_1._get_payer(), self.client_1)
        payer = partners.with_user(self.frontdesk).create(vals)
        self.assertEqual(self.client_1._get_payer(), payer)
        for user in (self.their_desk, self.contacts):
            for change in (
                {"type": "contact"},
                {"active": False},
                {"parent_id": self.client_2.id},
            ):
                with self.subTest(change), self.assertRaises(AccessError):
                    payer.with_user(user).write(change)
            with self.assertRaises(AccessError):
                payer.with_user(user).unlink()
            # What does not say who pays stays theirs to write.
            payer.with_user(user).write({"phone": "+1 555 0101"})
        payer.with_user(self.frontdesk).type = "contact"
        self.assertEqual(self.client_1._get_payer(), self.client_1)

    def test_coverage(self):
        self.their_biller = self._new_their_user(
            "noshow_their_biller", "noshow_fees.group_biller"
        )
        kind = (
            self.env["noshow.coverage.class"]
            .sudo()
            .create(
                {
                    "name": "Public insurance",
                    "missed_fee": "allowed",
                    "company_id": False,
                }
            )
        )
        vals = {"client_id": self.client_1.id, "coverage_class_id": kind.id}
        coverages = self.env["noshow.coverage"]
        row = coverages.with_user(self.biller).create(vals)
        for user in (self.their_biller, self.their_owner):
            self.assertFalse(coverages.with_user(user).search([("id", "=", row.id)]))
            for call in (
                lambda user=user: coverages.with_user(user).create(vals),
                lambda user=user: row.with_user(user).read(["coverage_class_id"]),
                lambda user=user: row.with_user(user).write({"date_to": "2020-01-01"}),
                lambda user=user: row.with_user(user).unlink(),
            ):
                self.env.invalidate_all()
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    call()
        change = {"missed_fee": "forbidden"}
        with self.assertRaises(AccessError):
            kind.with_user(self.their_owner).write(change)
        with self.assertRaises(AccessError):
            kind.with_user(self.their_owner).write({"company_id": self.other.id})
        with self.assertRaises(AccessError):
            kind.with_user(self.their_owner).unlink()
        kind.with_user(self.manager).write(change)
        row.with_user(self.biller).write({"date_to": "2099-01-01"})
        self.assertTrue(coverages.with_user(self.owner).search([("id", "=", row.id)]))
        # Who is treated at both is covered at both.
        self._new_appointment(self.client_1, self.their_therapist)
        self.env.invalidate_all()
        self.assertTrue(row.with_user(self.their_biller).read(["coverage_class_id"]))

    def test_coverage_of_a_booked_stranger(self):
        kind = (
            self.env["noshow.coverage.class"]
            .sudo()
            .create({"name": "Public insurance", "company_id": False})
        )
        row = self.env["noshow.coverage"].create(
            {"client_id": self.client_3.id, "coverage_class_id": kind.id}
        )
        self.env["calendar.event"].with_user(self.therapist).create(
            {
                "name": "Session",
                "client_id": self.client_3.id,
                "start": self.tomorrow,
                "stop": self.tomorrow,
            }
        )
        rows = row.with_user(self.therapist)
        self.assertFalse(rows.search([("id", "=", row.id)]))
        self.client_3.with_user(self.frontdesk).therapist_ids = self.therapist
        self.assertTrue(rows.search([("id", "=", row.id)]))

    def test_card_links_of_another_company(self):
        """Care at one company opens no card of another."""
        self.env["noshow.care"].with_user(self.their_owner).create(
            {"client_id": self.client_1.id, "therapist_id": self.both.id}
        )
        companies = {"allowed_company_ids": (self.company | self.other).ids}
        client = self.client_1.with_user(self.both).with_context(**companies)
        links = self.env["noshow.link"].with_user(self.both).with_context(**companies)
        tokens = (
            self.env["payment.token"].with_user(self.both).with_context(**companies)
        )
        for call in (
            client.action_ask_for_card,
            client.action_open_cards,
            lambda: client._get_card_link(client),
            lambda: links.create({"kind": "card", "client_id": client.id}).link,
        ):
            with self.assertRaises(AccessError):
                call()
        self.assertNotIn(self.card, tokens.search([]))
        with self.assertRaises(AccessError):
            self.card.with_env(tokens.env).read(["payment_details"])
        self.env["noshow.care"].with_user(self.frontdesk).create(
            {"client_id": self.client_1.id, "therapist_id": self.both.id}
        )
        self.env.invalidate_all()
        self.assertTrue(client._get_card_link(client))
        self.assertIn(self.card, tokens.search([]))
        self.assertTrue(self.card.with_env(tokens.env).read(["payment_details"]))

    def test_merges_in_the_access_log(self):
        twin = self.env["res.partner"].create(
            {"name": "Secret twin", "email": self.client_1.email}
        )
        twin.is_client = True
        self._new_appointment(twin)
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(self.owner)
        wizard._merge((self.client_1 | twin).ids, self.client_1.with_user(self.owner))
        rows = self.env["noshow.chart.access"].search(
            [("client_name", "=", "Secret twin")]
        )
        self.assertEqual(rows.action, "merge")
        self.assertEqual(rows.company_id, self.company)
        self.assertFalse(
            rows.with_user(self.their_owner).search([("id", "=", rows.id)])
        )
        self.assertTrue(rows.with_user(self.owner).search([("id", "=", rows.id)]))


@tagged("post_install", "-at_install")
class TestMoneyOfOthers(TwoPractices):
    def test_who_owes(self):
        """Neither how often, nor how much, nor whether at all."""
        self._cancel(self.appointment, visit_state="no_show")
        both = self.client_1 | self.client_2
        contacts = self.env["res.partner"]
        for user in (self.employee, self.therapist, self.contacts):
            for condition in (
                ("customer_rank", ">", 0),
                ("credit", ">", 0),
                ("credit", ">", 75.01),
                ("credit", "<", 75.01),
                ("debit", "<", 1),
                ("total_invoiced", ">", 0),
            ):
                with self.subTest(user=user.login, condition=condition):
                    domain = [("id", "in", both.ids), condition]
                    try:
                        found = contacts.with_user(user).search(domain)
                    except (AccessError, UserError):
                        # So it tells nothing either.
                        found = contacts
                    self.assertIn(len(found), (0, 2))
        self.assertEqual(set(both.mapped("customer_rank")), {0})
        biller = contacts.with_user(self.biller)
        owing = [("id", "in", both.ids), ("credit", ">", 0)]
        self.assertEqual(biller.search(owing), self.client_1)

    def test_invoices_that_are_no_fees_still_count(self):
        other = self.env["res.partner"].create({"name": "No client"})
        self.init_invoice("out_invoice", partner=other, amounts=[10.0], post=True)
        self.assertEqual(other.customer_rank, 1)


@tagged("post_install", "-at_install")
class TestTimesOfOthers(TwoPractices):
    def _ask(self, user, client, provider=None, **context):
        """What the two forms say of two years in which `client` was booked."""
        start = self.tomorrow - timedelta(days=300)
        answers = []
        for model, values in (
            ("calendar.event.book", {"minutes": 60 * 24 * 600}),
            ("calendar.event.book", {"minutes": 60 * 24, "repeat": "once"}),
            ("calendar.event", {"stop": start + timedelta(days=600)}),
        ):
            name = "user_id" if model == "calendar.event" else "provider_id"
            values = {
                "client_id": client.id,
                name: provider and provider.id,
                "start": self.tomorrow - timedelta(hours=3)
                if values.get("repeat")
                else start,
                **values,
            }
            said = (
                self.env[model]
                .with_user(user)
                .onchange(values, list(values), {"overlap_warning": {}})
            )
            answers.append(said["value"].get("overlap_warning") or "")
        return answers

    def test_of_clients(self):
        """Who may not read an appointment learns neither when it is nor that it is."""
        for user in (self.financial, self.their_desk, self.their_therapist):
            with self.subTest(user.login):
                self.assertEqual(set(self._ask(user, self.client_1)), {""})
        for user in (self.frontdesk, self.therapist):
            said = self._ask(user, self.client_1)
            self.assertTrue(said[1] and said[2], said)
        # That a provider has no time is no secret.
        said = self._ask(self.financial, self.client_2, self.therapist)
        self.assertTrue(said[1], said)

    def test_of_a_client_who_has_a_login(self):
        login = self.portal.partner_id
        login.is_client = True
        self._new_appointment(login, partner_ids=[Command.link(login.id)])
        self.assertEqual(
            set(self._ask(self.financial, self.client_2, self.portal)), {""}
        )
        colleague = self.biller.partner_id
        colleague.is_client = True
        self._new_appointment(colleague, partner_ids=[Command.link(colleague.id)])
        self.assertEqual(
            set(self._ask(self.financial, self.client_2, self.biller)), {""}
        )

    def test_an_outlier_stops_nobody(self):
        """A plain meeting of an employee, from or to the ends of the calendar."""
        for start, stop in (
            ("2026-11-27 10:00:00", "9999-12-31 23:58:00"),
            ("0001-01-01 00:00:00", fields.Datetime.to_string(self.tomorrow)),
            ("0001-01-01 00:00:00", "9999-12-31 23:58:00"),
        ):
            with self.subTest(start=start, stop=stop), self.cr.savepoint() as point:
                self.env["calendar.event"].with_user(self.employee).create(
                    {
                        "name": "x",
                        "start": start,
                        "stop": stop,
                        "partner_ids": [Command.set(self.therapist.partner_id.ids)],
                    }
                )
                for user in (self.frontdesk, self.therapist):
                    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
                        user.tz = zone
                        page = Form(self.env["calendar.event.book"].with_user(user))
                        page.client_id = self.client_1
                        page.provider_id = self.therapist
                        page.start = self.tomorrow
                        page.save().action_book()
                        event = self.appointment.with_user(user)
                        event.invalidate_recordset(["overlap_warning"])
                        self.assertTrue(event.overlap_warning)
                        page.save()._find_free_start(fields.Datetime.now())
                point.rollback()

    def test_own_outliers_are_refused_in_words(self):
        for start, minutes in (
            (datetime(1, 1, 1), 50),
            (datetime(9999, 12, 31, 23, 59), 50),
            (self.tomorrow, 2**30),
        ):
            page = self.env["calendar.event.book"].with_user(self.frontdesk)
            page = page.create(
                {
                    "client_id": self.client_1.id,
                    "provider_id": self.therapist.id,
                    "start": start,
                    "minutes": minutes,
                }
            )
            with self.assertRaises(UserError):
                page.action_book()
            if minutes == 50:
                try:
                    page.action_next_free()
                except UserError:
                    continue


@tagged("post_install", "-at_install")
class TestAmountsByBooking(TwoPractices):
    def test_when_it_was_booked(self):
        """The version of the policy goes by it, so who may not change amounts does not
        say when it was."""
        own = self.therapist
        past = fields.Datetime.now() - timedelta(days=400)
        vals = {
            "name": "Session",
            "client_id": self.client_1.id,
            "user_id": own.id,
            "start": self.tomorrow,
            "stop": self.tomorrow,
        }
        events = self.env["calendar.event"]
        for user in (own, self.frontdesk):
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    self.appointment.with_user(user).booked_on = past
                with self.assertRaises(AccessError):
                    events.with_user(user).create({**vals, "booked_on": past})
                with self.assertRaises(AccessError):
                    events.with_user(user).with_context(default_booked_on=past).create(
                        vals
                    )
                now = fields.Datetime.now()
                event = events.with_user(user).create({**vals, "booked_on": now})
                self.assertEqual(event.booked_on, now)
                event.write({"booked_on": now, "name": "Same"})
                self.assertNotEqual(event.copy().booked_on, past)
        self.appointment.with_user(self.biller).booked_on = past
        self.assertEqual(self.appointment.booked_on, past)
        for absurd in (datetime(9999, 12, 31), datetime(1, 1, 1)):
            with self.assertRaises(ValidationError):
                self.appointment.with_user(self.biller).booked_on = absurd

    def test_a_series_keeps_it(self):
        series = (
            self.env["calendar.event"]
            .with_user(self.therapist)
            .create(
                {
                    "name": "Session",
                    "client_id": self.client_1.id,
                    "user_id": self.therapist.id,
                    "start": self.tomorrow,
                    "stop": self.tomorrow + timedelta(hours=1),
                    "recurrency": True,
                    "rrule_type": "weekly",
                    "end_type": "count",
                    "count": 3,
                    self.tomorrow.strftime("%a").lower(): True,
                }
            )
        )
        past = fields.Datetime.now() - timedelta(days=40)
        events = series.recurrence_id.calendar_event_ids
        events.sudo().booked_on = past
        later = series.start + timedelta(hours=2)
        series.write(
            {
                "recurrence_update": "all_events",
                "start": later,
                "stop": later + timedelta(hours=1),
            }
        )
        events = self.env["calendar.event"].search(
            [("client_id", "=", self.client_1.id), ("recurrence_id", "!=", False)]
        )
        self.assertEqual(len(events), 3)
        self.assertEqual(set(events.mapped("booked_on")), {past})

    def test_what_a_service_is(self):
        chair = self.env["product.product"].create({"name": "Chair", "list_price": 750})
        with self.assertRaises(UserError):
            self.appointment.with_user(self.therapist).service_id = chair
        with self.assertRaises(UserError):
            self.therapist.noshow_service_id = chair
        self.appointment.with_user(self.therapist).service_id = self.code_system
        self.therapist.noshow_service_id = self.code_system


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
