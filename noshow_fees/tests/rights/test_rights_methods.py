"""Who may call which method of ours: every public one has a row here."""

import inspect

from odoo import Command
from odoo.service.model import call_kw
from odoo.tests import tagged

from .rights_common import ALL, MONEY, OWN, RightsCase

PRACTICE = ALL | OWN | {"therapist", "financial"}
#: Over what is not of one company, everybody's owner is one.
OWNERS = {"owner", "other company's owner"}
ALL_ROLES = PRACTICE | OWNERS
FIN = MONEY | {"financial, own"}
#: All have the one client of these tests in their care (`test_care.py` asks for that).
IN_CARE = OWN | {"therapist", "financial"}
#: What only opens a dialog, or a record by its id, tells nothing: these ask.
MANAGERS = {"manager", "owner"}
EVERYBODY = ALL_ROLES | {"accountant", "employee", "portal"}

E, F = "calendar.event", "account.move.line"
#: `model.method: (what it is called on, who is not refused)`; see `_prepare_…` for the
#: former. A dialog is opened and its button pressed by one and the same person.
ROWS = {
    f"{E}.action_mark_attended": ("event", ALL | OWN),
    f"{E}.action_open_attention": ("model", ALL_ROLES),
    f"{E}.action_open_cancel": ("event", ALL | OWN),
    f"{E}.action_open_care": ("event", ALL | OWN),
    f"{E}.action_open_chart_note": ("event", ALL | OWN),
    f"{E}.action_open_correct": ("free", ALL | OWN),
    f"{E}.action_open_rebook": ("free", ALL | OWN),
    f"{E}.action_restore": ("free", ALL | OWN),
    f"{E}.get_schedule_details": ("event", ALL | OWN),
    f"{E}.retrieve_practice_dashboard": ("model", ALL_ROLES),
    f"{E}.cancel.action_cancel": ("event", ALL | OWN),
    f"{E}.cancel.action_cancel_some": ("event", ALL | OWN),
    f"{E}.cancel.action_look_again": ("event", ALL | OWN),
    f"{E}.cancel.web_cancel": ("event", ALL | OWN),
    f"{E}.correct.action_correct": ("free", ALL | OWN),
    f"{E}.restore.action_restore": ("miss", MONEY),
    f"{F}.action_check_charge": ("fee", FIN),
    f"{F}.action_open_appointment": ("fee", ALL | OWN),
    f"{F}.action_open_charge": ("fee", FIN),
    f"{F}.action_open_edit": ("fee", FIN),
    f"{F}.action_open_fee": ("fee", ALL | OWN | {"accountant"}),
    f"{F}.action_open_invoice": ("fee", ALL | OWN | {"accountant"}),
    f"{F}.action_open_paid_after_all": ("fee", MONEY),
    f"{F}.action_open_payment": ("fee", MONEY),
    f"{F}.action_open_payment_link": ("fee", EVERYBODY),
    f"{F}.action_open_waive": ("fee", MONEY),
    f"{F}.action_open_write_off": ("fee", MONEY),
    f"{F}.action_send_invoice": ("fee", MONEY | {"accountant"}),
    f"{F}.charge.action_ask_for_card": ("fee", ALL | OWN),
    f"{F}.charge.action_charge": ("fee", FIN),
    f"{F}.charge.action_open_payment_link": ("fee", ALL_ROLES),
    f"{F}.edit.fee.action_save": ("fee", FIN),
    f"{F}.pay.fee.action_pay": ("fee", MONEY),
    "noshow.care.action_end": ("care", {"owner"}),
    "noshow.care.open.action_open": ("client", OWN | {"therapist", "financial"}),
    "noshow.chart.entry.action_discard": ("draft", {"owner"}),
    "noshow.chart.entry.action_edit": ("note", EVERYBODY),
    "noshow.chart.entry.action_new": ("model", EVERYBODY),
    "noshow.chart.entry.action_open_access_log": ("model", OWNERS),
    "noshow.chart.entry.action_open_addendum": ("note", IN_CARE | {"owner"}),
    "noshow.chart.entry.action_open_print": ("model", EVERYBODY),
    "noshow.chart.entry.action_sign": ("draft", {"owner"}),
    "noshow.chart.entry.print.action_print": ("client", ALL_ROLES),
    "noshow.fee.report.action_open_fee": ("fee", ALL | OWN | {"accountant"}),
    "noshow.link.action_open_next": ("client", ALL | IN_CARE | OWNERS),
    "noshow.link.action_open_page": ("client", ALL | IN_CARE | OWNERS),
    "noshow.link.action_send": ("client", ALL | IN_CARE),
    "noshow.open.report.show.action_show": ("model", MONEY | OWNERS | {"accountant"}),
    "noshow.settings.action_check_charging": ("model", MANAGERS | OWNERS),
    "noshow.settings.action_save": ("model", MANAGERS | OWNERS),
    "noshow.visit.report.action_open_appointment": ("event", EVERYBODY),
    "payment.token.action_use_by_default": ("card", ALL | IN_CARE),
    "res.partner.action_ask_for_card": ("client", ALL | IN_CARE),
    "res.partner.action_open_appointments": ("client", EVERYBODY),
    "res.partner.action_open_cards": ("client", ALL | IN_CARE),
    "res.partner.action_open_care": ("client", EVERYBODY),
}

#: Each on a record of its own: `test_rights_elsewhere.py`; named here so that none is
#: forgotten.
ELSEWHERE = {
    f"{F}.action_open_receipts",
    f"{F}.action_was_charged",
    f"{F}.action_was_not_charged",
    f"{F}.pay.fee.action_use_credit",
    f"{F}.waive.fee.action_waive",
    f"{F}.write.off.fee.action_write_off",
    f"{E}.cancel.action_open_payment_link",
    "noshow.fee.change.action_open_invoice",
    "noshow.open.report.action_open_fee",
    f"{E}.action_move",
    f"{E}.book.action_book",
    f"{E}.book.action_next_free",
    f"{E}.book.action_plain_meeting",
    f"{E}.cancel.action_ask_for_card",
    f"{E}.cancel.action_open_receipt_mail",
    f"{E}.undo.action_undo",
    f"{E}.undo.set_moved_for",
    f"{F}.action_open_override_coverage",
    f"{F}.action_open_receipt_mail",
    f"{F}.action_open_refund",
    f"{F}.override.coverage.action_override",
    f"{F}.refund.fee.action_refund",
    "noshow.cash.report.action_open_entry",
    "noshow.export.action_agree",
    "noshow.export.action_export",
    "product.template.action_change_fee_price",
    "noshow.policy.action_new_version",
    "noshow.policy.action_open_policy",
    "noshow.policy.action_open_versions",
    "noshow.policy.action_publish",
    "noshow.policy.action_try_case",
    "noshow.policy.rule.action_duplicate",
    "noshow.settings.action_open_policy",
    "product.product.change.price.action_change",
    "res.partner.action_book",
    "res.partner.action_make_client",
    "res.partner.action_open_client",
    "res.partner.action_open_contact",
    "res.partner.action_print_fee_statement",
    "res.partner.action_unmake_client",
}


@tagged("post_install", "-at_install")
class TestMethods(RightsCase):
    def _get_public(self):
        """:return: `{model.method}` of ours that RPC can call, and that stock does not
        have by the same name"""
        found = set()
        for name, model in self.env.items():
            classes = type(model).mro()
            ours = [c for c in classes if "noshow_fees.models" in c.__module__]
            ours += [c for c in classes if "noshow_fees.wizards" in c.__module__]
            ours += [c for c in classes if "noshow_fees.report" in c.__module__]
            others = [c for c in classes if "noshow_fees" not in c.__module__]
            for cls in ours:
                for method, value in vars(cls).items():
                    if (
                        inspect.isfunction(value)
                        and not method.startswith("_")
                        and not any(method in vars(other) for other in others)
                        and not getattr(value, "_api_private", False)
                    ):
                        found.add(f"{name}.{method}")
        return found

    def test_every_public_method_has_a_row(self):
        self.assertEqual(self._get_public() - ROWS.keys() - ELSEWHERE, set())
        self.assertEqual((ROWS.keys() | ELSEWHERE) - self._get_public(), set())

    # What a method is called on --------------------------------------------------

    def _prepare_event(self, event):
        return event

    def _prepare_client(self, event):
        return event.client_id

    def _prepare_free(self, event):
        return self._cancel_free(event)

    def _prepare_miss(self, event):
        self._miss(event)
        return event

    def _prepare_fee(self, event):
        return self._miss(event)

    def _prepare_change(self, event):
        fee = self._miss(event)
        fee.with_user(self.owner)._waive("Ill")
        return event.fee_line_ids.change_ids[:1]

    def _prepare_card(self, event):
        return self.card

    def _prepare_care(self, event):
        return self.env["noshow.care"].search(
            [("therapist_id", "=", event.user_id.id)], limit=1
        )

    def _prepare_note(self, event):
        entries = self.env["noshow.chart.entry"].with_user(event.user_id)
        return entries._create_for_appointments(
            event.with_user(event.user_id), "<p>Calm</p>"
        )

    def _prepare_draft(self, event):
        return (
            self.env["noshow.chart.entry"]
            .with_user(self.owner)
            .create(
                {"client_id": event.client_id.id, "body": "<p>x</p>", "state": "draft"}
            )
        )

    # How a dialog is filled in ---------------------------------------------------

    def _get_vals(self, model, record):
        line = {"line_id": record.id}
        lines = {"line_ids": [Command.set(record.ids)]}
        cash = self.company_data["default_journal_cash"]
        return {
            f"{E}.cancel": {"event_ids": [Command.set(record.ids)]},
            f"{E}.correct": {"event_id": record.id, "reason": "Ill"},
            f"{E}.restore": {"event_ids": [Command.set(record.ids)]},
            f"{F}.charge": {**line, "payment_token_id": self.card.id},
            f"{F}.edit.fee": {
                **line,
                "product_id": self.code_late.id,
                "amount": 20.0,
                "reason": "x",
            },
            f"{F}.pay.fee": {**line, "journal": str(cash.id), "amount": 10.0},
            f"{F}.waive.fee": {**lines, "reason": "Ill"},
            f"{F}.write.off.fee": {**lines, "reason": "x"},
            "noshow.care.open": {"client_id": record.id, "reason": "Standing in"},
            "noshow.chart.entry.print": {"client_id": record.id},
            "noshow.link": {"kind": "card", "client_id": record.id, "email": "a@b.co"},
        }.get(model, {})

    def _call(self, name, user, record):
        """Call a method as RPC does, on `record` or on a dialog about it."""
        model, method = name.rsplit(".", 1)
        on_model = ROWS[name][0] == "model"
        env = self.env(user=user)
        ids = [] if on_model else record.ids
        args = {
            "action_open_attention": ["outcome"],
            "action_cancel_some": [1],
            "web_cancel": [{"reason": "Ill"}],
        }
        if self.env[model]._transient:
            [ids] = [
                call_kw(env[model], "create", [[self._get_vals(model, record)]], {})
            ]
        elif getattr(getattr(env[model], method), "_api_model", False):
            return call_kw(env[model], method, args.get(method, []), {})
        return call_kw(env[model], method, [ids, *args.get(method, [])], {})

    def test_rows(self):
        for name, (what, expected) in ROWS.items():
            prepare = getattr(self, f"_prepare_{what}", self._prepare_event)
            with self.subTest(name), self.cr.savepoint() as point:
                refused = self._try(
                    prepare,
                    lambda user, record, name=name: self._call(name, user, record),
                )
                self.assertEqual(refused, set(expected))
                point.rollback()
