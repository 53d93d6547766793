"""What the pages share on which the fee for an appointment is chosen."""

from odoo import fields, models

from ...const import FEE_CODE_DOMAIN


class NoshowFeeChoice(models.AbstractModel):
    """A code, and an amount without taxes in the practice's currency.

    Each page proposes its own, in `_compute_product_id` and `_compute_amount`.

    `compute_sudo=False`: Odoo computes stored fields as superuser, and a page made over
    RPC for somebody else's appointment or fee would tell of it.
    """

    _name = "noshow.fee.choice"
    _description = "Choice of a Fee"

    company_id = fields.Many2one("res.company")
    currency_id = fields.Many2one(related="company_id.currency_id")
    product_id = fields.Many2one(
        "product.product",
        string="CPT / Fee",
        compute="_compute_product_id",
        compute_sudo=False,
        store=True,
        readonly=False,
        domain=FEE_CODE_DOMAIN,
    )
    amount = fields.Monetary(
        compute="_compute_amount",
        compute_sudo=False,
        store=True,
        readonly=False,
        help="Without taxes, in the practice's currency.",
    )
