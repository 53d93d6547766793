"""Kinds of coverage, and what they mean for a missed visit: Medicaid, say, of whose
clients nothing may be charged."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class NoshowCoverageClass(models.Model):
    _name = "noshow.coverage.class"
    _description = "Kind of Coverage"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", help="Empty: for all companies.", ondelete="cascade"
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

    _cap_positive = models.Constraint("CHECK (cap >= 0)", "A cap cannot be negative.")

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
