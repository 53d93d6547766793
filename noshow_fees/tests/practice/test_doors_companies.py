"""Two practices in one database: what is one's is not changed by the other's people."""

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..charge.common_charge import ChargeCommon


@tagged("post_install", "-at_install")
class TestCompanies(ChargeCommon):
    """`cls.stranger` owns another practice, `cls.boss` works as owner at both."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company(name="Other practice")["company"]
        cls.stranger = cls._new_user("noshow_stranger", "noshow_fees.group_owner")
        cls.stranger.write(
            {"company_ids": [Command.set(cls.other.ids)], "company_id": cls.other.id}
        )
        cls.boss = cls._new_user("noshow_boss", "noshow_fees.group_owner")
        cls.boss.company_ids += cls.other

    def test_whose_client_it_is(self):
        """Who has records in one practice only is no matter of the other's."""
        client = self.client_1
        for vals in (
            {"payer_id": self.client_2.id},
            {"is_client": False},
            {"card_authorized_on": fields.Date.today()},
            {"company_id": self.other.id},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                client.with_user(self.stranger).write(vals)
        for call in ("action_ask_for_card", "action_open_cards"):
            with self.subTest(call), self.assertRaises(AccessError):
                getattr(client.with_user(self.stranger), call)()
        client.with_user(self.frontdesk).payer_id = self.client_2
        client.with_user(self.frontdesk).action_ask_for_card()
        # Nobody's yet, and then the other's, too: but for what leads to money and
        # logins (test_doors_logins).
        self.client_3.with_user(self.stranger).payer_id = self.client_2
        self.env["noshow.chart.entry"].with_user(self.stranger).create(
            {"client_id": client.id, "body": "<p>x</p>"}
        )
        client.with_user(self.stranger).phone = "1"

    def test_an_agreement_is_with_one_practice(self):
        client = self.client_1
        self.assertTrue(client.with_company(self.company).card_authorized_on)
        self.assertFalse(client.with_company(self.other).card_authorized_on)
        self.assertFalse(client.with_user(self.stranger).card_authorized_on)
        tokens = self.env["payment.token"].sudo()
        self.assertIn(self.card, tokens._get_chargeable(self.company, client)[client])
        self.assertFalse(tokens._get_chargeable(self.other, client)[client])
        client.with_company(self.other)._agree_to_card_charges()
        self.assertTrue(client.with_company(self.other).card_authorized_on)

    def test_shared_codes(self):
        """Both bill by the shared one: who works at both changes it."""
        code = self.code_noshow.product_tmpl_id
        self._cancel(self.appointment, visit_state="no_show")
        for vals in ({"list_price": 1.0}, {"cpt_code": "HACK"}, {"active": False}):
            for record in (code, self.code_noshow):
                with self.subTest(vals=vals), self.assertRaises(AccessError):
                    record.with_user(self.stranger).write(vals)
        with self.assertRaises(AccessError):
            self.code_noshow.with_user(self.stranger).lst_price = 1.0
        with self.assertRaises(AccessError):
            code.with_user(self.stranger).unlink()
        self.assertEqual((code.list_price, code.cpt_code), (75.0, "NOSHOW"))
        code.with_user(self.manager).list_price = 80.0
        code.with_user(self.boss).list_price = 75.0
        own = (
            self.env["product.product"]
            .with_user(self.stranger)
            .create(
                {
                    "name": "Theirs",
                    "cpt_code": "THEIRS",
                    "list_price": 5.0,
                    "company_id": self.other.id,
                }
            )
        )
        own.list_price = 6.0
        with self.assertRaises(AccessError):
            own.with_user(self.manager).list_price = 1.0

    def test_shared_codes_of_rules(self):
        """A tier bills by its code before it has billed once; and what is booked
        decides which rule it is."""
        code = self.env["product.product"].create({"name": "Tier", "cpt_code": "TIER"})
        boss = code.with_user(self.boss)
        self._assert_changed_by(self.stranger, code)
        for rule in (
            {"within_hours": 2.0, "product_id": code.id},
            {"service_ids": [Command.set(code.ids)], "charge": "none"},
        ):
            with self.subTest(rule=rule), self.cr.savepoint() as undone:
                draft = self.env["noshow.policy"].with_user(self.manager).create({})
                draft.rule_ids = [
                    Command.create({"outcome": "late_cancelled", **rule}),
                ]
                draft.action_publish()
                for vals in ({"active": False}, {"list_price": 1.0}):
                    with self.assertRaises(AccessError):
                        code.with_user(self.stranger).write(vals)
                boss.write({"active": False})
                undone.rollback()
            self.env.invalidate_all()

    def test_shared_code_that_a_provider_gives(self):
        code = self.env["product.product"].create({"name": "Talk", "cpt_code": "TALK"})
        self.therapist.noshow_service_id = code
        with self.assertRaises(AccessError):
            code.with_user(self.stranger).active = False
        self.therapist.noshow_service_id = False
        self._assert_changed_by(self.stranger, code)

    def test_shared_code_that_is_booked(self):
        code = self.env["product.product"].create({"name": "Talk", "cpt_code": "TALK"})
        self._new_appointment(self.client_2, service_id=code.id)
        with self.assertRaises(AccessError):
            code.with_user(self.stranger).active = False

    def _assert_changed_by(self, user, code):
        code.with_user(user).active = False
        code.with_user(user).active = True

    def test_settings_over_rpc(self):
        """The server takes what the form offers, and numbers that are some."""
        bank = self.company_data["default_journal_bank"]
        foreign = self.env["account.journal"].search(
            [("company_id", "=", self.other.id), ("type", "=", "sale")], limit=1
        )
        chair = self.env["product.product"].create({"name": "Chair"})
        receivable = self.company_data["default_account_receivable"]
        pages = self.env["noshow.settings"].with_user(self.manager)
        wrong = [
            ("noshow_notice_hours", float("nan"), ValidationError),
            ("noshow_notice_hours", float("inf"), ValidationError),
            # By the database, which RPC calls a validation error, too.
            ("noshow_notice_hours", 1e308, IntegrityError),
            ("noshow_notice_hours", -1.0, IntegrityError),
            ("noshow_journal_id", bank.id, ValidationError),
            ("noshow_journal_id", foreign.id, ValidationError),
            ("noshow_income_account_id", receivable.id, ValidationError),
            ("noshow_no_show_product_id", chair.id, UserError),
        ]
        for name, value, error in wrong:
            with (
                self.subTest(name=name, value=value),
                mute_logger("odoo.sql_db"),
                self.assertRaises(error),
                self.cr.savepoint(),
            ):
                pages.create({name: value}).action_save()
                self.env.flush_all()
        page = pages.create({"noshow_tz": "America/Chicago"})
        page.action_save()
        self.assertEqual(self.company.noshow_tz, "America/Chicago")
