"""No way makes, changes, charges or takes a fee against a client's coverage: each is
tried for a client whose coverage forbids it on the day of service, and for a twin
without one, for whom it succeeds. A new public way without a row here fails."""

import inspect
from datetime import timedelta
from typing import NamedTuple

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..charge.common_charge import StripeCommon
from .policy_common import begin

ADDON = "odoo.addons.noshow_fees."
#: Methods of these names open a dialog, or read. What a dialog does has its own row.
OPENING = ("action_open_", "action_new", "get_", "retrieve_")
READING = {"copy_data", "copy", "default_get", "name_search", "search"}
#: Public methods that make, change, charge or take no fee, by what they do instead.
OTHERS = {
    "records, which have their own guards: fees, invoices and their payments are "
    "under the seal, and no outcome is written but by the page": {
        "create",
        "write",
        "unlink",
        "load",
    },
    "an outcome without a fee, or none any more": {
        "calendar.event.action_mark_attended",
        "calendar.event.action_restore",
        "calendar.event.action_unlink_event",
        "calendar.event.correct.action_correct",
        "calendar.event.restore.action_restore",
        "calendar.event.undo.action_undo",
        "calendar.event.undo.set_moved_for",
        "calendar.popover.delete.wizard.action_send_mail_and_delete",
    },
    "a login in the portal": {"res.partner.signup_get_auth_param"},
    "a booking": {
        "calendar.event.action_join_meeting",
        "calendar.event.action_move",
        "calendar.event.book.action_book",
        "calendar.event.book.action_next_free",
        "calendar.event.book.action_plain_meeting",
        "res.partner.action_book",
    },
    "less is owed, or money goes back": {
        "account.move.line.refund.fee.action_refund",
        "account.move.line.waive.fee.action_waive",
        "account.move.line.write.off.fee.action_write_off",
        "account.move.reversal.reverse_moves",
        "account.move.button_cancel",
        "account.move.button_draft",
        "payment.transaction.action_refund",
    },
    "what became of money that has moved already": {
        "account.move.line.action_check_charge",
        "account.move.line.action_was_charged",
        "account.move.line.action_was_not_charged",
        "payment.transaction.action_post_process",
    },
    "the Owner's override, which this is about": {
        "account.move.line.override.coverage.action_override",
    },
    "a saved card, without charging it": {
        "account.move.line.charge.action_ask_for_card",
        "calendar.event.cancel.action_ask_for_card",
        "payment.token.action_use_by_default",
        "res.partner.action_ask_for_card",
    },
    "the policy, prices and settings": {
        "noshow.policy.action_publish",
        "noshow.policy.action_try_case",
        "noshow.policy.rule.action_duplicate",
        "noshow.settings.action_check_charging",
        "noshow.settings.action_save",
        "product.product.change.price.action_change",
        "product.template.action_change_fee_price",
    },
    "paper, charts, care, clients, messages": {
        "account.move.line.action_send_invoice",
        "calendar.event.cancel.action_look_again",
        "calendar.event.message_notify",
        "calendar.event.message_post",
        "noshow.care.action_end",
        "noshow.care.open.action_open",
        "noshow.chart.entry.action_discard",
        "noshow.chart.entry.action_edit",
        "noshow.chart.entry.action_sign",
        "noshow.chart.entry.print.action_print",
        "noshow.export.action_agree",
        "noshow.export.action_export",
        "noshow.open.report.show.action_show",
        "res.partner.action_make_client",
        "res.partner.action_print_fee_statement",
        "res.partner.action_unmake_client",
    },
}


class Subject(NamedTuple):
    """A client's appointment that was missed, maybe its fee, and a card."""

    event: object
    card: object
    fee: object = None


@tagged("post_install", "-at_install")
class TestCoverageWays(StripeCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].sudo().set_param(
            "account_payment.enable_portal_payment", "True"
        )
        cls.stripe.is_published = True
        cls.client_2.card_authorized_on = fields.Date.today()
        cls.cards = {
            client: cls._new_stripe_card("pm_ok", client)
            for client in (cls.client_1, cls.client_2)
        }

    # ------------------------------------------------------------
    # BOTH, AND WHAT IS COUNTED
    # ------------------------------------------------------------

    def _cover(self, event):
        """Forbid fees on the appointment's day, and on no other."""
        day = event._get_date_of_service()
        self.env["noshow.coverage"].create(
            {
                "client_id": event.client_id.id,
                "coverage_class_id": self.env.ref(
                    "noshow_fees.coverage_class_medicaid"
                ).id,
                "date_from": day,
                "date_to": day,
            }
        )

    def _count(self):
        """What there is: of it, nothing is added for who is covered."""
        # In tests nothing is committed: the job sends what was prepared.
        self.env.flush_all()
        self._run_job()
        self.env.invalidate_all()
        fees = self.env["account.move.line"].search([("is_noshow_fee", "=", True)])
        return {
            "fees": sorted(
                (fee.price_total, fee.fee_open, fee.fee_state) for fee in fees
            ),
            "invoices": self.env["account.move"].search_count(
                [("move_type", "=", "out_invoice")]
            ),
            "payments": self.env["account.payment"].search_count([]),
            "intents": len(self.fake.account.summary()["intents"]),
        }

    def _try(self, name, way, prepare):
        """`way` is refused for who is covered, and does something for the twin."""
        for client, refused in ((self.client_1, True), (self.client_2, False)):
            with self.subTest(way=name, refused=refused):
                self.env["noshow.coverage"].search([]).unlink()
                event = begin(self._new_appointment(client))
                subject = prepare(Subject(event, self.cards[client]), refused)
                before = self._count()
                if refused:
                    with self.assertRaises(UserError) as refusal:
                        way(subject)
                    self.env.cr.precommit.run()
                    self.assertRegex(
                        str(refusal.exception), "may not be charged|not paid online"
                    )
                    self.assertEqual(self._count(), before)
                else:
                    result = way(subject)
                    if not isinstance(result, str):
                        self.assertNotEqual(self._count(), before)

    def _prepare_event(self, subject, is_covered):
        if is_covered:
            self._cover(subject.event)
        return subject

    def _prepare_fee(self, subject, is_covered):
        """The coverage is entered after the fee."""
        self._cancel(subject.event, visit_state="no_show")
        fee = subject.event.fee_line_ids
        return self._prepare_event(subject._replace(fee=fee), is_covered)

    def _prepare_without(self, subject, is_covered):
        self._cancel(subject.event, visit_state="no_show", product_id=False)
        return self._prepare_event(subject, is_covered)

    def _prepare_written_off(self, subject, is_covered):
        """And the payer has credit."""
        subject = self._prepare_fee(subject, False)
        loss = self.company_data["default_account_expense"]
        subject.fee.with_user(self.biller)._write_off(loss, "Lost")
        payment = self.env["account.payment"].create(
            {
                "amount": 75.0,
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": subject.event.client_id.id,
                "journal_id": self.company_data["default_journal_bank"].id,
            }
        )
        payment.action_post()
        return self._prepare_event(subject, is_covered)

    # ------------------------------------------------------------
    # WAYS TO A FEE
    # ------------------------------------------------------------

    def _page(self, events, **vals):
        return (
            self.env["calendar.event.cancel"]
            .with_user(self.owner)
            .create(
                {
                    "event_ids": [Command.set(events.ids)],
                    "visit_state": "no_show",
                    "product_id": self.code_noshow.id,
                    **vals,
                }
            )
        )

    def _page_with_card(self, subject):
        self._page(
            subject.event, charge_card=True, payment_token_id=subject.card.id
        ).action_cancel()

    def _book_again(self, subject):
        page = self.env["calendar.event.cancel"].with_user(self.owner)
        page.create(
            {"rebook_event_id": subject.event.id, "product_id": self.code_noshow.id}
        ).action_cancel()

    def _batch(self, subject):
        other = begin(self._new_appointment(self.client_3))
        return self._page(subject.event + other)

    def _fee_values(self, subject):
        return {"product": self.code_noshow, "amount": 75.0}

    def test_ways_to_make_a_fee(self):
        lines = self.env["account.move.line"].sudo()
        ways = {
            "the page": lambda s: self._page(s.event).action_cancel(),
            "the page, as the browser continues": lambda s: self._page(
                s.event
            ).web_cancel({"reason": "Ill"}),
            "the page, with a card": self._page_with_card,
            "a batch": lambda s: self._batch(s).action_cancel(),
            "a batch in steps": lambda s: self._batch(s).action_cancel_some(1),
            "_create_fees in sudo": lambda s: lines._create_fees(
                [{"appointment": s.event, **self._fee_values(s)}]
            ),
            "_cancel_appointments in sudo": lambda s: (
                s.event.sudo()._cancel_appointments(
                    "no_show", fees={s.event.id: self._fee_values(s)}
                )
            ),
        }
        for name, way in ways.items():
            self._try(name, way, self._prepare_event)
        ways = {
            "book again": self._book_again,
            "_rebook_and_cancel in sudo": lambda s: s.event.sudo()._rebook_and_cancel(
                self._fee_values(s)
            ),
        }
        for name, way in ways.items():
            self._try(name, way, self._prepare_without)

    # ------------------------------------------------------------
    # WAYS FROM A FEE TO MONEY
    # ------------------------------------------------------------

    def _dialog(self, kind, subject, **vals):
        dialogs = self.env[f"account.move.line.{kind}"].with_user(self.owner)
        return dialogs.create({"line_id": subject.fee.id, **vals})

    def _edit(self, subject):
        self._dialog(
            "edit.fee", subject, product_id=self.code_late.id, amount=20.0
        ).action_save()

    def _register(self, subject, **vals):
        """Odoo's payment dialog."""
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=subject.fee.move_id.ids
        ).create(vals).action_create_payments()

    def test_ways_to_change_charge_or_take_a_fee(self):
        transactions = self.env["payment.transaction"].sudo()
        ways = {
            "change": self._edit,
            "charge": lambda s: self._dialog(
                "charge", s, payment_token_id=s.card.id
            ).action_charge(),
            "take a payment": lambda s: self._dialog("pay.fee", s).action_pay(),
            "Odoo's payment dialog": self._register,
            "_change_fee in sudo": lambda s: s.fee.sudo()._change_fee(
                self.code_late, 20.0, "x"
            ),
            "_rewrite_fee in sudo": lambda s: s.fee.sudo()._rewrite_fee(
                self.code_late, 20.0
            ),
            "_reissue_fee in sudo": lambda s: s.fee.sudo()._reissue_fee(
                self.code_late, 20.0, "x"
            ),
            "_charge in sudo": lambda s: s.fee.sudo()._charge({s.fee: s.card}),
            "_prepare_charges in sudo": lambda s: transactions._prepare_charges(
                {s.fee.sudo(): s.card}
            ),
        }
        for name, way in ways.items():
            self._try(name, way, self._prepare_fee)
        self._try(
            "credit for what was written off",
            lambda s: self._dialog("pay.fee", s, after_all=True).action_use_credit(),
            self._prepare_written_off,
        )

    def test_links(self):
        def get_link(subject):
            return subject.fee.with_user(self.frontdesk)._get_payment_link()

        def send(subject):
            dialog = self.env["noshow.link"].with_user(self.owner)
            dialog = dialog.create(
                {"kind": "pay", "line_id": subject.fee.id, "email": "a@example.com"}
            )
            return dialog.action_send()["params"]["message"]

        def by_odoos_dialog(subject):
            dialogs = self.env["payment.link.wizard"].with_context(
                active_model="account.move", active_id=subject.fee.move_id.id
            )
            return dialogs.create({}).link

        for way in (get_link, send, by_odoos_dialog):
            self._try(way.__name__, way, self._prepare_fee)

    # ------------------------------------------------------------
    # WAYS OF THE CLIENT
    # ------------------------------------------------------------

    def _pay_online(self, subject, flow):
        """What the portal's Pay button asks for."""
        move = subject.fee.move_id
        if flow == "token":
            self._log_in_as(subject.event.client_id)
        with mute_logger("odoo.http"):
            answer = self.url_open(
                f"/invoice/transaction/{move.id}",
                json={
                    "params": {
                        "access_token": move._portal_ensure_token(),
                        "provider_id": self.stripe.id,
                        "payment_method_id": self.card_method.id,
                        "token_id": subject.card.id if flow == "token" else None,
                        "amount": 75.0,
                        "flow": flow,
                        "tokenization_requested": False,
                        "landing_route": "/my",
                    }
                },
            ).json()
        self.env.invalidate_all()
        if "error" in answer:
            raise UserError(answer["error"]["data"]["message"])

    def test_ways_of_the_client(self):
        for flow in ("token", "direct"):
            self._try(
                f"portal, {flow}",
                lambda s, flow=flow: self._pay_online(s, flow),
                self._prepare_fee,
            )

    def test_the_clients_page(self):
        """No button, and not who covers them: others may read it, too."""
        for client, refused in ((self.client_1, True), (self.client_2, False)):
            event = begin(self._new_appointment(client))
            subject = self._prepare_fee(Subject(event, None), refused)
            move = subject.fee.move_id
            self.assertEqual(move._has_to_be_paid(), not refused)
            page = self.url_open(move.get_portal_url()).text
            self.assertEqual("o_payment_form" in page, not refused)
            self.assertEqual("not paid online" in page, refused)
            self.assertNotIn("Medicaid", page)
            move.company_id.sudo().link_qr_code = True
            move.invalidate_recordset(["display_link_qr_code"])
            self.assertEqual(move.display_link_qr_code, not refused)

    # ------------------------------------------------------------
    # LATER
    # ------------------------------------------------------------

    def test_the_job(self):
        """A coverage is entered after the charge was prepared and before it is sent."""
        for client, refused in ((self.client_1, True), (self.client_2, False)):
            event = begin(self._new_appointment(client))
            subject = self._prepare_fee(Subject(event, self.cards[client]), False)
            subject.fee.with_user(self.biller)._charge_later(subject.card)
            if refused:
                self._cover(event)
            before = len(self.succeeded)
            self.env.flush_all()
            self._run_job()
            self.env.invalidate_all()
            self.assertEqual(len(self.succeeded) - before, not refused)
            charge = self._charges_of(subject.fee)
            self.assertEqual(charge.state, "error" if refused else "done")
            self.assertNotRegex(charge.state_message or "", "Medicaid|[Cc]overage")
            # Settled either way; waiving is the way out.
            subject.fee.with_user(self.biller)._waive("Covered")

    def test_on_another_day_nothing_is_refused(self):
        """The coverage ended the day before, or begins the day after."""
        for days in (-1, 1):
            event = begin(self._new_appointment(self.client_1))
            day = event._get_date_of_service() + timedelta(days=days)
            self._cover(event)
            coverage = self.env["noshow.coverage"].search(
                [("client_id", "=", self.client_1.id)]
            )
            coverage.write({"date_from": day, "date_to": day})
            self._page(event).action_cancel()
            self.assertEqual(event.fee_amount, 75.0)
            coverage.unlink()

    # ------------------------------------------------------------
    # ALL OF THEM
    # ------------------------------------------------------------

    def _get_public_methods(self):
        """`model.method` of all that this addon lets anybody call over RPC."""
        found = set()
        for model_class in self.env.registry.values():
            for parent in model_class.__mro__:
                if not parent.__module__.startswith(ADDON):
                    continue
                found.update(
                    f"{parent._name}.{name}"
                    for name, method in vars(parent).items()
                    if inspect.isfunction(method)
                    and not name.startswith("_")
                    and not getattr(method, "_api_private", False)
                )
        return found

    def test_every_public_method_has_a_row(self):
        rows = {
            "account.move.line.charge.action_charge",
            "account.move.line.edit.fee.action_save",
            "account.move.line.pay.fee.action_pay",
            "account.move.line.pay.fee.action_use_credit",
            "calendar.event.cancel.action_cancel",
            "calendar.event.cancel.action_cancel_some",
            "calendar.event.cancel.web_cancel",
            "noshow.link.action_send",
        }
        methods = self._get_public_methods()
        self.assertLessEqual(rows, methods)
        others = set().union(*OTHERS.values())
        unknown = {
            name
            for name in methods - rows - others
            if not {name.rpartition(".")[2]} & (READING | others)
            and not name.rpartition(".")[2].startswith(OPENING)
        }
        self.assertFalse(unknown, "these have no row in this file")
        gone = {name for name in others - methods if "." in name}
        self.assertFalse(gone, "these are no more")
