"""The client: the person treated, and who pays for them."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ...const import PRACTICE

#: What is kept about a contact, and the field that names it there.
KEPT = (
    ("calendar.event", "client_id"),
    ("account.move.line", "client_id"),
    ("noshow.chart.entry", "client_id"),
    ("noshow.chart.access", "client_id"),
    ("res.partner", "payer_id"),
)


class ResPartner(models.Model):
    _inherit = "res.partner"

    is_client = fields.Boolean(
        string="Client", groups=PRACTICE, help="Treated by this practice."
    )
    payer_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        ondelete="restrict",
        groups=PRACTICE,
        help="Who gets the invoices, when not the client: a minor's parent, say.",
    )
    payer_for_ids = fields.One2many(
        "res.partner", "payer_id", string="Pays For", groups=PRACTICE
    )
    appointment_ids = fields.One2many(
        "calendar.event",
        "client_id",
        string="Appointments",
        # A cancelled appointment is archived, and stays part of the history.
        context={"active_test": False},
        groups=PRACTICE,
    )
    noshow_fee_line_ids = fields.One2many(
        "account.move.line",
        "client_id",
        string="Missed-appointment Fees",
        groups=PRACTICE,
    )
    noshow_fee_open = fields.Monetary(
        string="Open Fees",
        compute="_compute_noshow_fee_open",
        groups=PRACTICE,
        help="What is still to be paid for missed visits, taxes included.",
    )
    noshow_fee_open_count = fields.Integer(
        string="Fees Not Paid Yet", compute="_compute_noshow_fee_open", groups=PRACTICE
    )
    card_authorized_on = fields.Date(
        string="Agreed to Card Charges",
        copy=False,
        groups=PRACTICE,
        help="The day the client agreed that the saved card may be charged for missed "
        "visits. Without it the card can't be charged.",
    )

    @api.depends("noshow_fee_line_ids.fee_open")
    def _compute_noshow_fee_open(self):
        for partner in self:
            fees = partner.noshow_fee_line_ids.filtered("fee_open")
            partner.noshow_fee_open = sum(fees.mapped("fee_open"))
            partner.noshow_fee_open_count = len(fees)

    @api.constrains("is_client", "parent_id")
    def _check_client_without_parent(self):
        # In sudo: people without a role edit contacts, too, and cannot read the field.
        for partner in self.sudo():
            if partner.is_client and partner.parent_id:
                raise ValidationError(
                    self.env._(
                        "%(client)s is a client and cannot belong to another contact: "
                        "people under one contact see each other's invoices. Use "
                        "“Payer” to say who pays.",
                        client=partner.display_name,
                    )
                )

    @api.constrains("payer_id")
    def _check_payer(self):
        for partner in self:
            if partner.payer_id == partner:
                raise ValidationError(
                    self.env._(
                        "A client who pays alone needs no payer: leave it empty."
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_on_record(self):
        """Keep who has records in the practice, or pays for somebody. The same is said
        for every kind of record: PostgreSQL's own error names the table, and so tells
        anybody who may delete contacts who has a chart.

        :raise UserError: somebody with appointments, fees or a chart, or a payer
        """
        for model, field in KEPT:
            # In sudo: the answer must not depend on what the user may read.
            records_sudo = self.env[model].sudo().with_context(active_test=False)
            if records_sudo.search_count([(field, "in", self.ids)], limit=1):
                raise UserError(
                    self.env._(
                        "A client with records in this practice, or who pays for one, "
                        "is kept. Archive the contact instead."
                    )
                )

    def _get_payer(self):
        """Who gets the invoice for this client: the payer; if there is none, the
        client's own invoice contact; else the client.

        Not stock's `address_get`, which walks to parents and siblings.
        """
        self.ensure_one()
        if self.payer_id:
            return self.payer_id
        return (
            self.child_ids.filtered(lambda child: child.type == "invoice")[:1] or self
        )

    @api.model
    def _get_payer_sql(self):
        """The same as `_get_payer`, of `client` in a query."""
        return SQL(
            """
            COALESCE(client.payer_id, (
                SELECT child.id
                  FROM res_partner child
                 WHERE child.parent_id = client.id
                   AND child.type = 'invoice'
                   AND child.active
              ORDER BY child.complete_name, child.id DESC
                 LIMIT 1), client.id)
            """
        )
