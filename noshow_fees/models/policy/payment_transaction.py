"""No card is charged against a client's coverage: the way of `charge`, wrapped."""

from odoo import models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _prepare_charges(self, tokens):
        """:raise UserError: what the coverage of a client allows"""
        self.env["account.move.line"].union(*tokens)._check_coverage()
        return super()._prepare_charges(tokens)
