"""The cancellation policy, in versions. A published one is never changed: what a client
was told when they booked has to be readable for ever."""

from datetime import UTC, timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.fields import Domain

from ...tools.context import by_method, is_by_method, without_flags
from ...tools.when import format_day

#: Clients who have booked already are told so many days before it applies to them.
DAYS_AHEAD = 14
#: Written by `_publish` only.
PUBLISHED_FIELDS = {"published_by_id", "published_on", "version"}
METHOD_FIELDS = PUBLISHED_FIELDS | {"company_id", "state"}


class NoshowPolicy(models.Model):
    _name = "noshow.policy"
    _description = "Cancellation Policy"
    _order = "company_id, version desc, id desc"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    version = fields.Integer(readonly=True, copy=False)
    reference = fields.Char(
        compute="_compute_reference",
        help="“policy of Mar 1, 2026, version 3”, the day at the practice.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("published", "In force"), ("retired", "Former")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    #: Not `create_date`, which is the beginning of its database transaction.
    begun_on = fields.Datetime(
        default=fields.Datetime.now, readonly=True, copy=False, help="As a draft."
    )
    published_on = fields.Datetime(readonly=True, copy=False)
    published_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    applies_from = fields.Date(
        string="Earlier Bookings From",
        copy=False,
        help="A new version is for what is booked from then on. Appointments booked "
        "earlier fall under it from this day on; empty: never.",
    )
    notice_hours = fields.Float(
        string="Notice",
        default=24.0,
        required=True,
        help="Hours of notice for a cancellation in time. A cancellation exactly at "
        "the boundary is late.",
    )
    grace_minutes = fields.Integer(
        string="Grace After Booking",
        help="Who books inside the notice may still cancel in time for so many minutes "
        "after booking, before the start.",
    )
    text = fields.Html(
        string="Policy Text",
        translate=True,
        help="What you tell clients, kept with each version. The table of fees below "
        "it writes itself.",
    )
    rule_ids = fields.One2many("noshow.policy.rule", "policy_id", copy=True)
    # Here, too: of rows that were not changed themselves a form takes no new values.
    hints = fields.Text(compute="_compute_hints")
    fee_table = fields.Html(
        string="Fees", compute="_compute_fee_table", sanitize=False, compute_sudo=True
    )
    effect = fields.Html(
        string="Last Quarter", compute="_compute_effect", sanitize=False
    )

    _version_unique = models.UniqueIndex(
        "(company_id, version) WHERE state != 'draft'",
        "There is such a version already.",
    )
    _one_in_force = models.UniqueIndex(
        "(company_id) WHERE state = 'published'", "Another version is in force."
    )
    _one_draft = models.UniqueIndex(
        "(company_id) WHERE state = 'draft'",
        "There is a draft of the next version already: change that one.",
    )
    _notice_hours_positive = models.Constraint(
        # A year; beyond, the calendar ends.
        "CHECK (notice_hours BETWEEN 0 AND 8784 AND grace_minutes BETWEEN 0 AND 1440)",
        "Notice and grace cannot be negative, nor longer than a year and a day.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("state", "reference")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for policy in self:
            reference = policy.reference
            policy.display_name = (
                self.env._("Next version (draft)")
                if policy.state == "draft"
                else f"{reference[:1].upper()}{reference[1:]}"
            )

    @api.depends("version", "state", "published_on", "company_id.noshow_tz")
    @api.depends_context("lang")
    def _compute_reference(self):
        for policy in self:
            if policy.state == "draft":
                policy.reference = self.env._("draft")
                continue
            zone = policy.company_id._get_practice_tz()
            day = policy.published_on.replace(tzinfo=UTC).astimezone(zone).date()
            policy.reference = self.env._(
                "policy of %(date)s, version %(version)s",
                date=format_day(self.env, day, with_year=True),
                version=policy.version,
            )

    @api.depends("rule_ids.hint", "state")
    def _compute_hints(self):
        for policy in self:
            hints = [policy._get_stale_hint()]
            hints += policy.rule_ids.sorted("sequence").mapped("hint")
            policy.hints = "\n".join(filter(None, hints))

    def _get_stale_hint(self):
        """Whoever publishes a draft puts back what others have published meanwhile."""
        begun = self._origin.begun_on
        in_force = self.company_id._get_policy_in_force()
        if self.state != "draft" or not begun or not in_force.published_on:
            return None
        if in_force.published_on <= begun:
            return None
        return self.env._(
            "%s was published since this draft was begun, and is not in it. Compare "
            "them, or delete the draft and begin a new one.",
            in_force.display_name,
        )

    @api.depends("rule_ids")
    def _compute_fee_table(self):
        for policy in self:
            policy.fee_table = self.env["ir.qweb"]._render(
                "noshow_fees.noshow_policy_fee_table",
                {"rows": policy._origin.rule_ids._get_table_rows()},
            )

    @api.depends("rule_ids", "notice_hours")
    @api.depends_context("uid")
    def _compute_effect(self):
        # The practice's sums are for those who may publish.
        may = self.env.user._has_practice_right("publish_policy")
        for policy in self:
            saved = policy._origin
            policy.effect = (
                may
                and saved.state == "draft"
                and self.env["ir.qweb"]._render(
                    "noshow_fees.noshow_policy_effect", saved._get_effect()
                )
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not is_by_method(self.env):
            for vals in vals_list:
                self._check_not_published(vals.keys() & PUBLISHED_FIELDS)
                self._check_not_published(vals.get("state", "draft") != "draft")
            # Whatever the context proposes (`default_state`).
            vals_list = [{**vals, "state": "draft"} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not is_by_method(self.env) and vals:
            # By the fields it names, changed or not: a comparison sees the cache, which
            # may have been filled before (`_update_field_translations`).
            self._check_not_published(self._filter_published())
            self._check_not_published(vals.keys() & METHOD_FIELDS)
        return super().write(vals)

    def _update_field_translations(self, *args, **kwargs):
        if not is_by_method(self.env):
            self._check_not_published(self._filter_published())
        return super()._update_field_translations(*args, **kwargs)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        if not is_by_method(self.env):
            self._check_not_published(self._filter_published())

    def _filter_published(self):
        # In sudo: the answer must not depend on what the user may read.
        return self.sudo().filtered(lambda policy: policy.state != "draft")

    @api.model
    def _check_not_published(self, refused):
        if refused:
            raise UserError(
                self.env._(
                    "A published policy is never changed: clients have booked under "
                    "it. Use “New version”, change that one, and publish it."
                )
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @api.model
    def action_open_policy(self):
        """Open what the practice has in force; a draft, when there is one."""
        company = self.env.company
        found = self.search(
            [("company_id", "=", company.id), ("state", "!=", "retired")]
        )
        policy = found.filtered(lambda one: one.state == "draft") or found
        return policy[:1]._get_form_action()

    def _get_form_action(self):
        """Open this version, or a first draft."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancellation policy"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    @api.model
    def action_open_versions(self):
        """Open the list of all versions."""
        return self.env["ir.actions.act_window"]._for_xml_id(
            "noshow_fees.noshow_policy_action"
        )

    @without_flags
    def action_new_version(self):
        """Copy this version into a draft, or open the draft that there is.

        :raise AccessError: unless the user is Owner or Manager
        """
        self.ensure_one()
        self.env.user._check_practice_right("publish_policy")
        draft = self.search(
            [("company_id", "=", self.company_id.id), ("state", "=", "draft")]
        )
        draft = draft or self.copy({"company_id": self.company_id.id})
        return draft._get_form_action()

    @without_flags
    def action_publish(self):
        """Put this draft in force, for what is booked from now on.

        :raise AccessError: unless the user is Owner or Manager
        :raise UserError: a code that cannot be charged, a text that a language lacks,
            or a day that is too near
        """
        self.ensure_one()
        self.env.user._check_practice_right("publish_policy")
        self.check_access("write")
        self._lock_company(self.company_id)
        self.invalidate_recordset(["state"])
        if self.state != "draft":
            raise UserError(self.env._("This version is published already."))
        self._check_publishable()
        for rule in self.rule_ids:
            rule._fill_amount()
        by_method(self).write(self._retire_former(self.company_id))
        # The unique indexes: the next draft comes into the database at once.
        self.flush_recordset(["state"])
        return True

    def action_try_case(self):
        """Open the page that says what a case would cost under this version."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Try a case"),
            "res_model": "noshow.policy.try",
            "view_mode": "form",
            "target": "new",
            "context": {"default_policy_id": self.id},
        }

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _publish_values(self, company, vals, text_terms=None):
        """Publish a version at once, without a draft: the one simple page.

        The caller has checked the right.

        :param dict vals: of the policy, its rules included
        :param dict text_terms: `_get_text_terms` of the version that it follows
        """
        self._lock_company(company)
        policies = by_method(self.sudo())
        status = policies._retire_former(company)
        policy = policies.create({**vals, **status, "company_id": company.id})
        if text_terms:
            policy.update_field_translations("text", text_terms)
        policy._check_publishable()
        for rule in policy.rule_ids:
            rule._fill_amount()
        return policy

    @api.model
    def _lock_company(self, company):
        """Two versions are not published at once."""
        try:
            # In sudo: a row lock has no rights of its own.
            company.sudo().lock_for_update(allow_referencing=True)
        except LockError as error:
            raise UserError(
                self.env._("Somebody else is saving the practice's settings right now.")
            ) from error

    @api.model
    def _retire_former(self, company):
        """Retire the version in force. One that no booking or decision names is
        replaced: nobody was told of it.

        :return: what makes the next version the one in force
        """
        # In sudo, by method: the caller has checked the right to publish.
        versions = by_method(self.sudo()).search(
            [("company_id", "=", company.id), ("state", "!=", "draft")]
        )
        former = versions.filtered(lambda policy: policy.state == "published")
        if former and former._is_named(is_first=len(versions) == 1):
            former.write({"state": "retired"})
        else:
            versions -= former
            former.unlink()
        # The unique indexes: the former one has to let go first.
        versions.flush_model()
        return {
            "state": "published",
            "version": max(versions.mapped("version"), default=0) + 1,
            "published_on": fields.Datetime.now(),
            "published_by_id": self.env.uid,
        }

    def _is_named(self, is_first):
        """Whether a booking or decision falls under this version.

        :param bool is_first: what was booked before it does, too
        """
        self.ensure_one()
        decisions = self.env["noshow.fee.decision"]
        if decisions.search_count([("policy_id", "=", self.id)], limit=1):
            return True
        events = self.env["calendar.event"].with_context(active_test=False)
        booked = Domain("company_id", "=", self.company_id.id) & Domain(
            "client_id", "!=", False
        )
        if not is_first:
            since = Domain("booked_on", ">=", self.published_on) | (
                Domain("booked_on", "=", False)
                & Domain("create_date", ">=", self.published_on)
            )
            if self.applies_from:
                # A day early: what lasts all day has its date, not its moment.
                moment = self.company_id._get_practice_moment(self.applies_from)
                since |= Domain("start", ">=", moment - timedelta(days=1))
            booked &= since | Domain("policy_id", "=", self.id)
        return bool(events.search_count(booked, limit=1))

    def _check_publishable(self):
        """:raise UserError: what is wrong with this version, in words"""
        self.ensure_one()
        today = self.company_id._get_practice_today()
        if self.applies_from and self.applies_from < today + timedelta(days=DAYS_AHEAD):
            raise UserError(
                self.env._(
                    "Clients who have booked already need time to hear of it: a new "
                    "version applies to them %(days)s days from now or later.",
                    days=DAYS_AHEAD,
                )
            )
        for rule in self.rule_ids:
            rule._check_publishable()
        missing = self._get_untranslated()
        if missing:
            raise UserError(
                self.env._(
                    "The policy's text is missing in %s. Clients read it in their "
                    "language: add it with the language button beside the text.",
                    ", ".join(missing.mapped("name")),
                )
            )

    # ------------------------------------------------------------
    # TOOLS
    # ------------------------------------------------------------

    @api.model
    def _get_published(self, companies):
        """All versions that are or were in force, `{company id: policies}`, the oldest
        first."""
        # In sudo: which version applies does not depend on who asks.
        policies_sudo = self.sudo().search_fetch(
            [("company_id", "in", companies.ids), ("state", "!=", "draft")],
            order="version",
        )
        return {
            company.id: found
            for company, found in policies_sudo.grouped("company_id").items()
        }

    def _get_fee_rules(self):
        """:return: `{version: its rules as plain values, in their order}`"""
        # Found and read in one query.
        rules = self.env["noshow.policy.rule"].search_fetch(
            [("policy_id", "in", self.ids)]
        )
        found = rules.grouped("policy_id")
        return {
            policy: found.get(policy, rules.browse())._to_fee_rules() for policy in self
        }

    def _is_simple(self):
        """Whether the one simple page can say all that this version says."""
        self.ensure_one()
        outcomes = self.rule_ids.mapped("outcome")
        return len(outcomes) == len(set(outcomes)) and all(
            rule._is_plain() for rule in self.rule_ids
        )

    def _get_plain_rule(self, outcome):
        """The rule of an outcome that asks for nothing else, if there is one."""
        return self.rule_ids.filtered(
            lambda rule: rule.outcome == outcome and rule._is_plain()
        )[:1]

    def _copy_rules(self, changes):
        """The rules of this version for the next one.

        :param list changes: `(plain rule or none, outcome, code or none, amount)`
        """
        self.ensure_one()
        changed = {rule: (code, amount) for rule, outcome, code, amount in changes}
        vals_list = []
        for rule in self.rule_ids:
            [vals] = rule.copy_data()
            vals.pop("policy_id", None)
            code, amount = changed.get(rule, (rule.product_id, rule.amount))
            if code or rule.charge == "none":
                vals_list.append({**vals, "product_id": code.id, "amount": amount})
        vals_list += [
            {"outcome": outcome, "product_id": code.id, "amount": amount}
            for rule, outcome, code, amount in changes
            if code and not rule
        ]
        return [
            Command.create({**vals, "sequence": 10 * place})
            for place, vals in enumerate(vals_list, 1)
        ]
