"""A rule of the cancellation policy. The first that matches decides; none, no fee."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...const import FEE_CODE_DOMAIN, SHIPPED_CODES
from ...tools.context import is_by_method
from ...tools.policy_rule import FeeRule


class NoshowPolicyRule(models.Model):
    _name = "noshow.policy.rule"
    _description = "Rule of the Cancellation Policy"
    _order = "policy_id, sequence, id"
    _rec_name = "sentence"

    policy_id = fields.Many2one("noshow.policy", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="policy_id.company_id")
    currency_id = fields.Many2one(related="policy_id.currency_id")
    sequence = fields.Integer(default=100)
    number = fields.Integer(
        compute="_compute_number", help="Its place: what people call it by."
    )
    outcome = fields.Selection(
        [
            ("late_cancelled", "Late cancellation"),
            ("no_show", "No-show"),
            ("cancelled", "Cancellation in time"),
        ],
        required=True,
        default="late_cancelled",
    )
    within_hours = fields.Float(
        string="Hours Before, or Less",
        help="Only when cancelled so many hours before the start, or less. 0: whatever "
        "the notice.",
    )
    # Deleting one of these would change a published rule: restricted. Archived ones
    # count on: without them, the rule would be for all.
    service_ids = fields.Many2many(
        "product.product",
        "noshow_policy_rule_service_rel",
        context={"active_test": False},
        string="Services",
        domain=FEE_CODE_DOMAIN,
        ondelete="restrict",
    )
    provider_ids = fields.Many2many(
        "res.users",
        "noshow_policy_rule_provider_rel",
        context={"active_test": False},
        string="Providers",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        ondelete="restrict",
    )
    coverage_class_ids = fields.Many2many(
        "noshow.coverage.class",
        "noshow_policy_rule_coverage_rel",
        context={"active_test": False},
        string="Coverage",
        ondelete="restrict",
    )
    # Stored: most rules ask for none of them, and need not read three tables.
    is_for_some = fields.Boolean(
        compute="_compute_is_for_some",
        store=True,
        help="Asks for services, providers or coverage.",
    )
    from_miss = fields.Integer(
        default=1,
        help="2: the client's first miss is free, this is for the second and later.",
    )
    window_days = fields.Integer(
        string="In Days", help="Misses before that count no more. 0: all count."
    )
    charge = fields.Selection(
        [
            ("amount", "An amount"),
            ("percent", "Percent of the service's price"),
            ("none", "No fee"),
        ],
        required=True,
        default="amount",
    )
    product_id = fields.Many2one(
        "product.product", string="Code", domain=FEE_CODE_DOMAIN, ondelete="restrict"
    )
    amount = fields.Monetary(
        help="Without taxes. 0: the code's price when this is published."
    )
    percent = fields.Float(default=100.0)
    minimum = fields.Monetary(string="At Least")
    maximum = fields.Monetary(string="At Most")
    sentence = fields.Char(string="Rule", compute="_compute_sentence")
    hint = fields.Char(compute="_compute_hint")

    _amounts_positive = models.Constraint(
        "CHECK (within_hours BETWEEN 0 AND 8784 AND window_days BETWEEN 0 AND 3660"
        " AND from_miss >= 1"
        " AND percent BETWEEN 0 AND 1000 AND amount BETWEEN 0 AND 1e9"
        " AND minimum BETWEEN 0 AND 1e9 AND maximum BETWEEN 0 AND 1e9)",
        "Hours, days and amounts of a rule cannot be negative or absurd (ten years, "
        "1,000 %), and the first miss is number 1.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("service_ids", "provider_ids", "coverage_class_ids")
    def _compute_is_for_some(self):
        for rule in self:
            rule.is_for_some = bool(
                rule.service_ids or rule.provider_ids or rule.coverage_class_ids
            )

    @api.depends("sequence", "policy_id.rule_ids.sequence")
    def _compute_number(self):
        for rule in self:
            # As in a form, too, where rules are not saved yet.
            rules = list(rule.policy_id.rule_ids.sorted("sequence"))
            rule.number = rules.index(rule) + 1 if rule in rules else len(rules) + 1

    @api.depends(
        "amount",
        "charge",
        "coverage_class_ids",
        "from_miss",
        "is_for_some",
        "maximum",
        "minimum",
        "outcome",
        "percent",
        "product_id",
        "provider_ids",
        "service_ids",
        "window_days",
        "within_hours",
    )
    @api.depends_context("lang")
    def _compute_sentence(self):
        for rule in self:
            rule.sentence = self.env._(
                "%(condition)s: %(fee)s",
                condition=", ".join(rule._get_conditions()),
                fee=rule._get_fee_text(),
            )

    @api.depends(
        "coverage_class_ids",
        "from_miss",
        "outcome",
        "policy_id.rule_ids.coverage_class_ids",
        "policy_id.rule_ids.from_miss",
        "policy_id.rule_ids.outcome",
        "policy_id.rule_ids.provider_ids",
        "policy_id.rule_ids.sequence",
        "policy_id.rule_ids.service_ids",
        "policy_id.rule_ids.window_days",
        "policy_id.rule_ids.within_hours",
        "provider_ids",
        "sequence",
        "service_ids",
        "window_days",
        "within_hours",
    )
    def _compute_hint(self):
        for rule in self:
            rules = rule.policy_id.rule_ids.sorted("sequence")
            above = rules.browse()
            for other in rules:
                if other == rule:
                    break
                above |= other
            [own] = rule._to_fee_rules()
            first = next((r for r in above._to_fee_rules() if r.covers(own)), None)
            rule.hint = first and self.env._(
                "Rule %(number)s is never reached: rule %(first)s fits first. Drag it "
                "above that one.",
                number=rule.number,
                first=first.number,
            )

    def _get_conditions(self):
        """What this rule asks for, in words."""
        outcomes = dict(self._fields["outcome"]._description_selection(self.env))
        words = [outcomes.get(self.outcome, "")]
        if self.within_hours:
            words.append(
                self.env._("%g hours before or less", round(self.within_hours, 2))
            )
        if self.is_for_some:
            words += self._get_lists()
        if self.from_miss > 1:
            words.append(self._get_miss_text())
        return words

    def _get_lists(self):
        """For whom and what this rule is, in words."""
        words = []
        if self.service_ids:
            # In sudo: the names of codes and providers are no secret in a practice.
            codes = self.sudo().service_ids.mapped("cpt_code")
            words.append(self.env._("service %s", " / ".join(filter(None, codes))))
        if self.provider_ids:
            names = self.sudo().provider_ids.mapped("name")
            words.append(self.env._("with %s", " / ".join(names)))
        if self.coverage_class_ids:
            names = self.sudo().coverage_class_ids.mapped("name")
            words.append(self.env._("covered by %s", " / ".join(names)))
        return words

    def _get_miss_text(self):
        ordinals = {
            2: self.env._("second miss"),
            3: self.env._("third miss"),
            4: self.env._("fourth miss"),
        }
        miss = ordinals.get(self.from_miss) or self.env._("miss %s", self.from_miss)
        if not self.window_days:
            return self.env._("%s or later", miss)
        return self.env._(
            "%(miss)s or later in %(days)s days", miss=miss, days=self.window_days
        )

    def _get_fee_text(self):
        """What this rule charges, in words, net."""
        if self.charge == "none":
            return self.env._("no fee")
        code = self.sudo().product_id.cpt_code or "?"
        if self.charge == "percent":
            return f"{code}, {self._get_share_text()}"
        if self.amount or self.policy_id.state != "draft":
            return f"{code}, {self._format(self.amount)}"
        return self.env._("%s, its price when published", code)

    def _get_share_text(self):
        bounds = ""
        if self.minimum:
            bounds += self.env._(", at least %s", self._format(self.minimum))
        if self.maximum:
            bounds += self.env._(", at most %s", self._format(self.maximum))
        return self.env._(
            "%(percent)g %% of the service's price%(bounds)s",
            percent=round(self.percent, 2),
            bounds=bounds,
        )

    def _format(self, amount):
        return self.currency_id.format(amount)

    def _get_table_rows(self):
        """What clients read below the text: the rules with taxes included."""
        return [
            {
                "number": rule.number,
                "condition": ", ".join(rule._get_conditions()),
                "fee": rule._get_table_fee(),
            }
            for rule in self.sudo()
        ]

    def _get_table_fee(self):
        if self.charge == "none" or not self.product_id:
            return self._get_fee_text()
        if self.charge == "amount":
            amount = self.amount
            if not amount and self.policy_id.state == "draft":
                amount = self._get_code_price()
            return self._format(self._get_total(amount))
        share = self._get_share_text()
        if self.currency_id.compare_amounts(self._get_total(100.0), 100.0) > 0:
            return self.env._("%s, plus taxes", share)
        return share

    def _get_total(self, amount):
        """What a payer without a fiscal position owes, taxes included; in sudo."""
        return self.env["account.move.line"]._get_fee_total(
            self.product_id,
            amount,
            self.env["account.fiscal.position"].browse(),
            self.env["res.partner"].browse(),
            self.company_id,
        )

    @api.onchange("outcome")
    def _onchange_outcome(self):
        """Propose the code that this outcome has in the other rules, else the one that
        comes with the addon; what was chosen stays."""
        codes = {
            outcome: self._get_usual_code(outcome)
            for outcome in dict(self._fields["outcome"].selection)
        }
        if not self.product_id or self.product_id in codes.values():
            self.product_id = codes.get(self.outcome)

    def _get_usual_code(self, outcome):
        others = self.policy_id.rule_ids.filtered(
            lambda rule: rule.outcome == outcome and rule.product_id and rule != self
        )
        if others:
            return others[0].product_id._origin
        companies = self.env["res.company"]
        return companies._get_shipped_fee_code(SHIPPED_CODES.get(outcome)).with_env(
            self.env
        )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.constrains("charge", "product_id", "service_ids")
    def _check_code(self):
        for rule in self:
            # In sudo: what a product is does not depend on who asks.
            rule.service_ids.sudo()._check_is_fee_code()
            code = rule.product_id.sudo()
            if rule.charge != "none" and not code:
                raise ValidationError(
                    self.env._("Which code does this rule charge? Choose one.")
                )
            if not rule.company_id._may_use(code.company_id):
                raise ValidationError(
                    self.env._("Fee code %s belongs to another company.", code.cpt_code)
                )

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        # After it: whatever the context proposed (`default_policy_id`).
        rules._check_draft()
        return rules

    def write(self, vals):
        if vals:
            self._check_draft()
        result = super().write(vals)
        if "policy_id" in vals:
            self._check_draft()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self._check_draft()

    def _check_draft(self):
        if not is_by_method(self.env):
            policies = self.sudo().policy_id
            policies._check_not_published(policies._filter_published())

    def action_duplicate(self):
        """Put a copy of this rule above it: most rules differ in one thing, and what is
        more special goes first."""
        self.ensure_one()
        new = self.copy()
        places = []
        for rule in self.policy_id.rule_ids.sorted(lambda one: (one.sequence, one.id)):
            if rule == self:
                places.append(new)
            if rule != new:
                places.append(rule)
        for place, rule in enumerate(places, 1):
            rule.sequence = 10 * place
        return True

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _check_publishable(self):
        """:raise UserError: a code that cannot be charged"""
        self.ensure_one()
        if self.charge == "none":
            return
        try:
            # In sudo: products are the accountants'; of this one the code is asked.
            self.product_id.sudo()._check_fee(self.company_id, self.amount)
        except UserError as error:
            raise UserError(
                self.env._(
                    "Rule %(number)s: %(problem)s",
                    number=self.number,
                    problem=error.args[0],
                )
            ) from error
        if self.maximum and self.maximum < self.minimum:
            raise UserError(
                self.env._("Rule %s: at most is less than at least.", self.number)
            )

    def _fill_amount(self):
        """What a code costs today is what this version says from now on."""
        self.ensure_one()
        if self.charge == "amount" and not self.amount:
            self.amount = self._get_code_price()

    def _get_code_price(self):
        return self.product_id.sudo()._get_list_fee(self.company_id)

    def _is_plain(self):
        """Whether this asks for nothing but an outcome, and charges an amount."""
        self.ensure_one()
        return (
            self.charge == "amount"
            and not self.within_hours
            and self.from_miss <= 1
            and not self.is_for_some
        )

    def _to_fee_rules(self):
        """These rules as plain values, in their order."""

        def get_ids(rule, name):
            return frozenset(rule[name].ids if rule.is_for_some else ())

        return [
            FeeRule(
                id=rule.id,
                number=number,
                outcome=rule.outcome,
                within_hours=rule.within_hours,
                services=get_ids(rule, "service_ids"),
                providers=get_ids(rule, "provider_ids"),
                classes=get_ids(rule, "coverage_class_ids"),
                from_miss=rule.from_miss,
                window_days=rule.window_days,
                charge=rule.charge,
                product=rule.product_id.id,
                amount=rule.amount,
                percent=rule.percent,
                minimum=rule.minimum,
                maximum=rule.maximum,
            )
            for number, rule in enumerate(self.sorted(lambda r: (r.sequence, r.id)), 1)
        ]
