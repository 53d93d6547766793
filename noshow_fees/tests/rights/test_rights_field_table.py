"""Roles × fields that we add to Odoo's models: each is really read, searched for and
written by each role, on a record that as many of them as can be may read."""

from contextlib import suppress

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import NO_ACCESS
from odoo.tests import tagged
from odoo.tools import SQL

from .rights_common import RightsCase

#: Without groups in effect, and why that tells and changes nothing.
HARMLESS = {
    # Searched for: the day, and the company's currency, of meetings that the rules let
    # everybody read.
    "calendar.event.currency_id",
    "calendar.event.is_today",
    # Not stored, and left out on plain meetings: writing it does nothing.
    "calendar.event.moved_for",
    # One's own preference, which Odoo lets everybody keep (`SELF_READABLE_FIELDS`).
    "res.users.noshow_first_screen",
    "res.users.noshow_session_minutes",
}
#: Whoever writes these by hand is told something else, whatever the field: see
#: `test_what_our_methods_write`.
GUARDED = ("account.move.line", "payment.token", "payment.transaction")


@tagged("post_install", "-at_install")
class TestFieldTable(RightsCase):
    def _get_added(self, model):
        return {
            name: field
            for name, field in self.env[model]._fields.items()
            if field._modules == ("noshow_fees",)
            and field.groups
            and not field.inherited
        }

    def _get_models(self):
        return {
            name
            for name, model in self.env.items()
            if model._original_module != "noshow_fees"
            and not model._abstract
            and self._get_added(name)
        }

    def _get_records(self):
        """A record of each model that every employee may read; of the books one of a
        client who has a login, whom Odoo's portal shows them."""
        meeting = self.env["calendar.event"].create(
            {
                "name": "Team lunch",
                "start": self.tomorrow,
                "stop": self.tomorrow,
                "user_id": self.employee.id,
            }
        )
        series = meeting.copy(
            {
                "recurrency": True,
                "rrule_type": "daily",
                "end_type": "count",
                "count": 2,
            }
        )
        client = self.portal.partner_id
        client.write({"is_client": True, "card_authorized_on": fields.Date.today()})
        card = self._new_demo_card("done", client)
        charge = self._cancel_and_charge(self._new_appointment(client), card)
        self._commit()
        return {
            "account.move.line": charge.fee_line_id.sudo(False),
            "mail.mail": self.env["mail.mail"].sudo().create({}).sudo(False),
            "payment.token": card.sudo(False),
            "payment.transaction": charge.sudo(False),
            "product.template": self.code_noshow.product_tmpl_id,
            "calendar.recurrence": series.recurrence_id,
            "res.partner": self.client_1,
            "calendar.event": meeting,
            "res.users": self.therapist,
            "res.company": self.company,
        }

    def _may(self, call):
        try:
            with self.cr.savepoint():
                call()
        except AccessError:
            return False
        except (UserError, ValidationError, NotImplementedError, ValueError):
            # Something else than a right stands in the way.
            return True
        return True

    def test_reading_and_searching(self):
        users = {user for user, _provider in self.actors.values()} - {self.stranger}
        count = 0
        tried = self._get_records()
        self.assertEqual(tried.keys(), self._get_models())
        for model, record in tried.items():
            added = self._get_added(model)
            for user in users:
                records = self.env[model].with_user(user)
                if not record.with_user(user).has_access("read"):
                    count += self._try_on_what_is_closed(record, user, added)
                    continue
                for name, field in added.items():
                    if f"{model}.{name}" in HARMLESS:
                        continue
                    allowed = field.groups != NO_ACCESS and user.has_groups(
                        field.groups
                    )
                    count += 1
                    self.env.invalidate_all()
                    with self.subTest(model=model, field=name, user=user.login):
                        self.assertEqual(name in records.fields_get([name]), allowed)
                        may_read = self._may(
                            lambda name=name, user=user, record=record: (
                                record.with_user(user).read([name])
                            )
                        )
                        self.assertEqual(may_read, allowed)
                        if not allowed and (field.store or field.search):
                            may_search = self._may(
                                lambda name=name, records=records: records.search(
                                    [(name, "!=", False)], limit=1
                                )
                            )
                            self.assertFalse(may_search, "it is searched for")
                        if not allowed and model not in GUARDED:
                            may_write = self._may(
                                lambda name=name, user=user, record=record: (
                                    record.with_user(user).write({name: False})
                                )
                            )
                            self.assertFalse(may_write, "it is written")
        self.assertGreater(count, 900)

    def _try_on_what_is_closed(self, record, user, added):
        """The record is not told apart by a field of it."""
        for name, field in added.items():
            if not field.store and not field.search:
                continue
            self.env.invalidate_all()
            with self.subTest(field=str(field), user=user.login):
                try:
                    found = record.with_user(user).search([(name, "!=", False)])
                except (AccessError, NotImplementedError, UserError):
                    continue
                self.assertNotIn(record.id, found.ids)
        return len(added)

    def test_what_our_methods_write(self):
        """Of a fee, a card and a charge no role changes what we added by hand: not
        those who read it, either. The twins are the methods' own tests."""
        tried = self._get_records()
        count = 0
        for model in GUARDED:
            record = tried[model]
            columns = {
                name: field
                for name, field in record._fields.items()
                if field._modules == ("noshow_fees",)
                and field.store
                and field.column_type
            }
            self.env.flush_all()
            for user, _provider in self.actors.values():
                for name, field in columns.items():
                    count += 1
                    with self.subTest(field=str(field), user=user.login):
                        self._assert_kept(record, user, name, field)
        self.assertGreater(count, 300)

    def _assert_kept(self, record, user, name, field):
        column = SQL(
            "SELECT %s FROM %s WHERE id = %s",
            SQL.identifier(name),
            SQL.identifier(record._table),
            record.id,
        )
        [before] = self.env.execute_query(column)
        self.env.invalidate_all()
        savepoint = self.cr.savepoint()
        try:
            with suppress(AccessError, UserError):
                record.with_user(user).write({name: self._get_other(field, before[0])})
                self.env.flush_all()
            self.assertEqual(self.env.execute_query(column), [before])
        finally:
            savepoint.close(rollback=True)
            self.env.cr.postcommit.clear()

    def _get_other(self, field, value):
        """Another value than `value`, which is as PostgreSQL has it."""
        if field.type == "boolean":
            return not value
        if field.type in ("float", "monetary", "integer"):
            return (value or 0) + 7
        if field.type in ("date", "datetime"):
            return False if value else "2026-01-02"
        if field.type == "selection":
            return next(key for key in field.get_values(self.env) if key != value)
        if field.type == "many2one":
            others = self.env[field.comodel_name].sudo()
            return others.search([("id", "!=", value or 0)], limit=1).id
        return "other"
