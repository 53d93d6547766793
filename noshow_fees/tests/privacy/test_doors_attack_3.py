"""What the attack of 2026-11-28 has found in companies, proposals and favourites."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged

from ..charge.common_charge import ChargeCommon
from ..chart.chart_common import ChartCase
from .test_doors_attack import TwoPractices


@tagged("post_install", "-at_install")
class TestWhoseItIs(TwoPractices):
    def test_the_company_of_an_appointment(self):
        self.frontdesk.company_ids += self.other
        for user in (self.frontdesk, self.therapist, self.owner):
            for company in (False, self.other.id):
                with self.subTest(user=user.login, company=company):
                    with self.assertRaises(UserError):
                        self.appointment.with_user(user).write({"company_id": company})
                    self.assertEqual(self.appointment.company_id, self.company)
            self.appointment.with_user(user).write({"company_id": self.company.id})
        # The provider says whose it is.
        self.both.company_id = self.other
        self.appointment.with_user(self.frontdesk).user_id = self.both
        self.assertEqual(self.appointment.company_id, self.other)

    def test_name_and_address(self):
        """Of who has records at one practice only."""
        for vals in (
            {"active": False},
            {"name": "Renamed"},
            {"email": "b@example.com"},
            {"phone": "1"},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                self.client_1.with_user(self.their_desk).write(vals)
            self.client_3.with_user(self.their_desk).write(vals)
            self.client_1.with_user(self.frontdesk).write(vals)
        self.client_1.with_user(self.their_desk).write({"comment": "Prefers mornings"})

    def test_kinds_of_coverage(self):
        kinds = self.env["noshow.coverage.class"].with_user(self.their_owner)
        own = kinds.create({"name": "Theirs"})
        self.assertEqual(own.company_id, self.other)
        with self.assertRaises(AccessError):
            own.company_id = False
        with self.assertRaises(AccessError):
            kinds.create({"name": "For all", "company_id": False})
        own.missed_fee = "forbidden"
        # Who works everywhere shares one.
        self.their_owner.company_ids = self.env["res.company"].sudo().search([])
        own.company_id = False

    def test_an_export_of_others(self):
        exports = self.env["noshow.export"].with_user(self.owner)
        with self.assertRaises(AccessError):
            exports.create({"company_id": self.other.id})
        exports.create({"company_id": self.company.id})

    def test_prices_of_others(self):
        codes = self.env["product.product"].with_user(self.frontdesk)
        self.other.currency_id = self.setup_other_currency("EUR")
        said = {
            company: codes.with_context(
                noshow_fee_company=company.id, formatted_display_name=True
            ).name_search("NOSHOW")
            for company in (self.company, self.other)
        }
        self.assertEqual(said[self.company], said[self.other])


@tagged("post_install", "-at_install")
class TestServicesOfOthers(TwoPractices):
    def test_what_somebody_had_last(self):
        self.appointment.service_id = self.code_system
        for user, told in (
            (self.financial, False),
            (self.their_desk, False),
            (self.their_therapist, False),
            (self.therapist, True),
            (self.frontdesk, True),
        ):
            values = {"client_id": self.client_1.id}
            said = (
                self.env["calendar.event.book"]
                .with_user(user)
                .onchange(values, ["client_id"], {"service_id": {}, "provider_id": {}})
            )
            with self.subTest(user.login):
                self.assertEqual(bool(said["value"].get("service_id")), told)


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


@tagged("post_install", "-at_install")
class TestLoginsOfClients(TwoPractices):
    def test_who_gives_access(self):
        """Who logs in as a client reads their invoices."""
        self.frontdesk.group_ids += self.env.ref("base.group_partner_manager")
        self.their_desk.group_ids += self.env.ref("base.group_partner_manager")
        child = self.env["res.partner"].create(
            {"name": "Parent", "type": "contact", "parent_id": self.client_1.id}
        )
        plain = self.env["res.partner"].create({"name": "Supplier"})
        (self.client_1 + child + plain).write({"email": False})

        def give(user, partner):
            wizard = (
                self.env["portal.wizard"]
                .with_user(user)
                .create({"partner_ids": [Command.set(partner.ids)]})
            )
            row = wizard.user_ids
            row.email = f"{user.login}.{partner.id}@example.com"
            row.action_grant_access()
            return partner.with_context(active_test=False).user_ids

        for partner in (self.client_1, child):
            for user in (self.contacts, self.their_desk):
                with self.subTest(user=user.login, partner=partner.name):
                    with self.assertRaises(AccessError):
                        give(user, partner)
                    self.assertFalse(partner.email)
        self.assertTrue(give(self.contacts, plain))
        self.assertTrue(give(self.frontdesk, self.client_1))

    def test_a_service_that_is_no_code(self):
        """From before: it is not proposed, and the client is booked."""
        product = self.env["product.product"].create({"name": "Desk"})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE calendar_event SET service_id = %s WHERE id = %s",
            [product.id, self.appointment.id],
        )
        self.env.invalidate_all()
        booked = self._new_appointment(self.client_1)
        self.assertFalse(booked.service_id)

    def test_duplicate(self):
        """Stock reads all that is copied: people without a role duplicate the rest."""
        self.client_1.comment = "Prefers mornings"
        copy = self.client_1.with_user(self.contacts).copy()
        self.assertEqual(copy.comment, self.client_1.comment)
        self.assertFalse(copy.sudo().is_client)
        self.assertTrue(self.client_1.with_user(self.frontdesk).copy().is_client)
        meeting = (
            self.env["calendar.event"]
            .with_user(self.contacts)
            .create({"name": "Team", "start": self.tomorrow, "stop": self.tomorrow})
        )
        self.assertEqual(meeting.copy().name, "Team")


@tagged("post_install", "-at_install")
class TestCreditOfOthers(ChargeCommon):
    def test_by_care(self):
        """Who has not the client in care is not told what the client has left, nor by
        booking them for a minute."""
        self._receive_cash(41.0)
        stranger = self._new_user("noshow_stranger", "noshow_fees.group_therapist")
        theirs = (
            self.env["calendar.event"]
            .with_user(stranger)
            .create(
                {
                    "name": "x",
                    "client_id": self.client_1.id,
                    "start": self.tomorrow,
                    "stop": self.tomorrow,
                }
            )
        )
        contact = self.env["res.partner"].create({"name": "Supplier"})
        payment = self._receive_cash(7.0)
        payment.move_id.line_ids.partner_id = contact
        for user, event, told in (
            (stranger, theirs, 0.0),
            (self.therapist, self.appointment, 41.0),
            (self.frontdesk, self.appointment, 41.0),
            (self.owner, self.appointment, 41.0),
        ):
            with self.subTest(user.login):
                self.env.invalidate_all()
                self.assertEqual(self.client_1.with_user(user).noshow_credit, told)
                self.assertEqual(contact.with_user(user).noshow_credit, 0.0)
                page = self.env["calendar.event.cancel"].with_user(user)
                page = page.create({"event_ids": [Command.set(event.ids)]})
                self.assertEqual(page.client_credit, told)

    def test_who_has_agreed_to_card_charges(self):
        """Nearly the list of the saved cards."""
        field, clients = "card_authorized_on", self.env["res.partner"]
        for user in (self.therapist, self.financial):
            theirs = clients.with_user(user)
            for ask in (
                lambda theirs=theirs: theirs.search([(field, "!=", False)]),
                lambda theirs=theirs: theirs.search([], order=field),
                lambda theirs=theirs: theirs._read_group([], [f"{field}:day"]),
                lambda user=user: self.client_1.with_user(user).read([field]),
            ):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    ask()
        asked = clients.with_user(self.frontdesk).search([(field, "!=", False)])
        self.assertIn(self.client_1, asked)
        # What a therapist needs of a client in their care.
        self.env["noshow.care"].with_user(self.frontdesk).create(
            {"client_id": self.client_1.id, "therapist_id": self.therapist.id}
        )
        self.assertIn("4242", self.client_1.with_user(self.therapist).card_summary)


@tagged("post_install", "-at_install")
class TestNotesStay(ChargeCommon):
    def _assert_kept(self, user, message):
        mine = message.with_user(user)
        self.env.invalidate_all()
        for act in (
            lambda: mine.write({"body": "nothing"}),
            lambda: mine.write({"message_type": "comment"}),
            mine.unlink,
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                act()
        self.assertTrue(message.exists())

    def test_what_was_sent(self):
        link = self.env["noshow.link"].with_user(self.frontdesk)
        link = link.create(
            {"kind": "card", "client_id": self.client_1.id, "email": "evil@x.example"}
        )
        link.action_send()
        note = self.appointment.message_ids.filtered(
            lambda message: "evil@x.example" in message.body
        )
        self.assertEqual(note.author_id, self.frontdesk.partner_id)
        for user in (self.frontdesk, self.biller, self.owner):
            self._assert_kept(user, note)

    def test_what_a_fee_was(self):
        self._cancel(self.appointment, visit_state="no_show")
        fee = self.appointment.fee_line_ids
        fee.with_user(self.biller)._change_fee(self.code_late, 20.0, "Agreed")
        for record in (fee.move_id, self.appointment):
            notes = record.message_ids.filtered(
                lambda message: message.author_id == self.biller.partner_id
            )
            self.assertTrue(notes)
            for note in notes:
                self._assert_kept(self.biller, note)

    def test_what_was_typed_is_its_authors(self):
        words = "Typed by hand"
        for record in (
            self.appointment,
            self.env["calendar.event"].create(
                {"name": "Lunch", "start": self.tomorrow, "stop": self.tomorrow}
            ),
        ):
            typed = record.with_user(self.frontdesk).message_post(
                body=words, message_type="comment"
            )
            typed.with_user(self.frontdesk).write({"body": "y"})
            typed.with_user(self.frontdesk).unlink()
        logged = record.with_user(self.frontdesk)._message_log(body="of a plain one")
        logged.with_user(self.frontdesk).unlink()


@tagged("post_install", "-at_install")
class TestTokensOfLogins(TwoPractices):
    def test_who_learns_the_token(self):
        """By which somebody makes a client's login."""
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("auth_signup.invitation_scope", "b2c")
        self.client_2.payer_id = self.env["res.partner"].create({"name": "Parent"})
        self._new_appointment(self.client_2)
        plain = self.env["res.partner"].create({"name": "Supplier"})
        for partner in (self.client_1, self.client_2.payer_id):
            for user, may in (
                (self.employee, False),
                (self.therapist, False),
                (self.contacts, False),
                (self.their_desk, False),
                (self.frontdesk, True),
            ):
                with self.subTest(user=user.login, partner=partner.name):
                    self.env.invalidate_all()
                    told = partner.with_user(user).signup_get_auth_param()
                    self.assertEqual(bool(told[partner.id]), may)
                    told = plain.with_user(user).signup_get_auth_param()
                    self.assertTrue(told[plain.id])
        self.assertTrue(self.client_1.sudo().signup_get_auth_param()[self.client_1.id])

    def test_the_link_of_a_shared_record(self):
        """Odoo's *Share* writes it into the record's notes, which its sharer reads."""
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("auth_signup.invitation_scope", "b2c")
        sharer = self._new_user(
            "noshow_sharer",
            "base.group_user,base.group_partner_manager,account.group_account_invoice",
        )
        contact = self.env["res.partner"].create(
            {"name": "A", "email": "a@example.com"}
        )
        for partner, told in ((self.client_1, False), (contact, True)):
            move = self.init_invoice(
                "out_invoice", self.client_2, post=True, amounts=[5.0]
            )
            before = move.message_ids
            # Somebody who may has invited them before.
            partner.sudo().signup_prepare()
            self.env["portal.share"].with_user(sharer).create(
                {
                    "res_model": "account.move",
                    "res_id": move.id,
                    "partner_ids": [Command.set(partner.ids)],
                }
            ).action_send_mail()
            [note] = (move.message_ids - before).filtered("body")
            with self.subTest(told=told):
                self.assertEqual("/web/signup" in note.body, told)
                self.assertIn("http", note.body)


@tagged("post_install", "-at_install")
class TestTasksAboutAppointments(ChargeCommon):
    def test_its_name(self):
        model = self.env["ir.model"]._get("calendar.event").id
        lunch = self.env["calendar.event"].create(
            {"name": "Lunch", "start": self.tomorrow, "stop": self.tomorrow}
        )
        for event, name in ((self.appointment, "Appointment"), (lunch, "Lunch")):
            task = (
                self.env["mail.activity"]
                .with_user(self.frontdesk)
                .create(
                    {
                        "res_model_id": model,
                        "res_id": event.id,
                        "user_id": self.employee.id,
                        "summary": "z",
                    }
                )
            )
            self.assertIn(name, task.with_user(self.employee).res_name)
            self.assertNotIn("Session", task.with_user(self.employee).res_name)
