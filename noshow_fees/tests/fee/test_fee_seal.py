"""The seal: what is done to the invoice or credit note of a fee otherwise than by our
methods leaves it as it is, by whatever way; what books and law need stays free."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.mail.tests.common import MailCase

from .fee_common import CLINICAL, FeeCase


@tagged("post_install", "-at_install")
class TestFeeSeal(FeeCase, MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bookkeeper = new_test_user(
            cls.env,
            login="noshow_bookkeeper",
            groups="account.group_account_manager,base.group_partner_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.other_unit = cls.env.ref("uom.product_uom_dozen")
        cls.other_sales = cls.company_data["default_journal_sale"].copy()

    def _as_bookkeeper(self, record):
        return record.with_user(self.bookkeeper)

    def assertSealed(self, record, **vals):
        """Refused by our words, and nothing of it stays."""
        record = self._as_bookkeeper(record)
        names = list(vals)
        before = record.sudo().read(names)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            record.write(vals)
        self.env.invalidate_all()
        self.assertEqual(record.sudo().read(names), before)

    def _change_all(self, move, line):
        receivable = move._get_fee_receivable()
        other = self.company_data["default_account_expense"]
        yield line, {"product_uom_id": self.other_unit.id}
        yield line, {"quantity": 6.0}
        yield line, {"discount": 10.0}
        yield line, {"price_unit": 50.0}
        yield line, {"name": "EMDR"}
        yield line, {"tax_ids": [Command.set(self.tax_sale_a.ids)]}
        yield line, {"account_id": other.id}
        yield line, {"partner_id": self.client_2.id}
        yield line, {"date_maturity": "2030-01-01"}
        yield line, {"amount_residual": 0.0}
        yield line, {"price_subtotal": 1.0}
        yield receivable, {"amount_residual": 0.0}
        yield receivable, {"date_maturity": "2030-01-01"}
        yield receivable, {"partner_id": self.client_2.id}
        yield move, {"partner_id": self.client_2.id}
        yield move, {"partner_shipping_id": self.client_2.id}
        yield move, {"date": "2020-01-01"}
        yield move, {"invoice_date": "2020-01-01"}
        # Odoo would copy it every month, and post the copies.
        yield move, {"auto_post": "monthly"}
        yield move, {"reversed_entry_id": move.id}
        yield move, {"invoice_date_due": "2030-01-01"}
        yield move, {"delivery_date": "2020-01-01"}
        yield move, {"journal_id": self.other_sales.id}
        yield move, {"name": "INV/1"}
        yield move, {"payment_state": "paid"}
        yield move, {"amount_total": 1.0}
        yield move, {"amount_residual": 0.0}
        yield move, {"move_type": "out_receipt"}
        yield move, {"state": "draft"}
        yield move, {"state": "cancel"}
        yield move, {"line_ids": [Command.update(line.id, {"quantity": 2.0})]}
        yield move, {"line_ids": [Command.delete(receivable.id)]}
        yield move, {"invoice_line_ids": [Command.create({"name": "x"})]}

    def test_posted_invoice(self):
        for record, vals in self._change_all(self.invoice, self.fee):
            with self.subTest(record=record._name, **vals):
                self.assertSealed(record, **vals)
        self.assertBooks()

    def test_posted_credit_note(self):
        self.fee.with_user(self.biller)._waive("Agreed")
        note = self.invoice.reversal_move_ids
        for record, vals in self._change_all(note, note.invoice_line_ids):
            with self.subTest(record=record._name, **vals):
                self.assertSealed(record, **vals)

    def test_without_checks_of_validity(self):
        """A flag of the caller's that keeps Odoo's own checks quiet."""
        receivable = self._as_bookkeeper(self.invoice._get_fee_receivable())
        for flags in ({"check_move_validity": False}, {"skip_invoice_sync": True}):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                receivable.with_context(**flags).write({"balance": 1.0})

    def test_by_the_line_of_another_move(self):
        """A command on another move's lines names the fee's."""
        other = self.init_invoice("out_invoice", products=self.product_a)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self._as_bookkeeper(other).write(
                {"line_ids": [Command.update(self.fee.id, {"quantity": 2.0})]}
            )

    def test_new_line(self):
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self._as_bookkeeper(self.env["account.move.line"]).with_context(
                check_move_validity=False
            ).create(
                {
                    "move_id": self.invoice.id,
                    "account_id": self.company_data["default_account_expense"].id,
                    "balance": 0.0,
                }
            )

    def test_reset_and_cancel_name_our_way(self):
        invoice = self._as_bookkeeper(self.invoice)
        for name in ("button_draft", "button_cancel"):
            with self.assertRaisesRegex(UserError, "Billing tab"):
                getattr(invoice, name)()

    def test_note_of_a_restored_fee(self):
        """Else the old invoice would be open again, beside a new fee."""
        self.fee.with_user(self.biller)._waive("Agreed", release=True)
        note = self.invoice.reversal_move_ids
        for name in ("button_draft", "button_cancel"):
            with self.assertRaisesRegex(UserError, "stays as it is"):
                getattr(self._as_bookkeeper(note), name)()

    def test_a_credit_note_stays_whose_it_is(self):
        """What is credited is told by this link."""
        plain = self.init_invoice(
            "out_refund", self.client_1, post=True, amounts=[75.0]
        )
        self.assertSealed(plain, reversed_entry_id=self.invoice.id)
        self.assertFee("open", 75.0, 0.0, 75.0)
        self.fee.with_user(self.biller)._waive("Goodwill", reason=self.reason)
        note = self.invoice.reversal_move_ids
        self.assertSealed(note, reversed_entry_id=False)
        self.assertEqual(self.fee.fee_state, "waived")
        other = self.init_invoice(
            "out_invoice", self.client_1, post=True, amounts=[75.0]
        )
        self._as_bookkeeper(plain).write({"reversed_entry_id": other.id})

    def test_resequence(self):
        # In sudo: where entries are numbered by sequences, nobody may open the wizard.
        wizard = (
            self._as_bookkeeper(self.env["account.resequence.wizard"])
            .sudo()
            .with_context(active_model="account.move", active_ids=self.invoice.ids)
            .create({"first_name": "INV/9999/00077"})
        )
        with self.assertRaisesRegex(UserError, "fee"), self.env.cr.savepoint():
            wizard.resequence()

    # Stock's credit note ---------------------------------------------------------

    def _reverse(self, move=None, modify=False):
        wizard = (
            self._as_bookkeeper(self.env["account.move.reversal"])
            .with_context(
                active_model="account.move", active_ids=(move or self.invoice).ids
            )
            .create({"journal_id": self.invoice.journal_id.id, "reason": "Agreed"})
        )
        wizard.reverse_moves(is_modify=modify)
        return wizard.new_move_ids

    def test_reverse_and_create_is_refused(self):
        with self.assertRaisesRegex(UserError, "change the fee"):
            self._reverse(modify=True)

    def test_reversing_a_note_is_refused(self):
        self.fee.with_user(self.biller)._waive("Agreed")
        with self.assertRaisesRegex(UserError, "stays as it is"):
            self._reverse(self.invoice.reversal_move_ids)

    def test_draft_note(self):
        note = self._reverse()
        line = note.invoice_line_ids
        self.assertEqual(line.sudo().appointment_id, self.appointment)
        for record, vals in (
            (note, {"partner_id": self.client_2.id}),
            (note, {"fiscal_position_id": self.fiscal_pos_a.id}),
            (note, {"journal_id": self.other_sales.id}),
            (line, {"name": "EMDR"}),
            (line, {"product_uom_id": self.other_unit.id}),
            (line, {"tax_ids": [Command.set(self.tax_sale_a.ids)]}),
            (line, {"account_id": self.company_data["default_account_expense"].id}),
        ):
            with self.subTest(record=record._name, **vals):
                self.assertSealed(record, **vals)
        line.write({"price_unit": 25.0})
        note.action_post()
        self.assertEqual((self.fee.fee_state, self.fee.fee_open), ("open", 50.0))
        self.assertEqual(self.fee.fee_change_ids[0].kind, "credited")
        self.assertIn("50.00", self.fee.fee_change_ids[0].summary)

    def test_draft_note_can_be_deleted(self):
        note = self._reverse()
        note.unlink()
        self.assertFee("open", 75.0, 0.0, 75.0)

    def test_draft_note_of_more_than_is_left(self):
        first = self._reverse()
        first.invoice_line_ids.price_unit = 25.0
        first.action_post()
        second = self._reverse()
        with self.assertRaisesRegex(UserError, "50.00"), self.env.cr.savepoint():
            second.action_post()
        second.invoice_line_ids.price_unit = 50.0
        second.action_post()
        self.assertFee("waived", 0.0, 0.0, 0.0)

    # What stays free ---------------------------------------------------------------

    def test_what_stays_free(self):
        invoice = self._as_bookkeeper(self.invoice)
        plan = self.env["account.analytic.plan"].create({"name": "Rooms"})
        room = self.env["account.analytic.account"].create(
            {"name": "Room 1", "plan_id": plan.id}
        )
        self._as_bookkeeper(self.fee).analytic_distribution = {str(room.id): 100}
        invoice.payment_reference = "RF18"
        invoice.is_move_sent = True
        invoice.narration = "Thank you"
        invoice.invoice_user_id = self.bookkeeper
        invoice._portal_ensure_token()
        invoice.message_post(body=invoice.name)
        self.env.flush_all()
        self._pay(75.0)
        self.assertFee("paid", 75.0, 75.0, 0.0)
        invoice._get_fee_receivable().remove_move_reconcile()
        self.assertFee("open", 75.0, 0.0, 75.0)

    def test_sent_by_mail_with_an_electronic_invoice(self):
        # What the format asks for of both.
        for partner, number in (
            (self.company.partner_id, "0477472701"),
            (self.client_1, "0239843188"),
        ):
            partner.write(
                {
                    "country_id": self.env.ref("base.be").id,
                    "vat": f"BE{number}",
                    "peppol_eas": "0208",
                    "peppol_endpoint": number,
                }
            )
        self.client_1.write(
            {"email": "client@example.com", "invoice_edi_format": "ubl_bis3"}
        )
        self.code_noshow.taxes_id = self.tax_sale_a
        appointment = self._new_appointment()
        appointment.name = "EMDR session"
        self._cancel(appointment, visit_state="no_show", reason="Relapse")
        invoice = self._as_bookkeeper(appointment.fee_line_ids.move_id)
        wizard = (
            self.env["account.move.send.wizard"]
            .with_user(self.bookkeeper)
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"sending_methods": ["email"]})
        )
        with self.mock_mail_gateway(mail_unlink_sent=False):
            wizard.action_send_and_print()
            self.env.flush_all()
        self.assertTrue(invoice.is_move_sent)
        self.assertIn("client@example.com", str(self._mails[0]["email_to"]))
        document = invoice.ubl_cii_xml_id.raw.decode()
        self.assertIn(invoice.name, document)
        for word in CLINICAL:
            self.assertNotIn(word, document)
            self.assertNotIn(word, str(self._mails))
        self.assertEqual(invoice.state, "posted")

    def test_hash(self):
        self.invoice.journal_id.restrict_mode_hash_table = True
        self._as_bookkeeper(self.invoice).button_hash()
        self.assertTrue(self.invoice.inalterable_hash)

    def test_other_invoices_stay_as_stock(self):
        other = self.init_invoice(
            "out_invoice", products=self.product_a, post=True
        ).with_user(self.bookkeeper)
        other.button_draft()
        other.invoice_line_ids.quantity = 3.0
        other.action_post()
        self.assertEqual(other.state, "posted")

    def test_few_queries(self):
        """A batch pays a few queries for the seal, not a few a fee."""
        appointments = self._new_appointment()
        for day in range(2, 12):
            appointments |= self._new_appointment(start=self.tomorrow.replace(hour=day))
        self._cancel(appointments, self.biller, visit_state="no_show")
        moves = appointments.fee_line_ids.move_id
        self.assertEqual(len(moves), 11)

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.write({"narration": "Thank you"})
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(moves[0])
        self.assertLessEqual(count(moves) - count(moves[0]), 3)
