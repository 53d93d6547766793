"""Kinds of coverage, and what they mean for a missed visit: Medicaid, say, of whose
clients nothing may be charged."""

from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

#: What a kind may say about missed visits, the strictest first.
ALLOWING = ("forbidden", "capped", "allowed")


class Limit(NamedTuple):
    """What coverage says about one appointment."""

    #: All that was in force, of whatever meaning.
    classes: frozenset = frozenset()
    #: The class that forbids a fee, or allows the least; none where any may be charged.
    by: object = None
    #: At most so much, in the practice's currency, taxes included.
    total: float = 0.0


class NoshowCoverageClass(models.Model):
    _name = "noshow.coverage.class"
    _description = "Kind of Coverage"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        help="Empty: for all companies.",
        ondelete="cascade",
        default=lambda self: not self._may_share() and self.env.company,
    )
    missed_fee = fields.Selection(
        [
            ("allowed", "May be charged"),
            ("forbidden", "May not be charged"),
            ("capped", "At most so much"),
        ],
        string="Missed Visits",
        required=True,
        default="allowed",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    cap = fields.Monetary(help="Taxes included.")
    why = fields.Char(help="Said to whoever tries to charge more.")
    source = fields.Char(help="The law, contract or manual that says so.")

    _cap_positive = models.Constraint(
        "CHECK (cap BETWEEN 0 AND 1e9)", "A cap cannot be negative or absurd."
    )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """:raise AccessError: one for all companies, by who does not work at all"""
        kinds = super().create(vals_list)
        kinds._check_may_share()
        return kinds

    def write(self, vals):
        """:raise AccessError: what another company charges by is not the user's"""
        self._check_using_companies()
        own = self.filtered("company_id")
        before = {kind: kind._get_meaning() for kind in self}
        result = super().write(vals)
        self._check_using_companies()
        self._check_may_allow(before)
        own._check_may_share()
        return result

    def _get_meaning(self):
        # In sudo: what it says does not depend on who asks.
        kind_sudo = self.sudo()
        return (
            ALLOWING.index(kind_sudo.missed_fee),
            kind_sudo.cap,
            kind_sudo.currency_id,
            kind_sudo.company_id,
        )

    def _check_may_allow(self, before):
        """:param dict before: `{kind: its meaning}`
        :raise AccessError: more may be charged of clients who have this; that is the
            Owner's to say
        """
        if self.env.su or self.env.user._has_practice_right("override_coverage"):
            return
        # In sudo: whether somebody has it.
        coverages_sudo = self.env["noshow.coverage"].sudo()
        for kind, (rank, cap, *scope) in before.items():
            new_rank, new_cap, *new_scope = kind._get_meaning()
            is_capped = kind.sudo().missed_fee == "capped"
            allows_more = (
                new_rank > rank
                or (is_capped and new_rank == rank and new_cap > cap)
                or new_scope != scope
            )
            if allows_more and coverages_sudo.search_count(
                [("coverage_class_id", "=", kind.id)], limit=1
            ):
                raise AccessError(
                    self.env._(
                        "Clients have this coverage: that more may be charged is for "
                        "the owner to say. Make another kind for new ones."
                    )
                )

    @api.model
    def _may_share(self):
        """Whether the user works at all companies."""
        # In sudo: how many companies there are.
        count = self.env["res.company"].sudo().search_count([])
        return self.env.su or count == len(self.env.user.company_ids)

    def _check_may_share(self):
        """:raise AccessError: one of these is of all companies now, and the user does
        not work at all of them"""
        if not self._may_share() and not all(kind.company_id for kind in self):
            raise AccessError(
                self.env._(
                    "A kind of coverage for all companies is for people who work at "
                    "all of them to make: choose your own company."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._check_using_companies()

    def _check_using_companies(self):
        """A kind without a company means the same in every practice whose clients have
        it, or whose policy names it: as fee codes, it is changed by who works at all of
        them.

        :raise AccessError: somebody else
        """
        # In sudo: whose it is does not depend on who asks.
        shared_sudo = self.sudo().filtered(lambda kind: not kind.company_id)
        if self.env.su or not shared_sudo:
            return
        coverages_sudo = shared_sudo.env["noshow.coverage"].search(
            [("coverage_class_id", "in", shared_sudo.ids)]
        )
        rules_sudo = shared_sudo.env["noshow.policy.rule"].search(
            [("coverage_class_ids", "in", shared_sudo.ids)]
        )
        using = coverages_sudo.client_id._get_record_companies()
        companies = rules_sudo.policy_id.company_id.union(*using.values())
        if companies - self.env.user.company_ids.sudo():
            raise AccessError(
                self.env._(
                    "Another company uses this kind of coverage, too: it is for people "
                    "who work at all of them to change. Make one for your own company "
                    "instead."
                )
            )

    @api.constrains("missed_fee", "cap")
    def _check_cap(self):
        for kind in self:
            if kind.missed_fee == "capped" and kind.currency_id.is_zero(kind.cap):
                raise ValidationError(
                    self.env._(
                        "At most how much may a missed visit cost? If nothing may be "
                        "charged, choose that."
                    )
                )

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _get_limit(self, company, day):
        """What these say together about a missed visit at `company`: the strictest."""
        ids = frozenset(self.ids)
        forbidding = self.filtered(lambda kind: kind.missed_fee == "forbidden")
        if forbidding:
            return Limit(ids, forbidding[0], 0.0)
        caps = [
            (
                kind.currency_id._convert(kind.cap, company.currency_id, company, day),
                kind,
            )
            for kind in self
            if kind.missed_fee == "capped"
        ]
        if not caps:
            return Limit(ids)
        total, kind = min(caps, key=lambda pair: pair[0])
        return Limit(ids, kind, total)
