"""The public methods whose roles have tests of their own (`ELSEWHERE`): whoever has no
role here is refused by each, on the same record on which the owner is not."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged

from .rights_common import RightsCase
from .test_rights_methods import ELSEWHERE

#: Nothing but an action that opens something: what, asks for the rights.
OPEN = {
    "noshow.policy.action_open_policy",
    "noshow.policy.action_try_case",
    "product.template.action_change_fee_price",
    "res.partner.action_book",
    "res.partner.action_open_client",
    "res.partner.action_open_contact",
}
#: What is called with more than the record.
ARGUMENTS = {
    "calendar.event.action_move": [{"name": "Moved"}],
    "calendar.event.undo.set_moved_for": ["client"],
}


@tagged("post_install", "-at_install")
class TestElsewhere(RightsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._let_begin(cls.appointment)
        page = cls.env["calendar.event.cancel"].with_user(cls.owner)
        cls.page = page.create(
            {
                "event_ids": [Command.set(cls.appointment.ids)],
                "visit_state": "no_show",
                "product_id": cls.code_noshow.id,
            }
        )
        cls.page.action_cancel()
        cls.fee = cls.appointment.fee_line_ids
        cls.booked = cls._new_appointment(cls.client_2)

    def _get_record(self, model):
        """A record of the owner's, whom all of these are for."""
        fee, owner = self.fee, self.env(user=self.owner)
        made = {
            "account.move.line.pay.fee": {"line_id": fee.id},
            "account.move.line.waive.fee": {"line_ids": [Command.set(fee.ids)]},
            "account.move.line.write.off.fee": {"line_ids": [Command.set(fee.ids)]},
            "account.move.line.refund.fee": {"line_id": fee.id, "reason": "Agreed"},
            "account.move.line.override.coverage": {
                "line_id": fee.id,
                "reason": "Agreed",
            },
            "calendar.event.book": {"client_id": self.client_2.id},
            "noshow.export": {},
            "noshow.settings": {},
            "product.product.change.price": {"product_id": self.code_noshow.id},
        }
        if model in made:
            fields = owner[model]._fields
            vals = {name: made[model][name] for name in made[model] if name in fields}
            return owner[model].create(vals)
        there = {
            "account.move.line": fee,
            "calendar.event": self.booked,
            "calendar.event.cancel": self.page,
            "product.template": self.code_noshow.product_tmpl_id,
            "res.partner": self.client_1,
        }
        if model in there:
            return there[model]
        if model == "calendar.event.undo":
            # In sudo: our methods make it.
            undo = {"kind": "moved", "event_ids": [Command.set(self.booked.ids)]}
            return owner[model].sudo().create(undo).sudo(False)
        if model == "noshow.fee.change":
            fee.with_user(self.owner)._waive("Ill")
            return owner[model].search(
                [("appointment_id", "=", self.appointment.id)], limit=1
            )
        return owner[model].search([], limit=1)

    def _is_refused(self, user, record, method):
        self.env.invalidate_all()
        savepoint = self.cr.savepoint()
        try:
            call_kw(
                record.with_user(user),
                method,
                [record.ids, *ARGUMENTS.get(f"{record._name}.{method}", [])],
                {},
            )
        except AccessError:
            return True
        except UserError:
            # Something else than a right stands in the way.
            return False
        finally:
            savepoint.close(rollback=True)
            self.env.cr.postcommit.clear()
        return False

    def test_nobody_without_a_role(self):
        tried = 0
        for name in sorted(ELSEWHERE - OPEN):
            model, method = name.rsplit(".", 1)
            with self.subTest(name), self.cr.savepoint():
                record = self._get_record(model)
                tried += 1
                if not record:
                    # A report without rows: nobody reads the model.
                    for user in (self.employee, self.portal):
                        self.assertFalse(record.with_user(user).has_access("read"))
                    continue
                for user in (self.employee, self.portal):
                    self.assertTrue(self._is_refused(user, record, method), user.login)
                self.assertFalse(
                    self._is_refused(self.owner, record, method), "the owner"
                )
        self.assertEqual(tried, len(ELSEWHERE - OPEN))

    def test_what_only_opens(self):
        """Opens a dialog or a list that asks for the rights itself."""
        for name in sorted(OPEN):
            model, method = name.rsplit(".", 1)
            record = self._get_record(model).with_user(self.employee)
            self.env.invalidate_all()
            try:
                action = getattr(record, method)()
            except AccessError:
                continue
            opened = self.env[action["res_model"]]
            with self.subTest(name):
                if opened._name in ("res.partner", "calendar.event"):
                    continue  # by the rules of its records
                for user in (self.employee, self.portal):
                    self.assertFalse(opened.with_user(user).has_access("create"))
