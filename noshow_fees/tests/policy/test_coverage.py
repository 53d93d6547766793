"""Coverage: whom nobody may charge, by whatever way; and only the Owner overrides."""

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..charge.common_charge import StripeCommon
from .policy_common import begin

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestCoverage(StripeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kinds = cls.env["noshow.coverage.class"]
        cls.medicaid = cls.env.ref("noshow_fees.coverage_class_medicaid")
        cls.capped = kinds.create(
            {"name": "Plan B", "missed_fee": "capped", "cap": 40.0}
        )

    def _cover(self, kind=None, client=None, **vals):
        return self.env["noshow.coverage"].create(
            {
                "client_id": (client or self.client_1).id,
                "coverage_class_id": (kind or self.medicaid).id,
                **vals,
            }
        )

    def _assertRefused(self, act, text="may not be charged"):
        before = self.env["account.move"].search_count([])
        # With a savepoint, which `assertRaisesRegex` has none of.
        with self.assertRaises(UserError) as refusal:
            act()
        self.assertIn(text, str(refusal.exception))
        self.env.cr.precommit.run()
        self.assertEqual(self.env["account.move"].search_count([]), before)
        self.assertFalse(self.fake.account.summary()["succeeded"])

    def _page(self, event, user, **vals):
        begin(event)
        return (
            self.env["calendar.event.cancel"]
            .with_user(user)
            .create(
                {
                    "event_ids": [Command.set(event.ids)],
                    "visit_state": "no_show",
                    "product_id": self.code_noshow.id,
                    **vals,
                }
            )
        )

    def test_shipped_examples_are_off(self):
        medicare = self.env.ref("noshow_fees.coverage_class_medicare")
        self.assertFalse((self.medicaid + medicare).filtered("active"))
        self.assertEqual(self.medicaid.missed_fee, "forbidden")
        self.assertEqual(medicare.missed_fee, "allowed")

    def test_no_way_to_make_a_fee(self):
        """Each role's page, a batch, booking again, and the methods below in sudo."""
        self._cover()
        event = self.appointment
        other = begin(self._new_appointment(self.client_2))
        for user in (*self.users.values(), self.env.user):
            if user != self.financial:
                page = self._page(event, user)
                self._assertRefused(page.action_cancel)
        batch = self._page(event + other, self.biller)
        self._assertRefused(batch.action_cancel)
        self._assertRefused(lambda: batch.action_cancel_some(1))
        card = self._page(
            event, self.owner, charge_card=True, payment_token_id=self.card.id
        )
        self._assertRefused(card.action_cancel)
        fee = {"appointment": event, "product": self.code_noshow, "amount": 75.0}
        for user in (self.env.user, self.owner, self.env.ref("base.user_root")):
            lines = self.env["account.move.line"].with_user(user).sudo()
            self._assertRefused(lambda lines=lines: lines._create_fees([fee]))
        fees = {event.id: {"product": self.code_noshow, "amount": 75.0}}
        self._assertRefused(
            lambda: event.sudo()._cancel_appointments("no_show", fees=fees)
        )
        self._cancel(event, visit_state="no_show", product_id=False)
        again = (
            self.env["calendar.event.cancel"]
            .with_user(self.owner)
            .create({"rebook_event_id": event.id, "product_id": self.code_noshow.id})
        )
        self._assertRefused(again.action_cancel)
        # The same for somebody without a coverage.
        self._page(other, self.frontdesk).action_cancel()
        self.assertEqual(other.fee_amount, 75.0)

    def test_no_way_to_change_or_charge_a_fee(self):
        """The coverage is entered after the fee."""
        self._page(self.appointment, self.frontdesk).action_cancel()
        fee = self.appointment.fee_line_ids
        self._cover()
        for user in (self.biller, self.owner):
            edit = (
                self.env["account.move.line.edit.fee"]
                .with_user(user)
                .create(
                    {
                        "line_id": fee.id,
                        "product_id": self.code_noshow.id,
                        "amount": 20.0,
                    }
                )
            )
            self._assertRefused(edit.action_save)
            charge = (
                self.env["account.move.line.charge"]
                .with_user(user)
                .create({"line_id": fee.id, "payment_token_id": self.card.id})
            )
            self._assertRefused(charge.action_charge)
        transactions = self.env["payment.transaction"].sudo()
        self._assertRefused(lambda: transactions._prepare_charges({fee: self.card}))
        self._assertRefused(lambda: fee.sudo()._charge({fee: self.card}))
        fee_sudo = fee.sudo()
        self._assertRefused(lambda: fee_sudo._change_fee(self.code_late, 50.0, "x"))
        self._assertRefused(lambda: fee_sudo._rewrite_fee(self.code_late, 50.0))
        self._assertRefused(lambda: fee_sudo._reissue_fee(self.code_late, 50.0, "x"))
        self._commit()
        self.assertFalse(self._charges_of(fee))
        # Waiving is the way out.
        fee.with_user(self.biller)._waive("Covered")
        self.assertEqual(fee.fee_state, "waived")

    def test_nothing_is_proposed(self):
        self._cover()
        page = self._page(self.appointment, self.frontdesk)
        page = page.create({"event_ids": page.event_ids.ids, "visit_state": "no_show"})
        self.assertFalse(page.product_id)
        self.assertIn("Medicaid", page.sentence)
        page.action_cancel()
        self.assertFalse(self.appointment.fee_line_ids)

    def test_on_the_date_of_service(self):
        """In force on the first and the last day, not the day before or after."""
        day = self.appointment._get_date_of_service()
        for first, last, refused in (
            (day, day, True),
            (day + DAY, False, False),
            (False, day - DAY, False),
            (False, day, True),
            (day, False, True),
        ):
            coverage = self._cover(date_from=first, date_to=last)
            proposal = self.appointment._propose_fees("no_show")[self.appointment]
            self.assertEqual(not proposal["proposed_product_id"], refused)
            coverage.unlink()

    def test_a_cap_has_taxes_in_it(self):
        """40.00 at most, with 10 % of tax: 36.36 is owed as 40.00; 36.37 is more."""
        tax = self.env["account.tax"].create({"name": "10 %", "amount": 10.0})
        self.code_noshow.taxes_id = tax
        self._cover(self.capped)
        page = self._page(self.appointment, self.biller, amount=36.37)
        self._assertRefused(page.action_cancel, "40.00 at most, taxes included")
        begin(self.appointment)
        page = (
            self.env["calendar.event.cancel"]
            .with_user(self.frontdesk)
            .create({"event_ids": self.appointment.ids, "visit_state": "no_show"})
        )
        self.assertEqual((page.amount, page.amount_total), (36.36, 40.0))
        page.action_cancel()
        fee = self.appointment.fee_line_ids
        self.assertEqual(fee.price_total, 40.0)
        edit = (
            self.env["account.move.line.edit.fee"]
            .with_user(self.owner)
            .create(
                {
                    "line_id": fee.id,
                    "product_id": self.code_noshow.id,
                    "amount": 36.37,
                }
            )
        )
        self._assertRefused(edit.action_save, "40.00 at most")
        edit.amount = 30.0
        edit.action_save()
        self.assertEqual(fee.price_total, 33.0)

    def test_a_cap_with_a_tax_that_does_not_grow(self):
        """A fixed tax of 5.00 leaves 35.00; one of 50.00 leaves nothing to charge."""
        self._cover(self.capped)
        tax = self.env["account.tax"].create(
            {"name": "5", "amount": 5.0, "amount_type": "fixed"}
        )
        self.code_noshow.taxes_id = tax
        proposal = self.appointment._propose_fees("no_show")[self.appointment]
        self.assertEqual(proposal["proposed_amount"], 35.0)
        tax.amount = 50.0
        proposal = self.appointment._propose_fees("no_show")[self.appointment]
        self.assertFalse(proposal["proposed_product_id"])

    def test_a_cap_in_another_active_company(self):
        """Taxes by the fiscal position of the practice, whichever company is active."""
        country = self.env.ref("base.be")
        taxes = self.env["account.tax"].create(
            [{"name": "10 %", "amount": 10.0}, {"name": "25 %", "amount": 25.0}]
        )
        self.code_noshow.taxes_id = taxes[0]
        position = self.env["account.fiscal.position"].create(
            {"name": "Abroad", "auto_apply": True, "country_id": country.id}
        )
        taxes[1].write(
            {"fiscal_position_ids": position.ids, "original_tax_ids": taxes[0].ids}
        )
        self.client_1.country_id = country
        self._cover(self.capped)
        other = self.env["res.company"].create({"name": "Other"})
        self.env.user.company_ids += other
        for company in (self.company, other):
            event = self.appointment.with_company(company)
            self.assertEqual(
                event._propose_fees("no_show")[event]["proposed_amount"], 32.0
            )

    def test_only_the_owner_overrides(self):
        self._cover()
        for user in (self.frontdesk, self.biller, self.manager, self.therapist):
            page = self._page(self.appointment, user, override_reason="Agreed")
            with self.assertRaises(AccessError):
                page.action_cancel()
        page = self._page(self.appointment, self.owner, override_reason=" ")
        self._assertRefused(page.action_cancel, "Say why")
        page = self._page(self.appointment, self.owner, override_reason="Agreed")
        self.assertTrue(page.may_override)
        page.action_cancel()
        fee = self.appointment.fee_line_ids
        change = self.env["noshow.fee.change"].search(
            [("appointment_id", "=", self.appointment.id)]
        )
        self.assertEqual((change.kind, change.reason), ("overridden", "Agreed"))
        self.assertEqual(change.create_uid, self.owner)
        # From then on the fee is as any other.
        fee.with_user(self.biller)._charge_later(self.card)
        self.assertTrue(self._charges_of(fee))

    def test_the_owner_overrides_a_fee_that_is_there(self):
        self._page(self.appointment, self.frontdesk).action_cancel()
        fee = self.appointment.fee_line_ids
        self._cover()
        self.assertIn("may not be charged", fee.with_user(self.owner).coverage_refusal)
        dialogs = self.env["account.move.line.override.coverage"]
        with self.assertRaises(AccessError):
            dialogs.with_user(self.manager).create({"line_id": fee.id, "reason": "x"})
        with self.assertRaises(AccessError):
            fee.with_user(self.manager)._override_coverage("x")
        dialogs.with_user(self.owner).create(
            {"line_id": fee.id, "reason": "Agreed"}
        ).action_override()
        fee.invalidate_recordset()
        self.assertFalse(fee.coverage_refusal)
        fee.with_user(self.biller)._charge_later(self.card)
        self.assertTrue(self._charges_of(fee))

    def test_an_override_is_for_one_fee(self):
        """After a restore, the front desk does not charge by what the Owner once let
        pass."""
        self._cover()
        page = self._page(self.appointment, self.owner, override_reason="Agreed")
        page.action_cancel()
        fee = self.appointment.fee_line_ids
        fee.with_user(self.biller)._change_fee(self.code_late, 20.0, "Less")
        self.assertEqual(self.appointment.fee_amount, 20.0)
        restore = self.env["calendar.event.restore"].with_user(self.biller)
        restore.create(
            {"event_ids": self.appointment.ids, "reason": "A slip"}
        ).action_restore()
        self.assertEqual(self.appointment.visit_state, "scheduled")
        page = self._page(self.appointment, self.frontdesk)
        self._assertRefused(page.action_cancel)
        page = self._page(self.appointment, self.owner, override_reason="Again")
        page.action_cancel()
        self.assertEqual(self.appointment.fee_amount, 75.0)

    def test_who_enters_a_coverage(self):
        """The front desk adds, and takes nothing away."""
        vals = {
            "client_id": self.client_1.id,
            "coverage_class_id": self.medicaid.id,
        }
        coverages = self.env["noshow.coverage"]
        coverage = coverages.with_user(self.frontdesk).create(vals)
        for user in (self.frontdesk, self.therapist):
            with self.assertRaises(AccessError):
                coverage.with_user(user).date_to = fields.Date.today() - DAY
        with self.assertRaises(AccessError):
            coverages.with_user(self.therapist).create(vals)
        for user in (self.frontdesk, self.biller, self.manager):
            with self.assertRaises(AccessError):
                coverage.with_user(user).unlink()
        for user in (self.frontdesk, self.biller):
            with self.assertRaises(AccessError):
                self.medicaid.with_user(user).missed_fee = "allowed"
        coverage.with_user(self.biller).date_to = fields.Date.today() + 30 * DAY
        coverage.with_user(self.owner).unlink()

    def test_a_coverage_is_ended_and_not_rewritten(self):
        """Or the biller would get round it without a trace."""
        today = self.company._get_practice_today()
        coverage = self._cover(date_from=today - 9 * DAY)
        for user in (self.biller, self.manager):
            for vals in (
                {"client_id": self.client_2.id},
                {"coverage_class_id": self.capped.id},
                {"date_from": today + DAY},
                {"date_from": today + DAY, "date_to": today + 2 * DAY},
                {"date_to": today - DAY},
            ):
                with self.subTest(vals=vals), self.assertRaises(AccessError):
                    coverage.with_user(user).write(vals)
        # What a form or an importer sends along unchanged is no change.
        same = {"client_id": self.client_1.id, "coverage_class_id": self.medicaid.id}
        coverage.with_user(self.biller).write({**same, "date_to": today})
        self._assertRefused(self._page(self.appointment, self.biller).action_cancel)
        coverage.date_to = today - DAY
        for day in (False, today + DAY):
            with self.assertRaises(AccessError):
                coverage.with_user(self.biller).date_to = day
        coverage.with_user(self.owner).write({"date_to": False})
        self.assertFalse(coverage.date_to)

    def test_what_a_kind_means_is_the_owners_once_clients_have_it(self):
        kinds = self.env["noshow.coverage.class"].with_user(self.manager)
        kind = kinds.create(
            {"name": "Plan C", "missed_fee": "forbidden", "company_id": self.company.id}
        )
        for missed_fee in ("allowed", "forbidden"):
            kind.write({"missed_fee": missed_fee, "cap": 30.0})
        self._cover(kind)
        other = self.env.ref("base.EUR").id
        for vals in (
            {"missed_fee": "allowed"},
            {"missed_fee": "capped"},
            {"currency_id": other},
        ):
            with self.assertRaises(AccessError):
                kind.write(vals)
        kind.write({"name": "Plan C, old", "active": False, "missed_fee": "forbidden"})
        kind.with_user(self.owner).missed_fee = "capped"
        kind.cap = 20.0
        with self.assertRaises(AccessError):
            kind.cap = 30.0
        kind.with_user(self.owner).missed_fee = "allowed"
        self._page(self.appointment, self.frontdesk).action_cancel()
        self.assertEqual(self.appointment.fee_amount, 75.0)

    def test_sane_values(self):
        today = fields.Date.today()
        with self.assertRaises(ValidationError):
            self._cover(date_from=today, date_to=today - DAY)
        with self.assertRaises(ValidationError):
            self.capped.cap = 0.0

    def test_archived_says_the_same(self):
        """Off for new ones; what is entered stands."""
        self._cover(self.capped)
        self.capped.active = False
        page = self._page(self.appointment, self.owner, amount=40.01)
        self._assertRefused(page.action_cancel, "40.00 at most")

    def test_another_companys_kind_is_not_asked(self):
        other = self.env["res.company"].create({"name": "Other"})
        kind = self.medicaid.copy({"company_id": other.id})
        self._cover(kind)
        self._page(self.appointment, self.frontdesk).action_cancel()
        self.assertEqual(self.appointment.fee_amount, 75.0)
