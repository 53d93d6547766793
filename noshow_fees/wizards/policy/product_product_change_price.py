"""Change the price of a service; what is booked keeps its own, unless asked."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ...tools.context import by_method


class ProductProductChangePrice(models.TransientModel):
    _name = "product.product.change.price"
    _description = "Change the Price of a Service"

    product_id = fields.Many2one(
        "product.product", string="Service", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    price = fields.Monetary(
        string="New Price",
        compute="_compute_price",
        compute_sudo=False,
        store=True,
        readonly=False,
        help="Without taxes.",
    )
    list_hint = fields.Char(compute="_compute_list_hint")
    booked_too = fields.Boolean(string="Also for booked appointments")
    date_from = fields.Date(
        string="From", default=lambda self: self.env.company._get_practice_today()
    )
    booked_count = fields.Integer(compute="_compute_booked_count")

    @api.constrains("company_id")
    def _check_own_company(self):
        """Before its price is told, too: a page need not be saved."""
        for change in self:
            if change.company_id not in self.env.user.company_ids:
                raise AccessError(
                    self.env._("These are the prices of a company of others.")
                )

    @api.depends("company_id", "product_id")
    def _compute_price(self):
        self._check_own_company()
        for change in self:
            change.price = change.product_id._get_list_fee(change.company_id)

    @api.depends("company_id", "price", "product_id")
    def _compute_list_hint(self):
        for change in self:
            listed, own = change.product_id.currency_id, change.currency_id
            change.list_hint = listed != own and self.env._(
                "The list has its prices in %(currency)s: %(price)s at today's rate.",
                currency=listed.name,
                price=listed.format(
                    change.product_id._to_list_price(change.company_id, change.price)
                ),
            )

    @api.depends("date_from", "product_id")
    def _compute_booked_count(self):
        for change in self:
            change.booked_count = len(change._get_booked())

    def _get_booked(self):
        """Appointments of this service still scheduled, from that day on."""
        domain = Domain(
            [
                ("service_id", "=", self.product_id.id),
                ("company_id", "=", self.company_id.id),
                ("visit_state", "=", "scheduled"),
            ]
        )
        since = self.date_from or self.company_id._get_practice_today()
        # A day early: what lasts all day has its date, not its moment.
        early = self.company_id._get_practice_moment(since) - timedelta(days=1)
        events = self.env["calendar.event"].search(domain & Domain("stop", ">=", early))
        return events.filtered(lambda event: event._get_date_of_service() >= since)

    def action_change(self):
        """:raise AccessError: unless the user is Owner or Manager"""
        self.ensure_one()
        self.env.user._check_practice_right("configure")
        self.product_id._check_fee(self.company_id, self.price)
        booked = self._get_booked() if self.booked_too else self.env["calendar.event"]
        self.product_id.with_company(
            self.company_id
        ).list_price = self.product_id._to_list_price(self.company_id, self.price)
        # In sudo: the right was checked above.
        by_method(booked.sudo()).write({"service_price": self.price})
        return {"type": "ir.actions.act_window_close"}
