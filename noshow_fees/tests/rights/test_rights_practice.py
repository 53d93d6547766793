"""Who may do what with clients, charts, fee codes and settings, as RPC would call."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .rights_common import ALL, MONEY, OWN, RightsCase

#: Roles whoever the provider is.
THERAPISTS = OWN | {"therapist", "financial"}
STRANGER = {"other company's owner"}


@tagged("post_install", "-at_install")
class TestPracticeRights(RightsCase):
    def test_create_and_edit_clients(self):
        def create(user, event):
            event.env["res.partner"].create({"name": "New", "is_client": True})

        def edit(user, event):
            event.env["res.partner"].browse(self.client_2.id).write(
                {"phone": "1", "payer_id": self.client_3.id}
            )

        def agree(user, event):
            event.env["res.partner"].browse(self.client_2.id).write(
                {"card_authorized_on": "2026-01-01"}
            )

        # A contact without a company belongs to all of them.
        for act in (create, edit, agree):
            with self.subTest(act=act.__name__):
                self.assertAllowed(ALL | STRANGER, act)

    def test_fee_codes(self):
        def create(user, event):
            event.env["product.template"].create({"name": "Fee", "cpt_code": "NEW"})

        def change(user, event):
            event.env["product.product"].browse(self.code_noshow.id).write(
                {"list_price": 1.0}
            )

        def archive(user, event):
            event.env["product.product"].browse(self.code_noshow.id).action_archive()

        self.assertAllowed({"manager", "owner"} | STRANGER, create)
        # One that a company bills with is changed by that company's people.
        for act in (change, archive):
            with self.subTest(act=act.__name__):
                self.assertAllowed({"manager", "owner"}, act)
        # Other products are the product managers'.
        self.assertAllowed(
            (),
            lambda user, event: self.product_a.with_user(user).write(
                {"list_price": 1.0}
            ),
        )
        self.assertAllowed(
            (),
            lambda user, event: event.env["product.template"].create({"name": "Tea"}),
        )

    def test_settings(self):
        def save(user, event):
            event.env["noshow.settings"].create(
                {"company_id": self.company.id, "noshow_notice_hours": 48.0}
            ).action_save()
            self.assertEqual(self.company.noshow_notice_hours, 48.0)

        def write_the_company(user, event):
            self.company.with_user(user).write({"noshow_notice_hours": 1.0})

        self.assertAllowed({"manager", "owner"}, save)
        self.assertAllowed((), write_the_company)

    def test_write_chart_entries(self):
        def create(user, event):
            event.env["noshow.chart.entry"].create(
                {
                    "client_id": self.client_1.id,
                    "body": "<p>Called</p>",
                    "company_id": self.company.id,
                }
            )

        def for_somebody_else(user, event):
            event.env["noshow.chart.entry"].create(
                {
                    "client_id": self.client_1.id,
                    "author_id": self.colleague.id,
                    "body": "<p>Called</p>",
                }
            )

        # In the client's own company; who has which client is the chart's own test.
        allowed = self._try(lambda appointment: appointment, create)
        self.assertLessEqual(ALL | OWN, allowed)
        self.assertFalse(allowed & {"accountant", "employee", "portal", *STRANGER})
        with self.assertRaises(Exception) as refusal:
            for_somebody_else(
                self.frontdesk, self.appointment.with_user(self.frontdesk)
            )
        self.assertIn("signed", str(refusal.exception))

    def test_read_chart_entries(self):
        # None of the actors, who read what they wrote themselves.
        writer = self._new_user("noshow_desk_2", "noshow_fees.group_staff")

        def prepare(appointment):
            return (
                self.env["noshow.chart.entry"]
                .with_user(writer)
                .create(
                    {
                        "client_id": appointment.client_id.id,
                        "appointment_id": appointment.id,
                        "body": "<p>Called</p>",
                    }
                )
            )

        def read(user, entry):
            if not entry.search([("id", "=", entry.id)]):
                raise AccessError("Not found.")  # pylint: disable=translation-required
            entry.read(["body"])

        # Somebody else's entry: own clients' therapists, and the owner.
        self._unbook(self.colleague)
        self.assertAllowed({"owner", *OWN}, read, self._only_theirs(prepare))

    def _only_theirs(self, prepare):
        """Give each actor a client of their own: whose therapist one is decides."""

        def prepare_with_new_client(appointment):
            appointment.client_id = self.env["res.partner"].create(
                {"name": "Somebody", "is_client": True}
            )
            return prepare(appointment)

        return prepare_with_new_client

    def _unbook(self, provider):
        self.env["calendar.event"].search([("user_id", "=", provider.id)]).unlink()

    def test_read_what_they_wrote(self):
        for user in (self.frontdesk, self.biller, self.manager):
            entries = self.env["noshow.chart.entry"].with_user(user)
            entry = entries.create({"client_id": self.client_3.id, "body": "<p>x</p>"})
            self.env.invalidate_all()
            self.assertEqual(entries.search([("id", "=", entry.id)]).body, "<p>x</p>")

    def test_who_has_odoos_roles(self):
        """Billers and up have Odoo's Invoicing role, and nobody its administration."""
        has = {
            name: user.has_group("account.group_account_invoice")
            for name, user in self.users.items()
        }
        self.assertEqual({name for name, yes in has.items() if yes}, MONEY)
        for user in self.users.values():
            self.assertFalse(user.has_group("base.group_system"))
            self.assertFalse(user.has_group("base.group_erp_manager"))

    def test_every_right_of_ours_comes_with_a_rule(self):
        """Every access right of the addon has a record rule that applies to its group:
        its own, or a global one."""
        accesses = (
            self.env["ir.model.access"]
            .search([])
            .filtered(
                lambda access: access.get_external_id()[access.id].startswith(
                    "noshow_fees."
                )
            )
        )
        self.assertGreater(len(accesses), 10)
        for access in accesses:
            with self.subTest(access=access.name):
                rules = self.env["ir.rule"].search(
                    [("model_id", "=", access.model_id.id)]
                )
                rules = rules.filtered(
                    lambda rule, access=access: (
                        rule.get_external_id()[rule.id].startswith("noshow_fees.")
                        and (
                            not rule.groups
                            or rule.groups & access.group_id.all_implied_ids
                        )
                    )
                )
                self.assertTrue(rules)
