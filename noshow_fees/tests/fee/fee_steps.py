"""What is done to a fee: by us, and by accountants with Odoo's own screens."""

import os
from datetime import timedelta

from odoo import Command
from odoo.exceptions import UserError

from ..common import PracticeCommon

CHART = os.environ.get("NOSHOW_FEE_CHART")
#: The taxes of some charts: the first one is added, the second one is in the price.
CHART_TAXES = {
    "de_skr03": {"19": "tax_ust_19_skr03", "7": "tax_ust_7_skr03"},
    "fr": {
        "19": "tva_normale",
        "7": "tva_reduite",
        "20 in it": "tva_normale_ttc",
        "20 when paid": "tva_normale_encaissement",
    },
}


class FeeSteps(PracticeCommon):
    """A practice with a branch, and steps for the fee of `event`; each does it, or is
    refused where it makes no sense. `oracle` is told of each edit."""

    chart_template = CHART

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls.env["res.company"].create(
            {
                "name": "Branch",
                "parent_id": cls.company.id,
                "noshow_no_show_product_id": cls.code_noshow.id,
            }
        )
        # Odoo gives it the accounts of its parent before the commit.
        cls.env.cr.precommit.run()
        cls.env.user.company_ids |= cls.branch
        (cls.biller | cls.accountant).company_ids |= cls.branch
        provider = cls._new_user("noshow_branch", "noshow_fees.group_therapist")
        provider.write(
            {"company_ids": [Command.set(cls.branch.ids)], "company_id": cls.branch.id}
        )
        cls.appointments = {
            False: cls.appointment,
            True: cls._new_appointment(provider=provider),
        }
        cls.others = {
            False: cls._new_appointment(start=cls.tomorrow + timedelta(hours=2)),
            True: cls._new_appointment(
                provider=provider, start=cls.tomorrow + timedelta(hours=2)
            ),
        }
        cls.taxes = cls._new_taxes()
        cls.position = cls.env["account.fiscal.position"].create({"name": "Abroad"})
        for name in ("19", "20 in it"):
            cls.taxes[name].copy(
                {
                    "name": f"{name}, abroad",
                    "amount": 0.0,
                    "fiscal_position_ids": [Command.set(cls.position.ids)],
                    "original_tax_ids": [Command.set(cls.taxes[name].ids)],
                }
            )
        cls.bank = cls.company_data["default_journal_bank"]
        cls.cash = cls.company_data["default_journal_cash"]
        cls.loss = cls.company_data["default_account_expense"]
        cls.accounts = {
            "cash": cls.cash.default_account_id,
            "loss": cls.loss,
            "suspense": cls.bank.suspense_account_id,
        }
        cls.income = cls.company_data["default_account_revenue"].copy()
        cls.receivable = cls.company_data["default_account_receivable"].copy()
        journals = cls.bank | cls.cash
        cls.money = (
            journals.default_account_id
            | journals.suspense_account_id
            | journals.inbound_payment_method_line_ids.payment_account_id
            | journals.outbound_payment_method_line_ids.payment_account_id
        )

    @classmethod
    def _new_taxes(cls):
        """Taxes as German and French practices have them: added, in the price, and
        owed when it is paid."""
        tax = cls.company_data["default_tax_sale"]
        cls.company.tax_exigibility = True
        transition = cls.company_data["default_account_tax_sale"].copy(
            {"reconcile": True}
        )
        taxes = {
            "none": tax.browse(),
            "19": tax.copy({"name": "19 %", "amount": 19.0}),
            "7": tax.copy({"name": "7 %", "amount": 7.0}),
            "20 in it": tax.copy(
                {
                    "name": "20 % in it",
                    "amount": 20.0,
                    "price_include_override": "tax_included",
                }
            ),
            "20 when paid": tax.copy(
                {
                    "name": "20 % when paid",
                    "amount": 20.0,
                    "tax_exigibility": "on_payment",
                    "cash_basis_transition_account_id": transition.id,
                }
            ),
        }
        charts = cls.env["account.chart.template"].with_company(cls.company)
        for name, xmlid in CHART_TAXES.get(CHART, {}).items():
            taxes[name] = charts.ref(xmlid)
            taxes[name].active = True
        return taxes

    def assertZero(self, amount, msg=None):
        self.assertTrue(self.company.currency_id.is_zero(amount), msg or amount)

    def _moves(self):
        return self.event.fee_line_ids.move_id

    @property
    def _fee(self):
        return self.event.fee_line_ids.filtered("is_noshow_fee")

    def _with_companies(self, record, user=None):
        return record.with_env(self.env).with_user(user or self.biller)

    def _step_edit(self, amount, other_code):
        fee, code = self._fee, self.code_late if other_code else self.code_noshow
        if not fee:
            return
        old = fee.sudo()._get_fee_left()["price"]
        same = fee.currency_id.is_zero(old - amount) and fee.product_id == code
        if same or fee.fee_state in ("waived", "refunded"):
            with self.assertRaises(UserError):
                self._with_companies(fee)._change_fee(code, amount, "Property")
            return
        received = fee.sudo()._get_paid_for()
        _sentences, surplus = fee._preview_fee_change(code, amount)
        self.oracle.before_edit(self.event)
        self._with_companies(fee)._change_fee(code, amount, "Property")
        self.env.invalidate_all()
        self.oracle.after_edit(self.event)
        # What was received stays with the fee, as far as it is owed, and the rest is
        # the client's credit: as the dialog has said.
        owed = self._fee.fee_amount
        self.assertZero(self._fee.fee_received - min(received, owed))
        self.assertZero(surplus - max(received - owed, 0.0))
        self.assertZero(self._fee.sudo()._get_paid_for() - received)

    def _step_pay(self, amount):
        fee = self._fee
        if fee and fee.fee_open:
            self._with_companies(fee)._take_payment(
                self.cash, min(amount, fee.fee_open)
            )

    def _step_overpay(self, more):
        """By Odoo's own dialog: the rest is the client's credit."""
        if self._fee and self._fee.fee_open:
            self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=self._fee.move_id.ids
            ).create(
                {
                    "journal_id": self.cash.id,
                    "amount": self._fee.fee_open + more,
                    "custom_user_amount": self._fee.fee_open + more,
                }
            )._create_payments()

    def _step_waive(self):
        fee = self._fee
        if not fee or fee.fee_state in ("waived", "refunded"):
            return
        left = fee.sudo()._get_fee_left()
        if left["is_partial"] and not left["total"]:
            with self.assertRaises(UserError):
                self._with_companies(fee)._waive("Property")
            return
        self._with_companies(fee)._waive("Property")

    def _step_give_back(self):
        """All credit notes with something left are paid out in cash."""
        notes = self._moves().filtered(
            lambda move: (
                move.move_type == "out_refund"
                and move.amount_residual
                and move.payment_state != "paid"
            )
        )
        for credit_note in notes:
            self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=credit_note.ids
            ).create({"journal_id": self.cash.id})._create_payments()

    def _step_give_surplus_back(self):
        """What an edit left of a payment is paid out, and matched with it."""
        lines = self._fee.sudo()._get_surplus_lines() if self._fee else self._fee
        for line in lines.filtered(lambda line: line.move_id.move_type == "entry"):
            self._post_entry(self.cash, -line.amount_residual, line, back=True)

    def _step_restore(self):
        if self.event.visit_state == "no_show":
            dialog = self._with_companies(self.env["calendar.event.restore"]).create(
                {"event_ids": self.event.ids}
            )
            dialog.action_restore()

    def _step_cancel(self, use_credit):
        if self.event.visit_state == "scheduled":
            self._cancel(
                self.event, self.biller, visit_state="no_show", use_credit=use_credit
            )

    def _step_other_fee(self, use_credit):
        """Another fee of the client, paid with what there is."""
        if self.other.visit_state == "scheduled":
            self._cancel(
                self.other, self.biller, visit_state="no_show", use_credit=use_credit
            )

    def _step_close_books(self):
        """Close yesterday, and put all that there is before it."""
        yesterday = self.company._get_practice_today() - timedelta(days=1)
        self.env.flush_all()
        companies = (self.company | self.branch).ids
        for table in ("account_move", "account_move_line"):
            self.env.cr.execute(
                f"UPDATE {table} SET date = %s, invoice_date = %s "  # noqa: S608
                "WHERE company_id = ANY(%s)",
                (yesterday, yesterday, companies),
            )
        self.env.invalidate_all()
        self.company.fiscalyear_lock_date = yesterday

    def _step_open_books(self):
        self.company.fiscalyear_lock_date = False

    # Accountants, with Odoo's own means.

    def _step_credit(self, amount):
        """A part is credited; more than is left is refused."""
        fee = self._fee
        if not fee:
            return
        wizard = (
            self._with_companies(self.env["account.move.reversal"], self.accountant)
            .with_context(active_model="account.move", active_ids=fee.move_id.ids)
            .create({"journal_id": fee.journal_id.id})
        )
        wizard.reverse_moves()
        credit_note = wizard.new_move_ids
        credit_note.invoice_line_ids.price_unit = amount
        left = fee.sudo()._get_fee_left()["creditable"]
        if fee.currency_id.compare_amounts(credit_note.amount_total, left) > 0:
            with self.assertRaises(UserError), self.env.cr.savepoint():
                credit_note.action_post()
            credit_note.unlink()
        else:
            credit_note.action_post()

    def _step_write_off(self):
        if self._fee and self._fee.fee_open:
            self._with_companies(self._fee)._write_off(self.loss, "Property")

    def _step_pay_after_all(self, amount):
        fee = self._fee
        if fee and fee.fee_write_off_left:
            self._with_companies(fee)._take_payment(
                self.cash,
                min(amount, fee.fee_open + fee.fee_write_off_left),
                after_all=True,
            )

    def _get_open_receivable(self):
        lines = self._fee.move_id._get_fee_receivable()
        return lines.filtered(lambda line: not line.reconciled)[:1]

    def _post_entry(self, journal, amount, receivable, account=None, back=False):
        """An entry that settles so much of this receivable."""
        sign = -1 if back else 1
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": journal.id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": (account or journal.default_account_id).id,
                            "partner_id": self.client_1.id,
                            "balance": sign * amount,
                        }
                    ),
                    Command.create(
                        {
                            "account_id": receivable.account_id.id,
                            "partner_id": self.client_1.id,
                            "balance": -sign * amount,
                        }
                    ),
                ],
            }
        )
        entry.action_post()
        (receivable + entry.line_ids[1]).reconcile()

    def _step_entry(self, name, amount):
        receivable = self._get_open_receivable()
        if receivable:
            self._post_entry(
                self.company_data["default_journal_misc"],
                min(amount, receivable.amount_residual),
                receivable,
                self.accounts[name],
            )

    def _step_bank_line(self, amount, loss):
        """The bank's line, with a write-off, as the reconciliation widget makes it."""
        receivable = self._get_open_receivable()
        if not receivable:
            return
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "amount": amount,
                "payment_ref": "Transfer",
                "partner_id": self.client_1.id,
            }
        )
        _liquidity, suspense, _other = line._seek_for_lines()
        line.move_id.with_context(
            force_delete=True, skip_readonly_check=True
        ).line_ids = [
            Command.delete(suspense.id),
            *(
                Command.create(
                    {
                        "account_id": account.id,
                        "partner_id": self.client_1.id,
                        "name": "Transfer",
                        "balance": balance,
                    }
                )
                for account, balance in (
                    (self.loss, loss),
                    (receivable.account_id, -amount - loss),
                )
                if balance
            ),
        ]
        credit = line.move_id.line_ids.filtered(
            lambda item: item.account_id == receivable.account_id
        )
        (receivable + credit).reconcile()

    def _step_unmatch(self):
        """All that is matched with the newest invoice is taken apart."""
        if self._fee:
            self._fee.move_id._get_fee_receivable().remove_move_reconcile()

    def _step_set(self, what):
        """What the practice or an accountant sets otherwise from now on."""
        client = self.client_1.with_company(self.company_of_fee)
        if what == "tax":
            self.code_noshow.taxes_id = self.taxes["7"]
        elif what == "account":
            self.code_noshow.with_company(
                self.company_of_fee
            ).property_account_income_id = self.income
        elif what == "receivable":
            client.property_account_receivable_id = self.receivable
        elif what == "position":
            client.property_account_position_id = self.position
        else:
            client.property_payment_term_id = self.pay_terms_b
