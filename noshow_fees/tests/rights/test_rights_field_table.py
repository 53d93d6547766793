"""Roles × fields that we add to Odoo's models: each is really read, searched for and
written by each role, on a record that all of them may read."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import NO_ACCESS
from odoo.tests import tagged

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
    "res.users.noshow_session_minutes",
}


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

    def _get_records(self):
        """A record of each model that every employee may read."""
        meeting = self.env["calendar.event"].create(
            {
                "name": "Team lunch",
                "start": self.tomorrow,
                "stop": self.tomorrow,
                "user_id": self.employee.id,
            }
        )
        return {
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
        for model, record in self._get_records().items():
            added = self._get_added(model)
            self.assertTrue(added, model)
            for user in users:
                records = self.env[model].with_user(user)
                if not record.with_user(user).has_access("read"):
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
                        if not allowed:
                            may_write = self._may(
                                lambda name=name, user=user, record=record: (
                                    record.with_user(user).write({name: False})
                                )
                            )
                            self.assertFalse(may_write, "it is written")
        self.assertGreater(count, 500)
