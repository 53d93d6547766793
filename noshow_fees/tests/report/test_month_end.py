"""Month end: what was open on a day, and the cash of a month, tied to the ledger."""

from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..common import PracticeCommon

FEES = ("fee", "note", "write_off")


@tagged("post_install", "-at_install")
class TestMonthEnd(PracticeCommon):
    """Four fees of October 2025: one paid in parts, one paid and waived with the money
    given back in November, one written off and paid in part in November, one open."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank = cls.company_data["default_journal_bank"]
        cls.cash = cls.company_data["default_journal_cash"]
        cls.loss = cls.company_data["default_account_expense"]
        cls.auditor = cls._new_user("noshow_auditor", "account.group_account_readonly")
        with cls._on(2):
            cls.in_parts = cls._miss(cls.client_1)
            cls.waived = cls._miss(cls.client_2)
            cls.lost = cls._miss(cls.client_3)
        with cls._on(28):
            cls.left = cls._miss(cls.client_1)
        with cls._on(15):
            cls.in_parts._take_payment(cls.cash, 30.0)
        with cls._on(20):
            cls.waived._take_payment(cls.bank, 75.0)
            cls.lost._write_off(cls.loss, "Three reminders")
        with cls._on(5, 11):
            cls.in_parts._take_payment(cls.bank, 45.0)
        with cls._on(10, 11):
            cls.waived._waive("Our mistake")
            note = cls.waived.sudo().move_id.reversal_move_ids
            cls.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=note.ids
            ).create({"journal_id": cls.cash.id})._create_payments()
        with cls._on(12, 11):
            cls.lost._take_payment(cls.cash, 25.0, after_all=True)
        cls.env.flush_all()

    @classmethod
    def _on(cls, day, month=10):
        return freeze_time(datetime(2025, month, day, 16))

    @classmethod
    def _miss(cls, client):
        """:return: the fee of a no-show of now, as the biller"""
        event = cls._new_appointment(
            client, start=datetime.now().replace(microsecond=0) - timedelta(hours=2)
        )
        cls.env["calendar.event.cancel"].with_user(cls.frontdesk).create(
            {"event_ids": [Command.set(event.ids)], "visit_state": "no_show"}
        ).action_cancel()
        return event.fee_line_ids.with_user(cls.biller)

    def test_who_is_a_client_without_a_missed_visit(self):
        """Accountants without a role read who owes, and not who is treated."""
        client = self.client_2.copy({"name": "Other"})
        for amount in (10.0, -20.0):
            self.init_invoice(
                "out_invoice" if amount > 0 else "out_refund",
                client,
                amounts=[abs(amount)],
                post=True,
            )
        self.env.flush_all()
        for user, told in ((self.auditor, False), (self.biller, True)):
            self.env.invalidate_all()
            report = self.env["noshow.open.report"].with_user(user)
            rows = report.search([("partner_id", "=", client.id)])
            self.assertEqual(set(rows.mapped("kind")), {"other", "credit"})
            with self.subTest(user.login):
                self.assertEqual(bool(rows.client_id), told)
                found = report.search([("client_id", "=", client.id)])
                self.assertEqual(found, rows if told else report)

    # As of a date ----------------------------------------------------------------

    def _open(self, day, user=None, groupby="client_id", kinds=FEES):
        report = (
            self.env["noshow.open.report"]
            .with_user(user or self.accountant)
            .with_context(noshow_as_of=day)
        )
        domain = [("kind", "in", kinds)] if kinds else []
        rows = report._read_group(domain, [groupby], ["open_amount:sum"])
        return {key: amount for key, amount in rows if amount}

    def _receivable(self, day):
        """The balance of the receivable accounts, from the ledger's lines alone."""
        self.env.cr.execute(
            """
            SELECT COALESCE(SUM(line.balance), 0)::float
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
             WHERE account.account_type = 'asset_receivable'
               AND line.parent_state = 'posted' AND line.company_id = %s
               AND line.date <= %s
            """,
            [self.company.id, day],
        )
        return self.env.cr.fetchone()[0]

    def test_open_on_a_day(self):
        client_1, client_2, client_3 = self.client_1, self.client_2, self.client_3
        for day, expected in (
            ("2025-10-01", {}),
            ("2025-10-02", {client_1: 75.0, client_2: 75.0, client_3: 75.0}),
            ("2025-10-15", {client_1: 45.0, client_2: 75.0, client_3: 75.0}),
            # The loss taken back in November is still a loss in October.
            ("2025-10-31", {client_1: 120.0}),
            ("2025-11-05", {client_1: 75.0}),
            ("2025-11-12", {client_1: 75.0}),
        ):
            with self.subTest(day=day):
                self.assertEqual(self._open(day), expected)

    def test_by_age(self):
        self.assertEqual(self._open("2025-10-31", groupby="age"), {"0": 120.0})
        self.assertEqual(
            self._open("2025-11-04", groupby="age"), {"31": 45.0, "0": 75.0}
        )

    def test_tied_to_the_receivable_account(self):
        """Every day, with an invoice and a payment of something else in it."""
        other = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.client_2.id,
                "invoice_date": "2025-10-10",
                "invoice_line_ids": [
                    Command.create({"name": "Books", "price_unit": 40.0})
                ],
            }
        )
        other.action_post()
        payment = self.env["account.payment"].create(
            {
                "amount": 12.0,
                "date": "2025-10-18",
                "partner_id": self.client_2.id,
                "journal_id": self.bank.id,
            }
        )
        payment.action_post()
        for month, days in ((10, 31), (11, 30)):
            for day in range(1, days + 1):
                day = f"2025-{month}-{day:02}"
                total = sum(self._open(day, groupby="kind", kinds=None).values())
                self.assertAlmostEqual(total, self._receivable(day), 2, day)
        by_kind = self._open("2025-10-31", groupby="kind", kinds=None)
        self.assertEqual(
            (by_kind["credit"], by_kind["other"]), (-12.0, other.amount_total)
        )

    def test_what_is_paid_later_changes_no_day_before(self):
        before = self._open("2025-10-31", groupby="move_id", kinds=None)
        self.left._take_payment(self.bank, 75.0)
        self.env.flush_all()
        self.assertEqual(
            self._open("2025-10-31", groupby="move_id", kinds=None), before
        )

    def test_the_dialog_says_both_sums(self):
        form = Form(self.env["noshow.open.report.show"].with_user(self.accountant))
        form.date = "2025-10-31"
        self.assertEqual((form.fee_amount, form.total_amount), (120.0, 120.0))
        self.assertEqual(form.total_amount, self._receivable("2025-10-31"))
        action = form.save().action_show()
        report = self.env[action["res_model"]].with_user(self.accountant)
        rows = report.with_context(**action["context"]).web_search_read(
            [("kind", "in", FEES)], {"move_name": {}, "open_amount": {}}
        )
        # The loss that is taken back later stands beside its fee.
        self.assertEqual(
            sorted(row["open_amount"] for row in rows["records"]),
            [-25.0, 25.0, 45.0, 75.0],
        )

    def test_it_is_the_last_month_that_is_proposed(self):
        with freeze_time("2025-11-03 16:00"):
            form = Form(self.env["noshow.open.report.show"].with_user(self.accountant))
            self.assertEqual(str(form.date), "2025-10-31")

    # Cash ------------------------------------------------------------------------

    def _cash(self, first, last, user=None, groupby=("way",), fees=True):
        domain = [("date", ">=", first), ("date", "<=", last)]
        if fees:
            domain.append(("is_fee", "=", True))
        return {
            key: (money_in, money_out)
            for *key, money_in, money_out in self.env["noshow.cash.report"]
            .with_user(user or self.accountant)
            ._read_group(domain, groupby, ["money_in:sum", "money_out:sum"])
            for key in [key[0] if len(key) == 1 else tuple(key)]
        }

    def test_cash_of_a_month(self):
        october = self._cash("2025-10-01", "2025-10-31")
        self.assertEqual(october, {"cash": (30.0, 0.0), "bank": (75.0, 0.0)})
        november = self._cash("2025-11-01", "2025-11-30")
        self.assertEqual(november, {"cash": (25.0, 75.0), "bank": (45.0, 0.0)})
        by_journal = self._cash("2025-11-01", "2025-11-30", groupby=["journal_id"])
        self.assertEqual(by_journal, {self.cash: (25.0, 75.0), self.bank: (45.0, 0.0)})

    def _journal_sums(self, first, last):
        """What each journal of bank and cash moved on all but receivable accounts."""
        self.env.cr.execute(
            """
            SELECT line.journal_id, SUM(line.balance)::float
              FROM account_move_line line
              JOIN account_journal journal ON journal.id = line.journal_id
              JOIN account_account account ON account.id = line.account_id
             WHERE journal.type IN ('bank', 'cash') AND line.parent_state = 'posted'
               AND account.account_type IN ('asset_cash', 'asset_current')
               AND line.company_id = %s AND line.date BETWEEN %s AND %s
          GROUP BY line.journal_id
            """,
            [self.company.id, first, last],
        )
        return dict(self.env.cr.fetchall())

    def test_the_first_rows_are_those_of_all_years(self):
        """They are looked for in the last months first."""
        report = self.env["noshow.cash.report"].with_user(self.accountant)
        rows = report.search([])
        self.assertEqual(rows, rows.sorted(lambda row: (row.date, row.id))[::-1])
        self.assertEqual(len(rows), 5)
        # All in the last year, four in the last month; and years later.
        for day in ("2025-11-20 16:00", "2029-11-20 16:00"):
            with freeze_time(day), self.subTest(day=day):
                for limit in range(1, len(rows) + 2):
                    for offset in (0, 1, 3):
                        found = report.search([], limit=limit, offset=offset)
                        self.assertEqual(found, rows[offset : offset + limit])
                oldest = report.search([], limit=2, order="date, id")
                self.assertEqual(oldest, rows[::-1][:2])

    def test_tied_to_the_journals(self):
        """With a payment for nothing yet, and one that wrote off the rest."""
        payment = self.env["account.payment"].create(
            {
                "amount": 12.0,
                "date": "2025-10-18",
                "partner_id": self.client_2.id,
                "journal_id": self.bank.id,
            }
        )
        payment.action_post()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=self.left.sudo().move_id.ids
        ).create(
            {
                "amount": 50.0,
                "payment_date": "2025-10-30",
                "journal_id": self.bank.id,
                "payment_difference_handling": "reconcile",
                "writeoff_account_id": self.loss.id,
            }
        )._create_payments()
        self.env.flush_all()
        self.assertEqual(
            self._cash("2025-10-01", "2025-10-31"),
            {"cash": (30.0, 0.0), "bank": (125.0, 0.0)},
        )
        everything = self._cash(
            "2025-10-01", "2025-10-31", groupby=["journal_id"], fees=False
        )
        sums = self._journal_sums("2025-10-01", "2025-10-31")
        self.assertEqual(sums, {self.bank.id: 137.0, self.cash.id: 30.0})
        self.assertEqual(
            {
                journal.id: round(money_in - money_out, 2)
                for journal, (money_in, money_out) in everything.items()
            },
            sums,
        )

    def test_a_bank_line_that_clears_a_payment_is_no_second_one(self):
        statement = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": "2025-10-22",
                "amount": 75.0,
                "payment_ref": "Transfer",
            }
        )
        outstanding = (
            self.waived.sudo()
            .move_id.matched_payment_ids.filtered(
                lambda payment: payment.journal_id == self.bank
            )
            .outstanding_account_id
        )
        line = statement.move_id.line_ids.filtered(
            lambda line: line.account_id == self.bank.suspense_account_id
        )
        before = self._cash("2025-10-01", "2025-10-31", fees=False)
        line.account_id = outstanding
        self.env.flush_all()
        self.assertEqual(self._cash("2025-10-01", "2025-10-31", fees=False), before)
        self.assertEqual(before["bank"], (75.0, 0.0))

    def test_a_bank_line_matched_with_a_fee(self):
        statement = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": "2025-10-30",
                "amount": 75.0,
                "payment_ref": "Transfer",
                "partner_id": self.client_1.id,
            }
        )
        receivable = self.left.sudo().move_id._get_fee_receivable()
        line = statement.move_id.line_ids.filtered(
            lambda line: line.account_id == self.bank.suspense_account_id
        )
        line.account_id = receivable.account_id
        (line + receivable).reconcile()
        self.env.flush_all()
        self.assertEqual(
            self._cash("2025-10-01", "2025-10-31"),
            {"cash": (30.0, 0.0), "bank": (150.0, 0.0)},
        )

    # Who --------------------------------------------------------------------------

    def test_who_opens_the_reports(self):
        """Accountants without a role, billers and up; nobody else, and no title."""
        for user in (self.accountant, self.auditor, self.biller, self.owner):
            self.assertEqual(sum(self._open("2025-10-31", user).values()), 120.0)
            self.assertIn("bank", self._cash("2025-10-01", "2025-10-31", user))
        for user in (self.frontdesk, self.therapist, self.financial, self.employee):
            with self.assertRaises(AccessError):
                self._open("2025-10-31", user)
            with self.assertRaises(AccessError):
                self._cash("2025-10-01", "2025-10-31", user)
        for model in ("noshow.open.report", "noshow.cash.report"):
            self.assertNotIn("appointment_id", self.env[model]._fields)

    def test_another_company_sees_nothing(self):
        company = self.setup_other_company(name="Other practice")["company"]
        user = self._new_user("noshow_stranger", "account.group_account_user")
        user.write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        self.assertEqual(self._open("2025-10-31", user, kinds=None), {})
        self.assertEqual(self._cash("2025-10-01", "2025-10-31", user, fees=False), {})

    def test_rows_open_the_fee_or_the_entry(self):
        report = self.env["noshow.open.report"].with_user(self.accountant)
        [row] = report.with_context(noshow_as_of="2025-11-30").search(
            [("kind", "=", "fee")]
        )
        self.assertEqual(row.action_open_fee()["res_id"], self.left.id)
        cash = self.env["noshow.cash.report"].with_user(self.accountant)
        [row] = cash.search([("date", "=", "2025-10-15")])
        self.assertEqual(row.action_open_entry()["res_model"], "account.payment")


@tagged("post_install", "-at_install")
class TestFeeChanges(PracticeCommon):
    """The list of every change, which nobody can edit or delete."""

    def setUp(self):
        super().setUp()
        self._cancel(self.appointment, visit_state="no_show", reason="Relapse")
        fee = self.appointment.fee_line_ids.with_user(self.biller)
        fee._change_fee(self.code_late, 50.0, "Agreed")
        fee._write_off(self.company_data["default_account_expense"], "Lost")
        fee._waive("Goodwill")
        self.changes = self.env["noshow.fee.change"].search(
            [("appointment_id", "=", self.appointment.id)]
        )

    def test_accountants_read_every_change(self):
        names = ["create_uid", "kind", "summary", "reason", "client_id", "invoice_id"]
        rows = (
            self.env["noshow.fee.change"]
            .with_user(self.accountant)
            .search_read([("invoice_id", "=", self.changes.invoice_id.id)], names)
        )
        self.assertEqual(
            [(row["kind"], row["reason"], row["create_uid"][0]) for row in rows],
            [
                ("waived", "Goodwill", self.biller.id),
                ("write_off_reversed", "Goodwill", self.biller.id),
                ("written_off", "Lost", self.biller.id),
                ("changed", "Agreed", self.biller.id),
            ],
        )
        # Odoo's own right to export, which new users have.
        self.accountant.group_ids += self.env.ref("base.group_allow_export")
        exported = (
            self.changes.with_user(self.accountant)
            .export_data(["create_date", "create_uid/name", "old_amount", "reason"])
            .get("datas")
        )
        self.assertEqual(len(exported), 4)
        self.assertNotIn("Relapse", str(rows) + str(exported))
        with self.assertRaises(AccessError):
            self.changes.with_user(self.accountant).read(["appointment_id"])
        with self.assertRaises(AccessError):
            self.changes.with_user(self.employee).read(["reason"])

    def test_nobody_changes_or_deletes_them(self):
        """Not the owner, not the administrator, not the superuser; by no context."""
        flags = {"noshow_by_method": True, "force_delete": True}
        for changes in (
            self.changes.with_user(self.owner),
            self.changes.sudo(),
            self.changes.sudo().with_context(**flags),
        ):
            for act in (
                lambda changes=changes: changes.write({"reason": "x"}),
                lambda changes=changes: changes[0].write({"create_uid": 1}),
                lambda changes=changes: changes.unlink(),
                lambda changes=changes: changes[0].copy(),
                lambda changes=changes: changes.create(
                    {
                        "appointment_id": self.appointment.id,
                        "kind": "waived",
                        "invoice_id": self.changes[0].invoice_id.id,
                        "currency_id": self.company.currency_id.id,
                    }
                ),
            ):
                # An AccessError is a UserError.
                with self.assertRaises(UserError), self.cr.savepoint():
                    act()
        self.assertEqual(len(self.changes.exists()), 4)
