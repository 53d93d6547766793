"""Clients, and who pays for them, merged with Odoo's own dialog: by the owner, and
whole or not at all."""

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..charge.common_charge import ChargeCommon


@tagged("post_install", "-at_install")
class TestMerge(ChargeCommon):
    """A company's contact Ann and the client Ann are one person."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.firm = cls.env["res.partner"].create({"name": "Firm", "is_company": True})
        cls.contact = cls.env["res.partner"].create(
            {"name": "Ann", "parent_id": cls.firm.id, "email": cls.client_1.email}
        )
        cls.contact_manager = cls._new_user(
            "noshow_contacts", "base.group_user,base.group_partner_manager"
        )
        cls.duplicate = cls.client_1.copy({"email": cls.client_1.email})
        cls.missed = cls._new_appointment(cls.duplicate)
        cls.note = cls.env["noshow.chart.entry"].create(
            {"client_id": cls.duplicate.id, "body": "<p>Called</p>"}
        )

    def _merge(self, user, partners, into):
        wizards = self.env["base.partner.merge.automatic.wizard"].with_user(user)
        wizards.create(
            {
                "partner_ids": [Command.set(partners.ids)],
                "dst_partner_id": into and into.id,
            }
        ).action_merge()
        self.env.invalidate_all()

    def test_owner_only(self):
        self._cancel(self.missed, visit_state="no_show")
        both = self.client_1 + self.duplicate
        for user in (self.frontdesk, self.biller, self.manager, self.contact_manager):
            with (
                self.subTest(user=user.login),
                self.assertRaisesRegex(AccessError, "role Owner"),
            ):
                self._merge(user, both, self.client_1)
        fee = self.missed.fee_line_ids
        self._merge(self.owner, both, self.client_1)
        self.env.invalidate_all()
        self.assertFalse(self.duplicate.exists())
        self.assertEqual(self.missed.client_id, self.client_1)
        self.assertEqual(self.missed.visit_state, "no_show")
        self.assertEqual(self.note.client_id, self.client_1)
        self.assertEqual(fee.client_id, self.client_1)
        self.assertEqual((fee.parent_state, fee.fee_state), ("posted", "open"))
        self.assertEqual(self.client_1.missed_visit_count, 1)
        row = self.env["noshow.chart.access"].search(
            [("action", "=", "merge")], limit=1
        )
        self.assertEqual(row.user_id, self.owner)
        self.assertEqual(row.client_id, self.client_1)

    def test_with_the_payer(self):
        payer = self.env["res.partner"].create(
            {"name": "P", "email": self.client_1.email}
        )
        self.client_1.payer_id = payer
        with self.assertRaises(AccessError):
            self._merge(self.frontdesk, self.client_1 + payer, payer)
        self._merge(self.owner, self.client_1 + payer, payer)
        self.assertTrue(payer.is_client)
        self.assertFalse(payer.payer_id)
        self.assertEqual(payer._get_payer(), payer)

    def test_other_contacts_as_ever(self):
        for user in (self.contact_manager, self.frontdesk):
            first, second = self.env["res.partner"].create(
                [{"name": "Supplier", "email": "s@example.com"}] * 2
            )
            self._merge(user, first + second, first)
            self.assertFalse(second.exists())

    def test_nothing_of_ours_is_deleted_by_a_merge(self):
        """Odoo deletes rows whose check or unique constraint names the contact."""
        wizard = self.env["base.partner.merge.automatic.wizard"]
        tables = {
            model._table
            for model in self.env.values()
            if model._original_module == "noshow_fees" and model._auto
        }
        tables |= {
            "calendar_event",
            "account_move_line",
            "res_partner",
            "payment_token",
        }
        ours = [
            (table, col)
            for table, col in wizard._get_fk_on("res_partner")
            if table in tables
        ]
        self.assertIn(("noshow_chart_entry", "client_id"), ours)
        for table, column in ours:
            self.assertFalse(
                wizard._has_check_or_unique_constraint(table, column), (table, column)
            )

    def test_with_a_companys_contact(self):
        """Either survives, or stock chooses: the client is under nobody."""
        both = self.client_1 + self.contact
        for kept in (self.client_1, self.contact, None):
            with self.subTest(kept=kept), self.cr.savepoint() as point:
                self._merge(self.owner, both, kept)
                [left] = both.exists()
                if kept:
                    self.assertEqual(left, kept)
                self.assertTrue(left.is_client)
                self.assertFalse(left.parent_id)
                self.assertEqual(left.commercial_partner_id, left)
                self.assertEqual(self.appointment.client_id, left)
                self.assertTrue(left.card_authorized_on)
                point.rollback()

    def test_two_default_cards(self):
        other = self._new_demo_card("done", self.client_2)
        self.client_2.email = self.client_1.email
        (self.card | other).sudo().is_default = True
        self._merge(self.owner, self.client_1 + self.client_2, self.client_1)
        cards = (self.card | other).exists()
        self.assertEqual(len(cards), 2)
        self.assertEqual(cards.partner_id, self.client_1)
        self.assertEqual(cards.filtered("is_default"), self.card)
        row = self.env["noshow.chart.access"].search(
            [("action", "=", "merge")], limit=1
        )
        self.assertIn("not the card used by default", row.detail)

    def test_records_of_another_company(self):
        other = self.setup_other_company(name="Other practice")["company"]
        boss = self._new_user("noshow_boss", "noshow_fees.group_owner")
        boss.company_ids += other
        self.client_2.email = self.client_1.email
        self.env["noshow.care"].sudo().create(
            {
                "client_id": self.client_2.id,
                "therapist_id": boss.id,
                "company_id": other.id,
            }
        )
        both = self.client_1 + self.client_2
        with self.assertRaises(AccessError):
            self._merge(self.owner, both, self.client_1)
        self.assertEqual(both.exists(), both)
        self._merge(boss, both, self.client_1)
        self.assertEqual(both.exists(), self.client_1)

    def test_agreements_of_both(self):
        self.client_1.card_authorized_on = False
        self.client_2.write(
            {"card_authorized_on": fields.Date.today(), "email": self.client_1.email}
        )
        self._merge(self.owner, self.client_1 + self.client_2, self.client_1)
        self.assertTrue(self.client_1.card_authorized_on)
