"""Amounts, services, settings and records of another practice."""

from zoneinfo import ZoneInfo

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..charge.common_charge import ChargeCommon
from .doors_common import TwoPractices


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
class TestSettingsOverRpc(ChargeCommon):
    def test_a_zone_that_is_none(self):
        pages = self.env["noshow.settings"].with_user(self.manager)
        for zone in ("Bogus/Zone", "../../etc/passwd"):
            with self.subTest(zone), self.assertRaises(ValidationError):
                pages.create({"noshow_tz": zone}).action_save()
            # What is there already stops nobody.
            self.cr.execute(
                "UPDATE res_company SET noshow_tz = %s WHERE id = %s",
                (zone, self.company.id),
            )
            self.company.invalidate_recordset()
            self.assertEqual(self.company._get_practice_tz(), ZoneInfo("UTC"))
            events = self.env["calendar.event"].with_user(self.frontdesk)
            events.search([("is_today", "=", True)])
            Form(self.env["calendar.event.book"].with_user(self.frontdesk))
        pages.create({"noshow_tz": "America/Chicago"}).action_save()
        self.assertEqual(self.company._get_practice_tz(), ZoneInfo("America/Chicago"))

    def test_a_company_of_others(self):
        other = self.setup_other_company(name="Other practice")["company"]
        pages = self.env["noshow.settings"].with_user(self.manager)
        with self.assertRaises(AccessError):
            pages.create({"company_id": other.id})
        self.manager.company_ids += other
        pages.create({"company_id": other.id})

    def test_a_rule_of_an_absurd_size(self):
        policy = (
            self.env["noshow.policy"]
            .with_user(self.manager)
            ._get_published(self.company)[self.company.id]
        )
        rule = policy[-1:].sudo().rule_ids[:1]
        for vals in (
            {"window_days": 3660000},
            {"window_days": 2**31 - 1},
            {"percent": 1e300},
            {"minimum": 1e15},
        ):
            with (
                self.subTest(vals),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.cr.savepoint(),
            ):
                self.env["noshow.policy.rule"].sudo().create(
                    {**rule.copy_data()[0], **vals}
                ).flush_recordset()
