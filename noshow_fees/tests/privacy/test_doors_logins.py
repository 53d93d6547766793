"""Who reads and pays the invoices of missed visits by taking a payer's place: below
whom they stand, where their mail goes, and which of two practices says so."""

from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from .doors_common import TwoPractices


class LoginsCase(TwoPractices):
    """`cls.parent` pays for `client_1`, who has records here only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.parent = cls.env["res.partner"].create(
            {"name": "Parent", "email": "parent@example.com"}
        )
        cls.client_1.payer_id = cls.parent
        cls.frontdesk.group_ids += cls.env.ref("base.group_partner_manager")
        cls.their_desk.group_ids += cls.env.ref("base.group_partner_manager")
        # In tests all is of one moment.
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE calendar_event SET create_date = create_date - %s WHERE id = %s",
            [timedelta(days=1), cls.appointment.id],
        )
        cls.env.invalidate_all()

    @classmethod
    def _give_login(cls, partner):
        return new_test_user(
            cls.env,
            f"noshow_login_{partner.id}",
            "base.group_portal",
            context={"no_reset_password": True},
            partner_id=partner.id,
            name=partner.name,
            email=partner.email,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _share(self, client):
        """The client comes to the other practice, too."""
        return self.env["noshow.care"].create(
            {
                "client_id": client.id,
                "therapist_id": self.their_therapist.id,
                "company_id": self.other.id,
            }
        )


@tagged("post_install", "-at_install")
class TestBelowAnother(LoginsCase, HttpCase):
    def test_who_pays_is_put_below_another(self):
        above = self.env["res.partner"].create({"name": "X", "is_company": True})
        for user, may in (
            (self.contacts, False),
            (self.their_desk, False),
            (self.frontdesk, True),
        ):
            theirs = above.with_user(user)
            for name, put in (
                (
                    "parent",
                    lambda u=user: self.parent.with_user(u).write(
                        {"parent_id": above.id}
                    ),
                ),
                (
                    "link",
                    lambda t=theirs: t.write(
                        {"child_ids": [Command.link(self.parent.id)]}
                    ),
                ),
                (
                    "set",
                    lambda t=theirs: t.write(
                        {"child_ids": [Command.set(self.parent.ids)]}
                    ),
                ),
                (
                    "create",
                    lambda t=theirs: t.create(
                        {"name": "Y", "child_ids": [Command.link(self.parent.id)]}
                    ),
                ),
                ("company", lambda u=user: self._make_company(u)),
            ):
                with self.subTest(user=user.login, way=name):
                    point = self.cr.savepoint()
                    if may:
                        put()
                    else:
                        with self.assertRaises(AccessError):
                            put()
                    point.rollback()
                    point.close(rollback=False)
                    self.env.invalidate_all()
        # Whoever pays for nobody.
        plain = self.env["res.partner"].create({"name": "Plain"})
        above.with_user(self.contacts).child_ids = [Command.link(plain.id)]
        self.assertEqual(plain.parent_id, above)

    def _make_company(self, user):
        """Odoo's button beside the name of an employer."""
        payer = self.parent.with_user(user)
        payer.company_name = "Acme"
        payer.create_company()

    def test_who_stands_above_reads_nothing(self):
        """A parent who is a contact of where they work, as its invoice address even."""
        employer = self.env["res.partner"].create(
            {"name": "Acme", "is_company": True, "email": "acme@example.com"}
        )
        above, payer = self._give_login(employer), self._give_login(self.parent)
        for kind in ("contact", "invoice"):
            self.parent.write({"parent_id": employer.id, "type": kind})
            event = self._new_appointment(self.client_1)
            self._cancel(event, visit_state="no_show")
            move = event.fee_line_ids.move_id
            self.assertEqual(move.partner_id, self.parent)
            for user, may in ((above, False), (payer, True)):
                self.env.invalidate_all()
                for record in (move, move.line_ids):
                    with self.subTest(kind=kind, user=user.login, model=record._name):
                        found = record.with_user(user).search(
                            [("id", "in", record.ids)]
                        )
                        self.assertEqual(found, record if may else record.browse())
                self.authenticate(user.login, user.login)
                self.assertEqual(
                    move.name in self.url_open(f"/my/invoices/{move.id}").text, may
                )
            theirs = self.parent.with_user(above)
            self.assertFalse(theirs._can_be_edited_by_current_customer())


@tagged("post_install", "-at_install")
class TestMailOfLogins(LoginsCase):
    def _try(self, partner, user, may, **vals):
        with self.subTest(user=user.login, partner=partner.name, vals=vals):
            point = self.cr.savepoint()
            if may:
                partner.with_user(user).write(vals)
            else:
                with self.assertRaises(AccessError) as refusal:
                    partner.with_user(user).write(vals)
                # For whom somebody pays, and where these are treated.
                self.assertNotIn(self.client_1.name, str(refusal.exception))
            point.rollback()
            point.close(rollback=False)
            self.env.invalidate_all()

    def test_where_a_new_password_goes(self):
        address = self.env["res.partner"].create(
            {"name": "Address", "type": "invoice", "parent_id": self.client_2.id}
        )
        for partner in (self.parent, self.client_2, address):
            for has_login in (False, True):
                if has_login:
                    login = self._give_login(partner)
                self._try(
                    partner, self.contacts, not has_login, email="evil@example.com"
                )
                self._try(partner, self.contacts, True, comment="Prefers mornings")
                self._try(partner, self.contacts, True, phone="1")
                self._try(partner, self.frontdesk, True, email="new@example.com")
            # In Odoo's pages, which write as superuser.
            partner.with_user(login).sudo().email = "self@example.com"
            others = self.portal.partner_id
            with self.assertRaises(AccessError):
                partner.with_user(self.portal).sudo().email = "evil@example.com"
            others.with_user(self.portal).sudo().email = "self@example.com"
            # Unchanged, as forms send it along.
            partner.with_user(self.contacts).write({"email": partner.email})
        administrator = self._new_user(
            "noshow_admin", "base.group_erp_manager,base.group_partner_manager"
        )
        self._try(self.parent, administrator, True, email="new@example.com")

    def test_who_pays_for_anothers_client(self):
        for vals in (
            {"email": "evil@example.com"},
            {"name": "Renamed"},
            {"phone": "1"},
            {"active": False},
            {"company_id": self.other.id},
        ):
            self._try(self.parent, self.their_desk, False, **vals)
        for vals in ({"email": "new@example.com"}, {"name": "Renamed"}):
            self._try(self.parent, self.frontdesk, True, **vals)
        self._try(self.parent, self.their_desk, True, comment="Prefers mornings")

    def test_merged_into_who_pays(self):
        """With a login of one's own, say."""
        self.their_owner.group_ids += self.env.ref("base.group_partner_manager")
        mine = self.env["res.partner"].create(
            {"name": "Mine", "email": self.parent.email}
        )
        for user, may in ((self.their_owner, False), (self.owner, True)):
            wizard = (
                self.env["base.partner.merge.automatic.wizard"]
                .with_user(user)
                .create(
                    {
                        "partner_ids": [Command.set((mine + self.parent).ids)],
                        "dst_partner_id": self.parent.id,
                    }
                )
            )
            with self.subTest(user.login):
                if may:
                    wizard.action_merge()
                else:
                    with self.assertRaises(AccessError):
                        wizard.action_merge()
        self.assertFalse(mine.exists())


@tagged("post_install", "-at_install")
class TestFirstPractice(LoginsCase):
    def test_where_a_client_came_first(self):
        """A booking or a care of the other practice takes nobody over."""
        client = self.client_1
        self._share(client)
        their_first = self.client_3
        self._share(their_first)
        for vals in (
            {"payer_id": self.client_2.id},
            {"email": "evil@example.com"},
            {"active": False},
            {"company_id": self.other.id},
        ):
            for partner, user, may in (
                (client, self.their_desk, False),
                (client, self.frontdesk, True),
                (their_first, self.their_desk, True),
                (their_first, self.frontdesk, False),
            ):
                if "company_id" in vals and partner == client and may:
                    # A company of others.
                    continue
                with self.subTest(user=user.login, vals=vals):
                    point = self.cr.savepoint()
                    if may:
                        partner.with_user(user).write(vals)
                    else:
                        with self.assertRaises(AccessError):
                            partner.with_user(user).write(vals)
                    point.rollback()
                    point.close(rollback=False)
                    self.env.invalidate_all()
        # What does not lead to money or a login, of whom they treat, too.
        client.with_user(self.their_desk).write({"phone": "1", "name": "C. One"})

    def test_a_login_of_a_shared_client(self):
        self._share(self.client_1)
        for user, may in ((self.their_desk, False), (self.frontdesk, True)):
            client = self.client_1.with_user(user)
            self.assertEqual(bool(client._filter_may_invite()), may)
            wizard = (
                self.env["portal.wizard"]
                .with_user(user)
                .create({"partner_ids": [Command.set(client.ids)]})
            )
            if may:
                wizard.user_ids.action_grant_access()
                self.assertTrue(client.with_env(self.env).user_ids)
            else:
                with self.assertRaises(AccessError):
                    wizard.user_ids.action_grant_access()
