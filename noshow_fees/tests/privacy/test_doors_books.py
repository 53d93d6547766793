"""Invoices as a way to appointments; other companies; the log of the database."""

import logging
import re
from contextlib import closing, suppress
from pathlib import Path

from psycopg2 import Error

from odoo import Command, sql_db
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .doors_common import DoorsCase


@tagged("post_install", "-at_install")
class TestInvoices(DoorsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._let_begin(cls.appointment)
        page = cls.env["calendar.event.cancel"].create(
            {
                "event_ids": [Command.set(cls.appointment.ids)],
                "visit_state": "no_show",
                "reason": "Relapse",
                "chart_note": "<p>Relapse again</p>",
            }
        )
        page.action_cancel()
        cls.fee = cls.appointment.fee_line_ids
        cls.invoice = cls.fee.move_id
        cls.other = cls._new_appointment(cls.client_2)

    def test_accountants_see_no_appointment(self):
        """Odoo's accountants read the invoice without title, reason or chart."""
        fee = self.fee.with_user(self.accountant)
        self.assertEqual(fee.date_of_service, self.appointment._get_date_of_service())
        self.assertEqual(fee.fee_state, "open")
        with self.assertRaises(AccessError):
            fee.read(["appointment_id"])
        with self.assertRaises(AccessError):
            fee.search([("appointment_id.name", "ilike", "EMDR")])
        with self.assertRaises(AccessError):
            self.env["noshow.chart.entry"].with_user(self.accountant).search([])
        everything = [
            self._read_what_may_be(fee.move_id),
            self._read_what_may_be(fee),
            fee.move_id.message_ids.read(["body"]),
        ]
        self.assertSaysNothing(everything)
        self.assertNotIn("Relapse", str(everything))

    def _read_what_may_be(self, record):
        """All that the record's user may read of it: other addons bring links to what
        accountants may not open."""
        values = {}
        for name in record.fields_get(attributes=[]):
            with suppress(AccessError):
                values |= record.read([name])[0]
        self.assertLess({"name", "partner_id", "amount_residual"}, values.keys())
        return values

    def test_the_client_reads_the_invoice_only(self):
        invoice = self.invoice.with_user(self.portal_client)
        self.assertEqual(invoice.read(["name"])[0]["name"], self.invoice.name)
        fields = ["name", "ref", "narration", "invoice_origin", "payment_reference"]
        self.assertSaysNothing(
            invoice.read(fields) + invoice.invoice_line_ids.read(["name"])
        )
        messages = invoice.env["mail.message"].search(
            [("model", "=", "account.move"), ("res_id", "=", invoice.id)]
        )
        self.assertFalse(messages)
        line = self.fee.with_user(self.portal_client)
        for field in ("appointment_id", "client_id", "provider_id", "fee_state"):
            with self.assertRaises(AccessError):
                line.read([field])

    def test_copies_and_credit_notes(self):
        for user in (self.biller, self.accountant):
            copy = self.invoice.with_user(user).copy()
            line = copy.invoice_line_ids.sudo()
            self.assertFalse(
                line.appointment_id or line.is_noshow_fee or line.client_id
            )
            self.assertFalse(line.provider_id or line.date_of_service)
        self.assertEqual(self.appointment.fee_line_ids, self.fee)

    def test_no_link_by_hand(self):
        """Two live fees for an appointment, or a fee moved to another one."""
        lines = self.env["account.move.line"]
        plain = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.client_2.id,
                "invoice_line_ids": [Command.create({"name": "x", "price_unit": 5.0})],
            }
        )
        target = plain.invoice_line_ids
        links = {
            "appointment_id": self.other.id,
            "is_noshow_fee": True,
            "client_id": self.client_3.id,
            "provider_id": self.owner.id,
            "date_of_service": "2026-01-01",
        }
        new = {"move_id": plain.id, "name": "y", "price_unit": 1.0}
        for user in (self.biller, self.owner):
            for name, value in links.items():
                with self.subTest(field=name, user=user.login):
                    for line in (target, self.fee):
                        vals = {name: not line[name] if value is True else value}
                        with self.assertRaises(UserError):
                            line.with_user(user).write(vals)
                        with self.assertRaises(UserError):
                            line.move_id.with_user(user).write(
                                {"invoice_line_ids": [Command.update(line.id, vals)]}
                            )
                    with self.assertRaises(UserError):
                        lines.with_user(user).create({**new, name: value})
                    # A preset in the context is left out.
                    line = (
                        lines.with_user(user)
                        .with_context(**{f"default_{name}": value})
                        .create(new)
                    )
                    self.assertFalse(line[name])
        for user in (self.frontdesk, self.therapist, self.financial):
            with self.assertRaises(AccessError):
                self.fee.with_user(user).write({"display_type": "product"})

    def test_posted_fees_stay(self):
        for user in (self.biller, self.accountant, self.owner):
            move = self.invoice.with_user(user)
            with self.subTest(user=user.login):
                with self.assertRaises(UserError):
                    self.fee.with_user(user).write({"price_unit": 1.0})
                with self.assertRaises(UserError):
                    self.fee.with_user(user).unlink()
                with self.assertRaises(UserError):
                    move.unlink()
                with self.assertRaises(UserError), self.cr.savepoint():
                    move.button_draft()
                    move.unlink()
        self.assertEqual(self.invoice.state, "posted")


@tagged("post_install", "-at_install")
class TestCompanies(DoorsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.setup_other_company(name="Other practice")["company"]
        cls.stranger = cls._new_user("noshow_stranger", "noshow_fees.group_owner")
        cls.stranger.write(
            {
                "company_ids": [Command.set(cls.other_company.ids)],
                "company_id": cls.other_company.id,
            }
        )
        cls._let_begin(cls.appointment)
        page = cls.env["calendar.event.cancel"].create(
            {
                "event_ids": [Command.set(cls.appointment.ids)],
                "visit_state": "no_show",
                "chart_note": "<p>Relapse</p>",
            }
        )
        page.action_cancel()
        cls.scheduled = cls._new_series()

    def test_the_other_companys_owner_sees_nothing(self):
        appointments = self.appointment + self.scheduled
        records = {
            "calendar.event": appointments,
            "calendar.attendee": appointments.attendee_ids,
            "calendar.recurrence": self.scheduled.recurrence_id,
            "account.move.line": self.appointment.fee_line_ids,
            "account.move": self.appointment.fee_line_ids.move_id,
            "noshow.chart.entry": self.env["noshow.chart.entry"]
            .sudo()
            .search([("appointment_id", "=", self.appointment.id)]),
        }
        for model, theirs in records.items():
            with self.subTest(model=model):
                self.assertTrue(theirs)
                as_stranger = theirs.with_user(self.stranger).with_context(
                    active_test=False
                )
                self.assertFalse(as_stranger.search([("id", "in", theirs.ids)]))
                with self.assertRaises(AccessError):
                    as_stranger.read()
        client = self.client_login.with_user(self.stranger)
        self.assertFalse(client.appointment_ids)
        self.assertFalse(client.noshow_fee_line_ids)
        self.assertEqual(client.missed_visit_count, 0)

    def test_the_other_companys_owner_does_nothing(self):
        event = self.appointment.with_user(self.stranger)
        for call in (
            lambda: event.action_restore(),
            lambda: self.scheduled.with_user(self.stranger).action_open_cancel(),
            lambda: self.scheduled.with_user(self.stranger).write({"name": "x"}),
            lambda: self.scheduled.with_user(self.stranger).unlink(),
            lambda: self._cancel(self.scheduled, self.stranger, visit_state="no_show"),
            lambda: (
                self.env["account.move.line.waive.fee"]
                .with_user(self.stranger)
                .create(
                    {
                        "line_ids": [Command.set(self.appointment.fee_line_ids.ids)],
                        "reason_id": self.reason.id,
                    }
                )
                .action_waive()
            ),
            lambda: (
                self.env["calendar.event.restore"]
                .with_user(self.stranger)
                .create({"event_ids": [Command.set(event.ids)]})
                .action_restore()
            ),
            lambda: (
                self.env["noshow.settings"]
                .with_user(self.stranger)
                .create({"company_id": self.company.id})
                .action_save()
            ),
            lambda: (
                self.env["noshow.chart.entry"]
                .with_user(self.stranger)
                .create(
                    {
                        "client_id": self.client_1.id,
                        "company_id": self.company.id,
                        "body": "<p>x</p>",
                    }
                )
            ),
        ):
            self.env.invalidate_all()
            with self.assertRaises(AccessError):
                call()
        # An appointment is billed by its provider's company, whatever is asked for.
        own = (
            self.env["calendar.event"]
            .with_user(self.stranger)
            .create(
                {
                    "name": "x",
                    "client_id": self.client_1.id,
                    "company_id": self.company.id,
                }
            )
        )
        self.assertEqual(own.company_id, self.other_company)

    def test_plain_meetings_belong_to_no_company(self):
        self.assertFalse(self.meeting.company_id)
        self.assertEqual(self.meeting.with_user(self.stranger).name, "Team lunch")


@tagged("post_install", "-at_install")
class TestDatabaseLog(DoorsCase):
    def test_a_failed_statement_does_not_print_clinical_text(self):
        """Odoo logs a failed statement with all its values (odoo/sql_db.py)."""
        statements = {
            "noshow.chart.entry": "INSERT INTO noshow_chart_entry (body) VALUES (%s)",
            "calendar.event": "UPDATE calendar_event SET cancel_reason = %s, start = "
            "'x'",
            "calendar.event.cancel": "INSERT INTO calendar_event_cancel"
            " (chart_note, reason) VALUES (%s, 1, 2)",
        }
        for model, statement in statements.items():
            with (
                self.subTest(model=model),
                self.assertLogs("odoo.sql_db", logging.ERROR) as logs,
                self.assertRaises(Error),
                self.cr.savepoint(flush=False),
            ):
                self.cr.execute(statement, ["Relapse after years"])
            self.assertNotIn("Relapse", str(logs.output))
            self.assertIn(self.env[model]._table, str(logs.output))
            self.assertIn(statement.split("=")[0].strip(), str(logs.output))

    def test_statements_of_others_are_printed_as_ever(self):
        """Of other tables with their values, of ours as statements; and no logger is
        anybody's but Odoo's."""
        with (
            self.assertLogs("odoo.sql_db", logging.ERROR) as logs,
            self.assertRaises(Error),
            self.cr.savepoint(flush=False),
        ):
            self.cr.execute("SELECT %s FROM nowhere", ["something"])
        self.assertIn("something", str(logs.output))
        for name in ("odoo.sql_db", "odoo.service.model", "odoo.tools.mail"):
            self.assertFalse(logging.getLogger(name).filters)
        database = sql_db.db_connect("postgres")
        with (
            closing(database.cursor()) as other,
            self.assertLogs("odoo.sql_db", logging.ERROR) as logs,
            self.assertRaises(Error),
        ):
            other.execute("UPDATE calendar_event SET name = %s", ["something"])
        self.assertIn("something", str(logs.output))

    def test_failed_statements_of_other_addons_stay_in_the_log(self):
        """On shared tables without values, with everything else that was said."""
        for statement in (
            "UPDATE account_move SET ref = %s, nowhere = 1",
            "INSERT INTO res_partner (nowhere) VALUES (%s)",
            "UPDATE mail_message SET body = %s WHERE nowhere",
            "UPDATE calendar_event SET name = %s, nowhere = 1",
            "SELECT nowhere FROM noshow_chart_entry WHERE text = %s",
        ):
            with (
                self.subTest(statement),
                self.assertLogs("odoo.sql_db", logging.ERROR) as logs,
                self.assertRaises(Error),
                self.cr.savepoint(flush=False),
            ):
                self.cr.execute(statement, ["Relapse"])
            [line] = logs.output
            self.assertIn(statement, line.replace("'Relapse'", "%s"))
            self.assertNotIn("Relapse", line)
            self.assertIn("UndefinedColumn", line)
        for statement in (
            "UPDATE res_country SET nowhere = %s",
            "SELECT nowhere FROM account_move WHERE ref = %s",
            "DELETE FROM res_users WHERE nowhere = %s",
        ):
            with (
                self.subTest(statement),
                self.assertLogs("odoo.sql_db", logging.ERROR) as logs,
                self.assertRaises(Error),
                self.cr.savepoint(flush=False),
            ):
                self.cr.execute(statement, ["something"])
            self.assertIn(statement.replace("%s", "'something'"), logs.output[0])

    def test_without_the_addon_they_are_as_ever(self):
        """What masks is the registry's, which is made anew without the addon; the
        process and other users of the database know nothing of it."""
        database = sql_db.db_connect(self.cr.dbname)
        with (
            closing(database.cursor()) as cursor,
            self.assertLogs("odoo.sql_db", logging.ERROR) as logs,
            self.assertRaises(Error),
        ):
            cursor.execute("UPDATE account_move SET nowhere = %s", ["something"])
        self.assertIn("something", str(logs.output))

    def test_loggers_of_others_are_left_alone(self):
        """No level, filter or handler of ours, at run time or in the source."""
        for name, logger in logging.root.manager.loggerDict.items():
            parts = [*getattr(logger, "filters", ()), *getattr(logger, "handlers", ())]
            for part in parts:
                # pytest's and Odoo's own are; ours would not be.
                self.assertNotIn("noshow_fees.", type(part).__module__, name)
        addon = Path(__file__).parents[2]
        touching = re.compile(
            r"\.(setLevel|addFilter|addHandler|setLoggerClass|propagate)\b|logging\.disable"
        )
        for source in addon.rglob("*.py"):
            if "tests" not in source.relative_to(addon).parts:
                self.assertIsNone(touching.search(source.read_text()), source.name)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_statements_are_not_printed_when_all_are_logged(self):
        logger = logging.getLogger("odoo.sql_db")
        level = logger.level
        self.addCleanup(logger.setLevel, level)
        with self.assertLogs("odoo.sql_db", logging.DEBUG) as logs:
            self.env["noshow.chart.entry"].create(
                {"client_id": self.client_1.id, "body": "<p>Relapse after years</p>"}
            )
            self.env.flush_all()
        self.assertNotIn("Relapse", str(logs.output))
