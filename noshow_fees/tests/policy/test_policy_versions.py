"""A published version is never changed, and which one an appointment falls under."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .policy_common import PolicyCommon

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestPolicyVersions(PolicyCommon):
    def test_version_1_is_what_the_settings_say(self):
        company = self.env["res.company"].create({"name": "Second practice"})
        policy = company._get_policy_in_force()
        self.assertEqual((policy.version, policy.notice_hours), (1, 24.0))
        self.assertEqual(
            {rule.outcome: (rule.product_id, rule.amount) for rule in policy.rule_ids},
            {
                "no_show": (self.code_noshow, 75.0),
                "late_cancelled": (self.code_late, 50.0),
            },
        )
        self.assertTrue(policy._is_simple())

    def test_nothing_of_a_published_version_is_changed(self):
        """By whatever way, as superuser too; a draft is."""
        self.appointment.flush_recordset()
        policy = self._publish({"outcome": "no_show", "amount": 75.0}, text="<p>A</p>")
        self._new_appointment(self.client_2)
        draft = policy.browse(
            policy.with_user(self.manager).action_new_version()["res_id"]
        )
        rule = policy.rule_ids
        ways = {
            "notice": lambda p: p.write({"notice_hours": 12.0}),
            "same notice": lambda p: p.write({"notice_hours": p.notice_hours}),
            "rules": lambda p: p.write({"rule_ids": [Command.clear()]}),
            "a rule": lambda p: p.rule_ids.write({"amount": 1.0}),
            "a rule's services": lambda p: p.rule_ids.write(
                {"service_ids": [Command.set(self.code_system.ids)]}
            ),
            "a new rule": lambda p: p.rule_ids.create(
                {"policy_id": p.id, "product_id": self.code_late.id}
            ),
            "by the context": lambda p: p.rule_ids.with_context(
                default_policy_id=p.id
            ).create({"product_id": self.code_late.id}),
            "no rule": lambda p: p.rule_ids.unlink(),
            "its text": lambda p: p.write({"text": "<p>B</p>"}),
            "a translation": lambda p: p.update_field_translations(
                "text", {"en_US": {"A": "B"}}
            ),
            "deleting": lambda p: p.unlink(),
        }
        for user in (self.env.user, self.manager, self.owner):
            for su in (False, True):
                for name, way in ways.items():
                    with self.subTest(way=name, user=user.login, su=su):
                        published = policy.with_user(user).sudo(su)
                        with self.assertRaises(UserError):
                            way(published)
        for name, way in ways.items():
            if name != "deleting":
                way(draft.with_user(self.manager))
        moved = draft.rule_ids.create(
            {"policy_id": draft.id, "product_id": self.code_late.id}
        )
        with self.assertRaises(UserError):
            moved.policy_id = policy
        with self.assertRaises(UserError):
            draft.write({"state": "published"})
        ways["deleting"](draft.with_user(self.manager))
        by_context = draft.with_context(default_state="published", default_version=9)
        new = by_context.create({"company_id": self.company.id})
        self.assertEqual((new.state, new.published_on), ("draft", False))
        self.assertEqual((rule.amount, policy.text), (75.0, "<p>A</p>"))

    def test_what_a_rule_names_is_kept(self):
        """Deleting a service or provider would change a published rule."""
        service = self.env["product.product"].create({"name": "X", "cpt_code": "X"})
        self._publish({"outcome": "no_show", "service_ids": [Command.set(service.ids)]})
        with self.assertRaises(Exception):  # noqa: B017 - PostgreSQL says it
            service.unlink()

    def test_who_publishes(self):
        for user in (self.frontdesk, self.therapist, self.biller):
            draft = self.env["noshow.policy"].create({"company_id": self.company.id})
            with self.assertRaises(AccessError):
                draft.with_user(user).action_publish()
            with self.assertRaises(AccessError):
                draft.with_user(user).write({"notice_hours": 1.0})
            with self.assertRaises(AccessError):
                self.company._get_policy_in_force().with_user(user).action_new_version()
            draft.unlink()
        for user in (self.manager, self.owner):
            draft = self.env["noshow.policy"].with_user(user).create({})
            draft.action_publish()
            self.assertEqual(draft.state, "published")
            self.assertEqual(draft.published_by_id, user)
            copied = draft.copy()
            self.assertFalse(copied.published_by_id)
            copied.unlink()

    def test_what_nobody_was_told_of_is_replaced(self):
        """The first has appointments; the second nobody booked under; the third has
        one."""
        first = self.company._get_policy_in_force()
        with freeze_time(fields.Datetime.now() + DAY):
            second = self._publish({"outcome": "no_show", "amount": 60.0})
        self.assertEqual((first.state, second.version), ("retired", 2))
        with freeze_time(fields.Datetime.now() + 2 * DAY):
            third = self._publish({"outcome": "no_show", "amount": 70.0})
            self.assertFalse(second.exists())
            self.assertEqual(third.version, 2)
            self._new_appointment(self.client_2, start=self.tomorrow + 9 * DAY)
        with freeze_time(fields.Datetime.now() + 3 * DAY):
            fourth = self._publish({"outcome": "no_show", "amount": 80.0})
        self.assertTrue(third.exists())
        self.assertEqual(fourth.version, 3)

    def test_which_version(self):
        """Booked under it, or a later one that says so for that day."""
        now = fields.Datetime.now()
        start = self.tomorrow + 40 * DAY
        series = [
            self._new_appointment(self.client_2, start=start + 7 * n * DAY)
            for n in range(4)
        ]
        first = self.company._get_policy_in_force()
        with freeze_time(now + DAY):
            second = self._publish(
                {"outcome": "no_show", "amount": 90.0},
                applies_from=(start + 14 * DAY).date(),
            )
        with freeze_time(now + 2 * DAY):
            later = self._new_appointment(self.client_3, start=start)
        found = self.env["calendar.event"].union(*series, later)._get_policies()
        self.assertEqual(
            [found[event] for event in series], [first, first, second, second]
        )
        self.assertEqual(found[later], second)
        self.assertEqual(self._amount(series[1]), 75.0)
        self.assertEqual(self._amount(series[2]), 90.0)

    def test_clients_are_given_time(self):
        today = self.company._get_practice_today()
        with self.assertRaisesRegex(UserError, "14 days"):
            self._publish(applies_from=today + 13 * DAY)
        self.env["noshow.policy"].search([("state", "=", "draft")]).unlink()
        self._publish(applies_from=today + 14 * DAY)

    def test_who_or_what_a_rule_names_is_archived_later(self):
        """A rule for an intern does not become one for everybody when they leave."""
        kind = self.env["noshow.coverage.class"].create({"name": "Plan A"})
        named = {
            "provider_ids": self.financial,
            "service_ids": self.code_system,
            "coverage_class_ids": kind,
        }
        policy = self._publish(
            *(
                {"outcome": "no_show", "amount": 5.0, name: [Command.set(records.ids)]}
                for name, records in named.items()
            ),
            {"outcome": "no_show", "amount": 75.0},
        )
        event = self._new_appointment(self.client_2)
        sentences = policy.rule_ids.mapped("sentence")
        for records in named.values():
            records.active = False
        policy.invalidate_recordset()
        policy.rule_ids.invalidate_recordset()
        self.assertEqual(self._amount(event), 75.0)
        self.assertEqual(policy.rule_ids.mapped("sentence"), sentences)
        self.assertFalse(policy._is_simple())
        # And of whom it does name, nothing else is asked.
        self.env["noshow.coverage"].create(
            {"client_id": self.client_3.id, "coverage_class_id": kind.id}
        )
        covered = self._new_appointment(self.client_3)
        self.assertEqual(self._amount(covered), 5.0)

    def test_publishing_refuses_an_archived_code(self):
        draft = self.env["noshow.policy"].create(
            {"rule_ids": self._rules({"outcome": "no_show"})}
        )
        self.code_noshow.active = False
        with self.assertRaisesRegex(UserError, "Rule 1.*archived"):
            draft.action_publish()
        self.code_noshow.active = True
        draft.action_publish()

    def test_publishing_asks_for_every_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        draft = self.env["noshow.policy"].create({"text": "<p>Please call.</p>"})
        with self.assertRaisesRegex(UserError, "French"):
            draft.action_publish()
        draft.update_field_translations(
            "text", {"fr_FR": {"Please call.": "Veuillez appeler."}}
        )
        draft.action_publish()

    def test_the_simple_page_keeps_the_text_in_every_language(self):
        """Also where the version before is replaced, as nobody was told of it."""
        self.env["res.lang"]._activate_lang("fr_FR")
        draft = self.env["noshow.policy"].create(
            {"text": "<p>Please call.</p><p>Thank you.</p>", "rule_ids": self._rules()}
        )
        french = {"Please call.": "Veuillez appeler.", "Thank you.": "Merci."}
        draft.update_field_translations("text", {"fr_FR": french})
        draft.action_publish()
        self._new_appointment(self.client_2)
        for hours, lang in ((36, "en_US"), (48, "fr_FR"), (60, "en_US")):
            self.manager.lang = lang
            pages = self.env["noshow.settings"].with_user(self.manager)
            page = pages.with_context(lang=lang).create({"noshow_notice_hours": hours})
            page.action_save()
            self.env.invalidate_all()
            policy = self.company._get_policy_in_force()
            self.assertEqual(policy.notice_hours, hours)
            for code, text in (
                ("en_US", "<p>Please call.</p><p>Thank you.</p>"),
                ("fr_FR", "<p>Veuillez appeler.</p><p>Merci.</p>"),
            ):
                self.assertEqual(policy.with_context(lang=code).text, text)
        # A person still changes no published text.
        with self.assertRaisesRegex(UserError, "never changed"):
            policy.with_user(self.manager).sudo(False).update_field_translations(
                "text", {"fr_FR": {"Please call.": "Zut."}}
            )

    def test_an_empty_amount_is_the_codes_price_of_that_day(self):
        policy = self._publish({"outcome": "no_show"})
        self.code_noshow.list_price = 99.0
        self.assertEqual(self._amount(self._new_appointment(self.client_2)), 75.0)
        self.assertEqual(policy.rule_ids.amount, 75.0)

    def test_the_simple_page_publishes(self):
        """Notice and three codes with their amounts; unchanged, nothing happens."""
        before = self.company._get_policy_in_force()
        page = self.env["noshow.settings"].with_user(self.manager).create({})
        self.assertEqual(page.noshow_no_show_amount, 75.0)
        page.action_save()
        self.assertEqual(self.company._get_policy_in_force(), before)
        page = self.env["noshow.settings"].with_user(self.manager).create({})
        page.write({"noshow_no_show_amount": 80.0, "noshow_notice_hours": 48.0})
        page.action_save()
        policy = self.company._get_policy_in_force()
        self.assertNotEqual(policy, before)
        self.assertEqual(policy.notice_hours, 48.0)
        self.assertEqual(policy._get_plain_rule("no_show").amount, 80.0)
        self.assertEqual(policy._get_plain_rule("late_cancelled").amount, 50.0)

    def test_the_simple_page_gives_earlier_bookings_a_day(self):
        """That alone is a new version, too."""
        before = self.company._get_policy_in_force()
        day = self.company._get_practice_today() + timedelta(days=20)
        page = self.env["noshow.settings"].with_user(self.manager).create({})
        page.noshow_applies_from = day
        page.action_save()
        policy = self.company._get_policy_in_force()
        self.assertNotEqual(policy, before)
        self.assertEqual((policy.applies_from, policy.notice_hours), (day, 24.0))

    def test_the_simple_page_keeps_the_other_rules(self):
        self._publish(
            {"outcome": "no_show", "from_miss": 2, "amount": 99.0},
            {"outcome": "no_show", "amount": 60.0},
        )
        self.company.with_user(
            self.owner
        ).sudo().noshow_no_show_product_id = self.code_system
        policy = self.company._get_policy_in_force()
        self.assertEqual(
            [(rule.from_miss, rule.amount) for rule in policy.rule_ids],
            [(2, 99.0), (1, 130.0)],
        )

    def test_a_copy_of_a_rule_goes_above_it(self):
        draft = self.env["noshow.policy"].create(
            {
                "rule_ids": self._rules(
                    {"outcome": "no_show", "amount": 1.0},
                    {"outcome": "no_show", "amount": 2.0},
                )
            }
        )
        first, second = draft.rule_ids
        second.action_duplicate()
        new = draft.rule_ids - first - second
        order = draft.rule_ids.sorted("sequence")
        self.assertEqual(list(order), [first, new, second])
        self.assertEqual(order.mapped("number"), [1, 2, 3])

    def _hints(self, *rules):
        """Which rules are never reached, by the number of the one that fits first."""
        draft = self.env["noshow.policy"].create({"rule_ids": self._rules(*rules)})
        hints = [(rule.hint or "").partition("rule ")[2][:1] for rule in draft.rule_ids]
        draft.unlink()
        return hints

    def test_a_rule_that_is_never_reached_says_so(self):
        """Whoever adds a special rule below the general one is told to drag it."""
        plain = {"outcome": "no_show"}
        two = Command.set((self.code_system + self.code_late).ids)
        for special, wider in (
            ({"within_hours": 4.0}, {"within_hours": 5.0}),
            (
                {"service_ids": [Command.set(self.code_late.ids)]},
                {"service_ids": [two]},
            ),
            (
                {"provider_ids": [Command.set(self.financial.ids)]},
                {"provider_ids": [Command.set((self.financial + self.therapist).ids)]},
            ),
            ({"from_miss": 3}, {"from_miss": 2}),
            (
                {"from_miss": 2, "window_days": 30},
                {"from_miss": 2, "window_days": 180},
            ),
            ({"from_miss": 2, "window_days": 30}, {"from_miss": 2}),
        ):
            special, wider = {**plain, **special}, {**plain, **wider}
            self.assertEqual(self._hints(plain, special), ["", "1"])
            self.assertEqual(self._hints(wider, special), ["", "1"])
            self.assertEqual(self._hints(special, wider, plain), ["", "", ""])
        late = {"outcome": "late_cancelled", "within_hours": 4.0}
        self.assertEqual(self._hints(plain, late, late), ["", "", "2"])

    def test_the_hints_follow_in_the_form(self):
        draft = self.env["noshow.policy"].create(
            {"rule_ids": self._rules({"outcome": "no_show"}, {"outcome": "no_show"})}
        )
        with Form(draft.with_user(self.manager)) as form:
            self.assertIn("Rule 2 is never reached: rule 1", form.hints)
            with form.rule_ids.edit(0) as rule:
                rule.outcome = "late_cancelled"
            self.assertFalse(form.hints)
            with form.rule_ids.new() as rule:
                rule.outcome = "late_cancelled"
            self.assertIn("Rule 3 is never reached: rule 1", form.hints)

    def test_a_new_rule_has_the_code_of_its_outcome(self):
        draft = self.env["noshow.policy"].create(
            {
                "rule_ids": self._rules(
                    {"outcome": "no_show", "product_id": self.code_system.id}
                )
            }
        )
        with Form(draft.with_user(self.manager)) as form, form.rule_ids.new() as rule:
            self.assertEqual(rule.product_id, self.code_late)
            rule.outcome = "no_show"
            self.assertEqual(rule.product_id, self.code_system)
            rule.within_hours = 4.0
            self.assertIn("rule 1 fits first", rule.hint)
            rule.outcome = "cancelled"
            self.assertFalse(rule.product_id)
            self.assertFalse(rule.hint)
            rule.product_id = self.code_system
            rule.outcome = "late_cancelled"

    def test_a_draft_is_one(self):
        policy = self.company._get_policy_in_force().with_user(self.manager)
        draft = policy.action_new_version()["res_id"]
        self.assertEqual(policy.action_new_version()["res_id"], draft)

    def test_a_draft_that_others_have_overtaken_says_so(self):
        """Publishing it would put back what the simple page has changed."""
        policy = self.company._get_policy_in_force().with_user(self.manager)
        draft = policy.browse(policy.action_new_version()["res_id"])
        self.assertFalse(draft.hints)
        with freeze_time(fields.Datetime.now() + DAY):
            page = self.env["noshow.settings"].with_user(self.owner).create({})
            page.noshow_no_show_amount = 80.0
            page.action_save()
            draft.invalidate_recordset(["hints"])
            newer = self.company._get_policy_in_force()
            self.assertIn(newer.display_name, draft.hints)
            draft.unlink()
            new = policy.browse(
                newer.with_user(self.manager).action_new_version()["res_id"]
            )
        self.assertFalse(new.hints)
        self.assertEqual(new._get_plain_rule("no_show").amount, 80.0)

    def test_effect_of_a_draft_on_the_last_quarter(self):
        now = fields.Datetime.now()
        for client, days, service in (
            (self.client_2, 20, self.code_system),
            (self.client_2, 10, self.code_system),
            (self.client_3, 10, False),
        ):
            event = self._new_appointment(
                client, start=now - days * DAY, service_id=service and service.id
            )
            event.service_id = service
            self._cancel(event, visit_state="no_show")
        draft = self.env["noshow.policy"].create(
            {
                "rule_ids": self._rules(
                    {
                        "outcome": "no_show",
                        "from_miss": 2,
                        "charge": "percent",
                        "percent": 50.0,
                    }
                )
            }
        )
        effect = draft._get_effect()
        self.assertEqual((effect["count"], effect["unknown"]), (3, 1))
        self.assertEqual((effect["fees_was"], effect["was"]), (2, "$\xa0150.00"))
        self.assertEqual((effect["fees_would"], effect["would"]), (1, "$\xa065.00"))

    def test_try_a_case(self):
        policy = self._publish(
            {
                "outcome": "late_cancelled",
                "within_hours": 4.0,
                "charge": "percent",
                "percent": 100.0,
            },
            {
                "outcome": "late_cancelled",
                "from_miss": 2,
                "window_days": 180,
                "amount": 75.0,
            },
        )
        case = (
            self.env["noshow.policy.try"]
            .with_user(self.manager)
            .create({"policy_id": policy.id, "service_id": self.code_system.id})
        )
        self.assertIn("130.00", case.fee)
        self.assertIn("Rule 1", case.sentence)
        case.hours = 4.1
        self.assertEqual(case.fee, "No fee")
        case.miss = 2
        self.assertIn("75.00", case.fee)
        self.assertIn("second miss or later in 180 days", case.sentence)

    def test_try_a_case_knows_the_coverage(self):
        """As an appointment has it: nothing, or no more than the cap."""
        policy = self._publish({"outcome": "no_show", "amount": 75.0})
        kinds = self.env["noshow.coverage.class"]
        forbidding = kinds.create({"name": "Plan A", "missed_fee": "forbidden"})
        capping = kinds.create({"name": "Plan B", "missed_fee": "capped", "cap": 40.0})
        tries = self.env["noshow.policy.try"].with_user(self.manager)
        for classes, fee, words in (
            (kinds, "NOSHOW $\xa075.00", ""),
            (capping, "NOSHOW $\xa040.00", "Covered by Plan B: $\xa040.00 at most"),
            (forbidding, "No fee", "Covered by Plan A: a missed visit may not be"),
            (capping + forbidding, "No fee", "Covered by Plan A"),
        ):
            case = tries.create(
                {
                    "policy_id": policy.id,
                    "outcome": "no_show",
                    "coverage_class_ids": [Command.set(classes.ids)],
                }
            )
            self.assertEqual(case.fee, fee)
            self.assertIn(words, case.sentence)

    def test_the_table_of_fees_has_taxes(self):
        tax = self.env["account.tax"].create({"name": "10 %", "amount": 10.0})
        self.code_noshow.taxes_id = tax
        self.code_late.taxes_id = False
        self.code_late.list_price = 0.0
        share = {"charge": "percent", "percent": 50.0, "minimum": 20.0}
        policy = self._publish(
            {"outcome": "no_show", "amount": 75.0},
            {"outcome": "no_show", **share},
            {"outcome": "late_cancelled", "product_id": self.code_late.id},
            {"outcome": "cancelled", "product_id": self.code_late.id, **share},
        )
        # What was free when it was published stays free.
        self.code_late.list_price = 50.0
        policy.invalidate_recordset(["fee_table"])
        self.assertEqual(
            [row["fee"] for row in policy.rule_ids._get_table_rows()],
            [
                "$\xa082.50",
                "50 % of the service's price, at least $\xa020.00, plus taxes",
                "$\xa00.00",
                "50 % of the service's price, at least $\xa020.00",
            ],
        )
        self.assertIn("82.50", policy.fee_table)
        # The codes are the practice's.
        self.assertNotIn("NOSHOW", policy.fee_table)
