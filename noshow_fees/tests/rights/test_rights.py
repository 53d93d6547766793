"""Who may do what with appointments and fees: the design's table, as RPC would call."""

from functools import partial

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .rights_common import ALL, MONEY, OWN, RightsCase


def cancel(user, event, **vals):
    """Make the page over RPC, and continue."""
    page = event.env["calendar.event.cancel"].create(
        {"event_ids": [Command.set(event.ids)], "visit_state": "no_show", **vals}
    )
    page.action_cancel()


@tagged("post_install", "-at_install")
class TestAppointmentRights(RightsCase):
    def test_see_the_schedule(self):
        self.assertAllowed(
            ALL | OWN,
            lambda user, event: event.read(["name", "client_id", "visit_state"]),
        )

    def test_open_the_page(self):
        self.assertAllowed(ALL | OWN, lambda user, event: event.action_open_cancel())

    def test_mark_attended(self):
        self.assertAllowed(ALL | OWN, lambda user, event: event.action_mark_attended())

    def test_cancel_at_the_list_price(self):
        self.assertAllowed(ALL | OWN, cancel)
        self.assertAllowed(
            ALL | OWN,
            lambda user, event: cancel(
                user, event, product_id=self.code_system.id, amount=130.0
            ),
        )

    def test_cancel_without_a_fee(self):
        self.assertAllowed(
            ALL | OWN, lambda user, event: cancel(user, event, product_id=False)
        )

    def test_cancel_and_charge(self):
        def act(user, event):
            cancel(user, event, charge_card=True)
            self.assertTrue(self._charges_of(event.sudo().fee_line_ids))

        self.assertAllowed(ALL | OWN, act)

    def test_cancel_with_another_amount(self):
        may = MONEY | {"financial, own"}
        for amount in (74.99, 75.01, 0.0):
            self.assertAllowed(
                may,
                lambda user, event, amount=amount: cancel(user, event, amount=amount),
            )

        def preset(user, event):
            cancel(user, event.with_context(default_amount=1.0))

        def written_later(user, event):
            page = event.env["calendar.event.cancel"].create(
                {"event_ids": [Command.set(event.ids)], "visit_state": "no_show"}
            )
            page.write({"amount": 1.0})
            page.action_cancel()

        def with_the_code(user, event):
            cancel(user, event, product_id=self.code_system.id, amount=75.0)

        def claim(user, event, saved=False, seen=()):
            """As if the policy had proposed it, in the one call of the browser."""
            page = event.env["calendar.event.cancel"]
            vals = {"event_ids": [Command.set(event.ids)], "visit_state": "no_show"}
            if saved:
                page, vals = page.create(vals), {}
            code = self.code_noshow.id
            proposal = {"proposed_product_id": code, "proposed_amount": 1.0}
            claims = {"proposals": {str(event.id): proposal}, "amount": 1.0}
            page.web_cancel({**vals, **claims, **dict(seen)})
            # What is proposed anew has cancelled nothing.
            if event.sudo().visit_state == "scheduled":
                raise AccessError(str(page))

        for act in (preset, written_later, with_the_code):
            with self.subTest(way=act.__name__):
                self.assertAllowed(may, act)
        for saved in (False, True):
            with self.subTest(saved=saved):
                self.assertAllowed(may, partial(claim, saved=saved))
                # Nor is it followed by who may change amounts: they look at it anew.
                seen = {"seen_amount": 1.0, "seen_product_id": self.code_noshow.id}
                self.assertAllowed(set(), partial(claim, saved=saved, seen=seen))

    def test_a_row_with_another_amount(self):
        """In a batch, the amount is that of the row."""

        def act(user, event):
            other = (
                self.env["calendar.event"]
                .browse(event.id)
                .copy({"start": event.sudo().start, "stop": event.sudo().stop})
                .with_user(user)
            )
            page = event.env["calendar.event.cancel"].create(
                {
                    "event_ids": [Command.set((event + other).ids)],
                    "visit_state": "no_show",
                }
            )
            page.line_ids[0].amount = 1.0
            page.action_cancel()

        self.assertAllowed(MONEY | {"financial, own"}, act)

    def test_correct_and_restore_without_a_fee(self):
        def correct(user, event):
            event.env["calendar.event.correct"].create(
                {"event_id": event.id, "visit_state": "late_cancelled", "reason": "Ill"}
            ).action_correct()

        self.assertAllowed(ALL | OWN, correct, self._cancel_free)
        self.assertAllowed(
            ALL | OWN, lambda user, event: event.action_restore(), self._cancel_free
        )

    def test_book_again_and_charge(self):
        def act(user, event, **vals):
            event.action_open_rebook()
            event.env["calendar.event.cancel"].create(
                {"rebook_event_id": event.id, "product_id": self.code_noshow.id, **vals}
            ).action_cancel()

        self.assertAllowed(ALL | OWN, act, self._cancel_free)
        self.assertAllowed(
            MONEY | {"financial, own"},
            lambda user, event: act(user, event, amount=1.0),
            self._cancel_free,
        )

    def test_restore_with_a_fee(self):
        def act(user, event):
            event.action_restore()
            event.env["calendar.event.restore"].create(
                {"event_ids": [Command.set(event.ids)]}
            ).action_restore()

        def dialog_alone(user, event):
            event.env["calendar.event.restore"].create(
                {"event_ids": [Command.set(event.ids)]}
            ).action_restore()

        def miss(appointment):
            return self._miss(appointment).appointment_id

        self.assertAllowed(MONEY, act, miss)
        self.assertAllowed(MONEY, dialog_alone, miss)

    def _write_refused(self, vals, refused, user, event):
        """Write, and note who was told to use the buttons instead."""
        try:
            event.write(vals)
        except AccessError:
            raise
        except UserError as error:
            self.assertIn("buttons", str(error))
            refused.append(user)

    def test_nobody_writes_an_outcome(self):
        """Not even the owner: the buttons do."""
        for vals in (
            {"visit_state": "no_show"},
            {"cancel_reason": "x"},
            {"cancelled_by_id": self.owner.id},
            {"cancelled_on": "2026-01-01 12:00:00"},
            {"counts_as_missed": True},
        ):
            refused = []
            act = partial(self._write_refused, vals, refused)
            self.assertAllowed(ALL | OWN, act)
            self.assertEqual(len(refused), len(ALL | OWN))

    def test_a_role_of_each_kind(self):
        """Front desk and therapist with the financial role: all appointments at the
        list price, own ones at another."""
        user = self._new_user(
            "noshow_both",
            "noshow_fees.group_staff,noshow_fees.group_therapist_financial",
        )
        self.actors = {"own": (user, user), "other": (user, self.colleague)}
        self.assertAllowed({"own", "other"}, cancel)
        self.assertAllowed({"own"}, lambda user, event: cancel(user, event, amount=5.0))


@tagged("post_install", "-at_install")
class TestFeeRights(RightsCase):
    def test_see_fees(self):
        names = ["fee_state", "fee_amount", "name"]
        may = ALL | OWN | {"accountant"}
        self.assertAllowed(may, lambda user, fee: fee.read(names), self._miss)
        self.assertAllowed(may, lambda user, fee: fee.action_open_fee(), self._miss)
        # The link to the appointment is not the accountants'.
        self.assertAllowed(
            ALL | OWN, lambda user, fee: fee.read(["appointment_id"]), self._miss
        )

    def test_change_a_posted_fee(self):
        def act(user, fee):
            fee.env["account.move.line.edit.fee"].create(
                {"line_id": fee.id, "product_id": self.code_late.id, "amount": 20.0}
            ).action_save()

        self.assertAllowed(MONEY | {"financial, own"}, act, self._miss)

    def test_charge_later(self):
        def act(user, fee):
            fee.env["account.move.line.charge"].create(
                {"line_id": fee.id, "payment_token_id": self.card.id}
            ).action_charge()

        self.assertAllowed(MONEY | {"financial, own"}, act, self._miss)

    def test_waive_many(self):
        """Two at once, as from the list of fees: its button, and its dialog."""

        def prepare(appointment):
            other = self._new_appointment(self.client_2, appointment.user_id)
            return self._miss(appointment) + self._miss(other)

        def act(user, fees):
            action = fees.action_open_waive()
            dialog = (
                fees.env[action["res_model"]]
                .with_context(**action["context"])
                .create({"reason_id": self.reason.id})
            )
            self.assertEqual(dialog.line_ids, fees)
            dialog.action_waive()
            self.assertEqual(set(fees.mapped("fee_state")), {"waived"})

        self.assertAllowed(MONEY, act, prepare)
        self.assertAllowed(
            MONEY, lambda user, fees: fees.action_open_waive(), self._miss
        )

    def test_take_a_payment(self):
        journal = self.company_data["default_journal_cash"]

        def act(user, fee):
            fee.env["account.move.line.pay.fee"].create(
                {"line_id": fee.id, "journal": str(journal.id), "amount": 10.0}
            ).action_pay()

        self.assertAllowed(MONEY, act, self._miss)
        self.company.noshow_staff_takes_payment = True
        self.assertAllowed(MONEY | {"staff"}, act, self._miss)

    def test_nobody_writes_a_fee(self):
        refused = []

        def act(user, fee):
            for vals in ({"price_unit": 1.0}, {"product_id": self.code_late.id}):
                try:
                    fee.write(vals)
                except AccessError:
                    raise
                except UserError:
                    refused.append(user)

        # Those with Odoo's Invoicing role are told to use the button.
        self.assertAllowed(MONEY | {"accountant"}, act, self._miss)
        self.assertEqual(len(refused), 8)

    def test_front_desk_and_therapists_read_no_other_books(self):
        """Fees only, not the ledger around them."""
        self._miss(self.appointment)
        bill = self.init_invoice("in_invoice", products=self.product_a, post=True)
        lines = self.appointment.fee_line_ids.move_id.line_ids + bill.line_ids
        for user in (self.frontdesk, self.therapist):
            seen = lines.with_user(user).search([("id", "in", lines.ids)])
            self.assertEqual(seen, self.appointment.fee_line_ids)
            for model in ("account.move", "account.payment", "payment.transaction"):
                self.assertFalse(self.env[model].with_user(user).has_access("read"))
        self.assertFalse(
            lines.with_user(self.financial).search([("id", "in", lines.ids)])
        )
