"""Clients of another practice: whether there are any, who pays, what they owe, and
their logins."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..charge.common_charge import ChargeCommon
from .doors_common import TwoPractices


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

    def test_who_uses_it(self):
        """Ticked or not, nobody uses what they may not know of."""
        self._receive_cash(41.0)
        theirs = self._book_for_themselves(self.financial)
        for user, event, left in (
            (self.financial, theirs, 41.0),
            (self.frontdesk, self.appointment, 0.0),
        ):
            self._cancel(event, user, visit_state="no_show", use_credit=True)
            self.env.invalidate_all()
            client = self.client_1.with_user(self.owner)
            self.assertEqual(client.noshow_credit, left, user.login)
            self.assertEqual(event.fee_line_ids.fee_open, 75.0 - 41.0 + left)

    def _book_for_themselves(self, user):
        """Which gives a therapist no care."""
        event = self.env["calendar.event"].with_user(user)
        event = event.create(
            {
                "name": "x",
                "client_id": self.client_1.id,
                "start": self.tomorrow,
                "stop": self.tomorrow,
            }
        )
        return event.with_env(self.env)

    def test_credit_in_the_dialog_of_a_charge(self):
        self._receive_cash(41.0)
        event = self._book_for_themselves(self.financial)
        self._cancel(event, visit_state="no_show", use_credit=False)
        dialogs = self.env["account.move.line.charge"].with_user(self.financial)
        vals = {"line_id": event.fee_line_ids.id}
        self.assertEqual(dialogs.create(vals).client_credit, 0.0)
        self.env["noshow.care"].with_user(self.frontdesk).create(
            {"client_id": self.client_1.id, "therapist_id": self.financial.id}
        )
        self.env.invalidate_all()
        self.assertEqual(dialogs.create(vals).client_credit, 41.0)

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
class TestTokensOfLogins(TwoPractices):
    def _let_people_sign_up(self):
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("auth_signup.invitation_scope", "b2c")
        if "website" in self.env:  # each says it for itself
            self.env["website"].search([]).auth_signup_uninvited = "b2c"

    def test_who_learns_the_token(self):
        """By which somebody makes a client's login."""
        self._let_people_sign_up()
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
        self._let_people_sign_up()
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
