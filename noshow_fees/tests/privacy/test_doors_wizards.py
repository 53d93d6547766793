"""Dialogs as a way to appointments, fees and cards that are not one's own."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..charge.common_charge import ChargeCommon
from .doors_common import DoorsCase


@tagged("post_install", "-at_install")
class TestWizards(DoorsCase, ChargeCommon):
    """`cls.appointment` is the therapist's; the therapist with the financial role is
    the one who tries. The client has a card that may be charged, and open credit."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client_login.card_authorized_on = "2026-01-01"
        cls._new_demo_card("done", partner=cls.client_login, payment_details="9876")
        cls.mine = cls._new_appointment(cls.client_2, cls.financial)

    def _assert_tells_nothing(self, call):
        """`call` is refused, or returns nothing of the appointment or its client."""
        self.env.flush_all()
        self.env.invalidate_all()
        try:
            with self.cr.savepoint():
                text = str(call())
        except AccessError as error:
            text = str(error)
        self.assertSaysNothing(text)
        for secret in ("9876", self.client_login.name):
            self.assertNotIn(secret, text)
        return text

    def test_the_page_of_appointments_out_of_reach(self):
        theirs = self.appointment
        model = self.env["calendar.event.cancel"].with_user(self.financial)
        ways = {
            "event_ids": [Command.set(theirs.ids)],
            "rebook_event_id": theirs.id,
        }
        names = [
            *("event_ids", "client_id", "provider_id", "start", "rebook_event_id"),
            *(
                "available_token_ids",
                "payment_token_id",
                "client_credit",
                "visit_state",
            ),
            *(
                "missed_visit_count",
                "future_summary",
                "use_credit",
                "result",
                "line_ids",
            ),
        ]
        spec = {
            name: {"fields": {"display_name": {}}}
            if name.endswith(("_id", "_ids"))
            else {}
            for name in names
        }
        for field, value in ways.items():
            with self.subTest(way=field):
                with self.assertRaises(AccessError):
                    model.create({field: value}).read(names)
                self._assert_tells_nothing(
                    lambda field=field, value=value: model.onchange(
                        {field: value}, [field], spec
                    )
                )
                self._assert_tells_nothing(
                    lambda field=field, value=value: model.with_context(
                        **{f"default_{field}": value}
                    ).onchange({}, [], spec)
                )
                page = model.create({"event_ids": [Command.set(self.mine.ids)]})
                with self.assertRaises(AccessError):
                    page.write({field: value})
                    page.read(names)
        page = model.create(
            {"event_ids": [Command.set(self.mine.ids)], "visit_state": "cancelled"}
        )
        with self.assertRaises(AccessError):
            page.write({"event_ids": [Command.link(theirs.id)]})
            page.action_cancel()
        self.assertEqual((theirs + self.mine).mapped("visit_state"), ["scheduled"] * 2)

    def test_a_row_of_an_appointment_out_of_reach(self):
        pages = self.env["calendar.event.cancel"].with_user(self.financial)
        page = pages.create({"event_ids": [Command.set(self.mine.ids)]})
        names = ["event_id", "client_id", "provider_id", "start", "payment_token_id"]
        self._assert_tells_nothing(
            lambda: page.line_ids.create(
                {
                    "cancel_id": page.id,
                    "event_id": self.appointment.id,
                    "charge_card": True,
                }
            ).read([*names, "available_token_ids"])
        )
        self._assert_tells_nothing(
            lambda: page.line_ids.onchange(
                {"cancel_id": page.id, "event_id": self.appointment.id},
                ["event_id"],
                {
                    name: {"fields": {"display_name": {}}}
                    for name in names
                    if name != "start"
                },
            )
        )

    def test_fees_out_of_reach(self):
        self._cancel(self.appointment, visit_state="no_show", reason="Relapse")
        fee = self.appointment.fee_line_ids
        models = {
            "account.move.line.edit.fee": (
                "line_id",
                ["product_id", "amount", "preview"],
            ),
            "account.move.line.pay.fee": ("line_id", ["amount"]),
            "account.move.line.charge": (
                "line_id",
                [
                    "client_id",
                    "payment_token_id",
                    "client_credit",
                    "amount",
                    "card_hint",
                ],
            ),
            "noshow.link": ("line_id", ["holder_id", "email", "link"]),
            "calendar.event.correct": ("event_id", ["reason", "visit_state"]),
        }
        for model, (field, names) in models.items():
            dialogs = self.env[model].with_user(self.financial)
            values = {field: fee.id if field == "line_id" else self.appointment.id}
            if "kind" in dialogs._fields:
                values["kind"] = "pay"
            with self.subTest(model=model):
                self.env.flush_all()
                self.env.invalidate_all()
                with self.assertRaises(AccessError):
                    dialogs.create(values).read([field, *names])
                text = self._assert_tells_nothing(
                    lambda dialogs=dialogs, values=values, field=field, names=names: (
                        dialogs.onchange(values, [field], {name: {} for name in names})
                    )
                )
                self.assertNotIn("75.0", text)
                self.assertNotIn("Relapse", text)
        for method in ("action_open_fee", "read"):
            with self.assertRaises(AccessError):
                getattr(fee.with_user(self.financial), method)()

    def test_dialogs_of_others(self):
        """Odoo's dialogs are open to everybody; ours to who opened them."""
        page = (
            self.env["calendar.event.cancel"]
            .with_user(self.biller)
            .create(
                {
                    "event_ids": [Command.set(self.appointment.ids)],
                    "reason": "Relapse",
                    "visit_state": "no_show",
                }
            )
        )
        for user in (self.frontdesk, self.owner, self.therapist, self.employee):
            as_user = page.with_user(user)
            with self.subTest(user=user.login):
                self.assertFalse(
                    user.has_group("noshow_fees.group_practice")
                    and as_user.search([("id", "=", page.id)])
                )
                for call in (
                    lambda record: record.read(["reason"]),
                    lambda record: record.write({"amount": 5.0}),
                    lambda record: record.unlink(),
                    lambda record: record.action_cancel(),
                ):
                    with self.assertRaises(AccessError):
                        call(as_user)

    def test_every_dialog_of_ours(self):
        """Each has a rule that keeps it to who opened it, and computes as the user:
        stored and related fields are read as superuser unless they say otherwise."""
        ours = {
            name: model
            for name, model in self.env.items()
            if model._original_module == "noshow_fees" and model._transient
        }
        self.assertIn("calendar.event.cancel", ours)
        for name, model in ours.items():
            with self.subTest(model=name):
                rules = self.env["ir.rule"].search([("model_id.model", "=", name)])
                domains = rules.filtered("global").mapped("domain_force")
                self.assertIn("[('create_uid', '=', user.id)]", domains)
                told = [
                    str(field)
                    for field in model._fields.values()
                    if field.compute
                    and field.compute_sudo
                    and field.name != "display_name"
                    and field.comodel_name not in ("res.company", "res.currency")
                ]
                self.assertFalse(told)

    def test_a_card_that_is_not_the_clients(self):
        foreign = self._new_demo_card("done", partner=self.client_3)
        self.client_3.card_authorized_on = "2026-01-01"
        page = (
            self.env["calendar.event.cancel"]
            .with_user(self.frontdesk)
            .create(
                {
                    "event_ids": [Command.set(self.appointment.ids)],
                    "visit_state": "no_show",
                }
            )
        )
        page.write({"charge_card": True, "payment_token_id": foreign.id})
        with self.assertRaises(UserError):
            page.action_cancel()
        self.env.invalidate_all()
        self.assertEqual(self.appointment.visit_state, "scheduled")
        self.assertFalse(
            self.env["payment.transaction"]
            .sudo()
            .search([("token_id", "=", foreign.id)])
        )


@tagged("post_install", "-at_install")
class TestCards(DoorsCase, ChargeCommon):
    """Who sees which saved card, and that it is a masked name that they see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        contacts = cls.env["res.partner"]
        cls.payer = contacts.create({"name": "Parent"})
        cls.client_2.payer_id = cls.payer
        cls.invoice_contact = contacts.create(
            {"name": "Billing", "parent_id": cls.client_1.id, "type": "invoice"}
        )
        cls.supplier = contacts.create({"name": "Supplier"})
        cls._new_appointment(cls.client_2, cls.financial)
        cls.cards = {
            name: cls._new_demo_card("done", partner=partner)
            for name, partner in {
                "client": cls.client_1,
                "invoice_contact": cls.invoice_contact,
                "payer": cls.payer,
                "supplier": cls.supplier,
                "employee": cls.employee.partner_id,
            }.items()
        }

    def _seen(self, user):
        tokens = self.env["payment.token"].with_user(user)
        found = tokens.search([("id", "in", [card.id for card in self.cards.values()])])
        return {name for name, card in self.cards.items() if card in found}

    def test_who_sees_which(self):
        of_clients = {"client", "invoice_contact", "payer"}
        self.assertEqual(self._seen(self.frontdesk), of_clients)
        self.assertEqual(self._seen(self.therapist), {"client", "invoice_contact"})
        self.assertEqual(self._seen(self.financial), {"payer"})
        # Odoo's Invoicing role sees all, as in stock.
        self.assertEqual(self._seen(self.biller), set(self.cards))
        self.assertEqual(self._seen(self.employee), {"employee"})
        for user in (self.contact_manager, self.portal):
            self.assertFalse(self._seen(user))
        # Cancelled appointments are archived, and count as well.
        self._cancel(self.appointment, visit_state="cancelled", product_id=False)
        self.assertEqual(self._seen(self.therapist), {"client", "invoice_contact"})

    def test_masked(self):
        card = self.cards["client"]
        keys = ("provider_ref", "stripe_payment_method", "stripe_mandate")
        for user in (*self.users.values(), self.accountant):
            token = card.with_user(user)
            with self.subTest(user=user.login):
                if token.has_access("read"):
                    self.assertIn("4242", token.display_name)
                for key in keys:
                    with self.assertRaises(AccessError):
                        token.read([key])
                    with self.assertRaises(AccessError):
                        token.search([(key, "!=", False)])
                    self.assertNotIn(key, token.fields_get())
                for operation in ("write", "create", "unlink"):
                    self.assertFalse(token.has_access(operation))

    def test_they_are_charged_all_the_same(self):
        """The keys are hidden from people, not from what charges the card."""
        self.client_1.card_authorized_on = "2026-01-01"
        appointment = self._new_appointment(self.client_1)
        charge = self._cancel_and_charge(
            appointment, card=self.cards["client"], user=self.therapist
        )
        self._commit()
        self.env.invalidate_all()
        self.assertEqual(charge.state, "done")
        self.assertEqual(appointment.fee_state, "paid")
