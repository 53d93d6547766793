"""Refused or right, and nothing half done."""

from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..common import PracticeCommon


@tagged("post_install", "-at_install")
class TestRefusals(PracticeCommon):
    def assertUntouched(self, event=None):
        event = event or self.appointment
        event.invalidate_recordset()
        self.assertEqual(event.visit_state, "scheduled")
        self.assertTrue(event.active)
        self.assertFalse(event.fee_line_ids)

    def assertRefused(self, pattern, user=None, event=None, error=UserError, **vals):
        event = event or self.appointment
        with self.assertRaisesRegex(error, pattern), self.cr.savepoint():
            self._cancel(event, user or self.biller, visit_state="no_show", **vals)
        self.assertUntouched(event)

    def test_amounts(self):
        for amount, pattern in (
            (-1.0, "negative"),
            (float("nan"), "has to be a number"),
            (float("inf"), "has to be a number"),
            (1e9, "Check the amount"),
            (10.001, "smallest step"),
        ):
            with (
                self.subTest(amount=amount),
                self.assertRaisesRegex(UserError, pattern),
            ):
                self.code_noshow._check_fee(self.company, amount)
        self.assertRefused("negative", amount=-1.0)
        self.assertRefused("Check the amount", amount=1e6)

    def test_amount_by_who_may_not(self):
        self.assertRefused(
            "needs the role", self.frontdesk, error=AccessError, amount=50.0
        )
        self.assertRefused(
            "needs the role", self.therapist, error=AccessError, amount=50.0
        )
        self._cancel(
            self.appointment, self.frontdesk, visit_state="no_show", amount=75.0
        )
        self.assertEqual(self.appointment.fee_amount, 75.0)

    def test_amount_by_context_or_later_write(self):
        self._let_begin(self.appointment)
        page = (
            self.env["calendar.event.cancel"]
            .with_user(self.frontdesk)
            .with_context(default_amount=1.0)
            .create({"event_ids": self.appointment.ids, "visit_state": "no_show"})
        )
        page.amount = 1.0
        with self.assertRaises(AccessError), self.cr.savepoint():
            page.action_cancel()
        self.assertUntouched()

    def test_no_fee_code(self):
        product = self.env["product.product"].create(
            {"name": "Chair", "list_price": 9.0}
        )
        self.assertRefused("not a fee code", product_id=product.id, amount=9.0)

    def test_archived_code(self):
        self.code_noshow.active = False
        self.assertRefused("archived", product_id=self.code_noshow.id, amount=75.0)

    def test_code_of_another_company(self):
        other = self.setup_other_company(name="Other practice")["company"]
        code = self.env["product.product"].create(
            {
                "name": "X",
                "cpt_code": "OTHER",
                "list_price": 5.0,
                "company_id": other.id,
            }
        )
        fee = {"product": code, "amount": 5.0}
        self._let_begin(self.appointment)
        with self.assertRaisesRegex(UserError, "another company"), self.cr.savepoint():
            self.appointment.with_user(self.biller)._cancel_appointments(
                "no_show", fees={self.appointment.id: fee}
            )
        self.assertUntouched()

    def test_client_of_another_company(self):
        other = self.setup_other_company(name="Other practice")["company"]
        self._let_begin(self.appointment)
        self.client_1.sudo().company_id = other
        with self.assertRaisesRegex(UserError, "another company"), self.cr.savepoint():
            self.appointment._cancel_appointments(
                "no_show",
                fees={
                    self.appointment.id: {"product": self.code_noshow, "amount": 75.0}
                },
            )
        self.client_1.sudo().company_id = False
        self.assertUntouched()

    def test_company_without_chart_of_accounts(self):
        bare = self.env["res.company"].create({"name": "New practice"})
        self.biller.write({"company_ids": [Command.link(bare.id)]})
        provider = self._new_user("bare_provider", "noshow_fees.group_therapist")
        provider.write({"company_ids": [Command.link(bare.id)], "company_id": bare.id})
        event = self._new_appointment(provider=provider)
        self._let_begin(event)
        fees = {event.id: {"product": self.code_noshow, "amount": 75.0}}
        bare_biller = event.with_user(self.biller).with_context(
            allowed_company_ids=bare.ids
        )
        with self.assertRaisesRegex(UserError, "no sales journal"), self.cr.savepoint():
            bare_biller._cancel_appointments("no_show", fees=fees)
        self.assertUntouched(event)
        bare_biller._cancel_appointments("no_show")
        self.assertEqual(event.visit_state, "no_show")

    def test_today_inside_a_lock_date(self):
        today = self.company._get_practice_today()
        for lock in ("fiscalyear_lock_date", "sale_lock_date"):
            with self.subTest(lock=lock):
                self.company[lock] = today
                self.assertRefused("closed until")
                self.company[lock] = False
        self.company.fiscalyear_lock_date = today - timedelta(days=1)
        self._cancel(self.appointment, visit_state="no_show")
        self.assertEqual(self.appointment.fee_amount, 75.0)

    def test_foreign_currency_journal(self):
        with self.assertRaisesRegex(ValidationError, "choose a journal"):
            self.company.noshow_journal_id = self.company_data[
                "default_journal_sale"
            ].copy({"code": "EURJ", "currency_id": self.env.ref("base.EUR").id})

    def test_cancelled_twice(self):
        self._cancel(self.appointment, visit_state="cancelled")
        with self.assertRaisesRegex(UserError, "cancelled already by noshow_frontdesk"):
            self._cancel(self.appointment, visit_state="late_cancelled")
        with self.assertRaisesRegex(UserError, "cancelled already"):
            self.appointment.with_user(self.biller).action_open_cancel()

    def _get_refusals(self, events):
        """What who sets an outcome of these is told, by each of the two buttons."""
        events = events.with_user(self.biller).with_context(lang="de_DE")
        messages = set()
        for action in ("action_mark_attended", "action_open_cancel"):
            with self.assertRaises(UserError) as refused:
                getattr(events, action)()
            messages.add(str(refused.exception))
        return messages

    def test_words_for_each_outcome(self):
        """Start and provider, in the user's own format; the server's log keeps what is
        said here, and is not to tell whose outcome it is."""
        self.env["res.lang"]._activate_lang("de_DE")
        start = self.tomorrow.replace(year=2020, month=1, day=31)
        missed, free, again, came = (
            self._new_appointment(start=start + timedelta(hours=n)) for n in range(4)
        )
        self._cancel(missed, visit_state="no_show")
        self._cancel(free + again, visit_state="cancelled", product_id=False)
        again._rebook_and_cancel({"product": self.code_noshow, "amount": 75.0})
        came.with_user(self.therapist).action_mark_attended()
        for event, hour, words, others in (
            (missed, 10, ["by noshow_frontdesk", "has a fee"], ["Book again"]),
            (free, 11, ["by noshow_frontdesk", "without a fee", "Book again"], []),
            (again, 12, ["by noshow_frontdesk"], ["Book again", "fee"]),
            (came, 13, ["has attended", "Restore it first"], ["fee"]),
        ):
            selection = event + self.appointment
            [message], [of_several] = map(self._get_refusals, (event, selection))
            self.assertIn(f"31. Jan. 2020, {hour}:00 with noshow_therapist", message)
            self.assertNotIn(self.client_1.name, message)
            for word in words:
                self.assertIn(word, message)
            for word in others:
                self.assertNotIn(word, message.replace("noshow_fees", ""))
            self.assertEqual(of_several, f"{message} Take it out of the selection.")

    def test_no_fee_later(self):
        self._cancel(self.appointment, visit_state="no_show", product_id=False)
        with self.assertRaisesRegex(UserError, "Book again and charge"):
            self._cancel(self.appointment, self.owner, visit_state="no_show")

    def test_rebook_with_a_fee_or_twice(self):
        self._cancel(self.appointment, visit_state="no_show")
        with self.assertRaisesRegex(UserError, "has a fee already"):
            self.appointment.with_user(self.owner).action_open_rebook()
        other = self._new_appointment(self.client_2)
        self._cancel(other, visit_state="no_show", product_id=False)
        fee = {"product": self.code_noshow, "amount": 75.0}
        other._rebook_and_cancel(fee)
        with self.assertRaisesRegex(UserError, "booked again already"):
            other._rebook_and_cancel(fee)

    def test_plain_event(self):
        event = self.env["calendar.event"].create({"name": "Team meeting"})
        self.assertFalse(event.visit_state)
        self.assertFalse(event.company_id)
        with self.assertRaisesRegex(UserError, "not an appointment"):
            event.action_open_cancel()
        with self.assertRaisesRegex(UserError, "not an appointment"):
            event.action_mark_attended()
        event.write(
            {"start": self.tomorrow, "stop": self.tomorrow + timedelta(hours=1)}
        )
        event.unlink()

    def test_attended(self):
        self._let_begin(self.appointment)
        self.appointment.with_user(self.therapist).action_mark_attended()
        self.assertTrue(self.appointment.active)
        with self.assertRaisesRegex(UserError, "has attended"):
            self._cancel(self.appointment, visit_state="no_show")

    def test_moved_archived_or_deleted_after_the_outcome(self):
        self._cancel(self.appointment, visit_state="no_show")
        later = self.tomorrow + timedelta(days=1)
        for vals in (
            {"start": later, "stop": later + timedelta(hours=1)},
            {"active": True},
            {"user_id": self.financial.id},
            {"client_id": self.client_2.id},
            {"client_id": False},
        ):
            with (
                self.subTest(vals=vals),
                self.assertRaisesRegex(UserError, "Restore") as refused,
            ):
                self.appointment.with_user(self.owner).write(vals)
            self.assertIn("with noshow_therapist", str(refused.exception))
            self.assertNotIn(self.client_1.name, str(refused.exception))
        with self.assertRaises(UserError):
            self.appointment.with_user(self.owner).unlink()
        with self.assertRaises(UserError):
            self.appointment.with_user(self.owner).action_unarchive()
        with self.assertRaises(UserError):
            self.appointment.with_user(self.owner).action_unlink_event()

    def test_outcome_given_at_the_booking(self):
        """Written later: `TestAppointmentRights.test_nobody_writes_an_outcome`."""
        event = self.appointment.with_user(self.owner)
        with self.assertRaisesRegex(UserError, "buttons"):
            event.create(
                {"name": "x", "client_id": self.client_1.id, "visit_state": "no_show"}
            )
        new = event.with_context(default_visit_state="no_show").create(
            {"name": "x", "client_id": self.client_1.id}
        )
        self.assertEqual(new.visit_state, "scheduled")

    def test_fee_made_by_hand(self):
        vals = {
            "move_type": "out_invoice",
            "partner_id": self.client_1.id,
            "invoice_line_ids": [
                Command.create(
                    {
                        "product_id": self.code_noshow.id,
                        "price_unit": 75.0,
                        "is_noshow_fee": True,
                        "appointment_id": self.appointment.id,
                    }
                )
            ],
        }
        moves = self.env["account.move"].with_user(self.owner)
        with self.assertRaisesRegex(UserError, "by cancelling the appointment"):
            moves.create(vals)

    def test_fee_invoice_deleted(self):
        self._cancel(self.appointment, visit_state="no_show")
        invoice = self.appointment.fee_line_ids.move_id.with_user(self.owner)
        with self.assertRaisesRegex(UserError, "never deleted"), self.cr.savepoint():
            invoice.unlink()
        with self.assertRaises(UserError), self.cr.savepoint():
            invoice.invoice_line_ids.unlink()

    def test_a_failure_at_the_end_leaves_nothing(self):
        self.patch(
            self.registry["noshow.chart.entry"],
            "_create_for_appointments",
            lambda *args: (_ for _ in ()).throw(UserError("chart down")),
        )
        self.assertRefused("chart down", chart_note="<p>x</p>")
