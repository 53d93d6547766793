"""The public methods that have no row in `test_rights_methods.py`, since each wants a
record of its own: every role tries each on the same record."""

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import SQL

from .rights_common import RightsCase
from .test_rights_methods import ELSEWHERE

#: What is called with more than the record.
ARGUMENTS = {
    "calendar.event.action_move": [{"name": "Moved"}],
    "calendar.event.undo.set_moved_for": ["client"],
}
#: Buttons of the page that says what happened.
RESULT = {
    "action_ask_for_card",
    "action_open_payment_link",
    "action_open_receipt_mail",
}
#: Whoever does not see the appointment finds nothing there, or finds it changed: the
#: dialog is theirs in these tests only.
NEUTRAL = {f"calendar.event.cancel.{method}" for method in RESULT} | {
    "calendar.event.undo.action_undo",
    "calendar.event.undo.set_moved_for",
}

MANAGERS = {"manager", "owner"}
MONEY = MANAGERS | {"biller"}
DESK = MONEY | {"staff"}
#: Those and the appointment's own therapist.
OWN = DESK | {"therapist, own"}
#: Over what is not of one company, everybody's owner is one.
OWNERS = {"owner", "other company's owner"}
PRACTICE = OWN | OWNERS | {"therapist", "financial"}
BOOKS = MONEY | {"accountant"}
EVERYBODY = PRACTICE | {"accountant", "employee", "portal"}
E, F = "calendar.event", "account.move.line"
#: `model.method`: who is not refused. What only opens a dialog or a record by its id
#: tells nothing: these ask (`test_what_only_opens`).
ALLOWED = {
    f"{E}.action_move": OWN,
    f"{E}.book.action_book": OWN,
    f"{E}.book.action_next_free": PRACTICE,
    f"{E}.book.action_plain_meeting": PRACTICE,
    f"{E}.cancel.action_ask_for_card": OWN,
    f"{E}.cancel.action_open_payment_link": OWN,
    f"{E}.cancel.action_open_receipt_mail": OWN,
    f"{E}.undo.action_undo": OWN,
    f"{E}.undo.set_moved_for": OWN,
    f"{F}.action_open_override_coverage": OWNERS,
    f"{F}.action_open_receipt_mail": OWN | {"accountant"},
    f"{F}.action_open_receipts": MONEY,
    f"{F}.action_open_refund": MONEY,
    f"{F}.action_was_charged": MONEY,
    f"{F}.action_was_not_charged": MONEY,
    f"{F}.override.coverage.action_override": {"owner"},
    f"{F}.pay.fee.action_use_credit": MONEY,
    f"{F}.refund.fee.action_refund": MONEY,
    f"{F}.waive.fee.action_waive": MONEY,
    f"{F}.write.off.fee.action_write_off": MONEY,
    "noshow.cash.report.action_open_entry": BOOKS,
    "noshow.export.action_agree": OWNERS,
    "noshow.export.action_export": OWNERS,
    "noshow.fee.change.action_open_invoice": OWN | {"accountant"},
    "noshow.open.report.action_open_fee": BOOKS,
    "noshow.policy.action_new_version": MANAGERS,
    "noshow.policy.action_open_policy": PRACTICE,
    "noshow.policy.action_open_versions": EVERYBODY,
    "noshow.policy.action_publish": MANAGERS,
    "noshow.policy.action_try_case": EVERYBODY,
    "noshow.policy.rule.action_duplicate": MANAGERS,
    "noshow.settings.action_open_policy": MANAGERS | OWNERS,
    "product.product.change.price.action_change": MANAGERS,
    "product.template.action_change_fee_price": EVERYBODY - {"portal"},
    "res.partner.action_book": EVERYBODY,
    "res.partner.action_make_client": DESK | OWNERS,
    "res.partner.action_open_client": EVERYBODY,
    "res.partner.action_open_contact": EVERYBODY,
    "res.partner.action_print_fee_statement": DESK | OWNERS,
    "res.partner.action_unmake_client": DESK | OWNERS,
}
#: Nothing but an action that opens something: what, asks for the rights.
OPEN = {name for name, allowed in ALLOWED.items() if "employee" in allowed} | {
    "noshow.policy.action_open_policy"
}


@tagged("post_install", "-at_install")
class TestElsewhere(RightsCase):
    def setUp(self):
        super().setUp()
        self._let_begin(self.appointment)
        self._cancel(self.appointment, self.owner, visit_state="no_show")
        self.fee = self.appointment.fee_line_ids
        soon = fields.Datetime.now() + timedelta(hours=5)
        self.booked = self._new_appointment(self.client_2, start=soon)
        later = fields.Datetime.to_string(soon + timedelta(days=2))
        until = fields.Datetime.to_string(soon + timedelta(days=2, hours=1))
        moved = self.booked.with_user(self.owner).action_move(
            {"start": later, "stop": until}
        )
        self.undo = self.env["calendar.event.undo"].browse(moved["undo_id"])
        self.pending = self._miss_with(self._new_demo_card("pending"))
        self.env.cr.execute(
            "UPDATE payment_transaction SET sent_at = sent_at - INTERVAL '3 day',"
            " create_date = create_date - INTERVAL '3 day'"
        )
        self.paid = self._miss_with(self.card)
        # Of a fee that is open: there is no link to pay what is paid.
        self.page_to_pay = self._cancel(
            self._new_appointment(self.client_1), self.owner, visit_state="no_show"
        ).sudo(False)
        waived = self._miss(self._new_appointment(self.client_3))
        waived.with_user(self.owner)._waive("Ill")
        self.change = waived.appointment_id.fee_line_ids.fee_change_ids[:1]
        self._receive_cash(20.0)
        self.fresh = self.env["res.partner"].create({"name": "New", "is_client": True})
        policies = self.env["noshow.policy"].with_user(self.owner)
        published = policies.search([("company_id", "=", self.company.id)], limit=1)
        self.draft = policies.browse(published.action_new_version()["res_id"])
        self.env.invalidate_all()

    def _miss_with(self, card):
        """:return: the fee of a no-show that `card` was charged for"""
        event = self._new_appointment(self.client_1)
        self.page = self._cancel(
            event,
            self.owner,
            visit_state="no_show",
            charge_card=True,
            payment_token_id=card.id,
        ).sudo(False)
        self._commit()
        return event.fee_line_ids

    @property
    def people(self):
        return {
            "staff": self.frontdesk,
            "therapist, own": self.therapist,
            "therapist": self.colleague,
            "financial": self.financial,
            "biller": self.biller,
            "manager": self.manager,
            "owner": self.owner,
            "accountant": self.accountant,
            "employee": self.employee,
            "portal": self.portal,
            "other company's owner": self.stranger,
        }

    def _get_vals(self, model):
        fee = self.fee
        cash = self.company_data["default_journal_cash"]
        return {
            "account.move.line.pay.fee": {
                "line_id": fee.id,
                "journal": str(cash.id),
                "amount": 10.0,
            },
            "account.move.line.waive.fee": {
                "line_ids": [Command.set(fee.ids)],
                "reason_id": self.reason.id,
            },
            "account.move.line.write.off.fee": {
                "line_ids": [Command.set(fee.ids)],
                "reason": "Moved away",
                "account_id": self.company_data["default_account_expense"].id,
            },
            "account.move.line.refund.fee": {
                "line_id": self.paid.id,
                "reason": "Agreed",
            },
            "account.move.line.override.coverage": {
                "line_id": fee.id,
                "reason": "Agreed",
            },
            "calendar.event.book": {
                "client_id": self.client_2.id,
                "provider_id": self.therapist.id,
                "start": self.tomorrow,
                "minutes": 50,
            },
            "product.product.change.price": {
                "product_id": self.code_noshow.id,
                "price": 80.0,
            },
        }.get(model, {})

    def _get_record(self, model, method, env):
        """What somebody tries it on: a dialog of their own, or the one record."""
        there = {
            "account.move.line": self._get_fee(method),
            "calendar.event": self.booked,
            "calendar.event.cancel": (
                self.page_to_pay if method == "action_open_payment_link" else self.page
            ),
            "calendar.event.undo": self.undo,
            "noshow.fee.change": self.change,
            "noshow.policy": self.draft,
            "noshow.policy.rule": self.draft.rule_ids[:1],
            "product.template": self.code_noshow.product_tmpl_id,
            "res.partner": self.fresh if "make_client" in method else self.client_1,
        }
        record = there.get(model)
        if record is None and not env[model]._transient:
            record = self.env[model].with_user(self.owner).search([], limit=1)
        elif record is None:
            vals = self._get_vals(model)
            vals = {name: vals[name] for name in vals if name in env[model]._fields}
            return env[model].create(vals)
        if env[model]._transient:
            # One's own, as whoever did it has it.
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET create_uid = %s WHERE id = %s",
                    SQL.identifier(record._table),
                    env.uid,
                    record.id,
                )
            )
        self.assertTrue(record)
        return record.with_env(env)

    def _get_fee(self, method):
        if "was" in method:
            return self.pending
        return self.paid if "receipt" in method or "refund" in method else self.fee

    def _try_it(self, user, name):
        model, method = name.rsplit(".", 1)
        self.env.invalidate_all()
        savepoint = self.cr.savepoint()
        try:
            record = self._get_record(model, method, self.env(user=user))
            on_model = getattr(getattr(record, method), "_api_model", False)
            ids = [] if on_model else [record.ids]
            call_kw(record, method, [*ids, *ARGUMENTS.get(name, [])], {})
            self.env.flush_all()
        except (AccessError, MissingError):
            return "no"
        except (UserError, ValueError) as error:
            return str(error)[:60]
        finally:
            savepoint.close(rollback=True)
            self.env.cr.postcommit.clear()
        return "yes"

    def test_each_role(self):
        self.assertEqual(ALLOWED.keys(), ELSEWHERE)
        for name, allowed in ALLOWED.items():
            found = {
                role: self._try_it(user, name) for role, user in self.people.items()
            }
            with self.subTest(name):
                self.assertEqual(
                    {role for role, answer in found.items() if answer == "yes"},
                    allowed,
                    found,
                )
                if name not in NEUTRAL:
                    refused = {found[role] for role in found if role not in allowed}
                    self.assertLessEqual(refused, {"no"})

    def test_what_only_opens(self):
        """Opens a dialog or a list that asks for the rights itself."""
        for name in sorted(OPEN):
            model, method = name.rsplit(".", 1)
            record = self._get_record(model, method, self.env(user=self.employee))
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
