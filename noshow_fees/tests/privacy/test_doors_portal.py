"""Logins of the portal beside and below a client, or whoever pays for one: Odoo shows
them all that belongs to the contact on top."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from ..common import PracticeCommon


@tagged("post_install", "-at_install")
class TestPortalBeside(PracticeCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client_user = cls._new_login("client")
        cls.client_1 = cls.client_user.partner_id
        cls.client_1.is_client = True
        cls.child_user = cls._new_login("child", parent=cls.client_1, type="contact")

    @classmethod
    def _new_login(cls, name, parent=None, **vals):
        user = new_test_user(
            cls.env,
            login=f"noshow_portal_{name}",
            groups="base.group_portal",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        user.partner_id.write({"parent_id": parent and parent.id, **vals})
        return user

    def _miss(self, client):
        event = self._new_appointment(client)
        self._cancel(event, visit_state="no_show")
        return event.fee_line_ids

    def _assert_reads(self, readers, others, fee):
        for user in readers + others:
            may = user in readers
            move = fee.move_id
            for record in (move, fee, move.line_ids - fee):
                self.env.invalidate_all()
                with self.subTest(user=user.login, record=str(record)):
                    found = record.with_user(user).search([("id", "in", record.ids)])
                    self.assertEqual(bool(found), may)
                    self.assertEqual(record.with_user(user).has_access("read"), may)
                    counted = record.with_user(user).search_count(
                        [("partner_id", "child_of", move.commercial_partner_id.id)]
                    )
                    self.assertEqual(bool(counted), may)
            self.authenticate(user.login, user.login)
            page = self.url_open(f"/my/invoices/{move.id}")
            self.assertEqual(move.name in page.text, may, user.login)
            self.assertEqual(move.name in self.url_open("/my/invoices").text, may)

    def test_below_a_client(self):
        fee = self._miss(self.client_1)
        self._assert_reads([self.client_user], [self.child_user], fee)
        plain = self._create_invoice_one_line(
            partner_id=self.client_1.id, price_unit=10.0, post=True
        )
        self.assertTrue(plain.with_user(self.child_user).has_access("read"), "as stock")

    def test_who_pays(self):
        """The client's own invoice contact, and the client."""
        payer = self._new_login("payer", parent=self.client_1, type="invoice")
        fee = self._miss(self.client_1)
        self.assertEqual(fee.move_id.partner_id, payer.partner_id)
        self._assert_reads([payer, self.client_user], [self.child_user], fee)

    def test_colleagues_of_who_pays(self):
        """A parent who is a contact of where they work."""
        employer = self.env["res.partner"].create({"name": "Acme", "is_company": True})
        payer = self._new_login("parent", parent=employer)
        colleague = self._new_login("colleague", parent=employer)
        self.client_2.payer_id = payer.partner_id
        fee = self._miss(self.client_2)
        self._assert_reads([payer], [colleague], fee)

    def test_words_of_the_practice_on_an_invoice(self):
        """Its notes are not guessed, word by word, by who may read the invoice, or the
        fee only."""
        fee = self._miss(self.client_1)
        move = fee.move_id
        for record, word, kind in (
            (move, "Zebra", "note"),
            (move, "Giraffe", "comment"),
            (self.client_1, "Zebra", "note"),
        ):
            record.message_post(
                body=word, message_type="comment", subtype_xmlid=f"mail.mt_{kind}"
            )
        self.env.flush_all()

        def find(user, record, path, word):
            domain = [("id", "in", record.ids), (f"{path}.body", "ilike", word)]
            try:
                return record.with_user(user).search(domain)
            except AccessError:
                return record.browse()

        for name in ("message_ids", "website_message_ids"):
            for user, record, path in (
                (self.client_user, move, name),
                (self.client_user, fee, f"move_id.{name}"),
                (self.client_user, self.client_1, name),
                (self.frontdesk, fee, f"move_id.{name}"),
                (self.therapist, fee, f"move_id.{name}"),
            ):
                with self.subTest(user=user.login, record=str(record), path=path):
                    self.assertFalse(find(user, record, path, "zebra"))
            for user in (self.accountant, self.biller):
                self.assertEqual(find(user, move, name, "zebra"), move)
                self.assertEqual(find(user, fee, f"move_id.{name}", "zebra"), fee)
            self.assertEqual(find(self.client_user, move, name, "giraffe"), move)
            self.assertTrue(find(self.frontdesk, self.client_1, "message_ids", "zebra"))

    def test_who_says_who_pays(self):
        """In the portal, the client only."""
        contact = self._new_contact("Parent")
        values = {"type": "invoice", "parent_id": self.client_1.id, "name": "X"}
        for user, may in ((self.child_user, False), (self.client_user, True)):
            # As Odoo's portal does (portal/controllers/portal.py).
            partners_sudo = self.env["res.partner"].with_user(user).sudo()
            with self.subTest(user.login), self.cr.savepoint() as point:
                theirs = contact.with_user(user)
                self.assertEqual(theirs._can_be_edited_by_current_customer(), may)
                if may:
                    self.assertTrue(partners_sudo.create(values))
                    contact.with_user(user).sudo().active = False
                else:
                    with self.assertRaises(AccessError):
                        partners_sudo.create(values)
                    with self.assertRaises(AccessError):
                        contact.with_user(user).sudo().active = False
                point.rollback()
        own = self.child_user.partner_id.with_user(self.child_user)
        self.assertTrue(own._can_be_edited_by_current_customer())

    def _new_contact(self, name):
        return self.env["res.partner"].create(
            {"name": name, "type": "invoice", "parent_id": self.client_1.id}
        )
